"""What a change puts into the form: each field by its name, and its value in words."""

from functools import lru_cache

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from smtp_workbench.settings.change import Change
from smtp_workbench.settings.secret import BULLETS, Secret
from smtp_workbench.settings.transport import Security
from smtp_workbench.ui import fields
from smtp_workbench.ui.fields import FieldSpec
from smtp_workbench.ui.widgets.editors import translated


def _(text: str) -> str:
    return QCoreApplication.translate("taken", text)


class TakenTable(QWidget):
    """Two columns, read from top to bottom."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("What was found"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)

    def show_change(self, change: Change | None) -> None:
        """Show what *change* says, its secret as bullets."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if change is None:
            return
        for row, (name, value) in enumerate(self._rows(change)):
            label, text = QLabel(name), QLabel(value)
            label.setProperty("role", "label")
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            text.setAccessibleName(f"{name}: {value}")
            self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, row, 1)

    def texts(self) -> dict[str, str]:
        """Return what is shown: name to value."""
        labels = [self._grid.itemAt(at) for at in range(self._grid.count())]
        words = [item.widget().text() for item in labels if item]  # type: ignore[union-attr]
        return dict(zip(words[::2], words[1::2], strict=True))

    def _rows(self, change: Change) -> list[tuple[str, str]]:
        paths = [*change.fields, *(["secret"] if change.secret is not None else [])]
        rows = []
        for path in sorted(paths, key=_place):
            value = change.secret if path == "secret" else change.fields[path]
            if path == "security" or path in _specs():
                rows.append((name_of_field(path), words_of_field(path, value)))
        return rows


def name_of_field(path: str) -> str:
    """Return what the form calls a field of a transport; its path where it has no name there."""
    if path == "security":
        return _("Security")
    spec = _specs().get(path)
    return translated(spec.label) if spec is not None else path


def words_of_field(path: str, value: object) -> str:
    """Return the value of a field as the form shows it."""
    if isinstance(value, Security):
        return _security(value)
    spec = _specs().get(path)
    return _words(value, spec) if spec is not None else str(getattr(value, "value", value))


def _security(value: Security) -> str:
    words = {
        Security.IMPLICIT_TLS: _("Implicit TLS"),
        Security.STARTTLS: _("STARTTLS, required"),
        Security.STARTTLS_IF_OFFERED: _("STARTTLS, where it is offered"),
        Security.PLAINTEXT: _("None"),
    }
    return words[value]


@lru_cache
def _specs() -> dict[str, FieldSpec]:
    """Return the fields by their path, in the order of the form."""
    first = (fields.HOST, fields.PORT, fields.USER, fields.PASSWORD, fields.MECHANISM)
    rows = (row for section in fields.SECTIONS for row in section.rows)
    return {spec.path: spec for spec in (*first, *rows)}


def _place(path: str) -> int:
    order = ["host", "port", "security", *_specs()]
    return order.index(path) if path in order else len(order)


def _words(value: object, spec: FieldSpec) -> str:
    if isinstance(value, Secret):
        known = value.reveal()
        return known if known.startswith("${") and known.endswith("}") else BULLETS
    if value in spec.choices:
        return translated(spec.choices[value])
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if spec.editor is fields.Editor.SECONDS:
        return f"{value:g} s"
    return str(value)
