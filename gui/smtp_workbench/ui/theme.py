"""Colours, icons and the style sheet, light or dark, after the system or as chosen.

Text that carries meaning has a contrast of at least 7:1 on every ground that it stands on (WCAG
2.2, success criterion 1.4.6); `GROUNDS` says which ground that is, and a test computes it.
"""

import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

_RESOURCES: Final = files("smtp_workbench.resources")
_TOKEN: Final = re.compile(r"@(\w+)@")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours by what they are for."""

    window: str
    aside: str
    panel: str
    field: str
    quote: str
    hover: str
    selected: str
    hairline: str
    line: str
    scroll: str
    text: str
    secondary: str
    disabled: str
    """Of what can't be used just now; it carries no meaning of its own."""
    accent: str
    accent_hover: str
    on_accent: str
    focus: str
    link: str
    good: str
    warning: str
    bad: str
    good_text: str
    warning_text: str
    bad_text: str
    comment_text: str
    string_text: str
    keyword_text: str
    number_text: str
    warning_ground: str
    warning_line: str
    bad_ground: str
    bad_line: str


LIGHT: Final = Tokens(
    window="#f6f7f9",
    aside="#f0f1f4",
    panel="#ffffff",
    field="#ffffff",
    quote="#f2f3f5",
    hover="#eef1f5",
    selected="#dbe8fb",
    hairline="#dde1e6",
    line="#cfd5dc",
    scroll="#b9c1ca",
    text="#1d232b",
    secondary="#414b56",
    disabled="#8a939d",
    accent="#0b50b5",
    accent_hover="#0a4499",
    on_accent="#ffffff",
    focus="#1f6feb",
    link="#0550ae",
    good="#1a7f37",
    warning="#9a6700",
    bad="#cf222e",
    good_text="#0f5323",
    warning_text="#5c4000",
    bad_text="#8f0d1f",
    comment_text="#414b56",
    string_text="#0a3f91",
    keyword_text="#66308a",
    number_text="#0b4f54",
    warning_ground="#fff8e1",
    warning_line="#e3c56b",
    bad_ground="#fff1f0",
    bad_line="#e6aaa9",
)
DARK: Final = Tokens(
    window="#11161d",
    aside="#0f141a",
    panel="#161b22",
    field="#0d1117",
    quote="#0d1117",
    hover="#222933",
    selected="#1f3252",
    hairline="#30363d",
    line="#3d444d",
    scroll="#4b545f",
    text="#e6edf3",
    secondary="#bcc5cf",
    disabled="#6e7781",
    accent="#1d4f9e",
    accent_hover="#1a4890",
    on_accent="#ffffff",
    focus="#4c8dff",
    link="#79b8ff",
    good="#3fb950",
    warning="#d29922",
    bad="#f85149",
    good_text="#56d364",
    warning_text="#f0d58a",
    bad_text="#ffb3ad",
    comment_text="#b1bac4",
    string_text="#9cc9ff",
    keyword_text="#d4bbff",
    number_text="#8fd6d0",
    warning_ground="#2b2207",
    warning_line="#9e7a1f",
    bad_ground="#2d1416",
    bad_line="#7d3233",
)
GROUNDS: Final = {
    "text": ("window", "aside", "panel", "field", "quote", "hover", "selected", "bad_ground"),
    "secondary": ("window", "aside", "panel", "field", "quote", "hover", "selected"),
    "on_accent": ("accent", "accent_hover"),
    "link": ("panel", "window"),
    "good_text": ("panel", "window"),
    "warning_text": ("warning_ground", "panel"),
    "bad_text": ("bad_ground", "panel", "window"),
    **dict.fromkeys(
        ("comment_text", "string_text", "keyword_text", "number_text"),
        ("quote", "field", "warning_ground"),
    ),
}
"""What each colour of text is read on."""


class Theme(QObject):
    """The one theme of the program: `system`, `light` or `dark`."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: str = "system") -> None:
        super().__init__()
        self._app = app
        self._choice = choice if choice in ("light", "dark") else "system"
        self._dressed = False
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self.tokens = self._wanted()
        app.setPalette(_palette(self.tokens))

    @property
    def choice(self) -> str:
        """What was chosen: `system`, `light` or `dark`."""
        return self._choice

    def dress(self) -> None:
        """Apply the style sheet, once all widgets are there: at each of them it takes long."""
        self._dressed = True
        self._apply()

    def choose(self, choice: str) -> None:
        """Change to *choice*; anything unknown means `system`."""
        self._choice = choice if choice in ("light", "dark") else "system"
        self._apply()

    def icon(self, name: str, colour: str = "text") -> QIcon:
        """Return an icon in the colour of a token."""
        icon = QIcon()
        icon.addPixmap(picture(name, getattr(self.tokens, colour)))
        icon.addPixmap(picture(name, self.tokens.disabled), QIcon.Mode.Disabled)
        return icon

    def _follow(self) -> None:
        if self._choice == "system":
            self._apply()

    def _apply(self) -> None:
        self.tokens = self._wanted()
        self._app.setPalette(_palette(self.tokens))
        if self._dressed:
            self._set_sheet()
        self.changed.emit()

    def _wanted(self) -> Tokens:
        system_dark = self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        dark = self._choice == "dark" or (self._choice == "system" and system_dark)
        return DARK if dark else LIGHT

    def _set_sheet(self) -> None:
        dark = self.tokens is DARK
        # Qt loads the pictures of a style sheet from files, as they are.
        arrow = _RESOURCES.joinpath(f"style/arrow-{'dark' if dark else 'light'}.svg")
        words = {**asdict(self.tokens), "arrow": Path(str(arrow)).as_posix()}
        sheet = _RESOURCES.joinpath("style/workbench.qss").read_text("utf-8")
        sheet = _TOKEN.sub(lambda match: words[match[1]], sheet)
        if sheet != self._app.styleSheet():
            # From one sheet to another takes Qt five times as long as from none.
            self._app.setStyleSheet("")
            self._app.setStyleSheet(sheet)


def _palette(tokens: Tokens) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for name, colour in (
        (role.Window, tokens.window),
        (role.Base, tokens.field),
        (role.AlternateBase, tokens.quote),
        (role.Button, tokens.panel),
        (role.ToolTipBase, tokens.panel),
        (role.WindowText, tokens.text),
        (role.Text, tokens.text),
        (role.ButtonText, tokens.text),
        (role.ToolTipText, tokens.text),
        (role.PlaceholderText, tokens.disabled),
        (role.Highlight, tokens.accent),
        (role.HighlightedText, tokens.on_accent),
        (role.Link, tokens.link),
    ):
        palette.setColor(name, QColor(colour))
    return palette


def _svg(name: str, colour: str) -> str:
    source = _RESOURCES.joinpath(f"icons/{name}.svg").read_text("utf-8")
    return source.replace("currentColor", colour)


@lru_cache(maxsize=256)
def picture(name: str, colour: str, size: int = 16) -> QPixmap:
    """Return an icon of `resources/icons` in *colour*, *size* points wide."""
    renderer = QSvgRenderer(QByteArray(_svg(name, colour).encode()))
    scale = 2  # sharp on dense screens as well
    pixmap = QPixmap(size * scale, size * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size * scale, size * scale))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap
