"""Who is in the middle of a run that works is told in the window and in the report."""

from pathlib import Path

from smtp_workbench.settings.transport import TESTING, Security, Tls, Transport, Trust
from smtp_workbench.ui.form import Filled
from support.in_the_middle import kept, leaf, root, server
from support.scripted import serve
from ui.conftest import Expected, Open

AVAST = "Avast Web/Mail Shield Root"


async def test_a_run_that_works_behind_a_reader_is_warned_of(opened: Open, tmp_path: Path) -> None:
    trusted = kept(tmp_path, root(AVAST))
    script = server("here ESMTP", "here", chain=(leaf(root(AVAST), "127.0.0.1"),), implicit=True)
    async with opened() as app:
        with serve(script) as listening:
            transport = Transport(
                host="127.0.0.1",
                port=listening.port,
                security=Security.IMPLICIT_TLS,
                tls=Tls(trust=Trust.CA_FILE, ca_file=str(trusted)),
                timeouts=TESTING,
            )
            app.book.add("Mine", Filled(transport))
            finished = Expected(app.conversation.finished)
            app.window.runs.verify()
            await finished
        card = app.window.session.card.text
        assert (card.kind, card.title) == ("warning", "It works")
        assert any(line.startswith("Avast reads the TLS connection") for line in card.advice)
        last = app.book.profiles[-1].last
        assert last is not None
        assert last.warned
        written = tmp_path / "report.md"
        said = Expected(app.window.runs.reporting.said)
        app.window.runs.reporting.write(written)
        await said
        assert "Avast reads the TLS connection" in written.read_text("utf-8")
