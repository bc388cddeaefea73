"""PowerShell: Send-MailMessage, which asks for STARTTLS where it is told to use TLS.

It takes four curved marks for the straight quote, so those are doubled too.
"""

import re
from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import on_one_line
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import in_place_of
from smtp_workbench.formats.swaks import ASSUMED_RECIPIENT, RECIPIENT
from smtp_workbench.formats.values import Opaque, Variable
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport

_CREDENTIAL: Final = "$credential = New-Object System.Management.Automation.PSCredential"
_SENDER: Final = "sender@example.com"
_FIELDS: Final = {"smtpserver": "host", "port": "port", "from": "sender"}
_MESSAGE: Final = ("to", "subject", "body", "cc", "bcc", "attachments", "credential", "usessl")
_QUOTES: Final = "'\u2018\u2019\u201a\u201b"
_VALUE: Final = re.compile(
    rf"""(?P<single>[{_QUOTES}](?:[{_QUOTES}]{{2}}|[^{_QUOTES}])*[{_QUOTES}])
    |"(?P<double>(?:`.|""|[^"`])*)"
    |\$env:(?P<name>\w+)
    |(?P<bare>[^\s'"(){{}};|,@=]+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    lines = []
    words = [f"-SmtpServer {_quoted(transport.host)}", f"-Port {transport.effective_port}"]
    if transport.security is not Security.PLAINTEXT:
        words.append("-UseSsl")
    if transport.auth.user:
        password = in_place_of(secret, "$env:{}".format, _quoted)
        lines = [
            f"$password = ConvertTo-SecureString {password} -AsPlainText -Force",
            f"{_CREDENTIAL} ({_quoted(transport.auth.user)}, $password)",
        ]
        words.append("-Credential $credential")
    words.append(f"-From {_quoted(transport.sender or _SENDER)}")
    words += [f"-To '{RECIPIENT}'", "-Subject 'Test'", "-Body 'Test'"]
    lines.append("Send-MailMessage " + " `\n  ".join(words))
    assumed = [ASSUMED_RECIPIENT]
    if not transport.sender:
        assumed.append(f"{_SENDER} stands for the sender.")
    if transport.security is Security.STARTTLS_IF_OFFERED:
        assumed.append("With -UseSsl, PowerShell ends where STARTTLS is not offered.")
    return Export(
        (File("send.ps1", "\n".join(lines) + "\n"),),
        left_out(
            transport,
            ("auth.user", "sender"),
            securities=(Security.STARTTLS, Security.PLAINTEXT),
        ),
        tuple(assumed),
    )


def _quoted(text: str) -> str:
    on_one_line(text, "PowerShell's quotes")
    inner = re.sub(rf"([{_QUOTES}])", r"\1\1", text)
    return f"'{inner}'"


def _read(text: str) -> Import:
    joined = re.sub(r"`\r?\n", " ", text)
    call = re.search(r"Send-MailMessage\b([^\n]*)", joined, re.IGNORECASE)
    if call is None:
        raise ValueError("there is no Send-MailMessage in it")
    given = _parameters(call[1]) | _splatted(call[1], joined)
    if "smtpserver" not in given:
        raise ValueError("there is no -SmtpServer in it")
    found = Found()
    for name, field in _FIELDS.items():
        if name in given and given[name] != _SENDER:
            found.put(field, given[name], name)
    found.fields.setdefault("port", 25)
    wanted = "usessl" in given and str(given["usessl"]).lower() not in ("$false", "false")
    found.security(Security.STARTTLS if wanted else Security.PLAINTEXT)
    _take_login(joined, found)
    found.ignore_others(given, (*_FIELDS, *_MESSAGE))
    return found.as_import("parameter of Send-MailMessage")


def _parameters(text: str) -> dict[str, object]:
    """Return the parameters of a call by their names in small letters."""
    given: dict[str, object] = {}
    at, name = 0, ""
    while at < len(text):
        if option := re.compile(r"-([A-Za-z]+):?").match(text, at):
            name, at = option[1].lower(), option.end()
            given[name] = "true"
        elif match := _VALUE.match(text, at):
            if name:
                given[name] = _value(match)
            at, name = match.end(), ""
        else:
            at += 1
    return given


def _splatted(call: str, text: str) -> dict[str, object]:
    """Return the parameters in the table that the call takes by `@name`."""
    name = re.search(r"(?:^|\s)@(\w+)", call)
    table = name and re.search(rf"\${name[1]}\s*=\s*@\{{(.*?)\n?\}}", text, re.DOTALL)
    given: dict[str, object] = {}
    for entry in re.finditer(r"(?:^|[;\n])\s*(\w+)\s*=\s*", table[1] if table else ""):
        match = _VALUE.match(table[1] if table else "", entry.end())
        if match:
            given[entry[1].lower()] = _value(match)
    return given


def _value(match: re.Match[str]) -> object:
    if match["single"] is not None:
        return re.sub(rf"([{_QUOTES}])[{_QUOTES}]", r"\1", match["single"][1:-1])
    if match["name"] is not None:
        return Variable(match["name"])
    if match["double"] is None:
        return match["bare"]
    text = match["double"]
    if whole := re.fullmatch(r"\$\{?env:(\w+)\}?", text):
        return Variable(whole[1])
    if re.search(r"(?<!`)\$[\w({]", text):
        return Opaque(text)
    text = text.replace('""', '"')
    return re.sub(r"`(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), text)


def _take_login(text: str, found: Found) -> None:
    """Take user and password from where the credential is made."""
    user = re.search(
        r"PSCredential\]?(?:::new)?\s*(?:-ArgumentList)?\s*\(?\s*", text, re.IGNORECASE
    )
    if user and (match := _VALUE.match(text, user.end())):
        found.put("auth.user", _value(match), "PSCredential")
    secret = re.search(r"ConvertTo-SecureString\s+(?:-String\s+)?", text, re.IGNORECASE)
    if secret and (match := _VALUE.match(text, secret.end())):
        found.password(_value(match), "ConvertTo-SecureString")
        return
    piped = re.search(r"(\S+)\s*\|\s*ConvertTo-SecureString", text, re.IGNORECASE)
    if piped and (match := _VALUE.fullmatch(piped[1])):
        found.password(_value(match), "ConvertTo-SecureString")


def _resemblance(text: str) -> float:
    return 1 if re.search(r"\bSend-MailMessage\b", text, re.IGNORECASE) else 0


FORMAT: Final = Format(
    "powershell", "PowerShell Send-MailMessage", Group.TOOL, ".ps1", "powershell",
    _write, _read, _resemblance,
)  # fmt: skip
