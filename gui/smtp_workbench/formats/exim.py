r"""Exim: a smart host, as a router, a transport and an authenticator.

Exim expands values: what could mean something to it goes as `\xHH`, which it takes back at the end.
https://exim.org/exim-html-current/doc/html/spec_html/
"""

import re
from collections.abc import Mapping
from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import on_one_line
from smtp_workbench.formats.omission import effective, left_out, whole_seconds
from smtp_workbench.formats.quoting import in_place_of, variable_of
from smtp_workbench.formats.values import Variable
from smtp_workbench.settings.change import value_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Protocol, Security, Transport, Trust

_MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5")
_FIELDS: Final = {
    "helo_data": "ehlo_name",
    "interface": "source_address",
    "tls_sni": "tls.server_name",
    "tls_certificate": "tls.client_certificate",
    "tls_privatekey": "tls.client_key",
    "tls_require_ciphers": "tls.ciphers",
}
_LIMITS: Final = {"connect_timeout": "timeouts.connect", "command_timeout": "timeouts.socket"}
_SAID: Final = (
    *_FIELDS.values(), *_LIMITS.values(), "protocol", "auth.user", "tls.trust", "tls.ca_file",
)  # fmt: skip
_KNOWN: Final = (
    *_FIELDS, *_LIMITS, "driver", "port", "protocol", "hosts_require_tls", "hosts_require_auth",
    "hosts_avoid_tls", "tls_verify_certificates", "tls_verify_hosts",
    "tls_verify_cert_hostnames", "tls_try_verify_hosts", "hosts",
)  # fmt: skip
_SPECIAL: Final = re.compile(r"[\"\\${}: #;<>]")
_REFERENCE: Final = re.compile(r"\$\{env\{([A-Za-z_]\w*)\}\}")
_CARET: Final = "${{sg{{${{env{{{}}}}}}}{{\\N\\^\\N}}{{^^}}}}"
"""The variable in it with every `^` doubled, as one alone would be a NUL in a log-in."""


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    assumed = ["The router goes first under `begin routers`, or after the local domains' ones."]
    text = ""
    auth = transport.auth
    if auth.user and (variable := variable_of(secret)):
        text = f"keep_environment = {variable}\n\n"
        assumed.append("keep_environment goes to the top of the configuration.")
    settings = _transport_settings(transport)
    for name, path in _LIMITS.items():
        seconds = float(str(value_of(transport, path)))
        if seconds != value_of(Transport(), path):
            whole, rounded = whole_seconds(seconds)
            assumed += rounded
            settings[name] = f"{whole}s"
    text += _block("routers", "smarthost", {
        "driver": "manualroute",
        "domains": "! +local_domains",
        "transport": "smarthost_smtp",
        "route_list": f"* {_route(transport.host)}",
    })  # fmt: skip
    text += "\n" + _block("transports", "smarthost_smtp", settings)
    if auth.user:
        if auth.mechanism not in _MECHANISMS:
            assumed.append("Exim logs in with AUTH PLAIN.")
        text += "\n" + _block("authenticators", "smarthost_login", _login(transport, secret))
    return Export(
        (File("exim.conf", text),),
        left_out(transport, _SAID, securities=_securities(transport), mechanisms=_MECHANISMS),
        tuple(assumed),
    )


def _securities(transport: Transport) -> tuple[Security, ...]:
    """Return what can be said: one word tells LMTP and implicit TLS."""
    lmtp = transport.protocol is Protocol.LMTP
    return tuple(each for each in Security if not lmtp or each is not Security.IMPLICIT_TLS)


def _block(section: str, name: str, settings: Mapping[str, str]) -> str:
    lines = "".join(f"  {key} = {value}\n" for key, value in settings.items() if value)
    return f"begin {section}\n{name}:\n{lines}"


def _route(host: str) -> str:
    """Return *host* as a list of one, separated by + where it has colons itself."""
    return f'"<+ {_literal(host)}"' if ":" in host else _literal(host)


def _literal(text: str) -> str:
    """Return *text* so that expansion, and the splitting of a list before it, leave it alone."""
    on_one_line(text, "exim.conf")
    return _SPECIAL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def _transport_settings(transport: Transport) -> dict[str, str]:
    tls, security = transport.tls, transport.security
    settings = {"driver": "smtp", "port": str(transport.effective_port)}
    if transport.protocol is Protocol.LMTP:
        settings["protocol"] = "lmtp"
    elif security is Security.IMPLICIT_TLS:
        settings["protocol"] = "smtps"
    if security is Security.PLAINTEXT:
        settings["hosts_avoid_tls"] = "*"
    elif security is not Security.STARTTLS_IF_OFFERED:
        settings["hosts_require_tls"] = "*"
    if transport.auth.user:
        settings["hosts_require_auth"] = "*"
    if security is not Security.PLAINTEXT:
        if tls.trust is Trust.NONE:
            settings["tls_verify_hosts"] = "!*"
            settings["tls_try_verify_hosts"] = "!*"
        else:
            settings["tls_verify_certificates"] = _literal(tls.ca_file) or "system"
            settings["tls_verify_hosts"] = "*"
            settings["tls_verify_cert_hostnames"] = "*"
    for name, path in _FIELDS.items():
        settings[name] = _literal(str(value_of(transport, path)))
    return settings


def _login(transport: Transport, secret: Secret | None) -> dict[str, str]:
    auth = transport.auth
    user = _literal(auth.user)
    if auth.mechanism == "CRAM-MD5":
        password = in_place_of(secret, "${{env{{{}}}}}".format, _literal)
        return {
            "driver": "cram_md5", "public_name": "CRAM-MD5", "client_name": user,
            "client_secret": password,
        }  # fmt: skip
    login = auth.mechanism == "LOGIN"
    variable = variable_of(secret)
    whole = "" if variable or secret is None else secret.reveal()
    if not login and (auth.user.startswith("^") or whole.startswith("^")):
        # The NUL before it is a `^` too, and of three the first two are the one that is meant.
        raise ValueError("exim.conf can't hold '^' at the beginning of a user or password of PLAIN")
    user = user.replace("^", "^^")
    password = in_place_of(secret, _CARET.format, lambda text: _literal(text).replace("^", "^^"))
    return {
        "driver": "plaintext",
        "public_name": "LOGIN" if login else "PLAIN",
        "client_send": f": {user} : {password}" if login else f"^{user}^{password}",
    }


def _read(text: str) -> Import:
    blocks = _blocks(text)
    router = next((one for one in blocks if one.get("driver") == "manualroute"), None)
    carrier = next((one for one in blocks if one.get("driver") == "smtp"), {})
    if router is None and "hosts" not in carrier:
        raise ValueError("there is no router with driver = manualroute in it")
    found = Found()
    _take_route(router or {"route_list": f"* {carrier['hosts']}"}, carrier, found)
    _take_security(carrier, found)
    found.fields.setdefault(
        "port", 465 if found.fields["security"] is Security.IMPLICIT_TLS else 25
    )
    for name, path in _FIELDS.items():
        if name in carrier:
            found.put(path, _plain(carrier[name]), name)
    for name, path in _LIMITS.items():
        if name in carrier:
            found.put(path, carrier[name].removesuffix("s"), name)
    login = next((one for one in blocks if _is_login(one)), None)
    if login is not None:
        _take_login(login, found)
    found.ignore_others(carrier, _KNOWN)
    return found.as_import("smart host")


def _blocks(text: str) -> list[dict[str, str]]:
    """Return the options of each named block."""
    blocks: list[dict[str, str]] = []
    for line in re.sub(r"\\\r?\n[ \t]*", "", text).split("\n"):
        stripped = line.strip(" \t\r")
        if re.fullmatch(r"[\w-]+:", stripped):
            blocks.append({})
        elif match := re.fullmatch(r"([a-z_]\w*)[ \t]*=[ \t]*(.*)", stripped):
            value = match[2]
            if len(value) > 1 and value[0] == value[-1] == '"':
                value = re.sub(r"\\([\\\"])", r"\1", value[1:-1])
            if blocks:
                blocks[-1][match[1]] = value
        elif blocks and re.fullmatch(r"(no_|not_)?[a-z_]+", stripped):
            blocks[-1][stripped] = ""
    return blocks


def _plain(text: str) -> object:
    """Return the text that *text* expands to, or a `Variable`; what else is in it stays."""
    reference = _REFERENCE.search(text)
    if reference and (text == reference[0] or text == _CARET.format(reference[1])):
        return Variable(reference[1])
    return re.sub(
        r"\\(?:x([0-9a-fA-F]{1,2})|(.))",
        lambda match: chr(int(match[1], 16)) if match[1] else match[2],
        text,
    )


def _take_route(router: Mapping[str, str], carrier: Mapping[str, str], found: Found) -> None:
    route = router.get("route_list") or f"* {router.get('route_data', '')}"
    match = re.match(r'\S+\s+(?:"<.\s+)?([^\s"]*?)(?:::(\d+))?"?(?:\s+.*)?$', route)
    host = match[1] if match else ""
    found.put("host", _plain(host), "route_list")
    port = carrier.get("port") or (match[2] if match else None)
    if port:
        found.put("port", port, "port")


def _take_security(carrier: Mapping[str, str], found: Found) -> None:
    if carrier.get("protocol") == "lmtp":
        found.fields["protocol"] = Protocol.LMTP
    if carrier.get("protocol") == "smtps":
        found.security(Security.IMPLICIT_TLS)
    elif carrier.get("hosts_avoid_tls") == "*":
        found.security(Security.PLAINTEXT)
    elif carrier.get("hosts_require_tls"):
        found.security(Security.STARTTLS)
    else:
        found.security(Security.STARTTLS_IF_OFFERED)
    file = carrier.get("tls_verify_certificates", "system")
    if carrier.get("tls_verify_hosts") in (None, "", "!*", ":"):
        found.trust_anything()
        found.note("Without tls_verify_hosts, Exim goes on with any certificate.")
    elif file != "system":
        found.trust_file(_plain(file), "tls_verify_certificates")


def _is_login(block: Mapping[str, str]) -> bool:
    return "client_send" in block or "client_secret" in block


def _take_login(block: Mapping[str, str], found: Found) -> None:
    mechanism = block.get("public_name", "").upper()
    if mechanism:
        found.fields["auth.mechanism"] = mechanism
    if "client_secret" in block:
        found.put("auth.user", _plain(block.get("client_name", "")), "client_name")
        found.password(_plain(block["client_secret"]), "client_secret")
        return
    send = block["client_send"]
    # Outside of what is computed, one `^` is a NUL and two are one `^`.
    marked = send.replace("^^", "\x01")
    parts = marked.split(":") if mechanism == "LOGIN" else marked.split("^")
    values = [part.strip(" \t").replace("\x01", "^") for part in parts[1:]]
    if values:
        found.put("auth.user", _plain(values[0]), "client_send")
    if reference := _REFERENCE.search(send):
        found.password(Variable(reference[1]), "client_send")
    elif len(values) > 1:
        found.password(_plain(values[1]), "client_send")


def _resemblance(text: str) -> float:
    if re.search(r"^[ \t]*driver\s*=\s*manualroute", text, re.MULTILINE):
        return 1
    return 0.5 if re.search(r"^begin (routers|transports)\s*$", text, re.MULTILINE) else 0


FORMAT: Final = Format(
    "exim", "Exim smarthost", Group.TOOL, ".conf", "ini", _write, _read, _resemblance
)
