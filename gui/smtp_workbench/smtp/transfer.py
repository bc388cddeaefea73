"""The message itself: DATA (RFC 5321, section 4.1.1.4) or BDAT (RFC 3030), to the last reply.

It streams: no more than a few blocks are in memory, and the event loop gets its turn at each. What
goes over the wire is one line in the traffic. The stage's limit counts from the last progress. The
one moment that matters to a sender is remembered as it passes: from the end of the message to the
answer nobody knows whether it is delivered (`params["dot"]`).
"""

import asyncio
import re
import socket
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from typing import Final

from smtp_workbench.message.content import Content, FileChangedError
from smtp_workbench.settings.transport import Protocol
from smtp_workbench.smtp.events import (
    Failure,
    Kind,
    Line,
    Progress,
    RecipientAnswered,
    Stage,
    Status,
)
from smtp_workbench.smtp.protocol import DroppedError
from smtp_workbench.smtp.reply import Reply
from smtp_workbench.smtp.session import Session
from smtp_workbench.smtp.stages import Outcome, StageError

_DOT_AT_START: Final = re.compile(rb"(?<=\n)\.")
_SMALL: Final = 16 * 1024
"""Octets of a message that are no use to be sent apart from its end."""
_UNSENT: Final = 256 * 1024
"""Octets."""
_CUT_OFF: Final = "stopped before the end of the message: the server has to throw it away"
_IN_DOUBT: Final = "stopped after the end of the message: the server may have it or not"


async def transfer(
    session: Session,
    content: Content,
    recipients: Sequence[str],
    *,
    chunking: bool = False,
    asked: bool = False,
) -> None:
    """Send *content* to the *recipients* that the server has accepted.

    *chunking* means BDAT; *asked*: DATA has been said already, its reply is still to come. Raises
    StageError when the message was not accepted, or not by anyone over LMTP.
    """
    limit = session.transport.timeouts.socket
    async with session.stages.stage(Stage.DATA, limit) as outcome:
        outcome.when_stopped = _CUT_OFF
        _keep_little_unsent(session)
        lmtp = session.transport.protocol is Protocol.LMTP
        answers = len(recipients) if lmtp else 1  # RFC 2033, section 4.2
        if chunking:
            replies = await _bdat(session, content, outcome, answers)
        else:
            reply = await (session.next_reply() if asked else session.command("DATA"))
            session.accept(reply, "DATA", 354, outcome)
            replies = await _data(session, content, outcome, answers)
        if not any(reply.code // 100 == 3 for reply in replies):  # no answer at all to a message
            outcome.params["dot"] = "answered"
        if lmtp:
            _sum_up(session, recipients, replies, outcome)
        else:
            session.accept(replies[0], "DATA", 250, outcome)


async def _data(session: Session, content: Content, outcome: Outcome, answers: int) -> list[Reply]:
    session.mid_message = True
    _show(session, content)
    session.wire.expect_replies(answers)
    end, held = b"\n", b""
    sent = 0
    async with aclosing(_read(content)) as chunks:
        async for chunk in chunks:
            octets = _with_dots_doubled(chunk, end)
            end = chunk[-1:] or end
            sent += len(chunk)
            if sent == content.size <= _SMALL:
                held = octets  # goes out in one segment with the dot
            else:
                await _pour(session, octets)
                _report_progress(session, sent, content, outcome)
    session.tap("C", b".")
    _note_the_end(outcome)
    await session.wire.pour(held + (b".\r\n" if end == b"\n" else b"\r\n.\r\n"))
    if held:
        _report_progress(session, sent, content, outcome)
    replies = [await session.next_reply() for _ in range(answers)]
    session.mid_message = False
    return replies


async def _bdat(session: Session, content: Content, outcome: Outcome, answers: int) -> list[Reply]:
    _show(session, content)
    sent = 0
    replies: list[Reply] = []
    async with aclosing(_read(content)) as chunks:
        async for chunk in chunks:
            sent += len(chunk)
            last = sent == content.size
            session.mid_message = True
            session.wire.send(f"BDAT {len(chunk)}{' LAST' if last else ''}".encode())
            if last:
                session.wire.expect_replies(answers - 1)
                _note_the_end(outcome)
            await session.wire.pour(chunk)
            _report_progress(session, sent, content, outcome)
            replies = [await session.next_reply() for _ in range(answers if last else 1)]
            session.mid_message = False
            if not last:
                session.accept(replies[0], "BDAT", 250, outcome)
    return replies


async def _read(content: Content) -> AsyncGenerator[bytes, None]:
    """Yield the octets. Raises StageError for a file that is gone."""
    chunks = content.chunks()
    if all(isinstance(piece, bytes) for piece in content.pieces):
        for chunk in chunks:
            yield chunk
        return
    # Beside the loop, and one chunk ahead, so that reading and sending go on at the same time.
    ahead = asyncio.create_task(asyncio.to_thread(_next, chunks))
    try:
        while (read := await ahead) is not None:
            ahead = asyncio.create_task(asyncio.to_thread(_next, chunks))
            yield read
    except (OSError, FileChangedError) as error:
        raise StageError(_unreadable(error)) from error
    finally:
        ahead.cancel()


def _next(chunks: Iterator[bytes]) -> bytes | None:
    return next(chunks, None)


def _with_dots_doubled(chunk: bytes, end: bytes) -> bytes:
    """Return *chunk* as DATA has it (RFC 5321, section 4.5.2); *end* is the octet before it."""
    if b"\n." in chunk:
        chunk = _DOT_AT_START.sub(b"..", chunk)
    return b"." + chunk if end == b"\n" and chunk.startswith(b".") else chunk


async def _pour(session: Session, octets: bytes) -> None:
    """Send a part of the message, unless the server has given its answer already."""
    wire = session.wire
    try:
        await wire.pour(octets)
        # Where the network takes all there is, drain() would never let go of the loop.
        await asyncio.sleep(0)
    except DroppedError:
        if not wire.has_reply:
            raise
    if wire.has_reply:
        reply = await session.next_reply()
        evidence = f"{reply}\nsaid in the middle of the message"
        raise StageError(Failure(Kind.REPLY, evidence, reply, "DATA"))


def _keep_little_unsent(session: Session) -> None:
    """Let the system keep little that is not sent yet, so that progress is the network's own."""
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        sock = session.wire.stream.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)


def _note_the_end(outcome: Outcome) -> None:
    outcome.params["dot"] = "sent"
    outcome.when_stopped = _IN_DOUBT


def _show(session: Session, content: Content) -> None:
    text = f"[the message, {content.size:,} octets]"
    session.stages.emit(Line(session.stages.now(), "C", session.tls, text))


def _report_progress(session: Session, sent: int, content: Content, outcome: Outcome) -> None:
    outcome.prolong()
    session.stages.emit(Progress(session.stages.now(), sent, content.size))


def _sum_up(
    session: Session, recipients: Sequence[str], replies: Sequence[Reply], outcome: Outcome
) -> None:
    """Report what became of the message for each recipient of LMTP. Raises StageError if none."""
    for address, answer in zip(recipients, replies, strict=True):
        now = session.stages.now()
        session.stages.emit(RecipientAnswered(now, address, answer.positive, answer, final=True))
    refused = [answer for answer in replies if not answer.positive]
    if len(refused) == len(replies):
        kind = Kind.REPLY if len(replies) == 1 else Kind.NO_ADDRESS_ACCEPTED
        raise StageError(Failure(kind, str(refused[0]), refused[0], "DATA"))
    outcome.detail = f"{len(replies) - len(refused)} of {len(replies)} delivered"
    outcome.facts["reply"] = refused[0] if refused else replies[0]
    outcome.status = Status.WARNING if refused else Status.OK


def _unreadable(error: OSError | FileChangedError) -> Failure:
    why = str(error)
    if isinstance(error, OSError):
        why = f"{error.filename or 'a file of the message'}: {error.strerror or error}"
    return Failure(Kind.SETTINGS, why, params={"field": "attachments"})
