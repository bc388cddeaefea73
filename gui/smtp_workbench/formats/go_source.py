"""What the two Go formats share: TLS settings, durations and addresses, both ways."""

import re
from collections.abc import Iterable
from typing import Final

from smtp_workbench.formats.found import Found
from smtp_workbench.formats.quoting import go, without_strings
from smtp_workbench.formats.values import Call, Name
from smtp_workbench.settings.transport import Security, TlsVersion, Transport, Trust

TLS_SAID: Final = frozenset(
    (
        "tls.trust", "tls.ca_file", "tls.server_name", "tls.minimum_version",
        "tls.client_certificate", "tls.client_key",
    )
)  # fmt: skip
_VERSIONS: Final = {
    TlsVersion.TLS_1_0: "VersionTLS10",
    TlsVersion.TLS_1_1: "VersionTLS11",
    TlsVersion.TLS_1_2: "VersionTLS12",
    TlsVersion.TLS_1_3: "VersionTLS13",
}
_UNITS: Final = {"Second": 1.0, "Millisecond": 0.001, "Minute": 60.0}
CHECK: Final = """\
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
"""


def config_of(transport: Transport) -> list[str]:
    """Return the lines that make `config`, a `tls.Config`."""
    tls = transport.tls
    lines: list[str] = []
    fields = [f"ServerName: {go(transport.tls_name)}"]
    fields.append(f"MinVersion: tls.{_VERSIONS[tls.minimum_version]}")
    if tls.ca_file:
        lines += [
            f"pem, err := os.ReadFile({go(tls.ca_file)})",
            "check(err)",
            "roots := x509.NewCertPool()",
            "roots.AppendCertsFromPEM(pem)",
        ]
        fields.append("RootCAs: roots")
    if tls.client_certificate:
        key = tls.client_key or tls.client_certificate
        names = f"{go(tls.client_certificate)}, {go(key)}"
        lines += [f"certificate, err := tls.LoadX509KeyPair({names})", "check(err)"]
        fields.append("Certificates: []tls.Certificate{certificate}")
    if tls.trust is Trust.NONE:
        fields.append("InsecureSkipVerify: true")
    width = max(len(field.partition(": ")[0]) for field in fields) + 2
    padded = (field.partition(": ") for field in fields)
    lines.append("config := &tls.Config{")
    lines += [f"\t{f'{name}:'.ljust(width)}{value}," for name, _, value in padded]
    return [*lines, "}"]


def imports_of(body: str, *others: str) -> str:
    """Return the import declaration for the packages that *body* uses."""
    body = without_strings(body)
    packages = ("context", "crypto/tls", "crypto/x509", "log", "net", "net/smtp", "os", "time")
    used = [path for path in packages if re.search(rf"\b{path.rpartition('/')[2]}\.", body)]
    quoted = [f'\t"{path}"' for path in used] + [f'\n\t"{path}"' for path in others]
    return "import (\n" + "\n".join(quoted) + "\n)\n"


def indented(lines: Iterable[str]) -> str:
    """Return *lines* within a function."""
    return "\n".join("\t" + line for line in lines)


def duration(seconds: float) -> str:
    """Return *seconds* as a `time.Duration`, to the millisecond."""
    if seconds == int(seconds):
        return f"{int(seconds)} * time.Second"
    return f"{round(seconds * 1000)} * time.Millisecond"


def seconds_of(value: object) -> object:
    """Return a duration in seconds; *value* itself if it is none."""
    match value:
        case (
            Call(path="*", arguments=(int() | float() as number, Name(last=unit)))
            | Call(path="*", arguments=(Name(last=unit), int() | float() as number))
        ) if unit in _UNITS:
            return number / 1000 if unit == "Millisecond" else number * _UNITS[unit]
        case Name(last=unit) if unit in _UNITS:
            return _UNITS[unit]
    return value


def address(transport: Transport) -> str:
    """Return the literal of host and port."""
    host = f"[{transport.host}]" if ":" in transport.host else transport.host
    return go(f"{host}:{transport.effective_port}")


def take_address(value: object, found: Found) -> None:
    """Take `host:port`, or the call that joins both."""
    match value:
        case Call(last="JoinHostPort", arguments=(host, port)):
            found.put("host", host, "host")
            found.put("port", port, "port")
        case str():
            host, colon, port = value.rpartition(":")
            found.put("host", host.strip("[]") if colon else value, "host")
            if colon:
                found.put("port", port, "port")
        case _:
            found.plain(value, "address")


def take_tls(calls: Iterable[Call], found: Found) -> None:
    """Take the settings of TLS that are made in *calls*."""
    for call in calls:
        match call:
            case Call(last="ReadFile", arguments=(str() as file, *_)):
                found.trust_file(file, "RootCAs")
            case Call(last="LoadX509KeyPair", arguments=(certificate, key)):
                found.file("tls.client_certificate", certificate, "LoadX509KeyPair")
                if key != certificate:
                    found.file("tls.client_key", key, "LoadX509KeyPair")
            case Call(path="tls.Config", named=named):
                _take_config(dict(named), found)


def _take_config(named: dict[str, object], found: Found) -> None:
    found.put("tls.server_name", named.pop("ServerName", None), "ServerName")
    if found.flag(named.pop("InsecureSkipVerify", None), "InsecureSkipVerify"):
        found.trust_anything()
    version = named.pop("MinVersion", None)
    for known, spelled in _VERSIONS.items():
        if isinstance(version, Name) and version.last == spelled:
            found.fields["tls.minimum_version"] = known
    found.ignore_others(named, ("RootCAs", "Certificates"))


def uses_tls(transport: Transport) -> bool:
    """Whether a `tls.Config` is of use."""
    return transport.security is not Security.PLAINTEXT
