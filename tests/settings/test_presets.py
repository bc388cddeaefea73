"""The presets are complete, consistent and found."""

import pytest

from smtp_workbench.settings import presets
from smtp_workbench.settings.change import Change, Severity
from smtp_workbench.settings.checks import check
from smtp_workbench.settings.presets import Preset, all_presets, by_domain, by_host, by_id, near
from smtp_workbench.settings.transport import Transport

WANTED = [
    "gmail",
    "gmail-oauth2",
    "microsoft365",
    "outlook",
    "yahoo",
    "icloud",
    "zoho",
    "sendgrid",
    "mailgun-us",
    "mailgun-eu",
    "ses",
    "postmark",
    "mailjet",
    "brevo",
    "sparkpost",
    "resend",
    "fastmail",
    "proton-bridge",
    "exchange-onprem",
    "postfix",
    "custom-implicit",
    "custom-starttls",
    "catcher",
    "sandbox",
    "azure",
]


def test_the_services_people_ask_for_are_there() -> None:
    assert set(WANTED) <= {preset.id for preset in all_presets()}


def test_ids_are_unique() -> None:
    ids = [preset.id for preset in all_presets()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("preset", all_presets(), ids=lambda preset: preset.id)
def test_a_preset_is_whole_and_does_not_contradict_the_checks(preset: Preset) -> None:
    transport = preset.transport()
    assert transport.host
    assert preset.user.kind in {"address", "fixed", "other"}
    assert (preset.user.kind == "fixed") == bool(preset.user.fixed)
    assert preset.user.hint
    assert preset.password.hint
    assert preset.url.startswith("https://") or not preset.url
    assert preset.sender in {"", "own-address"}
    found = [item for item in check(transport, preset=preset) if item.severity is Severity.BLOCKING]
    assert found == []
    ports = {item.label for item in check(transport, preset=preset) if item.field == "port"}
    charter = {"port_wants_starttls"} if preset.id == "spectrum" else set()
    relays = {"port_relay"} if preset.main.port == 25 else set()
    assert ports <= charter | relays


def test_an_unknown_key_in_the_data_is_an_error() -> None:
    entry = {
        "id": "x",
        "name": "x",
        "host": "x",
        "port": 1,
        "security": "implicit",
        "user": {"kind": "other", "hint": "x"},
        "password": {"kind": "none", "hint": "x"},
    }
    assert presets._preset(entry).host == "x"
    with pytest.raises(TypeError):
        presets._preset({**entry, "colour": "red"})


@pytest.mark.parametrize(
    ("host", "preset_id"),
    [
        ("smtp.gmail.com", "gmail"),
        ("SMTP.Gmail.com.", "gmail"),
        ("email-smtp.eu-west-3.amazonaws.com", "ses"),
        ("acme-com.mail.protection.outlook.com", "microsoft365-direct"),
        ("smtp-relay.sendinblue.com", "brevo"),
        ("mail.yourdomain.com", None),
        ("localhost", None),
        ("", None),
    ],
)
def test_a_host_tells_the_service(host: str, preset_id: str | None) -> None:
    found = by_host(host)
    assert (found.id if found else None) == preset_id


def test_an_address_tells_the_service() -> None:
    found = by_domain("someone@googlemail.com")
    assert found is not None
    assert found.id == "gmail"
    assert by_domain("someone@example.com") is None


@pytest.mark.parametrize("host", ["smpt.gmail.com", "smtp.gmial.com", "smtp.ofice365.com"])
def test_a_misspelling_is_near(host: str) -> None:
    assert near(host) in {"smtp.gmail.com", "smtp.office365.com"}


@pytest.mark.parametrize("host", ["smtp.gmail.com", "mail.example.com", "x"])
def test_other_names_are_not(host: str) -> None:
    assert near(host) is None


def test_a_region_goes_into_the_host() -> None:
    ses = by_id("ses")
    assert ses is not None
    assert ses.change("eu-west-1").fields["host"] == "email-smtp.eu-west-1.amazonaws.com"
    assert ses.change().fields["host"] == "email-smtp.us-east-1.amazonaws.com"


def test_a_preset_replaces_what_another_had_filled_in() -> None:
    transport = Transport()
    for name in ("gmail-oauth2", "sendgrid"):
        preset = by_id(name)
        assert preset is not None
        transport = preset.change().apply(transport)
    assert transport.auth.mechanism == ""
    assert transport.auth.user == "apikey"


def test_search_needs_all_words() -> None:
    assert [preset.id for preset in presets.search("mailgun eu")] == ["mailgun-eu"]


def test_a_change_names_its_fields() -> None:
    with pytest.raises(TypeError):
        Change({"no_such_field": 1}).apply(Transport())
