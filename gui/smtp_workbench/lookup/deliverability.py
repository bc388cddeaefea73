"""All that a domain publishes about its mail, asked in parallel and told as it comes."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum

from smtp_workbench.lookup import (
    alignment,
    bimi,
    dkim_key,
    dmarc,
    mail_exchangers,
    mta_sts,
    reverse,
    spf,
    spf_result,
    tls_rpt,
    tlsa,
)
from smtp_workbench.lookup.question import Question
from smtp_workbench.net.certificate import TlsFacts
from smtp_workbench.net.dns import Dns
from smtp_workbench.net.web import Web

Facts = (
    mail_exchangers.MxFacts
    | spf.SpfFacts
    | spf_result.SpfResult
    | dkim_key.DkimKeyFacts
    | dmarc.DmarcFacts
    | alignment.AlignmentFacts
    | reverse.ReverseFacts
    | mta_sts.MtaStsFacts
    | tls_rpt.TlsRptFacts
    | tlsa.TlsaFacts
    | bimi.BimiFacts
)


class Subject(StrEnum):
    """What is asked about, in the order in which a person wants to read it."""

    MX = "mx"
    SPF = "spf"
    SPF_RESULT = "spf_result"
    DKIM = "dkim"
    DMARC = "dmarc"
    ALIGNMENT = "alignment"
    REVERSE_DNS = "reverse_dns"
    MTA_STS = "mta_sts"
    TLS_RPT = "tls_rpt"
    TLSA = "tlsa"
    BIMI = "bimi"


Observer = Callable[[Subject, Facts | None], None]
"""Takes the facts of one subject; None where the question lacks what it needs."""


async def look(
    question: Question,
    observer: Observer,
    dns: Dns,
    *,
    web: Web | None = None,
    tls: TlsFacts | None = None,
) -> None:
    """Ask about every subject and tell *observer* of each, once, when its answers have come.

    The policy of MTA-STS is fetched only with *web*; *tls* is what the relay has shown, for TLSA.
    """
    domain, address = question.domain, question.address

    async def tell(subject: Subject, facts: Awaitable[Facts]) -> None:
        observer(subject, await facts)

    async with asyncio.TaskGroup() as group:
        mx = group.create_task(mail_exchangers.look(domain, dns))
        policy = group.create_task(dmarc.look(domain, dns))
        hello = question.relay or domain
        checks: dict[Subject, Awaitable[Facts]] = {
            Subject.MX: mx,
            Subject.SPF: spf.look(question.envelope, dns),
            Subject.DMARC: policy,
            Subject.ALIGNMENT: _alignment(question, policy),
            Subject.MTA_STS: _mta_sts(domain, dns, web, mx),
            Subject.TLS_RPT: tls_rpt.look(domain, dns),
            Subject.BIMI: _bimi(domain, dns, policy),
        }
        if address:
            checks[Subject.SPF_RESULT] = spf_result.look(question.envelope, address, hello, dns)
            checks[Subject.REVERSE_DNS] = reverse.look(address, dns)
        if question.selector:
            checks[Subject.DKIM] = dkim_key.look(question.signer, question.selector, dns)
        if question.relay:
            checks[Subject.TLSA] = tlsa.look(question.relay, question.port, dns, tls)
        for subject in Subject:
            if subject in checks:
                group.create_task(tell(subject, checks[subject]))
            else:
                observer(subject, None)


async def _alignment(question: Question, policy: Awaitable[dmarc.DmarcFacts]) -> Facts:
    author, envelope, signer = question.domain, question.envelope, question.signer
    return await alignment.look(author, envelope, signer, await policy)


async def _mta_sts(
    domain: str, dns: Dns, web: Web | None, mx: Awaitable[mail_exchangers.MxFacts]
) -> Facts:
    return await mta_sts.look(domain, dns, web, await mx)


async def _bimi(domain: str, dns: Dns, policy: Awaitable[dmarc.DmarcFacts]) -> Facts:
    return await bimi.look(domain, dns, await policy)
