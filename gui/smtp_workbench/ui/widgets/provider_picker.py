"""The menu of providers, with search, and what a provider wants as user and password."""

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QCompleter, QLabel, QLineEdit, QVBoxLayout, QWidget

from smtp_workbench.settings.presets import Preset, all_presets, by_id

_WORDS = Qt.ItemDataRole.UserRole + 1


class ProviderPicker(QComboBox):
    """Type a part of a name, a host or a domain, or open the list."""

    picked = Signal(object)
    """A preset, or None for none."""

    def __init__(self) -> None:
        super().__init__()
        self._line = QLineEdit()
        self.setLineEdit(self._line)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setAccessibleName(self.tr("Provider"))
        self.setToolTip(self.tr("Type a part of a provider's name, host or domain."))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMaxVisibleItems(18)
        self._line.setPlaceholderText(self.tr("Search providers"))
        self.setModel(self._listed())
        completer = QCompleter(self._found(), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionRole(_WORDS)
        if (popup := completer.popup()) is not None:
            popup.setObjectName("completer")
        completer.activated[str].connect(self._completed)  # type: ignore[index]  # Qt's overload
        self.setCompleter(completer)
        self.activated.connect(self._activated)
        self._line.editingFinished.connect(self._put_back)
        self._shown: Preset | None = None

    def show_preset(self, preset: Preset | None) -> None:
        """Show *preset* as the one that is picked."""
        self._shown = preset
        self._put_back()

    def _put_back(self) -> None:
        index = self.findData(self._shown.id) if self._shown else 0
        self.setCurrentIndex(index)
        self._line.setText(self.itemText(index))
        self._line.setCursorPosition(0)

    def _activated(self, index: int) -> None:
        self.picked.emit(by_id(self.itemData(index) or ""))

    def _completed(self, words: str) -> None:
        preset = next((item for item in all_presets() if _words(item) == words), None)
        if preset is not None:
            self._shown = preset
            self._put_back()
            self.picked.emit(preset)

    def _listed(self) -> QStandardItemModel:
        model = QStandardItemModel(self)
        model.appendRow(QStandardItem(self.tr("Custom server")))
        for preset in all_presets():
            item = QStandardItem(preset.name)
            item.setData(preset.id, Qt.ItemDataRole.UserRole)
            item.setToolTip(f"{preset.host}:{preset.main.port}")
            model.appendRow(item)
        return model

    def _found(self) -> QSortFilterProxyModel:
        model = QStandardItemModel(self)
        for preset in all_presets():
            item = QStandardItem(preset.name)
            item.setData(_words(preset), _WORDS)
            model.appendRow(item)
        proxy = QSortFilterProxyModel(self)
        proxy.setSourceModel(model)
        return proxy


def _words(preset: Preset) -> str:
    """Return what a search for *preset* may contain."""
    return " ".join((preset.name, preset.host, *preset.domains, preset.id))


class ProviderHint(QWidget):
    """What to put as user and password, and the provider's own page."""

    def __init__(self) -> None:
        super().__init__()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setProperty("role", "secondary")
        self._text.setOpenExternalLinks(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._text)
        self.hide()

    def show_preset(self, preset: Preset | None, link: str) -> None:
        """Say what *preset* wants, nothing for none; *link* is the colour of links."""
        self.setVisible(preset is not None)
        if preset is None:
            return
        hints = [
            (self.tr("User"), preset.user.hint),
            (self.tr("Password"), preset.password.hint),
            (self.tr("Limits"), preset.limits),
            (self.tr("Note"), preset.notes),
        ]
        rows = [f"<b>{_safe(name)}:</b> {_safe(hint)}" for name, hint in hints if hint]
        if preset.url:
            page = self.tr("The provider's page")
            style = f'style="color: {link}"'
            rows.append(f'<a href="{_safe(preset.url)}" {style}>{_safe(page)}</a>')
        self._text.setText("<br>".join(rows))
        self._text.setAccessibleName("; ".join(hint for _, hint in hints if hint))


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
