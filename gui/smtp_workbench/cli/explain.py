"""Say what an error text of a mail server or mail library means.

The text may be one line or a whole log, of any program. Nothing is sent anywhere.
"""

import argparse
import codecs
import io
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TextIO

from smtp_workbench.cli.errors import CallError
from smtp_workbench.cli.paint import painter
from smtp_workbench.cli.table import print_diagnosis
from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.diagnosis.explain import Context, explain
from smtp_workbench.diagnosis.reading import MAX_TEXT
from smtp_workbench.settings import presets
from smtp_workbench.smtp.events import Stage

_SECURITY: Final = {
    "implicit": "implicit",
    "starttls": "starttls",
    "if-offered": "if-offered",
    "plaintext": "plaintext",
    "none": "plaintext",
    "ssl": "implicit",
    "tls": "implicit",
}
_STAGES: Final = {
    **{stage.value: stage.value for stage in Stage},
    "helo": "ehlo",
    "banner": "greeting",
}
_PORTS: Final = range(1, 65536)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `explain`."""
    parser.add_argument(
        "text", metavar="TEXT", nargs="?", default="-", help="- reads it from stdin"
    )
    parser.add_argument("--port", type=int)
    parser.add_argument("--security", help="implicit, starttls, if-offered or plaintext")
    parser.add_argument("--stage", help="where it happened: dns, connect, tls, auth, rcpt, …")
    parser.add_argument("--host", help="the server's name")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--jsonl",
        action="store_true",
        help="TEXT is a file of objects {text, port, security, stage, host}, one a line",
    )


def answer(options: argparse.Namespace) -> int:
    """Explain and print; an unknown text is an answer too."""
    if options.jsonl:
        return _answer_lines(options.text)
    _refuse_unknown_words(options)
    text = _decoded(sys.stdin.buffer.read()) if options.text == "-" else options.text
    if not text.strip():
        raise CallError("TEXT is empty")
    if len(text) > MAX_TEXT:
        note = f"only the last {MAX_TEXT:,} of {len(text):,} characters were read"
        print(f"smtp-workbench: {note}", file=sys.stderr)
    diagnosis = explain(_printable(text), _context(vars(options)))
    if options.json:
        print(json.dumps(_as_json(diagnosis), ensure_ascii=False))
    else:
        print_diagnosis(diagnosis, painter())
    return 0


def _refuse_unknown_words(options: argparse.Namespace) -> None:
    if options.port is not None and options.port not in _PORTS:
        raise CallError("--port must be a number from 1 to 65535")
    for name, known in (("security", _SECURITY), ("stage", _STAGES)):
        word = getattr(options, name)
        if word is not None and word.lower() not in known:
            raise CallError(f"--{name}: {word!r} is none of {', '.join(known)}")


def _answer_lines(name: str) -> int:
    with _opened(name) as stream:
        for case in _cases(stream):
            text = _printable(str(case.get("text") or ""))
            print(
                json.dumps(_as_json(explain(text, _context(case))), ensure_ascii=False), flush=True
            )
    return 0


def _opened(name: str) -> TextIO:
    if name == "-":
        return io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace")
    try:
        return Path(name).open(encoding="utf-8-sig", errors="replace")
    except (OSError, ValueError) as error:
        raise CallError(f"--jsonl: {name!r}: {getattr(error, 'strerror', error)}") from None


def _cases(stream: TextIO) -> Iterator[Mapping[str, object]]:
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CallError(f"line {number} is not JSON: {error}") from None
        if not isinstance(case, dict):
            raise CallError(f"line {number} is not a JSON object")
        yield case


def _decoded(data: bytes) -> str:
    """Return a log as text: UTF-8, what PowerShell writes, or of an old western system."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _printable(text: str) -> str:
    """Return *text* without halves of characters, which no stream takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _context(words: Mapping[str, object]) -> Context:
    """Return what *words* tell; what is unknown or makes no sense counts as not told."""

    def text(name: str) -> str:
        value = words.get(name)
        return value.strip() if isinstance(value, str) else ""

    provider = presets.by_name(text("provider"))
    return Context(
        port=_port(words.get("port")),
        security=_SECURITY.get(text("security").lower()),
        stage=_STAGES.get(text("stage").lower()),
        host=_printable(text("host")) or None,
        provider=provider.id if provider else None,
    )


def _port(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    return value if type(value) is int and value in _PORTS else None


def _as_json(diagnosis: Diagnosis) -> dict[str, object]:
    names = ("cause", "title", "explanation", "fixes", "confidence", "also", "evidence")
    whole = diagnosis.as_json()
    return {name: whole[name] for name in names}
