"""The dialogs of shared profiles: which go out and how, and the passphrase of what comes in."""

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.settings.secret import Secret

_WIDTH = 420


class _Asking(QDialog):
    """A column over a sentence that says what is off, Cancel and one button that goes on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        self.fields = QFormLayout()
        self.trouble = QLabel()
        self.trouble.setWordWrap(True)
        self.trouble.setTextFormat(Qt.TextFormat.PlainText)
        self.go_on = QPushButton()
        self.go_on.setProperty("primary", "true")
        self.go_on.setDefault(True)
        self.go_on.clicked.connect(self._answer)
        self._cancel = QPushButton(self.tr("Cancel"))
        self._cancel.setAutoDefault(False)
        self._cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(self._cancel)
        buttons.addStretch(1)
        buttons.addWidget(self.go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addLayout(self.fields)
        column.addWidget(self.trouble)
        column.addLayout(buttons)

    def _put_in_order(self, *fields: QWidget) -> None:
        """Have Tab go through *fields* before the buttons, and begin in the first."""
        order = (*fields, self._cancel, self.go_on)
        for before, after in pairwise(order):
            self.setTabOrder(before, after)
        fields[0].setFocus()

    def _answer(self) -> None:
        raise NotImplementedError


class ExportProfiles(_Asking):
    """Asks which profiles go out, and whether with their passwords."""

    asked = Signal(str, object)
    """The id of a profile, or an empty text for all; a `Secret` to encrypt by, or None."""

    def __init__(self, parent: QWidget, choices: dict[str, str], chosen: str) -> None:
        """*choices* are texts by the ids of profiles; *chosen* is one of these."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export profiles"))
        self.go_on.setText(self.tr("Save as…"))
        self.which = QComboBox()
        for profile_id, text in choices.items():
            self.which.addItem(text, profile_id)
        self.which.setCurrentIndex(self.which.findData(chosen))
        self.with_passwords = QCheckBox(self.tr("With their passwords, encrypted"))
        self.passphrase, self.again = _passphrase(), _passphrase()
        self.fields.addRow(self.tr("Which"), self.which)
        self.fields.addRow(self.with_passwords)
        self.fields.addRow(self.tr("Passphrase"), self.passphrase)
        self.fields.addRow(self.tr("Once more"), self.again)
        self.with_passwords.toggled.connect(self._show)
        for line in (self.passphrase, self.again):
            line.textChanged.connect(self._show)
        self._put_in_order(self.which, self.with_passwords, self.passphrase, self.again)
        self._show()

    def _show(self) -> None:
        sealed = self.with_passwords.isChecked()
        typed, again = self.passphrase.text(), self.again.text()
        for line in (self.passphrase, self.again):
            self.fields.setRowVisible(line, sealed)
        if not sealed:
            text = self.tr("The file holds no password, and people can read it.")
        elif not typed:
            text = self.tr("Without the passphrase nobody can open the file, nor can you.")
        elif not again:
            text = self.tr("Type the passphrase once more.")
        elif typed != again:
            text = self.tr("The two passphrases differ.")
        else:
            text = self.tr("The age program opens the file too, and so does this one.")
        self.trouble.setText(text)
        self.go_on.setEnabled(not sealed or (bool(typed) and typed == again))

    def _answer(self) -> None:
        sealed = self.with_passwords.isChecked()
        passphrase = Secret(self.passphrase.text()) if sealed else None
        self.asked.emit(self.which.currentData(), passphrase)
        self.accept()


class AskPassphrase(_Asking):
    """Asks for the passphrase of a file, again as long as it is wrong."""

    asked = Signal(object)
    """A `Secret`; its taker calls `refuse` or `accept`."""

    def __init__(self, parent: QWidget, file_name: str) -> None:
        super().__init__(parent)
        self.is_open = True
        self.setWindowTitle(self.tr("Import profiles"))
        self.go_on.setText(self.tr("Open"))
        self.passphrase = _passphrase()
        self.fields.addRow(self.tr("Passphrase"), self.passphrase)
        text = self.tr("{file} is encrypted by a passphrase.")
        self.trouble.setText(text.format(file=file_name))
        self.passphrase.textChanged.connect(lambda typed: self.go_on.setEnabled(bool(typed)))
        self.go_on.setEnabled(False)
        self._put_in_order(self.passphrase)

    def refuse(self, why: str) -> None:
        """Say *why* it did not open, and ask again."""
        self.trouble.setText(why)
        self._wait(on=False)
        self.passphrase.selectAll()
        self.passphrase.setFocus()

    def _answer(self) -> None:
        self._wait(on=True)
        self.trouble.setText(self.tr("Opening…"))
        self.asked.emit(Secret(self.passphrase.text()))

    def _wait(self, *, on: bool) -> None:
        for widget in (self.passphrase, self.go_on):
            widget.setEnabled(not on)

    def done(self, result: int) -> None:
        """Close; what is still being opened has nobody to take it."""
        self.is_open = False
        super().done(result)


def _passphrase() -> QLineEdit:
    line = QLineEdit()
    line.setEchoMode(QLineEdit.EchoMode.Password)
    return line
