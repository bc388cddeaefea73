"""The state of the message page: the draft, what is said about it and what it builds to, with undo.

Like `Form`: widgets show it and ask it for changes. Files are read and octets built off the loop,
a moment after the last change.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from smtp_workbench.message import case, checks
from smtp_workbench.message.build import DraftError, Parcel, build
from smtp_workbench.message.draft import Draft
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.settings.change import Change, Finding, Fix
from smtp_workbench.smtp.printable import legible
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.form import Form

_PAUSE: Final = 0.2
"""Seconds without a change before octets are built."""
_TOGETHER: Final = 1.5
"""Seconds between two strokes of one step to undo."""
SOURCE_LIMIT: Final = 256 * 1024
"""Octets of a message that are shown."""
PREFIX: Final = case.PREFIX
"""What the fields of a draft have before them in findings and changes."""
_OF_WHAT_IS_MISSING: Final = (
    "author_missing",
    "recipient_missing",
    "subject_missing",
    "body_empty",
)
"""Findings that tell nobody anything new while the message is still being written."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a draft came to."""

    draft: Draft
    occasion: Occasion
    parcel: Parcel | None = None
    trouble: DraftError | None = None
    """Why there is no parcel."""


class Letter(QObject):
    """The one message of the window."""

    changed = Signal()
    """The draft changed, by whoever."""
    findings_changed = Signal()
    built_anew = Signal()
    """`built` is of the draft as it is now."""

    def __init__(self, form: Form, errands: Errands, draft: Draft | None = None) -> None:
        super().__init__()
        self._form, self._errands = form, errands
        self.draft = draft or Draft()
        self.undo_stack = QUndoStack(self)
        self.findings: tuple[Finding, ...] = ()
        self.built: Built | None = None
        self.extensions: Mapping[str, str] | None = None
        """What the server of the last run offers, keyword to parameters; None: not known."""
        self.size_limit: int | None = None
        """Octets that it takes; None: not known, or no limit."""
        self._facts: checks.Facts = {}
        self._tried = False
        self.sizes: Mapping[str, int] = {}
        """Octets of the files of the draft, by path; of those that there are."""
        self.occasion = self._occasion()
        self._stale = self._busy = False
        self._changed = 0.0
        form.changed.connect(self._follow_form)
        self._check()

    @property
    def complete(self) -> Draft:
        """The draft as it is sent: from the default sender or the log-in, if it says no other."""
        transport = self._form.transport
        user = transport.auth.user
        author = self.draft.author or transport.sender or (user if "@" in user else "")
        return replace(self.draft, author=author)

    # Changes

    def edit(self, **fields: Any) -> None:
        """Put new values into fields of the draft as they are typed.

        Strokes in a row in the same fields are one step to undo, unless there is a pause.
        """
        self._push(replace(self.draft, **fields), "", ",".join(sorted(fields)))

    def type(self, path: str, value: object) -> None:
        """Put *value* into one field as it is typed; *path* may be dotted, as `dkim.domain`."""
        change = Change({PREFIX + path: value})
        self._push(checks.apply_change(self.draft, change), "", path)

    def change(self, words: str, **fields: Any) -> None:
        """Put new values into fields as one step to undo, named by *words*."""
        self._push(replace(self.draft, **fields), words)

    def show(self, draft: Draft, words: str) -> None:
        """Put *draft* in place of the one that is there, as one step to undo."""
        self._push(draft, words)

    def fix(self, fix: Fix) -> None:
        """Make the change of *fix*, whose fields are `message.<field>`."""
        self._push(checks.apply_change(self.draft, fix.change), fix.label)

    def start_over(self, draft: Draft) -> None:
        """Show something else, such as what was kept; there is nothing to undo then."""
        self.undo_stack.clear()
        self._tried = False
        self.take(draft)

    def take(self, draft: Draft) -> None:
        """Have *draft* now, whatever the way that led to it. For steps of the undo stack."""
        self.draft = draft
        self._check()
        self.changed.emit()
        self.refresh()

    def take_server(self, extensions: Mapping[str, str] | None, size_limit: int | None) -> None:
        """Take what a run learnt of the server; None: nothing is known any more."""
        if (extensions, size_limit) != (self.extensions, self.size_limit):
            self.extensions, self.size_limit = extensions, size_limit
            self._check()
            self.built_anew.emit()

    def try_it(self) -> None:
        """Note that it is to be sent: from now on it is told what is missing, too."""
        self._tried = True
        self.findings_changed.emit()

    @property
    def told(self) -> tuple[Finding, ...]:
        """The findings that are shown: all, but for what is missing before a first try to send."""
        if self._tried:
            return self.findings
        return tuple(each for each in self.findings if each.label not in _OF_WHAT_IS_MISSING)

    # The occasion and what is built for it

    def renew(self) -> None:
        """Begin another occasion: after a send, and whenever the time is to be now."""
        self.occasion = self._occasion()
        self.refresh()

    def refresh(self) -> None:
        """Build the message again, off the loop, when nothing changes for a moment."""
        self._stale = True
        self._changed = time.monotonic()
        if not self._busy:
            self._busy = True
            self._errands.run(self._catch_up())

    @property
    def is_built(self) -> bool:
        """Whether `built` is of what the letter says now."""
        built = self.built
        return built is not None and (built.draft, built.occasion) == (self.complete, self.occasion)

    async def _catch_up(self) -> None:
        try:
            while self._stale:
                left = self._changed + _PAUSE - time.monotonic()
                if left > 0:
                    await asyncio.sleep(left)
                    continue
                self._stale = False
                await self._build()
        finally:
            self._busy = False

    async def _build(self) -> None:
        draft, occasion = self.complete, self.occasion
        facts = await asyncio.to_thread(checks.facts_of, draft)
        sizes = await asyncio.to_thread(_sizes, draft)
        try:
            built = Built(draft, occasion, await asyncio.to_thread(build, draft, occasion))
        except DraftError as error:
            built = Built(draft, occasion, trouble=error)
        self._facts, self.sizes, self.built = facts, sizes, built
        if not self._stale:
            self._check()
            self.built_anew.emit()

    # Inside

    def _occasion(self) -> Occasion:
        transport = self._form.transport
        return Occasion(
            host=transport.host,
            port=transport.effective_port,
            security=transport.security.value,
        )

    def _follow_form(self) -> None:
        now = self._occasion()
        place = {"host": now.host, "port": now.port, "security": now.security}
        occasion = replace(self.occasion, **place)  # type: ignore[arg-type]  # as they are there
        if occasion != self.occasion:
            self.occasion = occasion
        if not self.is_built:
            self.refresh()
        self._check()

    def _check(self) -> None:
        parcel = self.built.parcel if self.built and self.is_built else None
        findings = checks.check(
            self.complete,
            self._form.transport,
            size=parcel.content.size if parcel else None,
            extensions=self.extensions,
            files=self._facts,
            preset=self._form.preset,
        )
        if findings != self.findings:
            self.findings = findings
            self.findings_changed.emit()

    def _push(self, after: Draft, words: str, typed: str = "") -> None:
        if after != self.draft:
            self.undo_stack.push(_Step(self, after, words, typed))


class _Step(QUndoCommand):
    """From one draft to the next."""

    def __init__(self, letter: Letter, after: Draft, words: str, typed: str) -> None:
        super().__init__(words or typed)
        self._letter, self._before, self._after = letter, letter.draft, after
        self._typed, self._time = typed, time.monotonic()

    def id(self) -> int:
        return hash(self._typed) % 2**31 if self._typed else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # Qt's name
        if not isinstance(other, _Step) or other._typed != self._typed:
            return False
        if other._time - self._time > _TOGETHER:
            return False
        self._after, self._time = other._after, other._time
        self.setObsolete(self._after == self._before)
        return True

    def redo(self) -> None:
        self._letter.take(self._after)

    def undo(self) -> None:
        self._letter.take(self._before)


def value_of(draft: Draft, path: str) -> Any:
    """Return what stands in *path*; None within a group that is not there."""
    value: Any = draft
    for name in path.split("."):
        value = getattr(value, name) if value is not None else None
    return value


@dataclass(frozen=True, slots=True)
class Source:
    """The beginning of a message, to be read by a person."""

    text: str
    octets: int
    """How many of the message's are in it."""


def source_of(parcel: Parcel, limit: int = SOURCE_LIMIT) -> Source:
    """Return the first *limit* octets of a message as text. Raises what its content does."""
    pieces, left = [], limit
    for chunk in parcel.content.chunks():
        pieces.append(chunk[:left])
        left -= len(pieces[-1])
        if left <= 0:
            break
    octets = b"".join(pieces)
    lines = octets.decode("utf-8", "backslashreplace").split("\r\n")
    return Source("\n".join(_legible(line) for line in lines), len(octets))


def _legible(line: str) -> str:
    return "\t".join(legible(part) for part in line.split("\t"))


def _sizes(draft: Draft) -> dict[str, int]:
    sizes = {}
    for each in draft.attachments:
        with suppress(OSError, ValueError):
            sizes[each.path] = Path(each.path).stat().st_size if each.path else len(each.data)
    return sizes
