"""The text that an HTML message says, for programs that show no HTML."""

import re
from html.parser import HTMLParser
from typing import Final

_SILENT: Final = frozenset({"head", "style", "script", "template", "noscript", "svg"})
_PARAGRAPHS: Final = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "ul", "ol", "table", "dl")
)
"""An empty line stands before and after them."""
_BLOCKS: Final = frozenset(
    (
        *("address", "article", "aside", "body", "center", "dd", "div", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "header", "html", "li", "main", "nav"),
        *("section", "tbody", "tfoot", "thead", "tr"),
    )
)
"""They begin on a line of their own."""
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")


def text_of(html: str) -> str:
    """Return the text of *html*, with lists, links and the texts of pictures in a plain form."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._silent: list[str] = []
        self._pre = 0
        self._lists: list[int | None] = []
        self._link = ""
        self._link_start = 0

    def text(self) -> str:
        lines = "".join(self._pieces).split("\n")
        text = "\n".join(line.rstrip(" ") for line in lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n" if text.strip() else ""

    def parse_marked_section(self, i: int, report: bool = True) -> int:  # noqa: FBT001, FBT002  # its own
        # Browsers take `<![` for a comment; Python before 3.13 stumbles over some of it.
        return self.parse_bogus_comment(i, report)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in _SILENT:
            self._silent.append(tag)
        self._break(tag)
        if tag == "br":
            self._pieces.append("\n")
        elif tag == "hr":
            self._pieces.append("\n" + "-" * 30 + "\n")
        elif tag == "pre":
            self._pre += 1
        elif tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._pieces.append(self._mark())
        elif tag in ("td", "th"):
            self._gap()
        elif tag == "img":
            self._say(named.get("alt") or "")
        elif tag == "a":
            self._link, self._link_start = named.get("href") or "", len(self._pieces)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            # What was opened within and never closed ends with it.
            del self._silent[self._silent.index(tag) :]
            return
        if tag == "pre":
            self._pre = max(0, self._pre - 1)
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "a":
            self._end_link()
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._pre and not self._silent:
            self._pieces.append(re.sub(r"\r\n?", "\n", data))
        else:
            self._say(_BLANKS.sub(" ", data))

    def _say(self, text: str) -> None:
        if self._silent or not text:
            return
        if not self._pieces or self._pieces[-1].endswith(("\n", " ")):
            text = text.lstrip(" ")
        if text:
            self._pieces.append(text)

    def _gap(self) -> None:
        if self._pieces and not self._pieces[-1].endswith(("\n", " ")):
            self._pieces.append("  ")

    def _mark(self) -> str:
        number = self._lists[-1] if self._lists else None
        depth = "  " * max(0, len(self._lists) - 1)
        if number is None:
            return f"{depth}- "
        self._lists[-1] = number + 1
        return f"{depth}{number + 1}. "

    def _break(self, tag: str) -> None:
        if self._silent or not self._pieces:
            return
        if tag in _PARAGRAPHS and not (tag in ("ul", "ol") and self._lists):
            self._pieces.append("\n\n")
        elif tag in _BLOCKS and not self._pieces[-1].endswith("\n"):
            self._pieces.append("\n")

    def _end_link(self) -> None:
        shown = "".join(self._pieces[self._link_start :]).strip()
        target = self._link.strip()
        self._link = ""
        if target.startswith(("http://", "https://", "mailto:")):
            plain = target.removeprefix("mailto:")
            if shown.rstrip("/") not in (target.rstrip("/"), plain):
                self._say(f" <{plain}>" if shown else f"<{plain}>")
