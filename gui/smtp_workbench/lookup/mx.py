"""Who takes a domain's mail in, which mostly tells who hosts it (RFC 5321, section 5)."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from smtp_workbench.lookup.candidate import Finds, Note, Source
from smtp_workbench.lookup.mail_exchangers import preferred
from smtp_workbench.lookup.mailbox import Mailbox
from smtp_workbench.lookup.providers import of_preset, under
from smtp_workbench.net.dns import Dns, Status
from smtp_workbench.resource import read_toml
from smtp_workbench.settings import presets

_FILE: Final = "exchangers.toml"
_ABSENCE: Final = {
    Status.NO_SUCH_NAME: "{domain} does not exist in the DNS.",
    Status.NO_SUCH_RECORD: "{domain} has no MX record.",
}


async def ask_mx(mailbox: Mailbox, dns: Dns) -> Finds:
    """Return the servers of the provider to whom the domain's mail goes."""
    answer = await dns.ask(mailbox.domain, "MX")
    if answer.status is not Status.FOUND:
        text = _ABSENCE.get(answer.status, f"{answer.detail}.")
        return [Note(Source.MX, text.format(domain=mailbox.domain))]
    hosts = [host for _, host in preferred(answer)]
    if hosts == [""]:
        return [Note(Source.MX, f"{mailbox.domain} takes no mail (null MX, RFC 7505).")]
    for host in hosts:
        if found := _behind(host, mailbox):
            return found
    return [Note(Source.MX, f"{hosts[0]} takes mail in for {mailbox.domain}: no known provider.")]


def _behind(host: str, mailbox: Mailbox) -> Finds:
    """Return what is known of the exchanger *host*, by the longest of its parent domains."""
    detail = f"Mail for {{domain}} goes to {host}, a server of {{name}}."
    for parent in _parents(host):
        known = _known().get(parent)
        if known and "preset" in known:
            preset = presets.by_id(known["preset"])
            named = detail.replace("{name}", known.get("name", "{name}"))
            return of_preset(preset, mailbox, named, Source.MX) if preset else []
        if known:
            text = f"Mail for {mailbox.domain} goes to {host}, {known['inbound']}"
            return [Note(Source.MX, f"{text}; that does not tell by whom it is sent.")]
        if found := under(parent, mailbox, detail, Source.MX):
            return found
    return []


def _parents(host: str) -> Iterator[str]:
    """Yield *host* and the domains above it, down to two labels."""
    labels = host.split(".")
    for start in range(len(labels) - 1):
        yield ".".join(labels[start:])


@cache
def _known() -> dict[str, dict[str, str]]:
    """Return what the data has, by domain."""
    entries = read_toml(_FILE)["exchanger"]
    return {domain: entry for entry in entries for domain in entry["domains"]}
