"""Ruby's Mail gem, and Rails' ActionMailer, which hands the same settings to it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from smtp_workbench.formats import quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.literals import statements
from smtp_workbench.formats.omission import effective, left_out, plain_number
from smtp_workbench.formats.quoting import ruby
from smtp_workbench.formats.rendering import RUBY as STYLE
from smtp_workbench.formats.rendering import Code, render
from smtp_workbench.formats.ruby_smtp import take_mechanism
from smtp_workbench.formats.tokens import RUBY
from smtp_workbench.formats.values import Assignment, Call, Name
from smtp_workbench.settings.change import value_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust

_MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5")
_LIMITS: Final = {"open_timeout": "timeouts.connect", "read_timeout": "timeouts.socket"}
_FIELDS: Final = {
    "address": "host",
    "port": "port",
    "domain": "ehlo_name",
    "user_name": "auth.user",
    **_LIMITS,
}
_SAID: Final = frozenset((*_FIELDS.values(), "tls.trust", "tls.ca_file"))
_KNOWN: Final = (
    *_FIELDS, "password", "authentication", "tls", "ssl", "enable_starttls", "ca_file",
    "enable_starttls_auto", "openssl_verify_mode",
)  # fmt: skip


def _settings_of(transport: Transport, secret: Secret | None) -> dict[str, Any]:
    auth = transport.auth
    found: dict[str, Any] = {"address": transport.host, "port": transport.effective_port}
    found |= {
        Security.IMPLICIT_TLS: {"tls": True},
        Security.STARTTLS: {"enable_starttls": True},
        Security.STARTTLS_IF_OFFERED: {"enable_starttls_auto": True},
        Security.PLAINTEXT: {"enable_starttls_auto": False},
    }[transport.security]
    if transport.ehlo_name:
        found["domain"] = transport.ehlo_name
    if auth.user:
        password = quoting.in_place_of(secret, lambda name: f"ENV.fetch({ruby(name)})", ruby)
        found |= {"user_name": auth.user, "password": Code(password)}
        if auth.mechanism in _MECHANISMS:
            found["authentication"] = Code(f":{auth.mechanism.lower().replace('-', '_')}")
    if transport.tls.trust is Trust.NONE:
        found["openssl_verify_mode"] = "none"
    if transport.tls.ca_file:
        found["ca_file"] = transport.tls.ca_file
    for name, path in _LIMITS.items():
        if value_of(transport, path) != value_of(Transport(), path):
            found[name] = Code(plain_number(float(str(value_of(transport, path)))))
    return found


def _assumed(transport: Transport) -> tuple[str, ...]:
    auth = transport.auth
    if auth.user and auth.mechanism not in _MECHANISMS:
        return ("Ruby logs in with PLAIN unless it is told another mechanism.",)
    return ()


def _write_mail(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    settings = render(_settings_of(transport, secret), STYLE, 1)
    text = f"""\
require "mail"

Mail.defaults do
  delivery_method :smtp, {settings}
end
"""
    out = left_out(transport, _SAID, mechanisms=_MECHANISMS)
    return Export((File("mail.rb", text),), out, _assumed(transport))


def _write_rails(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    settings = render(_settings_of(transport, secret), STYLE, 1)
    sender = ""
    if transport.sender:
        options = render({"from": transport.sender}, STYLE, 1)
        sender = f"  config.action_mailer.default_options = {options}\n"
    text = f"""\
Rails.application.configure do
  config.action_mailer.delivery_method = :smtp
  config.action_mailer.smtp_settings = {settings}
{sender}end
"""
    out = left_out(transport, _SAID | {"sender"}, mechanisms=_MECHANISMS)
    return Export((File("production.rb", text),), out, _assumed(transport))


def _read(text: str) -> Import:
    found = Found()
    settings: Mapping[str, object] | None = None
    for item in statements(text, RUBY):
        match item:
            case Assignment(last="smtp_settings", value=Mapping() as given):
                settings = given
            case Call(last="delivery_method", arguments=(Name(last="smtp"), *rest), named=named):
                more = rest[0] if rest and isinstance(rest[0], Mapping) else {}
                settings = {**more, **named}
            case Assignment(last="default_options", value={"from": sender}):
                found.put("sender", sender, "from")
            case Call(last="default", named={"from": sender}):
                found.put("sender", sender, "from")
    if settings is None:
        raise ValueError("there are no smtp_settings and no delivery_method :smtp in it")
    _take(settings, found)
    return found.as_import("SMTP setting")


def _take(settings: Mapping[str, object], found: Found) -> None:
    found.put_all(_FIELDS, settings)
    if "address" not in settings:
        found.fields["host"] = "localhost"
    found.fields.setdefault("port", 25)
    found.password(settings.get("password"), "password")
    take_mechanism(settings.get("authentication"), found)
    found.security(_security(settings, found))
    verify = settings.get("openssl_verify_mode")
    word = verify.last if isinstance(verify, Name) else verify
    if (isinstance(word, str) and word.lower() in ("none", "verify_none")) or word == 0:
        found.trust_anything()
    if "ca_file" in settings:
        found.trust_file(settings["ca_file"], "ca_file")
    found.ignore_others(settings, _KNOWN)


def _security(settings: Mapping[str, object], found: Found) -> Security:
    def word(name: str) -> object:
        value = settings.get(name)
        return value.last if isinstance(value, Name) else found.flag(value, name)

    if word("tls") is True or word("ssl") is True:
        return Security.IMPLICIT_TLS
    starttls = word("enable_starttls")
    if starttls in (True, "always"):
        return Security.STARTTLS
    if starttls != "auto" and word("enable_starttls_auto") is False:
        return Security.PLAINTEXT
    return Security.STARTTLS_IF_OFFERED


def _resembles_mail(text: str) -> float:
    return 1 if re.search(r"\bdelivery_method\s*\(?\s*:smtp\b", text) else 0


def _resembles_rails(text: str) -> float:
    return 1 if re.search(r"\baction_mailer\b|\bsmtp_settings\s*=", text, re.IGNORECASE) else 0


FORMAT: Final = Format(
    "ruby-mail", "Ruby Mail", Group.CODE, ".rb", "ruby", _write_mail, _read, _resembles_mail
)
RAILS: Final = Format(
    "rails", "Rails ActionMailer", Group.FRAMEWORK, ".rb", "ruby",
    _write_rails, _read, _resembles_rails,
)  # fmt: skip
