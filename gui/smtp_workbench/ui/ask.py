"""Every question to the user. None of them blocks: the answer comes to a callback."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


def confirm(
    parent: QWidget, title: str, text: str, yes: str, then: Callable[[], None]
) -> QMessageBox:
    """Ask *text*; call *then* if the user chooses *yes*. The safe answer is the default."""
    box = QMessageBox(QMessageBox.Icon.Question, title, text, parent=parent)
    accept = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.buttonClicked.connect(lambda button: then() if button is accept else None)
    box.finished.connect(box.deleteLater)
    box.open()
    return box


def where_to_save(
    parent: QWidget, name: str, pattern: str, then: Callable[[Path], None]
) -> QFileDialog:
    """Ask for a file to write; call *then* with it."""
    title = QCoreApplication.translate("ask", "Save as")
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    dialog = QFileDialog(parent, title, str(Path(documents, name)), pattern)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def which_file(
    parent: QWidget, title: str, pattern: str, then: Callable[[Path], None]
) -> QFileDialog:
    """Ask for a file to read; call *then* with it."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters([pattern, QCoreApplication.translate("ask", "All files (*)")])
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def which_folder(parent: QWidget, then: Callable[[Path], None]) -> QFileDialog:
    """Ask for a folder to write into; call *then* with it."""
    title = QCoreApplication.translate("ask", "Save into a folder")
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    dialog = QFileDialog(parent, title, documents)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
