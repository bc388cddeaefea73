"""What one stage showed: addresses, certificates, extensions, mechanisms, or the reply."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.net.certificate import Certificate, TlsFacts
from smtp_workbench.resource import read_toml
from smtp_workbench.smtp.auth import MECHANISMS
from smtp_workbench.smtp.events import Stage
from smtp_workbench.smtp.report import Report, StageReport
from smtp_workbench.ui.stops import name_of
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.elided import ElidedLabel


class StageDetail(QFrame):
    """A panel about one stage, closed by its cross or Esc."""

    closed = Signal()
    trust_asked = Signal(object)
    """The certificate to trust from now on."""
    save_asked = Signal(str)
    """Certificates in PEM form, to be saved."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("detail")
        self._title = ElidedLabel()
        self._title.setProperty("role", "heading")
        self._close = QToolButton()
        self._close.setProperty("quiet", "true")
        self._close.setAccessibleName(self.tr("Close the details"))
        self._close.setToolTip(self.tr("Close the details"))
        self._close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._close)
        self._body = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addLayout(self._body, 1)
        self.hide()
        theme.changed.connect(self._draw)
        self._draw()

    def show_stage(self, report: Report, index: int) -> None:
        """Show the stage at *index* of *report*."""
        while (item := self._body.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        stage = report.stages[index]
        self._title.setText(f"{name_of(stage.stage)} · {stage.ms:.0f} ms · {_short(stage.detail)}")
        for widget in self._parts(report, stage, index):
            self._body.addWidget(widget)
        self.show()

    def _parts(self, report: Report, stage: StageReport, index: int) -> Iterable[QWidget]:
        for notice in stage.notices:
            yield _text(_told(stage.stage, notice.label, notice.params))
        if stage.tls is not None:
            yield from self._certificates(stage.tls)
        elif stage.attempts or stage.addresses:
            yield self._addresses(stage)
        elif stage.stage is Stage.EHLO and stage.failure is None:
            yield self._extensions(extensions_at(report, index))
        elif stage.stage is Stage.AUTH:
            yield self._mechanisms(report, stage)
        elif stage.stage is Stage.RCPT and report.recipients:
            rows = [(item.address, str(item.reply)) for item in report.recipients]
            yield _table((self.tr("Recipient"), self.tr("Reply")), rows)
        else:
            yield _quote(stage.detail or self.tr("Nothing was said."))

    def _addresses(self, stage: StageReport) -> QWidget:
        if not stage.attempts:
            return _table((self.tr("Address"),), [(address,) for address in stage.addresses])
        words = {None: self.tr("connected"), "unused": self.tr("not tried")}
        rows = [
            (item.address, words.get(item.kind, item.detail or str(item.kind)))
            for item in stage.attempts
        ]
        return _table((self.tr("Address"), self.tr("Result")), rows)

    def _extensions(self, extensions: dict[str, str]) -> QWidget:
        known = read_toml("extensions.toml")
        rows = []
        for word, parameters in extensions.items():
            entry = known.get(word, {"means": self.tr("not known here"), "rfc": ""})
            rows.append((f"{word} {parameters}".strip(), entry["means"], entry["rfc"]))
        heads = (self.tr("Keyword"), self.tr("Meaning"), self.tr("Where"))
        return _table(heads, rows, stretch=1)

    def _mechanisms(self, report: Report, stage: StageReport) -> QWidget:
        offered = report.extensions.get("AUTH", "").upper().split()
        ours = list(MECHANISMS)
        names = list(dict.fromkeys([*ours, *offered]))
        yes, no = self.tr("yes"), "—"
        rows = [
            (
                name,
                yes if name in offered else no,
                yes if name in ours else no,
                self.tr("used") if name == report.mechanism else "",
            )
            for name in names
        ]
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        if stage.detail:
            column.addWidget(_quote(stage.detail))
        heads = (self.tr("Mechanism"), self.tr("Offered"), self.tr("Ours"), self.tr("This run"))
        column.addWidget(_table(heads, rows), 1)
        return holder

    def _certificates(self, facts: TlsFacts) -> Iterable[QWidget]:
        verdict = self.tr("trusted") if facts.trusted else facts.reason or self.tr("not trusted")
        parts = (facts.protocol, facts.cipher, self.tr("for ") + facts.server_name, verdict)
        yield _text(" · ".join(filter(None, parts)))
        tree = QTreeWidget()
        tree.setHeaderHidden(True)
        tree.setAccessibleName(self.tr("Certificate chain"))
        parent: QTreeWidget | QTreeWidgetItem = tree
        for certificate in facts.chain:
            parent = _branch(parent, certificate)
        tree.expandAll()
        for at in range(tree.topLevelItemCount()):
            for child in _below(tree.topLevelItem(at)):
                child.setExpanded(True)
        yield tree
        yield self._certificate_buttons(facts)

    def _certificate_buttons(self, facts: TlsFacts) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        leaf = facts.leaf
        if leaf is not None:
            trust = QPushButton(self.tr("Trust this certificate"))
            trust.setProperty("small", "true")
            trust.setToolTip(self.tr("From now on exactly this one is accepted (pinned)."))
            trust.clicked.connect(lambda: self.trust_asked.emit(leaf))
            save = QPushButton(self.tr("Save as PEM…"))
            save.setProperty("small", "true")
            pem = "".join(certificate.pem for certificate in facts.chain)
            save.clicked.connect(lambda: self.save_asked.emit(pem))
            row.addWidget(trust)
            row.addWidget(save)
        row.addStretch(1)
        return holder

    def _draw(self) -> None:
        self._close.setIcon(self._theme.icon("x", "secondary"))


def extensions_at(report: Report, index: int) -> dict[str, str]:
    """Return what this EHLO offered; only the last one's parameters are kept as a mapping."""
    later = any(stage.stage is Stage.EHLO for stage in report.stages[index + 1 :])
    if not later:
        return dict(report.extensions)
    reply = report.stages[index].reply
    lines = reply.lines[1:] if reply else ()
    words = [line.split(None, 1) for line in lines if line.strip()]
    return {word[0].upper(): word[1] if len(word) > 1 else "" for word in words}


def _told(stage: Stage, label: str, params: object) -> str:
    from smtp_workbench.settings.findings import notice_finding  # noqa: PLC0415

    return notice_finding(stage.value, label, params).message  # type: ignore[arg-type]


def _branch(parent: QTreeWidget | QTreeWidgetItem, certificate: Certificate) -> QTreeWidgetItem:
    item = QTreeWidgetItem(parent, [certificate.subject or "no subject"])
    for text in (
        f"issued by {certificate.issuer}",
        f"for {', '.join(certificate.names) or 'no name'}",
        f"valid from {_day(certificate.not_before)} to {_day(certificate.not_after)}",
        f"{certificate.key} · {certificate.signature}",
        f"SHA-256 {_colons(certificate.sha256)}",
    ):
        QTreeWidgetItem(item, [text]).setToolTip(0, text)
    return item


def _below(item: QTreeWidgetItem | None) -> Iterable[QTreeWidgetItem]:
    for at in range(item.childCount() if item else 0):
        child = item.child(at) if item else None
        if child is not None:
            yield child
            yield from _below(child)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _colons(fingerprint: str) -> str:
    return ":".join(fingerprint[at : at + 2] for at in range(0, len(fingerprint), 2)).upper()


def _short(text: str, limit: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _text(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _quote(text: str) -> QLabel:
    label = _text(text)
    label.setProperty("role", "mono")
    label.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    return label


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], stretch: int | None = None
) -> QTableWidget:
    table = QTableWidget(len(rows), len(heads))
    table.setHorizontalHeaderLabels(list(heads))
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setAccessibleName(", ".join(heads))
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            table.setItem(row, column, item)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    header.setMaximumSectionSize(table.fontMetrics().averageCharWidth() * 24)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    wide = len(heads) - 1 if stretch is None else stretch
    header.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
    height = table.fontMetrics().height() + 7
    table.verticalHeader().setMinimumSectionSize(height)
    table.verticalHeader().setDefaultSectionSize(height)
    return table
