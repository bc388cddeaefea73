"""MailKit, for .NET, in C#."""

import re
from typing import Final

from smtp_workbench.formats import quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.literals import statements
from smtp_workbench.formats.omission import effective, left_out, simple_proxy, single_limit
from smtp_workbench.formats.quoting import csharp
from smtp_workbench.formats.tokens import CSHARP
from smtp_workbench.formats.values import Assignment, Call, Name, Opaque, calls
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, TlsVersion, Transport, Trust

_SECURITY: Final = {
    Security.IMPLICIT_TLS: "SslOnConnect",
    Security.STARTTLS: "StartTls",
    Security.STARTTLS_IF_OFFERED: "StartTlsWhenAvailable",
    Security.PLAINTEXT: "None",
}
_MECHANISMS: Final = {
    "PLAIN": "SaslMechanismPlain",
    "LOGIN": "SaslMechanismLogin",
    "CRAM-MD5": "SaslMechanismCramMd5",
    "SCRAM-SHA-1": "SaslMechanismScramSha1",
    "SCRAM-SHA-256": "SaslMechanismScramSha256",
    "XOAUTH2": "SaslMechanismOAuth2",
    "OAUTHBEARER": "SaslMechanismOAuthBearer",
}
_VERSIONS: Final = {
    TlsVersion.TLS_1_0: "Tls",
    TlsVersion.TLS_1_1: "Tls11",
    TlsVersion.TLS_1_2: "Tls12",
    TlsVersion.TLS_1_3: "Tls13",
}
_PROXIES: Final = {"http": "HttpProxyClient", "socks4": "Socks4Client", "socks5": "Socks5Client"}
_SAID: Final = frozenset(
    (
        "auth.user", "ehlo_name", "source_address", "tls.trust", "tls.fingerprint",
        "tls.client_certificate", "tls.client_key", "tls.minimum_version",
    )
)  # fmt: skip
_CALLBACK: Final = "client.ServerCertificateValidationCallback = (_, certificate, _, _) =>"


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    limit, said, assumed = single_limit(transport)
    lines = ["using var client = new SmtpClient();"]
    if transport.ehlo_name:
        lines.append(f"client.LocalDomain = {csharp(transport.ehlo_name)};")
    if transport.source_address:
        parsed = f"IPAddress.Parse({csharp(transport.source_address)})"
        lines.append(f"client.LocalEndPoint = new IPEndPoint({parsed}, 0);")
    if limit is not None:
        lines.append(f"client.Timeout = {round(limit * 1000)};")
    if proxy := _proxy_of(transport.proxy):
        said |= {"proxy"}
        lines.append(f"client.ProxyClient = {proxy};")
    where = f"{csharp(transport.host)}, {transport.effective_port}"
    kind = _SECURITY[transport.security]
    lines += [*_tls(transport), f"client.Connect({where}, SecureSocketOptions.{kind});"]
    if transport.auth.user:
        lines.append(f"client.Authenticate({_credentials(transport, secret)});")
    lines += ["client.NoOp();", "client.Disconnect(true);"]
    body = "\n".join(lines)
    return Export(
        (File("Mail.cs", f"{_usings(body)}\n\n{body}\n"),),
        left_out(transport, _SAID | said, mechanisms=_MECHANISMS),
        assumed,
    )


def _usings(body: str) -> str:
    """Return the lines that name the spaces that *body* draws from."""
    body = quoting.without_strings(body)
    spaces = (
        ("System", "Environment."),
        ("System.Net", "IPEndPoint"),
        ("System.Security.Authentication", "SslProtocols."),
        ("System.Security.Cryptography", "HashAlgorithmName"),
        ("System.Security.Cryptography.X509Certificates", "X509"),
        ("MailKit.Net.Proxy", "ProxyClient"),
        ("MailKit.Net.Smtp", ""),
        ("MailKit.Security", ""),
    )
    return "\n".join(f"using {space};" for space, sign in spaces if sign in body)


def _tls(transport: Transport) -> list[str]:
    tls = transport.tls
    lines = []
    if tls.trust is Trust.NONE:
        lines.append(f"{_CALLBACK} true;")
    elif tls.trust is Trust.FINGERPRINT:
        digits = csharp(re.sub(r"[:\s]", "", tls.fingerprint).upper())
        hashed = "certificate?.GetCertHashString(HashAlgorithmName.SHA256)"
        lines.append(f"{_CALLBACK}\n    {hashed} == {digits};")
    if tls.minimum_version is not TlsVersion.TLS_1_2:
        versions = list(_VERSIONS)
        allowed = versions[versions.index(tls.minimum_version) :]
        names = (f"SslProtocols.{_VERSIONS[version]}" for version in allowed)
        lines.append(f"client.SslProtocols = {' | '.join(names)};")
    if tls.client_certificate:
        files = ", ".join(csharp(name) for name in (tls.client_certificate, tls.client_key) if name)
        loaded = f"X509Certificate2.CreateFromPemFile({files})"
        lines.append(f"client.ClientCertificates = new X509CertificateCollection {{ {loaded} }};")
    return lines


def _proxy_of(url: str) -> str | None:
    """Return the client for the proxy at *url*, if there is one for it."""
    parts = simple_proxy(url, _PROXIES)
    return f"new {_PROXIES[parts[0]]}({csharp(parts[1])}, {parts[2]})" if parts else None


def _credentials(transport: Transport, secret: Secret | None) -> str:
    def variable(name: str) -> str:
        return f"Environment.GetEnvironmentVariable({csharp(name)})"

    password = quoting.in_place_of(secret, variable, csharp)
    both = f"{csharp(transport.auth.user)}, {password}"
    mechanism = _MECHANISMS.get(transport.auth.mechanism)
    return f"new {mechanism}({both})" if mechanism else both


def _read(text: str) -> Import:
    items = statements(text, CSHARP)
    found = Found()
    for call in calls(items):
        _take_call(call, found)
    for item in items:
        if isinstance(item, Assignment):
            _take_assignment(item, found)
    if "host" not in found.fields and "security" not in found.fields:
        raise ValueError("there is no SmtpClient.Connect of MailKit in it")
    return found.as_import("setting of MailKit")


def _take_call(call: Call, found: Found) -> None:
    match call:
        case Call(last="Connect" | "ConnectAsync", arguments=(host, port, *rest)):
            found.put("host", host, "host")
            found.put("port", port, "port")
            found.security(_security(rest[0] if rest else None, found))
        case Call(
            last="Authenticate" | "AuthenticateAsync", arguments=(Call() as mechanism, *_)
        ) if mechanism.last in _MECHANISMS.values() and len(mechanism.arguments) > 1:
            names = {spelled: name for name, spelled in _MECHANISMS.items()}
            found.fields["auth.mechanism"] = names[mechanism.last]
            found.put("auth.user", mechanism.arguments[0], "user")
            found.password(mechanism.arguments[1], "password")
        case Call(last="Authenticate" | "AuthenticateAsync", arguments=(user, password, *_)):
            found.put("auth.user", user, "user")
            found.password(password, "password")
        case Call(path="IPAddress.Parse", arguments=(address,)):
            found.put("source_address", address, "LocalEndPoint")
        case Call(last="CreateFromPemFile", arguments=(certificate, *key)):
            found.file("tls.client_certificate", certificate, "ClientCertificates")
            if key:
                found.file("tls.client_key", key[0], "ClientCertificates")
        case Call(last=kind, arguments=(str() as host, int() as port)) if kind in _PROXIES.values():
            scheme = next(name for name, spelled in _PROXIES.items() if spelled == kind)
            found.fields["proxy"] = f"{scheme}://{host}:{port}"


def _security(option: object, found: Found) -> Security:
    """Return what the third argument of Connect means; `Auto` goes by the port."""
    port = found.fields.get("port")
    if isinstance(option, Name):
        for security, spelled in _SECURITY.items():
            if spelled == option.last:
                return security
    if option is True or ((option is None or isinstance(option, Name)) and port == 465):
        return Security.IMPLICIT_TLS
    return Security.STARTTLS_IF_OFFERED


def _take_assignment(item: Assignment, found: Found) -> None:
    text = item.value.text if isinstance(item.value, Opaque) else ""
    match item.last:
        case "LocalDomain":
            found.put("ehlo_name", item.value, "LocalDomain")
        case "Timeout":
            found.one_limit(item.value, "Timeout", per=1000)
        case "SslProtocols":
            words = {item.value.last} if isinstance(item.value, Name) else set()
            words |= set(re.findall(r"\bTls\d*", text))
            for version, spelled in reversed(_VERSIONS.items()):
                if spelled in words:
                    found.fields["tls.minimum_version"] = version
        case "ServerCertificateValidationCallback":
            pinned = re.search(r"GetCertHashString\([^)]*\)\s*==\s*\"([0-9A-Fa-f]+)\"", text)
            if pinned:
                found.fields["tls.fingerprint"] = pinned[1]
                found.fields["tls.trust"] = Trust.FINGERPRINT
            elif re.search(r"=>\s*true$", text):
                found.trust_anything()
            else:
                found.note("What the certificate is checked for was not taken.")


def _resemblance(text: str) -> float:
    if "SecureSocketOptions." in text or "MailKit" in text:
        return 1
    return 0.4 if re.search(r"\bnew SmtpClient\b.*\bConnect(Async)?\(", text, re.DOTALL) else 0


FORMAT: Final = Format(
    "mailkit", ".NET MailKit", Group.CODE, ".cs", "csharp", _write, _read, _resemblance
)
