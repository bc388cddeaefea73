"""The Connection page: the form, built from the table of fields."""

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
)
from PySide6.QtWidgets import QWidget as Widget

from smtp_workbench.settings import url
from smtp_workbench.settings.change import Finding, Severity, value_of
from smtp_workbench.settings.presets import Preset
from smtp_workbench.settings.transport import Trust
from smtp_workbench.ui import fields
from smtp_workbench.ui.fields import FieldSpec, Section
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.known_host import offer
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.editors import PasswordEditor, ValueEditor, editor_for, translated
from smtp_workbench.ui.widgets.field_row import FieldRow
from smtp_workbench.ui.widgets.fold import Fold
from smtp_workbench.ui.widgets.host_editor import HostEditor
from smtp_workbench.ui.widgets.provider_picker import ProviderHint, ProviderPicker
from smtp_workbench.ui.widgets.security_choice import SecurityChoice

_SCROLLBAR = 14
"""Points."""
_NOT_SETTINGS = ("secret", "proxy_secret", "mail_from", "rcpt_to")


class ConnectionPage(QScrollArea):
    """Renders the form and turns gestures into changes of it."""

    fix_taken = Signal(object)
    search_asked = Signal()
    """The user wants to be told which settings work."""
    said = Signal(str)
    """Something short for the status bar."""

    def __init__(self, form: Form, theme: Theme) -> None:
        super().__init__()
        self._form, self._theme = form, theme
        self._rows: dict[str, FieldRow] = {}
        self.folds: dict[str, tuple[Fold, Section]] = {}
        self.setObjectName("page")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = Widget()
        body.setObjectName("pageBody")
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(16, 12, 8, 16)
        self._column.setSpacing(8)
        self._build()
        self._column.addStretch(1)
        self.setWidget(body)
        # Folded rows count too, or unfolding them would cut all others.
        margins = self._column.contentsMargins()
        widest = max(row.minimumSizeHint().width() for row in self._rows.values())
        self.setMinimumWidth(widest + margins.left() + margins.right() + _SCROLLBAR)
        self._keyring = ""
        form.changed.connect(self._show)
        for path in ("secret", "proxy_secret"):
            editor = self._rows[path].editor
            if isinstance(editor, PasswordEditor):
                form.started_over.connect(editor.conceal)
        self._show()

    def row(self, path: str) -> FieldRow:
        """Return the row of a field."""
        return self._rows[path]

    def focus_on(self, path: str) -> None:
        """Put the cursor into a field, unfolding its section."""
        name = {"password": "secret", "security": "security"}.get(path, path)
        row = self._rows.get(name)
        if row is None:
            return
        for fold, section in self.folds.values():
            if any(spec.path == name for spec in section.rows):
                fold.unfold()
        row.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ensureWidgetVisible(row)

    def unreadable(self) -> tuple[str, str] | None:
        """Return a field whose text can't be read, and why; None if all can."""
        for path, row in self._rows.items():
            if isinstance(row.editor, ValueEditor) and row.editor.trouble:
                return path, row.editor.trouble
        return None

    def show_offered(self, mechanisms: str) -> None:
        """Say which mechanisms the server of the last run offers."""
        text = self.tr("server offers {names}").format(names=mechanisms) if mechanisms else ""
        self._offered.setText(f"· {text}" if text else "")

    def show_keyring(self, name: str) -> None:
        """Say with the password that it is kept in the keyring called *name*; empty: in memory."""
        self._keyring = name
        self._show_kept()

    def _build(self) -> None:
        self._provider = ProviderPicker()
        self._provider.picked.connect(self._pick)
        self._place("provider", self.tr("Provider"), self._provider)
        self._region = QComboBox()
        self._region.setAccessibleName(self.tr("Region"))
        self._region.activated.connect(self._pick_region)
        self._region_row = self._place("region", self.tr("Region"), self._region)
        self._hint = ProviderHint()
        self._theme.changed.connect(self._show_hint)
        self._hint_row = self._place("hint", "", self._hint)
        self._add(fields.HOST)
        self._place("search", "", self._search())
        self._security = SecurityChoice()
        self._security.picked.connect(lambda value: self._form.type("security", value))
        self._place("security", self.tr("Security"), self._security.segments)
        self._add(fields.PORT)
        self._required_row = self._place("required", "STARTTLS", self._security.required)
        self._column.addLayout(self._authentication())
        for spec in (fields.MECHANISM, fields.USER, fields.PASSWORD):
            self._add(spec)
        self._kept = QLabel()
        self._kept.setProperty("role", "secondary")
        self._kept.setWordWrap(True)
        self._place("kept", "", self._kept)
        for section in fields.SECTIONS:
            self._column.addWidget(self._section(section))

    def _search(self) -> Widget:
        button = QPushButton(self.tr("Find settings…"))
        button.setProperty("small", "true")
        button.setToolTip(self.tr("Find out which port and security work here (Ctrl+D)"))
        button.clicked.connect(self.search_asked)
        holder = Widget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(button)
        row.addStretch(1)
        return holder

    def _authentication(self) -> QHBoxLayout:
        heading = QLabel(self.tr("Authentication"))
        heading.setProperty("role", "heading")
        self._offered = QLabel()
        self._offered.setProperty("role", "secondary")
        self._offered.setWordWrap(True)
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        row.addWidget(heading)
        row.addWidget(self._offered, 1)
        return row

    def _section(self, section: Section) -> Fold:
        body = Widget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for spec in section.rows:
            column.addWidget(self._row(spec))
        fold = Fold(translated(section.title), body, self._theme)
        self.folds[section.id] = fold, section
        return fold

    def _place(self, name: str, label: str, widget: Widget) -> FieldRow:
        row = FieldRow(label, widget, self._theme)
        row.findings.taken.connect(self.fix_taken)
        row.reset.connect(lambda: self._form.reset(name))
        self._rows[name] = row
        self._column.addWidget(row)
        return row

    def _add(self, spec: FieldSpec) -> None:
        self._column.addWidget(self._row(spec))

    def _row(self, spec: FieldSpec) -> FieldRow:
        editor = HostEditor(spec) if spec is fields.HOST else editor_for(spec, self._theme)
        editor.edited.connect(lambda value: self._edited(spec.path, value))
        editor.troubled.connect(self._show_findings)
        row = FieldRow(translated(spec.label), editor, self._theme)
        row.findings.taken.connect(self.fix_taken)
        row.reset.connect(lambda: self._form.reset(spec.path))
        self._rows[spec.path] = row
        return row

    def _edited(self, path: str, value: object) -> None:
        if path in ("secret", "proxy_secret"):
            self._form.type_secret(path, str(value))
        elif path == "host" and "://" in str(value) and self._paste_url(str(value)):
            return
        else:
            self._form.type(path, value)

    def _paste_url(self, text: str) -> bool:
        try:
            parsed = url.parse(text.strip())
        except ValueError:
            return False
        self._form.apply(parsed.change, self.tr("pasted URL"))
        unknown = ", ".join(parsed.unknown)
        if unknown:
            self.said.emit(self.tr("The URL has unknown options: {names}").format(names=unknown))
        else:
            self.said.emit(self.tr("Filled in from the URL"))
        return True

    def _pick(self, preset: Preset | None) -> None:
        if preset is not None:
            self._form.pick(preset)

    def _pick_region(self, _index: int) -> None:
        preset = self._form.preset
        if preset is not None:
            self._form.pick(preset, self._region.currentText())

    # From the form to the widgets

    def _show(self) -> None:
        transport, preset = self._form.transport, self._form.preset
        self._provider.show_preset(preset)
        self._show_regions(preset)
        self._show_hint()
        with_starttls = self._security.show_value(transport.security)
        self._required_row.setVisible(with_starttls)
        for path, value in self._values():
            row = self._rows[path]
            row.editor.show_value(value)  # type: ignore[attr-defined]  # all of these are editors
            if path not in _NOT_SETTINGS:
                row.show_changed(changed=self._is_changed(path))
        self._rows["security"].show_changed(changed=self._is_changed("security"))
        self._rows["tls.ca_file"].setVisible(transport.tls.trust is Trust.CA_FILE)
        self._rows["tls.fingerprint"].setVisible(transport.tls.trust is Trust.FINGERPRINT)
        self._show_kept()
        self._show_port()
        self._show_findings()
        self._show_hints()

    def _show_kept(self) -> None:
        secret = self._form.filled.secret
        self._rows["kept"].setVisible(secret is not None)
        if secret is not None and secret.reference:
            text = self.tr("Taken from the environment when it is used")
        elif self._keyring:
            text = self.tr("Kept in the keyring ({name}), never in the profile file")
        else:
            text = self.tr("Kept in memory until you quit, never in the profile file")
        self._kept.setText(text.format(name=self._keyring))

    def _show_hint(self) -> None:
        self._hint.show_preset(self._form.preset, self._theme.tokens.link)
        self._hint_row.setVisible(self._form.preset is not None)

    def _values(self) -> Iterator[tuple[str, object]]:
        filled = self._form.filled
        for path, row in self._rows.items():
            if path in _NOT_SETTINGS:
                yield path, getattr(filled, path)
            elif hasattr(row.editor, "spec"):
                yield path, value_of(filled.transport, path)

    def _is_changed(self, path: str) -> bool:
        # With no provider nothing is a deviation but what leads away from a plain start.
        personal = ("host", "auth.user", "sender", "port")
        if path in personal and (self._form.preset is None or not self._form.start_value(path)):
            return False
        return self._form.is_changed(path)

    def _show_regions(self, preset: Preset | None) -> None:
        regions = preset.regions if preset else ()
        self._region_row.setVisible(bool(regions))
        if [self._region.itemText(i) for i in range(self._region.count())] != list(regions):
            self._region.clear()
            self._region.addItems(list(regions))
        if self._form.region:
            self._region.setCurrentText(self._form.region)

    def _show_port(self) -> None:
        line = self._rows["port"].editor.focusProxy()
        line.setPlaceholderText(str(self._form.transport.effective_port))  # type: ignore[union-attr]

    def _show_findings(self) -> None:
        on: dict[str, list[Finding]] = {name: [] for name in self._rows}
        for finding in self._form.findings:
            name = {"password": "secret", "auth": "auth.user"}.get(finding.field, finding.field)
            on.get(name, on["host"]).append(finding)
        unreadable = self.unreadable()
        if unreadable is not None:
            path, trouble = unreadable
            on[path] = [Finding(path, Severity.BLOCKING, trouble)]
        offered = None if self._form.preset else offer(self._form.transport)
        if offered is not None:
            on["host"].append(offered)
        for name, findings in on.items():
            self._rows[name].show_findings(findings)
        for fold, section in self.folds.values():
            if any(on[spec.path] for spec in section.rows):
                fold.unfold()

    def _show_hints(self) -> None:
        for fold, section in self.folds.values():
            changed = [
                translated(spec.label)
                for spec in section.rows
                if (
                    bool(getattr(self._form.filled, spec.path))
                    if spec.path in _NOT_SETTINGS
                    else self._is_changed(spec.path)
                )
            ]
            fold.show_hint(", ".join(changed) or translated(section.hint))
