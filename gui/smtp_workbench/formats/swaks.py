"""swaks: a command that sends a test message.

The password goes by the environment, where other users of the machine don't see it.
https://jetmore.org/john/code/swaks/
"""

from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import bracketed, host_and_port, shell
from smtp_workbench.formats.omission import effective, left_out, single_limit, whole_seconds
from smtp_workbench.formats.quoting import in_place_of
from smtp_workbench.formats.shell_words import Word, command_named, options, plain
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import (
    Family,
    Protocol,
    Security,
    TlsVersion,
    Transport,
    Trust,
)

RECIPIENT: Final = "recipient@example.com"
ASSUMED_RECIPIENT: Final = f"{RECIPIENT} stands for the recipient."

_TLS: Final = {
    Security.IMPLICIT_TLS: "--tls-on-connect",
    Security.STARTTLS: "--tls",
    Security.STARTTLS_IF_OFFERED: "--tls-optional-strict",
}
_MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5")
_VERSIONS: Final = {
    "tlsv1": TlsVersion.TLS_1_0,
    "tlsv1_1": TlsVersion.TLS_1_1,
    "tlsv1_2": TlsVersion.TLS_1_2,
    "tlsv1_3": TlsVersion.TLS_1_3,
}
_FIELDS: Final = {
    "--helo": "ehlo_name",
    "--local-interface": "source_address",
    "--from": "sender",
    "--auth-user": "auth.user",
    "--tls-sni": "tls.server_name",
    "--tls-cert": "tls.client_certificate",
    "--tls-key": "tls.client_key",
    "--tls-cipher": "tls.ciphers",
}
_SAID: Final = (
    *_FIELDS.values(), "protocol", "family", "tls.trust", "tls.ca_file", "tls.minimum_version",
)  # fmt: skip
_FLAGS: Final = {
    "-tls": "--tls", "--tls": "--tls",
    "-tlso": "--tls-optional", "--tls-optional": "--tls-optional",
    "-tlsos": "--tls-optional", "--tls-optional-strict": "--tls-optional",
    "-tlsc": "--tls-on-connect", "--tls-on-connect": "--tls-on-connect",
    "--tls-verify": "--tls-verify", "--tls-verify-host": "--tls-verify",
    "--tls-verify-ca": "--tls-verify", "-4": "-4", "-6": "-6",
}  # fmt: skip
_VALUED: Final = {
    "-s": "--server", "--server": "--server", "-p": "--port", "--port": "--port",
    "-h": "--helo", "--helo": "--helo", "--ehlo": "--helo", "--lhlo": "--helo",
    "-li": "--local-interface", "--local-interface": "--local-interface",
    "-f": "--from", "--from": "--from", "-t": "--to", "--to": "--to",
    "-au": "--auth-user", "--auth-user": "--auth-user",
    "-ap": "--auth-password", "--auth-password": "--auth-password",
    "--protocol": "--protocol", "--timeout": "--timeout",
    "-tlsp": "--tls-protocol", "--tls-protocol": "--tls-protocol",
    "--tls-cipher": "--tls-cipher", "--tls-ca-path": "--tls-ca-path",
    "--tls-cert": "--tls-cert", "--tls-key": "--tls-key", "--tls-sni": "--tls-sni",
}  # fmt: skip
_AUTH: Final = ("-a", "--auth", "-ao", "--auth-optional", "--auth-optional-strict")


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    limit, of_limit, assumed = single_limit(transport)
    words = ["--server", _word(bracketed(transport.host))]
    words += ["--port", str(transport.effective_port)]
    if transport.protocol is Protocol.LMTP:
        words += ["--protocol", "LMTP"]
    words += {Family.IPV4: ["-4"], Family.IPV6: ["-6"]}.get(transport.family, [])
    words += _tls_words(transport)
    for name, value in (
        ("--helo", transport.ehlo_name),
        ("--local-interface", transport.source_address),
        ("--from", transport.sender),
    ):
        words += [name, _word(value)] if value else []
    if limit is not None:
        whole, rounded = whole_seconds(limit)
        assumed += rounded
        words += ["--timeout", str(whole)]
    before = ""
    if transport.auth.user:
        password = in_place_of(secret, '"${}"'.format, _word)
        before = f"SWAKS_OPT_auth_password={password} \\\n"
        mechanism = transport.auth.mechanism
        words += ["--auth", mechanism] if mechanism in _MECHANISMS else ["--auth"]
        words += ["--auth-user", _word(transport.auth.user)]
    words += ["--to", RECIPIENT]
    assumed += (ASSUMED_RECIPIENT,)
    if "--tls-verify" in words:
        assumed += ("Older versions of swaks check who signed a certificate, not its name.",)
    return Export(
        (File("swaks.sh", f"{before}swaks {_broken(words)}\n"),),
        left_out(transport, (*_SAID, *of_limit), mechanisms=_MECHANISMS),
        assumed,
    )


def _word(text: str) -> str:
    """Return *text* as a word. Raises ValueError for one that swaks would take for an option."""
    if text.startswith("-") or text == "<>":
        raise ValueError(
            f"swaks gives {text[:1]!r} at the beginning of a value a meaning of its own"
        )
    return shell(text)


def _broken(words: list[str]) -> str:
    """Return *words* with each option on a line of its own."""
    text = " ".join(f"\\\n  {word}" if word.startswith("-") else word for word in words)
    return text.removeprefix("\\\n  ")


def _tls_words(transport: Transport) -> list[str]:
    if transport.security is Security.PLAINTEXT:
        return []
    tls = transport.tls
    words = [_TLS[transport.security]]
    if tls.trust is not Trust.NONE:
        words.append("--tls-verify")
    if tls.ca_file:
        words += ["--tls-ca-path", _word(tls.ca_file)]
    if tls.server_name:
        words += ["--tls-sni", _word(tls.server_name)]
    if tls.client_certificate:
        words += ["--tls-cert", _word(tls.client_certificate)]
        words += ["--tls-key", _word(tls.client_key or tls.client_certificate)]
    if tls.minimum_version is not TlsVersion.TLS_1_2:
        least = list(_VERSIONS.values()).index(tls.minimum_version)
        words += ["--tls-protocol", ",".join(list(_VERSIONS)[least:])]
    if tls.ciphers:
        words += ["--tls-cipher", _word(tls.ciphers)]
    return words


def _read(text: str) -> Import:
    variables, words, _ = command_named(text, "swaks")
    given: dict[str, Word | None] = {}
    found = Found()
    for name, value in options(words, _FLAGS, _VALUED):
        if name in (*_FLAGS.values(), *_VALUED.values(), *_AUTH):
            given["--auth" if name in _AUTH else name] = value
        else:
            found.ignore(name or plain(value or ""))
    for name, value in variables.items():
        option = name.removeprefix("SWAKS_OPT_").replace("_", "-")
        if name.startswith("SWAKS_OPT_") and f"--{option}" in _VALUED:
            given.setdefault(_VALUED[f"--{option}"], value)
    if "--server" not in given:
        raise ValueError("there is no --server in the command")
    _take(given, found)
    if "--to" in given:
        found.ignore("--to")
    return found.as_import("option of swaks")


def _take(given: dict[str, Word | None], found: Found) -> None:
    for name, field in _FIELDS.items():
        if name in given:
            _put(field, given[name], name, found)
    host, port = host_and_port(plain(given["--server"] or ""))
    if "/" in host and not port:
        host, _, port = host.partition("/")
    found.put("host", host, "--server")
    protocol = plain(given.get("--protocol") or "").upper()
    security = _security(given, protocol)
    found.security(security)
    if protocol.startswith("LMTP"):
        found.fields["protocol"] = Protocol.LMTP
    standard = 465 if security is Security.IMPLICIT_TLS else 24 if "LMTP" in protocol else 25
    found.put("port", plain(given.get("--port") or "") or port or standard, "--port")
    for name, family in (("-4", Family.IPV4), ("-6", Family.IPV6)):
        if name in given:
            found.fields["family"] = family
    if found.fields.get("tls.client_key") == found.fields.get("tls.client_certificate"):
        found.fields.pop("tls.client_key", None)
    if given.get("--auth"):
        found.put(
            "auth.mechanism", plain(given["--auth"] or "").partition(",")[0].upper(), "--auth"
        )
    if "--auth-password" in given:
        value = given["--auth-password"]
        found.password(plain(value) if isinstance(value, tuple) else value, "--auth-password")
    if "--timeout" in given:
        found.one_limit(_seconds(plain(given["--timeout"] or "")), "--timeout")
    if security is not Security.PLAINTEXT:
        _take_tls(given, found)


def _put(field: str, value: Word | None, name: str, found: Found) -> None:
    found.put(field, plain(value) if isinstance(value, tuple) else value, name)


def _security(given: dict[str, Word | None], protocol: str) -> Security:
    if "--tls-on-connect" in given or protocol.startswith(("SSMTP", "SMTPS")):
        return Security.IMPLICIT_TLS
    if "--tls" in given or protocol in ("ESMTPS", "ESMTPSA", "LMTPS", "LMTPSA"):
        return Security.STARTTLS
    return Security.STARTTLS_IF_OFFERED if "--tls-optional" in given else Security.PLAINTEXT


def _take_tls(given: dict[str, Word | None], found: Found) -> None:
    if "--tls-verify" not in given:
        found.trust_anything()
        found.note("Without --tls-verify, swaks accepts any certificate.")
    elif "--tls-ca-path" in given:
        found.trust_file(plain(given["--tls-ca-path"] or ""), "--tls-ca-path")
    if "--tls-protocol" in given:
        names = plain(given["--tls-protocol"] or "").lower().split(",")
        without = {name.removeprefix("no_") for name in names if name.startswith("no_")}
        allowed = [
            name for name in _VERSIONS if (name not in without if without else name in names)
        ]
        if allowed:
            found.fields["tls.minimum_version"] = _VERSIONS[allowed[0]]


def _seconds(text: str) -> str | int:
    """Return the seconds in `30`, `30s`, `5m` or `1h`."""
    scale = {"s": 1, "m": 60, "h": 3600}.get(text[-1:], 0)
    return int(text[:-1]) * scale if scale and text[:-1].isdecimal() else text


def _resemblance(text: str) -> float:
    if "swaks" not in text:
        return 0
    try:
        command_named(text, "swaks")
    except ValueError:
        return 0
    return 1 if "--server" in text or "-s " in text else 0.6


FORMAT: Final = Format(
    "swaks", "swaks command", Group.TOOL, ".sh", "shell", _write, _read, _resemblance
)
