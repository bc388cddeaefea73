"""Say what an error text of a mail server or mail library means.

The text may be one line or a whole log, of any program. Nothing is sent anywhere.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from smtp_workbench.cli.errors import CallError
from smtp_workbench.cli.paint import painter
from smtp_workbench.cli.table import print_diagnosis
from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.diagnosis.explain import Context, explain


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
    text = sys.stdin.read() if options.text == "-" else options.text
    if not text.strip():
        raise CallError("TEXT is empty")
    diagnosis = explain(text, _context(vars(options)))
    if options.json:
        print(json.dumps(_as_json(diagnosis), ensure_ascii=False))
    else:
        print_diagnosis(diagnosis, painter())
    return 0


def _answer_lines(name: str) -> int:
    with _opened(name) as stream:
        for case in _cases(stream):
            diagnosis = explain(str(case.get("text") or ""), _context(case))
            print(json.dumps(_as_json(diagnosis), ensure_ascii=False), flush=True)
    return 0


def _opened(name: str) -> TextIO:
    if name == "-":
        return sys.stdin
    try:
        return Path(name).open(encoding="utf-8")
    except OSError as error:
        raise CallError(f"--jsonl: {name}: {error.strerror}") from None


def _cases(stream: TextIO) -> Iterator[Mapping[str, object]]:
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
        except ValueError as error:
            raise CallError(f"line {number} is not JSON: {error}") from None
        if not isinstance(case, dict):
            raise CallError(f"line {number} is not a JSON object")
        yield case


def _context(words: Mapping[str, object]) -> Context:
    def text(name: str) -> str | None:
        value = words.get(name)
        return str(value) if value not in (None, "") else None

    port = words.get("port")
    return Context(
        port=port if isinstance(port, int) else None,
        security=text("security"),
        stage=text("stage"),
        host=text("host"),
        provider=text("provider"),
    )


def _as_json(diagnosis: Diagnosis) -> dict[str, object]:
    names = ("cause", "title", "explanation", "fixes", "confidence", "also", "evidence")
    whole = diagnosis.as_json()
    return {name: whole[name] for name in names}
