"""Settings found by trying: from the dialog into the form."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from smtp_workbench.settings.change import Change
from smtp_workbench.ui.detection import Detection
from smtp_workbench.ui.dialogs.find_settings import FindSettings
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.theme import Theme


class Finder(QObject):
    """Opens the dialog, and does what its user decides."""

    said = Signal(str)
    taken = Signal()
    """Settings came in."""

    def __init__(self, form: Form, theme: Theme, errands: Errands, parent: QWidget) -> None:
        super().__init__(parent)
        self._form, self._theme, self._parent = form, theme, parent
        self.detection = Detection(errands)
        self.dialog: FindSettings | None = None

    def open(self) -> None:
        """Open the dialog, one at a time."""
        if self.dialog is not None:
            return
        self.detection.clear()
        dialog = FindSettings(self._parent, self._theme, self._form, self.detection)
        dialog.chosen.connect(self._put)
        dialog.finished.connect(self._closed)
        self.dialog = dialog
        dialog.open()
        dialog.where.setFocus()

    def _closed(self) -> None:
        self.dialog = None

    def _put(self, change: Change, name: str) -> None:
        self._form.apply(change, self.tr("settings found at {name}").format(name=name))
        text = self.tr("Put into the form: {name}. Ctrl+Z undoes it.")
        self.said.emit(text.format(name=name))
        self.taken.emit()
