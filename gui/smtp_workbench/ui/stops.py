"""From a report to the stops of the rail: what was, what is, what will be."""

from collections.abc import Iterator

from smtp_workbench.settings.transport import Protocol, Security
from smtp_workbench.smtp.events import Stage, Status
from smtp_workbench.smtp.report import Report, StageReport
from smtp_workbench.ui.conversation import Order
from smtp_workbench.ui.widgets.rail import Stop

_NAMES = {
    Stage.DNS: "DNS",
    Stage.CONNECT: "Connect",
    Stage.PROXY: "Proxy",
    Stage.TLS: "TLS",
    Stage.GREETING: "Greeting",
    Stage.EHLO: "EHLO",
    Stage.STARTTLS: "STARTTLS",
    Stage.AUTH: "AUTH",
    Stage.MAIL: "Sender",
    Stage.RCPT: "Recipient",
    Stage.DATA: "Data",
    Stage.QUIT: "QUIT",
}


def planned(order: Order) -> Iterator[Stage]:
    """Yield the stages of *order* if all goes well."""
    transport = order.transport
    yield from (Stage.DNS, Stage.CONNECT)
    if transport.proxy:
        yield Stage.PROXY
    if transport.security is Security.IMPLICIT_TLS:
        yield Stage.TLS
    yield from (Stage.GREETING, Stage.EHLO)
    if transport.security in (Security.STARTTLS, Security.STARTTLS_IF_OFFERED):
        yield from (Stage.STARTTLS, Stage.TLS, Stage.EHLO)
    yield Stage.AUTH
    if order.envelope is not None or order.sends:
        yield from (Stage.MAIL, Stage.RCPT)
    if order.sends:
        yield Stage.DATA
    yield Stage.QUIT


def stops(report: Report, order: Order, waiting: str = "") -> list[Stop]:
    """Return the stops; *waiting* is the stage that step mode is about to begin."""
    lmtp = order.transport.protocol is Protocol.LMTP
    shown = [_stop(stage, index, lmtp) for index, stage in enumerate(report.stages)]
    if report.finished and report.failed_stage is None:
        return shown
    left = list(planned(order))
    for stage in report.stages:
        if stage.stage in left:
            left = left[left.index(stage.stage) + 1 :]
    for place, coming in enumerate(left):
        following = waiting == coming.value and place == 0
        shown.append(Stop(name_of(coming, lmtp=lmtp), "next" if following else "pending"))
    return shown


def name_of(stage: Stage, *, lmtp: bool = False) -> str:
    """Return a stage's name as people say it."""
    return "LHLO" if lmtp and stage is Stage.EHLO else _NAMES[stage]


def _stop(stage: StageReport, index: int, lmtp: bool) -> Stop:  # noqa: FBT001
    name = name_of(stage.stage, lmtp=lmtp)
    if stage.tls is not None and stage.tls.protocol:
        name = stage.tls.protocol.replace("TLSv", "TLS ")
    state = stage.status.value if stage.status else "active"
    refused = stage.stage is Stage.RCPT and stage.status is Status.WARNING
    time = "…" if stage.status is None else f"{stage.ms:.0f} ms"
    if stage.status is Status.SKIPPED:
        time = "—"
    return Stop(name, "failed" if refused else state, time, stage.detail, index)
