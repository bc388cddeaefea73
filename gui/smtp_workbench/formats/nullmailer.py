"""nullmailer: the line of a server in `remotes`, read by a shell's rules of quoting.

What it says at EHLO and the sender of all mail have files of their own, helohost and allmailfrom.
"""

import re
from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import on_one_line
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import in_place_of, variable_of
from smtp_workbench.formats.shell_words import commands, plain
from smtp_workbench.formats.values import Variable
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust

_FIELDS: Final = {
    "port": "port",
    "user": "auth.user",
    "source": "source_address",
    "x509certfile": "tls.client_certificate",
    "x509keyfile": "tls.client_key",
}
_FILES: Final = {"helohost": "ehlo_name", "allmailfrom": "sender"}
_SECURITIES: Final = (Security.IMPLICIT_TLS, Security.STARTTLS, Security.PLAINTEXT)
_BARE: Final = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    tls = transport.tls
    words = [_word(transport.host), "smtp", f"port={transport.effective_port}"]
    if transport.security is not Security.PLAINTEXT:
        words.append("ssl" if transport.security is Security.IMPLICIT_TLS else "starttls")
    words += ["insecure"] if tls.trust is Trust.NONE else []
    for name, value in (
        ("x509cafile", tls.ca_file),
        ("x509certfile", tls.client_certificate),
        ("x509keyfile", tls.client_key),
        ("source", transport.source_address),
    ):
        words += [f"{name}={_word(value)}"] if value else []
    assumed: tuple[str, ...] = ()
    if transport.auth.user:
        words.append(f"user={_word(transport.auth.user)}")
        words.append(f"pass={in_place_of(secret, '${{{}}}'.format, _word)}")
        words += ["auth-login"] if transport.auth.mechanism == "LOGIN" else []
        if variable := variable_of(secret):
            assumed = (f"nullmailer replaces no variables: put {variable} in.",)
    files = [File("remotes", " ".join(words) + "\n")]
    for name, value in (("helohost", transport.ehlo_name), ("allmailfrom", transport.sender)):
        files += [File(name, on_one_line(value, name) + "\n")] if value else []
    said = (*_FIELDS.values(), *_FILES.values(), "tls.trust", "tls.ca_file")
    return Export(
        tuple(files),
        left_out(transport, said, securities=_SECURITIES, mechanisms=("LOGIN",)),
        assumed,
    )


def _word(text: str) -> str:
    """Return *text* as a word; nullmailer's own backslash skips a character, so it gets none."""
    on_one_line(text, "remotes")
    if _BARE.fullmatch(text):
        return text
    inner = text.replace("'", "'\"'\"'")
    return f"'{inner}'"


def _read(text: str) -> Import:
    main, *others = re.split(r"^# (?=(?:helohost|allmailfrom)$)", text, flags=re.MULTILINE)
    lines = commands(main)
    words = next((line for line in lines if [*map(plain, line[1:2])] in ([], ["smtp"])), None)
    if words is None:
        raise ValueError("there is no line with a host and the protocol smtp in it")
    if len(words) == 1 and not re.fullmatch(r"[\w.-]+", plain(words[0])):
        raise ValueError("there is no host at the beginning of the line")
    found = Found()
    found.put("host", plain(words[0]), "host")
    security = Security.PLAINTEXT
    for word in words[2:]:
        pieces = list(word) if isinstance(word, tuple) else [word]
        name, _, value = plain(pieces[0]).removeprefix("--").partition("=")
        whole = value + "".join(map(plain, pieces[1:]))
        if name == "pass":
            alone = not value and len(pieces) == 2 and isinstance(pieces[1], Variable)
            found.password(pieces[1] if alone else whole, "pass")
        elif name in ("ssl", "tls", "starttls"):
            security = Security.STARTTLS if name == "starttls" else Security.IMPLICIT_TLS
        else:
            _take(name, whole, found)
    found.security(security)
    found.fields.setdefault("port", 465 if security is Security.IMPLICIT_TLS else 25)
    for other in others:
        name, _, value = other.partition("\n")
        found.put(_FILES[name.strip()], value.removesuffix("\n").split("\n")[0], name)
    return found.as_import("remote of nullmailer")


def _take(name: str, value: str, found: Found) -> None:
    if name in _FIELDS:
        found.put(_FIELDS[name], value, name)
    elif name == "x509cafile":
        found.trust_file(value, name)
    elif name == "insecure":
        found.trust_anything()
    elif name == "auth-login":
        found.fields["auth.mechanism"] = "LOGIN"
    else:
        found.ignore(name)


def _resemblance(text: str) -> float:
    option = r"(?:--)?(?:port|user|pass|starttls|ssl|tls|insecure|auth-login)\b"
    return (
        1
        if re.search(rf"^[ \t]*[^\s#]+[ \t]+smtp([ \t]+{option}|[ \t]*$)", text, re.MULTILINE)
        else 0
    )


FORMAT: Final = Format(
    "nullmailer", "nullmailer remotes", Group.TOOL, ".txt", "shell", _write, _read, _resemblance
)
