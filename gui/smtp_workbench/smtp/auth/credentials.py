"""Who logs in, with what, and where: everything a mechanism may speak of."""

from dataclasses import dataclass

from smtp_workbench.settings.secret import Secret


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and their password or token; host and port are the server's.

    Raises ValueError, without the value, for NUL, CR, LF or half a surrogate pair in a field.
    """

    user: str
    secret: Secret
    host: str = ""
    port: int = 0

    def __post_init__(self) -> None:
        for field, text in (
            ("user", self.user),
            ("secret", self.secret.reveal()),
            ("host", self.host),
        ):
            forbid("\0\r\n", field, text)
            # The codec's own error would carry the secret along.
            if any("\ud800" <= character <= "\udfff" for character in text):
                raise ValueError(f"the {field} contains a character that UTF-8 does not have")


def forbid(characters: str, field: str, text: str) -> None:
    """Raise ValueError if *text* has one of *characters*; it names *field*, never *text*."""
    for character in characters:
        if character in text:
            raise ValueError(f"the {field} contains the control character {character!a}")
