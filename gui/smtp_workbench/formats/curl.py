"""curl: a command that sends the message in message.eml.

User and password go through a pipe, as other users of the machine can see a command line. curl has
no other word for the certificate's name than the URL's host, so `--connect-to` tells the address.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import bracketed, on_one_line, shell
from smtp_workbench.formats.omission import effective, is_ipv6, left_out, plain_number
from smtp_workbench.formats.quoting import variable_of
from smtp_workbench.formats.shell_words import Word, command_named, options, plain
from smtp_workbench.formats.swaks import ASSUMED_RECIPIENT, RECIPIENT
from smtp_workbench.formats.values import Variable
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Family, Security, TlsVersion, Transport, Trust

_MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5")
_VERSIONS: Final = {
    TlsVersion.TLS_1_0: "--tlsv1.0",
    TlsVersion.TLS_1_1: "--tlsv1.1",
    TlsVersion.TLS_1_3: "--tlsv1.3",
}
_FIELDS: Final = {
    "--interface": "source_address",
    "--proxy": "proxy",
    "--mail-from": "sender",
    "--cert": "tls.client_certificate",
    "--key": "tls.client_key",
    "--ciphers": "tls.ciphers",
    "--connect-timeout": "timeouts.connect",
    "--max-time": "timeouts.total",
}
_SAID: Final = (
    *_FIELDS.values(), "auth.user", "ehlo_name", "family", "tls.trust", "tls.ca_file",
    "tls.server_name", "tls.minimum_version",
)  # fmt: skip
_FLAGS: Final = {
    "--ssl-reqd": "--ssl-reqd", "--ftp-ssl-reqd": "--ssl-reqd", "--ssl": "--ssl",
    "-k": "--insecure", "--insecure": "--insecure", "-4": "--ipv4", "--ipv4": "--ipv4",
    "-6": "--ipv6", "--ipv6": "--ipv6", "--tlsv1.2": "--tlsv1.2", "-1": "--tlsv1.0",
    "--tlsv1": "--tlsv1.0", **{name: name for name in _VERSIONS.values()},
    **dict.fromkeys(("-v", "--verbose", "-s", "--silent", "-S", "--show-error", "-n"), "quiet"),
}  # fmt: skip
_VALUED: Final = {
    "--url": "--url", "-u": "--user", "--user": "--user", "--cacert": "--cacert",
    "-E": "--cert", "-x": "--proxy", "-m": "--max-time", "-K": "--config",
    "--config": "--config", "--login-options": "--login-options", "--connect-to": "--connect-to",
    "--mail-rcpt": "--mail-rcpt", "-T": "--upload-file", "--upload-file": "--upload-file",
    **{name: name for name in _FIELDS},
}  # fmt: skip
_ESCAPE: Final = """sed 's/[\\\\"]/\\\\&/g; s/.*/user = "&"/'"""
_CONNECT_TO: Final = re.compile(r"[^:]*:\d*:(\[[^\]]*\]|[^:]*):(-?\d*)", re.DOTALL)
_USER: Final = re.compile(r'\s*user\s*=\s*"((?:\\.|[^"\\])*)"\s*', re.DOTALL)


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    words = ["--url", shell(_url(transport))]
    if transport.tls.server_name:
        real = f"::{bracketed(transport.host)}:{transport.effective_port}"
        words += ["--connect-to", shell(real)]
    words += {Security.STARTTLS: ["--ssl-reqd"], Security.STARTTLS_IF_OFFERED: ["--ssl"]}.get(
        transport.security, []
    )
    words += _tls_words(transport)
    words += {Family.IPV4: ["--ipv4"], Family.IPV6: ["--ipv6"]}.get(transport.family, [])
    plain_limits = Transport().timeouts
    for name, value in (
        ("--interface", transport.source_address),
        ("--proxy", transport.proxy),
        ("--connect-timeout", _limit(transport.timeouts.connect, plain_limits.connect)),
        ("--max-time", _limit(transport.timeouts.total, plain_limits.total)),
    ):
        words += [name, shell(value)] if value else []
    before = ""
    if transport.auth.user:
        before = _login(transport.auth.user, secret)
        words = ["--config", "-", *words]
        if transport.auth.mechanism in _MECHANISMS:
            words += ["--login-options", f"AUTH={transport.auth.mechanism}"]
    words += ["--mail-from", shell(transport.sender)] if transport.sender else []
    words += ["--mail-rcpt", RECIPIENT, "--upload-file", "message.eml"]
    assumed = [ASSUMED_RECIPIENT, "message.eml holds the message, with its headers."]
    if not transport.sender:
        assumed.append("Without a sender the mail goes out with an empty return path.")
    text = " ".join(f"\\\n  {word}" if word.startswith("--") else word for word in words)
    # Without a host there is no other name to connect to.
    said = [path for path in _SAID if transport.host or path != "tls.server_name"]
    return Export(
        (File("curl.sh", f"{before}curl {text}\n"),),
        left_out(transport, said, mechanisms=_MECHANISMS),
        tuple(assumed),
    )


def _url(transport: Transport) -> str:
    scheme = "smtps" if transport.security is Security.IMPLICIT_TLS else "smtp"
    name = transport.tls_name
    if ":" in name and not is_ipv6(name):
        raise ValueError("a URL can't hold ':' in a name")
    host = bracketed(name) if ":" in name else quote(name, safe="")
    ehlo = f"/{quote(transport.ehlo_name, safe='')}" if transport.ehlo_name else ""
    return f"{scheme}://{host}:{transport.effective_port}{ehlo}"


def _limit(seconds: float, plain_seconds: float) -> str:
    return "" if seconds == plain_seconds else plain_number(seconds)


def _tls_words(transport: Transport) -> list[str]:
    tls = transport.tls
    words = ["--insecure"] if tls.trust is Trust.NONE else []
    version = _VERSIONS.get(tls.minimum_version)
    words += [version] if version else []
    key = tls.client_certificate and (tls.client_key or tls.client_certificate)
    for name, value in (
        ("--cacert", tls.ca_file),
        ("--cert", re.sub(r"([:\\])", r"\\\1", tls.client_certificate)),
        ("--key", key),
        ("--ciphers", tls.ciphers),
    ):
        words += [name, shell(value)] if value else []
    return words


def _login(user: str, secret: Secret | None) -> str:
    """Return a command that prints the line of a configuration with user and password."""
    on_one_line(user, "curl, with a colon between user and password,", ":")
    variable = variable_of(secret)
    if variable is not None:
        return f"printf '%s\\n' {shell(user + ':')}\"${variable}\" | {_ESCAPE} |\n"
    login = f"{user}:{secret.reveal() if secret else ''}"
    line = on_one_line(login, "curl").replace("\\", "\\\\").replace('"', '\\"')
    setting = shell(f'user = "{line}"')
    return f"printf '%s\\n' {setting} |\n"


def _read(text: str) -> Import:
    _, words, earlier = command_named(text, "curl")
    given: dict[str, Word | None] = {}
    found = Found()
    for name, value in options(words, _FLAGS, _VALUED):
        if not name and "://" in plain(value or ""):
            given["--url"] = value
        elif name in (*_FLAGS.values(), *_VALUED.values()):
            given[name] = value
        else:
            found.ignore(name or plain(value or ""))
    url = plain(given.get("--url") or "")
    if not re.match(r"smtps?://", url, re.IGNORECASE):
        raise ValueError("the command has no URL that begins with smtp:// or smtps://")
    _take_url(url, given, found)
    for name, field in _FIELDS.items():
        if name in given:
            value = plain(given[name] or "")
            found.put(field, re.sub(r"\\(.)", r"\1", value) if name == "--cert" else value, name)
    if found.fields.get("tls.client_key") == found.fields.get("tls.client_certificate"):
        found.fields.pop("tls.client_key", None)
    _take_login(given, earlier, found)
    _take_options(given, found)
    for name in ("--mail-rcpt", "--upload-file"):
        if name in given:
            found.ignore(name)
    return found.as_import("option of curl")


def _take_url(url: str, given: dict[str, Word | None], found: Found) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("the URL's host or port can't be read") from None
    implicit = parts.scheme.lower() == "smtps"
    netloc = parts.netloc.rpartition("@")[2]
    inner = re.match(r"\[([^\]]*)\]", netloc)
    host = inner[1] if inner else unquote(netloc.partition(":")[0])
    found.fields |= {"host": host, "port": port or (465 if implicit else 25)}
    if parts.username:
        found.fields["auth.user"] = unquote(parts.username)
        found.password(unquote(parts.password or ""), "password")
    if len(parts.path) > 1:
        found.fields["ehlo_name"] = unquote(parts.path[1:])
    to = _CONNECT_TO.fullmatch(plain(given.get("--connect-to") or ""))
    if to:
        found.fields["tls.server_name"] = host
        found.fields["host"] = to[1].strip("[]") or host
        found.put("port", to[2] or found.fields["port"], "--connect-to")
    if implicit:
        found.security(Security.IMPLICIT_TLS)
    elif "--ssl-reqd" in given:
        found.security(Security.STARTTLS)
    else:
        found.security(Security.STARTTLS_IF_OFFERED if "--ssl" in given else Security.PLAINTEXT)


def _take_options(given: dict[str, Word | None], found: Found) -> None:
    if "--insecure" in given:
        found.trust_anything()
    if "--cacert" in given:
        found.trust_file(plain(given["--cacert"] or ""), "--cacert")
    for version, name in _VERSIONS.items():
        if name in given:
            found.fields["tls.minimum_version"] = version
    for name, family in (("--ipv4", Family.IPV4), ("--ipv6", Family.IPV6)):
        if name in given:
            found.fields["family"] = family
    login = plain(given.get("--login-options") or "")
    if login.upper().startswith("AUTH=") and login != "AUTH=*":
        found.fields["auth.mechanism"] = login[5:].upper()


def _take_login(
    given: dict[str, Word | None], earlier: Sequence[Sequence[Word]], found: Found
) -> None:
    """Take user and password from `--user`, or from what is printed into curl's configuration."""
    if (word := given.get("--user")) is not None:
        _take_pair(word, found)
        if found.secret is not None and not found.secret.reveal().startswith("${"):
            found.note("The password stood on a command line, where others can see it.")
    for words in earlier if "--config" in given else ():
        if plain(words[0]) not in ("printf", "echo"):
            continue
        line = _USER.fullmatch(plain(words[-1]))
        _take_pair(re.sub(r"\\(.)", r"\1", line[1]) if line else words[-1], found)


def _take_pair(word: Word, found: Found) -> None:
    pieces = list(word) if isinstance(word, tuple) else [word]
    user, colon, password = plain(pieces[0]).partition(":")
    found.put("auth.user", user, "user")
    if not colon:
        return
    rest = [password, *pieces[1:]] if password else pieces[1:]
    whole = rest[0] if len(rest) == 1 else "".join(map(plain, rest))
    found.password(whole if isinstance(whole, Variable) else plain(whole), "password")


def _resemblance(text: str) -> float:
    if "curl" not in text or not re.search(r"smtps?://", text, re.IGNORECASE):
        return 0
    try:
        command_named(text, "curl")
    except ValueError:
        return 0
    return 1


FORMAT: Final = Format(
    "curl", "curl command", Group.TOOL, ".sh", "shell", _write, _read, _resemblance
)
