"""A report as one HTML page for a ticket: nothing in it runs, and nothing is fetched for it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape

from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.diagnosis.written import verdict
from smtp_workbench.settings.change import Finding
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.report import Report

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .2em .8em .2em 0; }
pre, blockquote { background: #f2f3f5; color: #1d232b; margin: 0; padding: .6em .8em; }
pre { overflow-x: auto; } blockquote { white-space: pre-wrap; font-family: monospace; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_ARROWS = {"C": "▶", "S": "◀", "*": "·"}


def html(report: Report, transport: Transport, findings: Sequence[Finding], began: datetime) -> str:
    """Return *report* as a page. All of it has been redacted where it was seen."""
    target = report.target
    where = f"{target.host}:{target.port}" if target else transport.host
    title = escape(f"SMTP report: {where}")
    return "\n".join(
        (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
            f"<h1>{title}</h1>",
            *_parts(report, transport, findings, began),
            "</body>\n</html>\n",
        )
    )


def _parts(
    report: Report, transport: Transport, findings: Sequence[Finding], began: datetime
) -> Iterator[str]:
    target = report.target
    facts = [
        ("When", f"{began:%Y-%m-%d %H:%M:%S %Z}, {report.seconds:.2f} s"),
        ("Result", verdict(report)),
    ]
    if target is not None:
        words = (target.protocol, target.security, target.user or "no log-in")
        facts.insert(0, ("Settings", ", ".join(words)))
    yield _table((), facts)
    diagnosis = diagnose(report, transport)
    if diagnosis is not None:
        yield f"<h2>{escape(diagnosis.title)}</h2>\n<p>{escape(diagnosis.explanation)}</p>"
        yield f"<blockquote>{escape(diagnosis.evidence)}</blockquote>"
        yield _items(fix.label for fix in diagnosis.fixes)
    stages = [
        (stage.stage.value, stage.status.value, f"{stage.ms:.0f}", stage.detail)
        for stage in report.stages
        if stage.status is not None
    ]
    yield "<h2>Stages</h2>\n" + _table(("stage", "status", "ms", "detail"), stages)
    if report.recipients:
        answers = [
            (item.address, "yes" if item.accepted else "no", str(item.reply))
            for item in report.recipients
        ]
        yield "<h2>Recipients</h2>\n" + _table(("address", "accepted", "reply"), answers)
    if findings:
        yield "<h2>Findings</h2>"
        yield _items(f"{item.field} ({item.severity.value}): {item.message}" for item in findings)
    yield f"<h2>Traffic</h2>\n<pre>{escape(_traffic(report))}</pre>"


def _traffic(report: Report) -> str:
    return "\n".join(
        f"{line.t:9.3f} {_ARROWS[line.direction]} {'tls' if line.tls else '   '} {line.text}"
        for line in report.lines
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    first = f"<tr>{_cells('th', head)}</tr>\n" if head else ""
    lines = "\n".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
    return f"<table>\n{first}{lines}\n</table>"


def _cells(kind: str, texts: Sequence[str]) -> str:
    return "".join(f"<{kind}>{escape(text)}</{kind}>" for text in texts)


def _items(texts: Iterable[str]) -> str:
    lines = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{lines}</ul>" if lines else ""
