"""GitLab's Linux package: the mail settings in gitlab.rb, which go to Rails' ActionMailer.

https://docs.gitlab.com/omnibus/settings/smtp/
"""

import re
from collections.abc import Mapping
from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.literals import value_of as literal
from smtp_workbench.formats.omission import effective, left_out, plain_number
from smtp_workbench.formats.quoting import in_place_of, ruby
from smtp_workbench.formats.ruby_smtp import take_mechanism
from smtp_workbench.formats.tokens import RUBY
from smtp_workbench.settings.change import value_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust

_MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5")
_LIMITS: Final = {"smtp_open_timeout": "timeouts.connect", "smtp_read_timeout": "timeouts.socket"}
_FIELDS: Final = {
    "smtp_address": "host",
    "smtp_port": "port",
    "smtp_user_name": "auth.user",
    "smtp_domain": "ehlo_name",
    "gitlab_email_from": "sender",
    **_LIMITS,
}
_KNOWN: Final = (
    *_FIELDS, "smtp_enable", "smtp_password", "smtp_authentication", "smtp_tls", "smtp_ssl",
    "smtp_force_ssl", "smtp_enable_starttls_auto", "smtp_openssl_verify_mode", "smtp_ca_file",
    "smtp_pool",
)  # fmt: skip
_SECURITIES: Final = (
    Security.IMPLICIT_TLS,
    Security.STARTTLS_IF_OFFERED,
    Security.PLAINTEXT,
)
_LINE: Final = re.compile(
    r"""^[ \t]*gitlab_rails\[[ \t]*(["'])(\w+)\1[ \t]*\][ \t]*=[ \t]*([^\n]*)$""", re.MULTILINE
)


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    implicit = transport.security is Security.IMPLICIT_TLS
    wish = transport.security in (Security.STARTTLS, Security.STARTTLS_IF_OFFERED)
    words = {
        "smtp_enable": "true",
        "smtp_address": ruby(transport.host),
        "smtp_port": str(transport.effective_port),
        "smtp_tls": "true" if implicit else "false",
        "smtp_enable_starttls_auto": "true" if wish else "false",
    }
    assumed: tuple[str, ...] = ()
    auth = transport.auth
    if auth.user:
        words["smtp_user_name"] = ruby(auth.user)
        words["smtp_password"] = in_place_of(secret, "ENV['{}']".format, ruby)
        known = auth.mechanism in _MECHANISMS
        mechanism = auth.mechanism if known else "PLAIN"
        words["smtp_authentication"] = ruby(mechanism.lower().replace("-", "_"))
        assumed = () if known else ("GitLab logs in with AUTH PLAIN.",)
    if transport.ehlo_name:
        words["smtp_domain"] = ruby(transport.ehlo_name)
    if transport.tls.trust is Trust.NONE:
        words["smtp_openssl_verify_mode"] = ruby("none")
    if transport.tls.ca_file:
        words["smtp_ca_file"] = ruby(transport.tls.ca_file)
    for name, path in _LIMITS.items():
        if value_of(transport, path) != value_of(Transport(), path):
            words[name] = plain_number(float(str(value_of(transport, path))))
    if transport.pool.enabled:
        words["smtp_pool"] = "true"
    if transport.sender:
        words["gitlab_email_from"] = ruby(transport.sender)
    text = "".join(f"gitlab_rails['{name}'] = {word}\n" for name, word in words.items())
    said = (*_FIELDS.values(), "tls.trust", "tls.ca_file", "pool.enabled")
    return Export(
        (File("gitlab.rb", text),),
        left_out(transport, said, securities=_SECURITIES, mechanisms=_MECHANISMS),
        assumed,
    )


def _read(text: str) -> Import:
    given = {
        name: literal(source.rstrip(" \t\r;"), RUBY)
        for _, name, source in _LINE.findall(text)
        if name in _KNOWN or name.startswith("smtp_")
    }
    if not any(name.startswith("smtp_") for name in given):
        raise ValueError("there is no gitlab_rails['smtp_…'] in it")
    found = Found()
    found.fields |= {"host": "localhost", "port": 25}
    found.put_all(_FIELDS, given)
    found.password(given.get("smtp_password"), "smtp_password")
    take_mechanism(given.get("smtp_authentication"), found)
    found.security(_security(given, found))
    if given.get("smtp_openssl_verify_mode") == "none":
        found.trust_anything()
    if "smtp_ca_file" in given:
        found.trust_file(given["smtp_ca_file"], "smtp_ca_file")
    if found.flag(given.get("smtp_pool"), "smtp_pool"):
        found.fields["pool.enabled"] = True
    if found.flag(given.get("smtp_enable"), "smtp_enable") is not True:
        found.note("GitLab would not use these settings: smtp_enable is not true.")
    found.ignore_others(given, _KNOWN)
    return found.as_import("mail setting of GitLab")


def _security(given: Mapping[str, object], found: Found) -> Security:
    if any(found.flag(given.get(name), name) for name in ("smtp_tls", "smtp_ssl")):
        return Security.IMPLICIT_TLS
    name = "smtp_enable_starttls_auto"
    refused = found.flag(given.get(name), name) is False
    return Security.PLAINTEXT if refused else Security.STARTTLS_IF_OFFERED


def _resemblance(text: str) -> float:
    return 1 if re.search(r"gitlab_rails\[\s*[\"']smtp_", text) else 0


FORMAT: Final = Format(
    "gitlab", "GitLab omnibus", Group.SERVICE, ".rb", "ruby", _write, _read, _resemblance
)
