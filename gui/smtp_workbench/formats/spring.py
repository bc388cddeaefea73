"""Spring Boot's mail settings, as application.properties and as application.yaml.

https://docs.spring.io/spring-boot/reference/io/email.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from smtp_workbench.formats import jakarta_properties, properties, quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.structured import as_yaml, of_yaml
from smtp_workbench.formats.values import Variable
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport

_MAIL: Final = "spring.mail."
_JAKARTA: Final = "properties.mail.smtp."
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][\w.-]*)(?::([^}]*))?\}")
_ESCAPED: Final = "A backslash keeps ${ from being replaced, which takes Spring Framework 6.2."
_FIELDS: Final = {
    "host": "host",
    "port": "port",
    "username": "auth.user",
    "properties.mail.from": "sender",
}
_MOST: Final = 500
"""Settings in a file; no more are looked at."""


def _settings_of(transport: Transport, secret: Secret | None) -> dict[str, str]:
    """Return the settings by their name after `spring.mail.`."""
    found = {"host": _literal(transport.host), "port": str(transport.effective_port)}
    if transport.auth.user:
        found["username"] = _literal(transport.auth.user)
        found["password"] = quoting.in_place_of(secret, "${{{}}}".format, _literal)
    own = jakarta_properties.properties_of(transport)
    found |= {_JAKARTA + name: _literal(value) for name, value in own.items()}
    if transport.sender:
        found["properties.mail.from"] = _literal(transport.sender)
    return found


def _literal(text: str) -> str:
    return text.replace("${", "\\${")


def _export(transport: Transport, name: str, text: str) -> Export:
    said = jakarta_properties.SAID
    said |= {"proxy"} if jakarta_properties.says_proxy(transport) else set()
    return Export(
        (File(name, text),),
        left_out(transport, said, mechanisms=jakarta_properties.MECHANISMS),
        (_ESCAPED,) if "\\${" in text else (),
    )


def _write_properties(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    settings = _settings_of(transport, secret)
    text = properties.lines({_MAIL + name: value for name, value in settings.items()})
    return _export(transport, "application.properties", text)


def _write_yaml(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    mail: dict[str, Any] = {}
    inner: dict[str, Any] = {}
    for name, value in _settings_of(transport, secret).items():
        plain = _typed(name, value)
        if name.startswith("properties."):
            # In brackets, as a name with dots in it would be taken for several.
            inner[f"[{name.removeprefix('properties.')}]"] = plain
        else:
            mail[name] = plain
    tree = {"spring": {"mail": {**mail, "properties": inner}}}
    return _export(transport, "application.yaml", as_yaml(tree))


def _typed(name: str, value: str) -> str | bool | int:
    """Return *value* as YAML's own type where the setting has one."""
    if name == "port" or name.endswith("timeout"):
        return int(value)
    if name.endswith((".auth", ".enable", ".required", ".checkserveridentity")):
        return value == "true"
    return value


def _read_properties(text: str) -> Import:
    return _taken(properties.parse(text))


def _read_yaml(text: str) -> Import:
    settings: dict[str, object] = {}
    for document in of_yaml(text):
        for name, value in _flat(document, ""):
            settings.setdefault(name, value)
            if len(settings) >= _MOST:
                break
    return _taken(settings)


def _flat(value: object, name: str, depth: int = 0) -> Iterator[tuple[str, object]]:
    """Yield names with dots and their values, under `spring.mail` only."""
    if isinstance(value, Mapping) and depth < 12:
        for key, inner in value.items():
            word = str(key).strip("[]")
            path = f"{name}.{word}" if name else word
            if path.startswith(_MAIL) or _MAIL.startswith(f"{path}."):
                yield from _flat(inner, path, depth + 1)
    else:
        yield name, value


def _taken(everything: Mapping[str, object]) -> Import:
    settings = {
        re.sub(r"[\[\]]", "", name.removeprefix(_MAIL).replace("properties[", "properties.")): value
        for name, value in everything.items()
        if name.startswith(_MAIL)
    }
    if not settings:
        raise ValueError("there is no setting that begins with spring.mail. in it")
    found = Found()
    given = {name: _value(value) for name, value in settings.items()}
    implicit = given.get("protocol") == "smtps" or str(given.get("ssl.enabled")).lower() == "true"
    found.put_all(_FIELDS, given)
    found.fields.setdefault("port", 465 if implicit else 25)
    found.password(given.get("password"), "password")
    own = {
        re.sub(r"^properties\.mail\.smtps?\.", "", name): value
        for name, value in given.items()
        if re.match(r"properties\.mail\.smtps?\.", name)
    }
    jakarta_properties.take_properties(own, found, implicit=implicit)
    known = (*_FIELDS, "password", "protocol", "ssl.enabled", "default-encoding")
    for name in settings:
        if name not in known and not re.match(r"properties\.mail\.smtps?\.", name):
            found.ignore(_MAIL + name)
    return found.as_import("mail setting of Spring Boot")


def _value(value: object) -> object:
    """Return what a setting says: a `Variable` where it refers to one."""
    if isinstance(value, str):
        if reference := _REFERENCE.fullmatch(value):
            return Variable(reference[1], reference[2])
        return value.replace("\\${", "${")
    return value


def _resembles_properties(text: str) -> float:
    return 1 if re.search(r"^[ \t]*spring\.mail\.[\w.\[-]+.*[=:]", text, re.MULTILINE) else 0


def _resembles_yaml(text: str) -> float:
    nested = re.search(r"^spring:\s*\n(?:[ \t#].*\n|\s*\n)*?[ \t]+mail:", text, re.MULTILINE)
    if nested or re.search(r"^spring\.mail:\s*$", text, re.MULTILINE):
        return 1
    return 0


PROPERTIES: Final = Format(
    "spring-properties", "Spring Boot properties", Group.FRAMEWORK, ".properties", "ini",
    _write_properties, _read_properties, _resembles_properties,
)  # fmt: skip
YAML: Final = Format(
    "spring-yaml", "Spring Boot YAML", Group.FRAMEWORK, ".yaml", "yaml",
    _write_yaml, _read_yaml, _resembles_yaml,
)  # fmt: skip
