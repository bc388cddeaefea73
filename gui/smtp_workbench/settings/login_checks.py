"""Live checks of who logs in and how, and of what the provider wants for it."""

import re
from collections.abc import Iterator
from typing import Final

from smtp_workbench.settings.case import STRAY, Case
from smtp_workbench.settings.change import Change, Finding
from smtp_workbench.settings.findings import finding
from smtp_workbench.settings.presets import Preset
from smtp_workbench.settings.secret import Secret

KNOWN_MECHANISMS: Final = (
    "SCRAM-SHA-256",
    "SCRAM-SHA-1",
    "CRAM-MD5",
    "PLAIN",
    "LOGIN",
    "OAUTHBEARER",
    "XOAUTH2",
    "EXTERNAL",
)
"""What `smtp.auth` can do; a test holds the two together."""


def mechanism(case: Case) -> Iterator[Finding]:
    """Yield a mechanism that is not known."""
    mechanism = case.transport.auth.mechanism.strip(STRAY)
    if mechanism and mechanism.upper() not in KNOWN_MECHANISMS:
        params = {"mechanism": mechanism, "known": ", ".join(KNOWN_MECHANISMS)}
        automatic = Change({"auth.mechanism": ""})
        yield finding("auth.mechanism", "mechanism_unknown", params, automatic=automatic)


def provider(case: Case) -> Iterator[Finding]:
    """Yield what the provider wants otherwise: user, port, sender."""
    preset, transport = case.preset, case.transport
    if preset is None:
        return
    user = transport.auth.user.strip(STRAY)
    name = {"provider": preset.name}
    fixed = preset.user.fixed
    if user and fixed and user != fixed:
        params = {**name, "fixed": fixed}
        yield finding("auth.user", "user_not_fixed", params, use=Change({"auth.user": fixed}))
    if user and preset.user.kind == "address" and "@" not in user:
        domain = preset.domains[0] if len(preset.domains) == 1 else ""
        address = f"{user}@{domain}"
        fixes = {"complete": Change({"auth.user": address})} if domain else {}
        yield finding("auth.user", "user_not_address", {**name, "address": address}, **fixes)
    yield from _provider_port(case, preset)
    if preset.sender == "own-address" and _is_foreign(transport.sender, user):
        params = {**name, "address": user}
        yield finding("sender", "sender_not_own", params, own=Change({"sender": user}))


def _provider_port(case: Case, preset: Preset) -> Iterator[Finding]:
    port = case.transport.port
    if port is not None and port not in preset.ports:
        ports = " and ".join(str(each) for each in preset.ports)
        params: dict[str, object] = {"provider": preset.name, "ports": ports, "port": port}
        params["standard"] = preset.main.port
        yield finding("port", "port_not_of_provider", params, standard=preset.endpoint())


def _is_foreign(sender: str, user: str) -> bool:
    domains = [text.rpartition("@")[2].strip("<> ").lower() for text in (sender, user)]
    return "@" in sender and "@" in user and domains[0] != domains[1]


def password(case: Case) -> Iterator[Finding]:
    """Yield a user or a password alone, and one that was pasted badly."""
    user, external = case.transport.auth.user, case.transport.auth.mechanism == "EXTERNAL"
    if case.secret:
        text = case.secret.reveal()
        if text != text.strip(" \t\r\n"):
            clean = Change(secret=Secret(text.strip(" \t\r\n")))
            yield finding("password", "secret_stray_characters", strip=clean)
        if not user and not external:
            yield finding("password", "password_without_user")
        if re.fullmatch(r"([a-z]{4} ){3}[a-z]{4}", text):
            yield finding("password", "app_password_blanks")
    elif user and not external:
        yield finding("password", "user_without_password")
