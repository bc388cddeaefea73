"""Thunderbird: the file with which a mail provider tells its settings (`config-v1.1.xml`).

https://www.bucksch.org/1/projects/thunderbird/autoconfiguration/config-file-format.html
"""

import html
import re
from typing import Final
from xml.etree.ElementTree import Element, ParseError  # defusedxml does the reading

from defusedxml.ElementTree import fromstring

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import on_one_line
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport

_SOCKETS: Final = {
    Security.IMPLICIT_TLS: "SSL",
    Security.STARTTLS: "STARTTLS",
    Security.PLAINTEXT: "plain",
}
_MECHANISMS: Final = {"CRAM-MD5": "password-encrypted", "XOAUTH2": "OAuth2"}
_NO_XML: Final = re.compile("[\ufffe\uffff\ud800-\udfff]")


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    auth = transport.auth
    domain = (auth.user or transport.sender).rpartition("@")[2] or transport.host
    login = ""
    if auth.user:
        method = _MECHANISMS.get(auth.mechanism, "password-cleartext")
        login = f"""
      <username>{_text(auth.user)}</username>
      <authentication>{method}</authentication>"""
    text = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="{_text(domain)}">
    <domain>{_text(domain)}</domain>
    <outgoingServer type="smtp">
      <hostname>{_text(transport.host)}</hostname>
      <port>{transport.effective_port}</port>
      <socketType>{_SOCKETS.get(transport.security, "STARTTLS")}</socketType>{login}
    </outgoingServer>
  </emailProvider>
</clientConfig>
"""
    out = left_out(
        transport, ("auth.user",), securities=tuple(_SOCKETS), mechanisms=tuple(_MECHANISMS)
    )
    assumed = ["Thunderbird also wants an incomingServer in the file."]
    if auth.user:
        assumed.append("Thunderbird asks for the password itself.")
    return Export(
        (File("config-v1.1.xml", text),),
        (*out, "password") if secret and auth.user else out,
        tuple(assumed),
    )


def _text(text: str) -> str:
    on_one_line(text, "XML")
    if _NO_XML.search(text):
        raise ValueError("XML can't hold a character that is none in Unicode")
    return html.escape(text)


def _read(text: str) -> Import:
    try:
        root = fromstring(text.strip())
    except (ParseError, ValueError) as error:
        line = getattr(error, "position", (None,))[0]
        raise ValueError(f"it is not XML{f': line {line}' if line else ' that is safe'}") from None
    server = next(
        (item for item in root.iter("outgoingServer") if item.get("type", "smtp") == "smtp"), None
    )
    if server is None:
        raise ValueError("there is no outgoingServer of the type smtp in it")
    found = Found()
    found.put("host", _said(server, "hostname"), "hostname")
    port = _said(server, "port")
    if port:
        found.put("port", port, "port")
    socket = _said(server, "socketType").upper()
    found.security(
        {"SSL": Security.IMPLICIT_TLS, "STARTTLS": Security.STARTTLS, "TLS": Security.STARTTLS}.get(
            socket, Security.PLAINTEXT
        )
    )
    user = _said(server, "username")
    if re.search(r"%EMAIL\w+%", user):
        found.note(f"username is {user}, which stands for a part of the own address.")
    elif user:
        found.put("auth.user", user, "username")
    method = _said(server, "authentication")
    by_method = {value: name for name, value in _MECHANISMS.items()}
    if method in by_method:
        found.fields["auth.mechanism"] = by_method[method]
    known = ("hostname", "port", "socketType", "username", "authentication")
    for child in server:
        if child.tag not in known:
            found.ignore(child.tag)
    for other in root.iter("incomingServer"):
        found.ignore(f"incomingServer {other.get('type', '')}".strip())
    return found.as_import("outgoing server")


def _said(server: Element, name: str) -> str:
    """Return the first of what stands there by this name."""
    text = str(server.findtext(name) or "")
    return text.strip() if "\n" in text else text


def _resemblance(text: str) -> float:
    return 1 if "<outgoingServer" in text else 0.3 if "<clientConfig" in text else 0


FORMAT: Final = Format(
    "thunderbird", "Thunderbird autoconfig", Group.TOOL, ".xml", "xml",
    _write, _read, _resemblance,
)  # fmt: skip
