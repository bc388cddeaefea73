"""Servers of known providers: presets first, then the list in `resources/providers.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from smtp_workbench.lookup.candidate import Discovered, Source, discovered
from smtp_workbench.lookup.mailbox import Mailbox
from smtp_workbench.resource import read_toml
from smtp_workbench.settings import presets
from smtp_workbench.settings.change import Change
from smtp_workbench.settings.presets import Endpoint, Preset
from smtp_workbench.settings.transport import Security


@dataclass(frozen=True, slots=True)
class Provider:
    """What the list says of one provider."""

    name: str
    domains: tuple[str, ...]
    """Whose mail it carries, or under which its servers take mail in."""
    servers: tuple[tuple[str, Endpoint], ...]
    """Hosts, which may have placeholders of Mozilla's autoconfig, with port and security."""
    user: str = "%EMAILADDRESS%"
    """What to log in as, with such placeholders; empty if nobody says."""
    mechanism: str = ""
    notes: str = ""


@cache
def all_providers() -> tuple[Provider, ...]:
    """Return the list, in the order of the file. Raises TypeError for an unknown key there."""
    return tuple(_provider(entry) for entry in read_toml("providers.toml")["provider"])


def _provider(entry: Mapping[str, Any]) -> Provider:
    given = dict(entry)
    servers = tuple(
        (item["host"], Endpoint(item["port"], Security(item["security"])))
        for item in given.pop("servers")
    )
    return Provider(servers=servers, domains=tuple(given.pop("domains")), **given)


@cache
def _by_domain() -> dict[str, Provider]:
    return {domain: provider for provider in all_providers() for domain in provider.domains}


def servers_of(mailbox: Mailbox) -> list[Discovered]:
    """Return the servers of the provider whose domain the address has, none for a domain's own."""
    return under(mailbox.domain, mailbox, "{name} carries the mail of {domain}.")


def under(
    domain: str, mailbox: Mailbox, detail: str, source: Source | None = None
) -> list[Discovered]:
    """Return the servers of the provider that has *domain*, for the user of *mailbox*.

    *detail* is the sentence they get, where `{name}` and `{domain}` are filled in; *source* is who
    names them if it isn't the list they stand in.
    """
    preset = presets.by_domain(domain)
    if preset is not None:
        return of_preset(preset, mailbox, detail, source or Source.PRESET)
    provider = _by_domain().get(domain)
    if provider is None:
        return []
    text = detail.format(name=provider.name, domain=mailbox.domain)
    return [
        discovered(
            mailbox.fill(host),
            endpoint.port,
            endpoint.security,
            source=source or Source.PROVIDERS,
            detail=f"{text} {provider.notes}".rstrip(),
            user=mailbox.fill(provider.user),
            mechanism=provider.mechanism,
        )
        for host, endpoint in provider.servers
    ]


def of_preset(preset: Preset, mailbox: Mailbox, detail: str, source: Source) -> list[Discovered]:
    """Return all ways into the service of *preset*, the best first."""
    fields = dict(preset.change().fields)
    login = "%EMAILADDRESS%" if preset.user.kind == "address" else preset.user.login
    if login:
        fields["auth.user"] = mailbox.fill(login)
    text = detail.format(name=preset.name, domain=mailbox.domain)
    return [
        Discovered(
            Change({**fields, "port": endpoint.port, "security": endpoint.security}), source, text
        )
        for endpoint in (preset.main, *preset.alternatives)
    ]
