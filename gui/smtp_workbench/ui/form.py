"""The state of the form: settings, secrets and what is said about them, with undo.

Widgets show it and ask it for changes; whatever fills the form is a `Change`, so there is one apply
and one undo.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from smtp_workbench.settings import presets
from smtp_workbench.settings.change import Change, Finding, value_of
from smtp_workbench.settings.checks import check
from smtp_workbench.settings.files import FileFacts
from smtp_workbench.settings.presets import Preset
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import TESTING, Transport


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form holds at one moment."""

    transport: Transport = Transport(timeouts=TESTING)  # noqa: RUF009  # frozen all the way down
    secret: Secret | None = None
    proxy_secret: Secret | None = None
    preset: str = ""
    """The id of the provider that was picked."""
    mail_from: str = ""
    rcpt_to: str = ""
    """Addresses of the envelope check, separated by commas."""


class Form(QObject):
    """The one form of the window."""

    changed = Signal()
    """Anything in it changed, by whoever."""
    started_over = Signal()
    """What it shows next is something else altogether."""

    def __init__(self, filled: Filled | None = None) -> None:
        super().__init__()
        self._filled = filled or Filled()
        self.undo_stack = QUndoStack(self)
        self.findings: tuple[Finding, ...] = ()
        self._files: Mapping[str, FileFacts] = {}
        self._check()

    @property
    def filled(self) -> Filled:
        """All of it."""
        return self._filled

    @property
    def transport(self) -> Transport:
        """The settings, without secrets."""
        return self._filled.transport

    @property
    def preset(self) -> Preset | None:
        """The provider that was picked."""
        return presets.by_id(self._filled.preset) if self._filled.preset else None

    @property
    def region(self) -> str:
        """The region of the provider that the host is in; empty where it has none."""
        preset, host = self.preset, self.transport.host
        regions = preset.regions if preset else ()
        return next((name for name in regions if preset and preset.host_in(name) == host), "")

    def start_over(self, filled: Filled) -> None:
        """Show something else, such as another profile; there is nothing to undo then."""
        self.undo_stack.clear()
        self.started_over.emit()
        self._show(filled)

    def take_secrets(self, secret: Secret | None, proxy_secret: Secret | None) -> None:
        """Fill in secrets that come late, unless others were typed. Undo does not lose them."""

        def fill(filled: Filled) -> Filled:
            return replace(
                filled,
                secret=filled.secret or secret,
                proxy_secret=filled.proxy_secret or proxy_secret,
            )

        for at in range(self.undo_stack.count()):
            step = self.undo_stack.command(at)
            if isinstance(step, _Step):
                step.amend(fill)
        self._show(fill(self._filled))

    def type(self, path: str, value: object) -> None:
        """Put *value* into one field as it is typed: strokes in a row are one step to undo.

        *path* is a field of `Transport`, or `mail_from`, `rcpt_to`.
        """
        if path in ("mail_from", "rcpt_to"):
            texts: dict[str, Any] = {path: str(value)}
            self._push(replace(self._filled, **texts), path, path)
        elif value_of(self.transport, path) != value:
            self._push(self._changed(Change({path: value})), path, path)

    def type_secret(self, path: str, text: str) -> None:
        """Put *text* into `secret` or `proxy_secret`; empty means none."""
        secret = Secret(text) if text else None
        if getattr(self._filled, path) != secret:
            secrets: dict[str, Any] = {path: secret}
            self._push(replace(self._filled, **secrets), path, path)

    def apply(self, change: Change, words: str) -> None:
        """Make *change* as one step to undo, named by *words*."""
        filled = self._changed(change)
        if filled != self._filled:
            self._push(filled, words)

    def _changed(self, change: Change) -> Filled:
        filled = self._filled
        return replace(
            filled,
            transport=change.apply(filled.transport),
            secret=filled.secret if change.secret is None else change.secret,
            proxy_secret=change.proxy_secret or filled.proxy_secret,
        )

    def pick(self, preset: Preset, region: str = "") -> None:
        """Fill in a provider's settings."""
        transport = preset.change(region).apply(self.transport)
        filled = replace(self._filled, transport=transport, preset=preset.id)
        self._push(filled, self.tr("provider {name}").format(name=preset.name))

    def start_value(self, path: str) -> object:
        """Return what *path* has without the user's doing: the provider's value or the default."""
        preset = self.preset
        start = Filled().transport
        if preset is not None:
            start = preset.change(self.region).apply(start)
        return value_of(start, path)

    def is_changed(self, path: str) -> bool:
        """Whether the user has changed *path*."""
        return value_of(self.transport, path) != self.start_value(path)

    def reset(self, path: str) -> None:
        """Put back what *path* had without the user's doing."""
        words = self.tr("reset {field}").format(field=path)
        self.apply(Change({path: self.start_value(path)}), words)

    def take_files(self, files: Mapping[str, FileFacts]) -> None:
        """Take facts about the files that the settings name, and check again."""
        if files != self._files:
            self._files = files
            self._check()
            self.changed.emit()

    def _push(self, after: Filled, words: str, typed: str = "") -> None:
        self.undo_stack.push(_Step(self, self._filled, after, words, typed))

    def _show(self, filled: Filled) -> None:
        self._filled = filled
        self._check()
        self.changed.emit()

    def _check(self) -> None:
        filled = self._filled
        self.findings = check(
            filled.transport, secret=filled.secret, files=self._files, preset=self.preset
        )


class _Step(QUndoCommand):
    """From one state of the form to the next."""

    def __init__(self, form: Form, before: Filled, after: Filled, words: str, typed: str) -> None:
        super().__init__(words)
        self._form, self._before, self._after, self._typed = form, before, after, typed

    def id(self) -> int:
        return hash(self._typed) % 2**31 if self._typed else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # Qt's name
        if not isinstance(other, _Step) or other._typed != self._typed:
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before)
        return True

    def amend(self, fill: Callable[[Filled], Filled]) -> None:
        """Have both states as *fill* makes them."""
        self._before, self._after = fill(self._before), fill(self._after)

    def redo(self) -> None:
        self._form._show(self._after)  # a step is the form's own

    def undo(self) -> None:
        self._form._show(self._before)
