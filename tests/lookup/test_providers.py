"""The list of providers and the data of exchangers: whole, found, and second to the presets."""

import json

import pytest

from smtp_workbench.lookup import providers
from smtp_workbench.lookup.candidate import Discovered, Source, discovered
from smtp_workbench.lookup.mailbox import Mailbox, read_mailbox
from smtp_workbench.lookup.providers import all_providers, servers_of
from smtp_workbench.resource import read_toml
from smtp_workbench.settings.presets import all_presets, by_domain, by_id
from smtp_workbench.settings.transport import Security

LISTED = [(domain, item) for item in all_providers() for domain in item.domains]
IN_PRESETS = sorted({domain for preset in all_presets() for domain in preset.domains})


@pytest.mark.parametrize(("domain", "provider"), LISTED, ids=[domain for domain, _ in LISTED])
def test_each_domain_of_the_list_is_found(domain: str, provider: providers.Provider) -> None:
    found = servers_of(Mailbox(f"jane@{domain}", "jane", domain))
    assert [item.change.fields["port"] for item in found] == [
        endpoint.port for _, endpoint in provider.servers
    ]
    for item in found:
        assert item.source is Source.PROVIDERS
        assert provider.name in item.detail
        assert "%" not in str(item.change.as_json())


@pytest.mark.parametrize("domain", IN_PRESETS)
def test_each_domain_of_a_preset_is_found(domain: str) -> None:
    preset = by_domain(domain)
    assert preset is not None
    found = servers_of(Mailbox(f"jane@{domain}", "jane", domain))
    assert [item.change.fields["port"] for item in found] == list(preset.ports)
    for item in found:
        assert (item.source, item.change.fields["host"]) == (Source.PRESET, preset.host)
        # As any other source's values, those of a preset are checked.
        fields = item.change.fields
        discovered(
            str(fields["host"]),
            str(fields["port"]),
            Security(fields["security"]),
            source=item.source,
            detail=item.detail,
            user=str(fields.get("auth.user", "")),
        )


def test_no_domain_stands_twice() -> None:
    domains = [domain for domain, _ in LISTED]
    assert len(domains) == len(set(domains))
    assert not set(domains) & set(IN_PRESETS), "the preset wins, so the list need not have it"
    assert all(domain == domain.lower().strip(". ") for domain in domains)


def test_the_lists_are_as_long_as_they_are_said_to_be() -> None:
    assert len({*IN_PRESETS, *(domain for domain, _ in LISTED)}) > 980


@pytest.mark.parametrize(
    ("address", "user"),
    [
        ("jane@free.fr", "jane"),
        ("jane@kl.wind.jp", "jane"),
        ("jane@dd.iij4u.or.jp", "jane.dd.iij4u.or.jp"),
        ("jane@a1.net", "jane@a1.net"),
        ("jane@teol.net", None),
        ("jane@sendgrid.net", "apikey"),
    ],
)
def test_the_user_is_made_of_the_address(address: str, user: str | None) -> None:
    for item in servers_of(read_mailbox(address)):
        assert item.change.fields.get("auth.user") == user


def test_a_host_may_be_made_of_the_domain() -> None:
    (found,) = servers_of(read_mailbox("jane@inbox.lt"))
    assert found.change.fields["host"] == "mail.inbox.lt"


def test_an_unknown_domain_has_none() -> None:
    assert servers_of(read_mailbox("jane@example.org")) == []


def test_an_unknown_key_in_the_list_is_an_error() -> None:
    entry = {"name": "x", "domains": ["x.example"], "servers": []}
    assert providers._provider(entry).name == "x"
    with pytest.raises(TypeError):
        providers._provider({**entry, "colour": "red"})


def test_the_data_of_exchangers_hangs_together() -> None:
    entries = read_toml("exchangers.toml")["exchanger"]
    domains = [domain for entry in entries for domain in entry["domains"]]
    assert len(domains) == len(set(domains))
    for entry in entries:
        assert set(entry) - {"name"} in ({"domains", "preset"}, {"domains", "inbound"})
        assert "preset" not in entry or by_id(entry["preset"]), entry
        assert all("." in domain and domain == domain.lower() for domain in entry["domains"])


def test_a_candidate_is_plain_json() -> None:
    found: list[Discovered] = servers_of(read_mailbox("jane@nifty.com"))
    assert json.loads(json.dumps([item.as_json() for item in found])) == [
        {
            "host": "smtp.nifty.com",
            "port": 587,
            "security": "plaintext",
            "user": "jane",
            "mechanism": "CRAM-MD5",
            "source": "providers",
            "detail": "@nifty carries the mail of nifty.com.",
            "confirmed": True,
            "also": [],
        }
    ]
