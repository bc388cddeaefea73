"""Changes of settings that the program proposes, made when the user takes them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from smtp_workbench.settings.change import Change, Fix, Safety, value_of
from smtp_workbench.settings.transport import Trust
from smtp_workbench.ui import ask
from smtp_workbench.ui.form import Form

if TYPE_CHECKING:
    from smtp_workbench.net.certificate import Certificate


class Corrections(QObject):
    """Changes the form; a change that costs safety only after showing the difference."""

    said = Signal(str)
    made = Signal(str)
    """The field that was changed."""

    def __init__(self, form: Form, parent: QWidget) -> None:
        super().__init__(parent)
        self._form, self._parent = form, parent

    def take(self, fix: Fix) -> None:
        """Make the change of *fix*, or ask first where that is due."""
        if fix.safety is not Safety.ASK:
            self._make(fix)
            return
        transport = self._form.transport
        differences = "\n".join(
            f"{path}:  {_word(value_of(transport, path))}  →  {_word(value)}"
            for path, value in fix.change.fields.items()
        )
        ask.confirm(
            self._parent,
            self.tr("Change the settings?"),
            f"{fix.label}\n\n{differences}",
            self.tr("Change"),
            lambda: self._make(fix),
        )

    def trust(self, certificate: "Certificate") -> None:
        """Ask, and from then on take this very certificate and no other."""
        pin = Change({"tls.trust": Trust.FINGERPRINT, "tls.fingerprint": certificate.sha256})
        self.take(Fix(self.tr("Trust exactly this certificate"), pin, Safety.ASK))

    def _make(self, fix: Fix) -> None:
        self._form.apply(fix.change, fix.label)
        self.said.emit(self.tr("Changed: {what}. Ctrl+Z undoes it.").format(what=fix.label))
        path = next(iter(fix.change.fields), "")
        if path:
            self.made.emit(path)


def _word(value: object) -> str:
    return str(getattr(value, "value", value)) if value not in ("", None) else "—"
