"""TARGET and the options that override it, turned into a transport and its secrets."""

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from smtp_workbench.cli.errors import CallError
from smtp_workbench.cli.keyring import kept_secret
from smtp_workbench.cli.profiles import saved
from smtp_workbench.settings import presets, url
from smtp_workbench.settings.change import Change
from smtp_workbench.settings.presets import Preset
from smtp_workbench.settings.secret import Secret, split_password
from smtp_workbench.settings.transport import TESTING, Family, Security, Transport, Trust
from smtp_workbench.store.profiles import Profile
from smtp_workbench.store.secrets import names_of

_OPTION_FIELDS: Final = {
    "user": "auth.user",
    "auth": "auth.mechanism",
    "ca_file": "tls.ca_file",
    "server_name": "tls.server_name",
    "client_cert": "tls.client_certificate",
    "client_key": "tls.client_key",
    "ehlo_name": "ehlo_name",
    "source_address": "source_address",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a call asked for."""

    transport: Transport
    secret: Secret | None = None
    proxy_secret: Secret | None = None
    preset: Preset | None = None
    profile: Profile | None = None
    """The saved one that was named."""

    def resolved(self) -> "Settings":
        """Return it with secrets from the environment where they are references to it.

        Raises CallError naming a variable that is not set.
        """
        try:
            return replace(
                self,
                secret=self.secret and self.secret.resolved(),
                proxy_secret=self.proxy_secret and self.proxy_secret.resolved(),
            )
        except ValueError as error:
            raise CallError(str(error)) from None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add TARGET and everything that overrides it."""
    parser.add_argument(
        "target",
        metavar="TARGET",
        help="an smtp, smtps or lmtp URL, @PROFILE, provider:NAME, host[:port], or sandbox",
    )
    parser.add_argument("--security", choices=[item.value for item in Security])
    parser.add_argument(
        "--allow-plaintext-auth",
        action="store_true",
        help="log in even where the password can be read on the way",
    )
    add_options(parser)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what counts whatever the port: log-in, trust, the way there, and its limits."""
    parser.add_argument("--user", help="log in as this user")
    parser.add_argument("--auth", metavar="MECHANISM", type=str.upper, help="force this mechanism")
    parser.add_argument("--ca-file", metavar="PEM", help="trust these certificates and no others")
    parser.add_argument("--no-verify-cert", action="store_true", help="accept any certificate")
    parser.add_argument("--server-name", metavar="NAME", help="expect this name in the certificate")
    parser.add_argument("--client-cert", metavar="PEM")
    parser.add_argument("--client-key", metavar="PEM")
    parser.add_argument("--ehlo-name", metavar="NAME")
    parser.add_argument("--source-address", metavar="ADDRESS")
    parser.add_argument("--proxy", metavar="URL", help="http://, socks4:// or socks5://")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, help="limit of each stage")
    families = parser.add_mutually_exclusive_group()
    families.add_argument("--ipv4", action="store_true")
    families.add_argument("--ipv6", action="store_true")
    passwords = parser.add_mutually_exclusive_group()
    passwords.add_argument("--password-env", metavar="VAR", help="take it from the environment")
    passwords.add_argument("--password-stdin", action="store_true")


def read(
    options: argparse.Namespace, base: Settings | None = None, *, asks: bool = True
) -> Settings:
    """Return the settings of a call; *base* stands for the target where it has been started.

    Without *asks* a password that was not given stays unknown. References to the environment stay
    such. Raises CallError naming the word that is off.
    """
    settings = base or _of_target(options.target)
    transport = _overridden(settings.transport, options)
    proxy_secret = settings.proxy_secret
    if options.proxy:
        proxy, proxy_secret = _proxy(options.proxy)
        transport = replace(transport, proxy=proxy)
    secret = _given_secret(options) or settings.secret
    found = replace(settings, transport=transport, secret=secret, proxy_secret=proxy_secret)
    return _completed(found) if asks else found


def _completed(settings: Settings) -> Settings:
    """Return *settings* with the secrets that are missing: the keyring's, or what is typed now."""
    transport, profile = settings.transport, settings.profile
    needed = bool(transport.auth.user) and transport.auth.mechanism != "EXTERNAL"
    secret, proxy_secret = settings.secret, settings.proxy_secret
    if profile is not None:
        own, proxy_own = names_of(profile.id)
        # Another user's password it is not, and another proxy's neither.
        if needed and secret is None and transport.auth.user == profile.transport.auth.user:
            secret = kept_secret(own)
        if proxy_secret is None and transport.proxy and transport.proxy == profile.transport.proxy:
            proxy_secret = kept_secret(proxy_own)
    if needed and secret is None:
        secret = _ask(transport)
    return replace(settings, secret=secret, proxy_secret=proxy_secret)


def _of_target(target: str) -> Settings:
    start = Transport(timeouts=TESTING)
    if target.startswith("@"):
        return _of_profile(target[1:])
    if target.startswith("provider:"):
        preset = presets.by_id(target.removeprefix("provider:"))
        if preset is None:
            raise CallError(f"no provider {target[9:]!r}; `smtp-workbench providers` lists them")
        return Settings(preset.change().apply(start), preset=preset)
    change = _of_url(target) if "://" in target else _of_host(target)
    transport = change.apply(start)
    preset = presets.by_host(transport.host)
    return Settings(transport, change.secret, change.proxy_secret, preset)


def _of_profile(name: str) -> Settings:
    profile = next((item for item in saved() if item.name == name), None)
    if profile is None:
        raise CallError(f"there is no saved profile named {name!r}")
    return Settings(profile.transport, preset=presets.by_id(profile.preset), profile=profile)


def _of_url(target: str) -> Change:
    try:
        parsed = url.parse(target)
    except ValueError as error:
        raise CallError(str(error)) from None
    if parsed.unknown:
        raise CallError(f"the URL has unknown options: {', '.join(parsed.unknown)}")
    if not parsed.change.fields.get("host"):
        raise CallError("the URL names no host")
    return parsed.change


def _of_host(target: str) -> Change:
    if "@" in target:  # never echoed: what stands before it may be a password
        raise CallError("TARGET has a user in it: write the URL, smtp://USER@HOST, or use --user")
    try:
        return url.parse_host(target)
    except ValueError as error:
        raise CallError(str(error)) from None


def _overridden(transport: Transport, options: argparse.Namespace) -> Transport:
    fields: dict[str, object] = {
        field: getattr(options, name)
        for name, field in _OPTION_FIELDS.items()
        if getattr(options, name) is not None
    }
    if options.ca_file is not None:
        fields["tls.trust"] = Trust.CA_FILE
    if options.no_verify_cert:
        fields["tls.trust"] = Trust.NONE
    if getattr(options, "security", None):  # a command may try all of them
        fields["security"] = Security(options.security)
    if options.ipv4 or options.ipv6:
        fields["family"] = Family.IPV4 if options.ipv4 else Family.IPV6
    if options.timeout is not None:
        if not 0 < options.timeout < 86_400:
            raise CallError("--timeout takes seconds, more than 0 and at most a day")
        limits = ("dns", "connect", "greeting", "socket")
        fields |= {f"timeouts.{name}": options.timeout for name in limits}
    return Change(fields).apply(transport)


def _proxy(text: str) -> tuple[str, Secret | None]:
    try:
        return split_password(text)
    except ValueError as error:
        raise CallError(f"--proxy: {error}") from None


def _given_secret(options: argparse.Namespace) -> Secret | None:
    if options.password_env:
        value = os.environ.get(options.password_env)
        if value is None:
            raise CallError(f"--password-env: {options.password_env} is not set")
        return Secret(value)
    if options.password_stdin:
        return Secret(sys.stdin.readline().rstrip("\r\n"))
    return None


def _ask(transport: Transport) -> Secret:
    user, host = transport.auth.user, transport.host
    if not sys.stdin.isatty():
        raise CallError(
            f"no password for {user}: use --password-env, --password-stdin or a terminal"
        )
    return Secret(getpass.getpass(f"Password of {user} at {host}: "))


def checked_addresses(addresses: Sequence[str], option: str) -> tuple[str, ...]:
    """Return *addresses* as they are. Raises CallError for one that would break a command."""
    for address in addresses:
        if any(character in address for character in "\r\n\0"):
            raise CallError(f"{option} has a line end or a zero byte in it")
    return tuple(addresses)
