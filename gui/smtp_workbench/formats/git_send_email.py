"""git send-email: the section `[sendemail]` of a Git configuration.

Without a secret Git asks a credential helper, which here prints an environment variable.
https://git-scm.com/docs/git-send-email
"""

import re
from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import on_one_line
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import variable_of
from smtp_workbench.formats.shell_words import Word, commands, plain
from smtp_workbench.formats.values import Variable
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust

_FIELDS: Final = {
    "smtpserver": "host",
    "smtpserverport": "port",
    "smtpuser": "auth.user",
    "smtpdomain": "ehlo_name",
    "from": "sender",
}
_KNOWN: Final = (*_FIELDS, "smtpencryption", "smtpssl", "smtppass", "smtpauth", "smtpsslcertpath")
_MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5")
_ENCRYPTIONS: Final = {
    Security.IMPLICIT_TLS: "ssl",
    Security.STARTTLS: "tls",
    Security.PLAINTEXT: "none",
}
_HELPER: Final = "!f() {{ printf 'password=%s\\n' \"${}\"; }}; f"
_ESCAPES: Final = {"n": "\n", "t": "\t", "b": "\b"}
_QUOTED: Final = re.compile(r'"((?:\\.|[^"\\])*)"|\\(.)|([^"\\#;]+)|([#;].*)', re.DOTALL)


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    settings = {
        "smtpServer": transport.host,
        "smtpServerPort": str(transport.effective_port),
        "smtpEncryption": _ENCRYPTIONS.get(transport.security, "tls"),
    }
    tls = transport.tls
    auth = transport.auth
    further = {
        "smtpDomain": transport.ehlo_name,
        "from": transport.sender,
        "smtpSSLCertPath": tls.ca_file,
        "smtpUser": auth.user,
        "smtpAuth": auth.mechanism if auth.mechanism in _MECHANISMS else "",
    }
    settings |= {name: value for name, value in further.items() if value}
    if tls.trust is Trust.NONE:
        settings["smtpSSLCertPath"] = ""
    helper = ""
    if auth.user:
        variable = variable_of(secret)
        if variable is None and secret is not None:
            settings["smtpPass"] = secret.reveal()
        else:
            url = f"smtp://{transport.host}:{transport.effective_port}"
            helper = f"[credential {_subsection(url)}]\n"
            helper += f"\thelper = {_value(_HELPER.format(variable))}\n"
    lines = "".join(f"\t{name} = {_value(value)}\n" for name, value in settings.items())
    return Export(
        (File(".gitconfig", f"[sendemail]\n{lines}{helper}"),),
        left_out(
            transport,
            (*_FIELDS.values(), "tls.trust", "tls.ca_file"),
            securities=tuple(_ENCRYPTIONS),
            mechanisms=_MECHANISMS,
        ),
    )


def _value(text: str) -> str:
    on_one_line(text.replace("\n", ""), "a Git configuration")
    if re.fullmatch(r"[A-Za-z0-9_@%+:,./-]+", text):
        return text
    inner = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{inner}"'


def _subsection(text: str) -> str:
    on_one_line(text, "a Git configuration")
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _read(text: str) -> Import:
    given, helper = _settings(text)
    if not given:
        raise ValueError("there is no sendemail setting in it")
    found = Found()
    found.put_all(_FIELDS, given)
    encryption = str(given.get("smtpencryption", "ssl" if "smtpssl" in given else ""))
    found.security(
        {"ssl": Security.IMPLICIT_TLS, "tls": Security.STARTTLS}.get(encryption, Security.PLAINTEXT)
    )
    implicit = encryption == "ssl"
    found.fields.setdefault("port", 465 if implicit else 25)
    if "smtppass" in given:
        found.password(given["smtppass"], "smtpPass")
    elif helper:
        match = re.search(r"printf 'password=%s\\n' \"\$\{?(\w+)\}?\"", helper)
        if match:
            found.password(Variable(match[1]), "helper")
        else:
            found.note("The password comes from a credential helper, which was not run.")
    words = str(given.get("smtpauth", "")).split()
    if words and words[0].lower() != "none":
        found.fields["auth.mechanism"] = words[0].upper()
    if given.get("smtpsslcertpath") == "":
        found.trust_anything()
    elif "smtpsslcertpath" in given:
        found.trust_file(given["smtpsslcertpath"], "smtpSSLCertPath")
    found.ignore_others(given, _KNOWN)
    return found.as_import("setting of git send-email")


def _settings(text: str) -> tuple[dict[str, object], str]:
    """Return the settings by their names in small letters, and the helper for smtp: URLs."""
    given: dict[str, object] = {}
    helper = section = ""
    for line in re.sub(r"\\\r?\n", "", text).split("\n"):
        stripped = line.strip(" \t\r")
        if match := re.match(r"\[\s*(\w+)(?:\s+\"((?:\\.|[^\"\\])*)\")?\s*\]", stripped):
            section = match[1].lower()
            if section == "credential" and not (match[2] or "smtp").startswith("smtp"):
                section = ""
        elif match := re.match(r"([A-Za-z][\w-]*)\s*(?:=\s*(.*))?$", stripped, re.DOTALL):
            value = "true" if match[2] is None else _unquoted(match[2])
            if section == "sendemail":
                given[match[1].lower()] = value
            elif section == "credential" and match[1].lower() == "helper":
                helper = value
    return given or _from_commands(text), helper


def _unquoted(text: str) -> str:
    pieces = []
    for double, escaped, bare, comment in _QUOTED.findall(text):
        if comment:
            break
        inner = re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), double)
        pieces.append(inner or _ESCAPES.get(escaped, escaped) or bare)
    whole = "".join(pieces)
    return whole if text.rstrip().endswith('"') else whole.rstrip()


def _from_commands(text: str) -> dict[str, object]:
    """Return what commands such as `git config sendemail.smtpServer host` set."""
    given: dict[str, object] = {}
    if "sendemail." not in text.lower():
        return given
    for words in commands(text):
        for index, word in enumerate(words[:-1]):
            name = plain(word).lower()
            if name.startswith("sendemail.") and plain(words[0]) == "git":
                value: Word = words[index + 1]
                given[name.rpartition(".")[2]] = plain(value) if isinstance(value, tuple) else value
    return given


def _resemblance(text: str) -> float:
    if re.search(r"^[ \t]*\[sendemail\b.*\]", text, re.MULTILINE | re.IGNORECASE):
        return 1
    return 0.9 if re.search(r"git config .*sendemail\.\w+", text, re.IGNORECASE) else 0


FORMAT: Final = Format(
    "git-send-email", "git send-email", Group.TOOL, ".gitconfig", "ini",
    _write, _read, _resemblance,
)  # fmt: skip
