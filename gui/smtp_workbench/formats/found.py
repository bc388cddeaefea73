"""What a reader finds, gathered into an `Import`: each value as the type that its field has."""

import re
from collections.abc import Container, Iterable, Mapping
from typing import Final

from smtp_workbench.formats.format import Import
from smtp_workbench.formats.values import Call, Name, Opaque, Variable
from smtp_workbench.settings import url
from smtp_workbench.settings.change import Change, value_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust

_PLAIN: Final = Transport()
_TRUE: Final = ("true", "1", "yes", "on", "(true)")
_FALSE: Final = ("false", "0", "no", "off", "", "(false)", "null", "(null)")


class Found:
    """Takes what stands in a text piece by piece. *name* is how a piece is called there."""

    def __init__(self) -> None:
        self.fields: dict[str, object] = {}
        self.secret: Secret | None = None
        self._ignored: list[str] = []
        self._notes: list[str] = []

    def put(self, field: str, value: object, name: str, *, per: float = 1) -> None:
        """Take *value* for *field*, unless it is of another type; a number divided by *per*."""
        plain = self.plain(value, name)
        if plain is None:
            return
        default = 0 if field == "port" else value_of(_PLAIN, field)
        try:
            if isinstance(default, float):
                self.fields[field] = float(str(plain)) / per
            elif isinstance(default, int) and not isinstance(default, bool):
                self.fields[field] = _whole(plain)
            elif isinstance(default, str) and isinstance(plain, str | int | float):
                self.fields[field] = type(default)(plain)
            else:
                self.ignore(name)
        except ValueError:
            self.ignore(name)
            self.note(f"{name} is not what belongs there.")

    def plain(self, value: object, name: str) -> str | int | float | bool | None:
        """Return *value* if it is known; else None, and why is noted."""
        match value:
            case str() | int() | float() | bool() | None:
                return value
            case Variable(name=variable, default=default):
                known = isinstance(default, str | int | float | bool)
                what = f"comes from the environment variable {variable}, which was not looked up"
                self.note(f"{name} {what}{'; its default was taken' if known else ''}.")
                return default if isinstance(default, str | int | float | bool) else None
            case Name() | Call() | Opaque():
                self.note(f"{name} is computed where the text runs, and was not taken.")
            case _:
                self.ignore(name)
        return None

    def flag(self, value: object, name: str) -> bool | None:
        """Return *value* as a boolean, written as such or as one of the usual words."""
        plain = self.plain(value, name)
        if plain is None:
            return None
        word = str(plain).strip().lower()
        if word not in _TRUE + _FALSE:
            self.note(f"{name} is neither true nor false.")
            return None
        return word in _TRUE

    def password(self, value: object, name: str) -> None:
        """Take the secret; one from the environment stays a reference to its variable."""
        match value:
            case Variable(name=variable) if re.fullmatch(r"[A-Za-z_]\w*", variable):
                self.secret = Secret(f"${{{variable}}}")
            case str() if value:
                self.secret = Secret(value)
            case int() | float():
                self.secret = Secret(str(value))
            case None | "":
                return
            case _:
                self.note(f"{name} is computed where the text runs, and was not taken.")

    def security(self, security: Security) -> None:
        """Take how the connection is protected."""
        self.fields["security"] = security

    def trust_anything(self) -> None:
        """Take that any certificate is accepted."""
        self.fields["tls.trust"] = Trust.NONE

    def trust_file(self, value: object, name: str) -> None:
        """Take a file of certificates to trust."""
        self.file("tls.ca_file", value, name)
        if self.fields.get("tls.ca_file"):
            self.fields.setdefault("tls.trust", Trust.CA_FILE)

    def file(self, field: str, value: object, name: str) -> None:
        """Take a file's name; the certificate itself can't be one."""
        if isinstance(value, str) and "-----BEGIN" in value:
            self.note(f"{name} holds the PEM text itself: save it as a file and choose that.")
        else:
            self.put(field, value, name)

    def one_limit(self, value: object, name: str, *, per: float = 1) -> None:
        """Take a limit that holds for connecting, the greeting and each stage alike."""
        self.put("timeouts.socket", value, name, per=per)
        if "timeouts.socket" in self.fields:
            limit = self.fields["timeouts.socket"]
            self.fields |= {"timeouts.connect": limit, "timeouts.greeting": limit}

    def put_all(self, fields: Mapping[str, str], given: Mapping[str, object]) -> None:
        """Take what is *given* for the names in *fields*, which say the field of each."""
        for name, field in fields.items():
            if name in given:
                self.put(field, given[name], name)

    def url(self, text: str) -> None:
        """Take all that a connection URL says. Raises ValueError where it can't be read."""
        parsed = url.parse(text)
        self.fields |= parsed.change.fields
        self.secret = parsed.change.secret
        for name in (*parsed.unknown, *parsed.ignored):
            self.ignore(name)

    def ignore_others(self, names: Iterable[str], known: Container[str]) -> None:
        """Ignore those of *names* that are not *known*."""
        for name in names:
            if name not in known:
                self.ignore(name)

    def ignore(self, name: str) -> None:
        """Keep that *name* stands there and means nothing here."""
        if name not in self._ignored:
            self._ignored.append(name)

    def note(self, sentence: str) -> None:
        """Keep what had to be decided."""
        if sentence not in self._notes:
            self._notes.append(sentence)

    def as_import(self, what: str) -> Import:
        """Return all of it. Raises ValueError if there is nothing: no *what*."""
        if not self.fields and self.secret is None and not self._notes:
            raise ValueError(f"there is no {what} in it")
        change = Change(self.fields, self.secret)
        return Import(change, tuple(self._ignored), tuple(self._notes))


def _whole(value: object) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,9}(\.0+)?", text):
        raise ValueError("not a whole number")
    return int(float(text))
