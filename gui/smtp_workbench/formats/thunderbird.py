"""Thunderbird: the file with which a mail provider tells its settings (`config-v1.1.xml`).

https://www.bucksch.org/1/projects/thunderbird/autoconfiguration/config-file-format.html
"""

import html
import re
from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import on_one_line
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.lookup.client_config import MECHANISMS, SOCKETS, parse
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport

_SOCKETS: Final = {
    Security.IMPLICIT_TLS: "SSL",
    Security.STARTTLS: "STARTTLS",
    Security.PLAINTEXT: "plain",
}
_METHODS: Final = {mechanism: method for method, mechanism in MECHANISMS.items()}
_NO_XML: Final = re.compile("[\ufffe\uffff\ud800-\udfff]")


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    auth = transport.auth
    domain = (auth.user or transport.sender).rpartition("@")[2] or transport.host
    login = ""
    if auth.user:
        method = _METHODS.get(auth.mechanism, "password-cleartext")
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
        transport, ("auth.user",), securities=tuple(_SOCKETS), mechanisms=tuple(_METHODS)
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
    config = parse(text)
    server = config.outgoing[0]
    found = Found()
    found.put("host", server.host, "hostname")
    if server.port:
        found.put("port", server.port, "port")
    found.security(SOCKETS.get(server.socket.upper(), Security.PLAINTEXT))
    if re.search(r"%EMAIL\w+%", server.user):
        found.note(f"username is {server.user}, which stands for a part of the own address.")
    elif server.user:
        found.put("auth.user", server.user, "username")
    method = server.methods[0] if server.methods else ""
    if method in MECHANISMS:
        found.fields["auth.mechanism"] = MECHANISMS[method]
    for name in server.others:
        found.ignore(name)
    for kind in config.incoming:
        found.ignore(f"incomingServer {kind}".strip())
    return found.as_import("outgoing server")


def _resemblance(text: str) -> float:
    return 1 if "<outgoingServer" in text else 0.3 if "<clientConfig" in text else 0


FORMAT: Final = Format(
    "thunderbird", "Thunderbird autoconfig", Group.TOOL, ".xml", "xml",
    _write, _read, _resemblance,
)  # fmt: skip
