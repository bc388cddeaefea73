"""The AUTH stage (RFC 4954): which mechanism, whether at all, and the exchange.

Exactly one mechanism is tried in a run: every further one would count as a failed log-in, and
accounts get locked for those.
"""

import asyncio

from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security
from smtp_workbench.smtp.auth import MECHANISMS, choose
from smtp_workbench.smtp.auth.credentials import Credentials
from smtp_workbench.smtp.auth.exchange import CANCEL, Exchange
from smtp_workbench.smtp.auth.mechanism import Mechanism, MechanismError
from smtp_workbench.smtp.events import Failure, Kind, Stage
from smtp_workbench.smtp.reply import Reply
from smtp_workbench.smtp.session import Session
from smtp_workbench.smtp.stages import Outcome, StageError


async def log_in(session: Session, *, allow_plaintext: bool = False) -> None:
    """Log in as the settings say; without a user the stage is skipped.

    Credentials go over plaintext only with *allow_plaintext*, or to this machine itself.
    """
    settings = session.transport.auth
    if settings.mechanism != "EXTERNAL":
        if not settings.user:
            session.stages.skip(Stage.AUTH, "no user given")
            return
        if not session.secret:
            session.stages.skip(Stage.AUTH, "no password given")
            return
    async with session.stages.stage(Stage.AUTH, session.transport.timeouts.socket) as outcome:
        mechanism = _choose(session, outcome)
        if not session.tls and not session.on_this_machine:
            _refuse_plaintext(session, outcome, allow_plaintext=allow_plaintext)
        outcome.facts["mechanism"] = mechanism.name
        outcome.facts["reply"] = reply = await _exchange(session, mechanism)
        outcome.detail = f"{mechanism.name} as {settings.user or 'the certificate'}: {reply}"


def _choose(session: Session, outcome: Outcome) -> Mechanism:
    named = session.transport.auth.mechanism
    offered = session.extensions.get("AUTH", "").upper().split()
    params = {
        "offered": " ".join(offered),
        "ours": named or " ".join(MECHANISMS),
        "esmtp": "yes" if session.esmtp else "no",
    }
    if not offered and not named:
        raise StageError(_nothing_offered(session, params))
    try:
        mechanism = choose(offered, named)
    except ValueError as error:
        failure = Failure(Kind.SETTINGS, str(error), params={**params, "field": "auth.mechanism"})
        raise StageError(failure) from None
    if mechanism is None:
        evidence = f"the server offers {params['offered']}; known here: {params['ours']}"
        raise StageError(Failure(Kind.NO_COMMON_MECHANISM, evidence, params=params))
    if mechanism.name not in offered:
        outcome.notice(
            "mechanism_not_offered", mechanism=mechanism.name, offered=" ".join(offered) or "none"
        )
    return mechanism


def _nothing_offered(session: Session, params: dict[str, str]) -> Failure:
    if not session.tls and "STARTTLS" in session.extensions:
        evidence = "no AUTH in the answer to EHLO, before STARTTLS"
        return Failure(Kind.AUTH_NOT_OFFERED_BEFORE_TLS, evidence, params=params)
    when = "after TLS" if session.tls else "on plaintext"
    evidence = f"no AUTH in the answer to EHLO, {when}"
    return Failure(Kind.AUTH_NOT_OFFERED, evidence, params=params)


def _refuse_plaintext(session: Session, outcome: Outcome, *, allow_plaintext: bool) -> None:
    if allow_plaintext:
        outcome.notice("plaintext_auth")
        return
    masked = session.transport.security is Security.STARTTLS_IF_OFFERED
    why = "STARTTLS was not offered" if masked else "the settings say no TLS"
    evidence = f"the log-in was not sent, because it would go over plaintext: {why}"
    raise StageError(Failure(Kind.PLAINTEXT_CREDENTIALS, evidence))


async def _exchange(session: Session, mechanism: Mechanism) -> Reply:
    """Shuttle lines between server and mechanism until the server has decided."""
    transport = session.transport
    try:
        credentials = Credentials(
            transport.auth.user,
            session.secret or Secret(""),
            transport.host,
            transport.effective_port,
        )
        exchange = Exchange(mechanism, credentials)
        line = exchange.command()
    except ValueError as error:
        failure = Failure(Kind.SETTINGS, str(error), params={"field": "auth.user"})
        raise StageError(failure) from None
    raw = await session.raw_command(line)
    try:
        while raw.code == 334:
            # SCRAM computes for a while, on purpose.
            told = exchange.error
            line = await asyncio.to_thread(exchange.answer, raw.lines[0])
            if exchange.error != told:
                session.stages.note(f"the server says why: {exchange.error}", tls=session.tls)
            raw = await session.raw_command(line)
        if raw.code == 235:
            exchange.finish(raw.lines[-1])
    except MechanismError as error:
        if raw.code == 334:
            session.wire.send(CANCEL)  # its 501 tells nothing
        params = {"mechanism": mechanism.name}
        raise StageError(Failure(Kind.MECHANISM, str(error), params=params)) from error
    return _decided(session, session.reply_of(raw), exchange, mechanism)


def _decided(session: Session, reply: Reply, exchange: Exchange, mechanism: Mechanism) -> Reply:
    if reply.code == 235:
        return reply
    params = {"mechanism": mechanism.name}
    evidence = str(reply)
    if exchange.error:
        params["challenge"] = session.redactor.text(exchange.error)
        evidence += f"\n{params['challenge']}"
    raise StageError(Failure(Kind.REPLY, evidence, reply, "AUTH", params))
