"""The window and the command line in front of the same Postfix."""

import asyncio
import json
import subprocess
import sys

import pytest

from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import TESTING, Auth, Security, Tls, Transport, Trust
from smtp_workbench.ui.form import Filled
from support.servers.fixtures import mail_system, postfix
from support.servers.server import PASSWORD, USER, MailServer
from ui.conftest import Expected, Open

__all__ = ["mail_system", "postfix"]
pytestmark = pytest.mark.real_server


@pytest.mark.parametrize("password", [PASSWORD, "wr0ng"], ids=["right", "wrong"])
async def test_both_tell_the_same(postfix: MailServer, password: str, opened: Open) -> None:
    transport = Transport(
        host=postfix.host,
        port=postfix.ports["submission"],
        security=Security.STARTTLS,
        timeouts=TESTING,
        tls=Tls(trust=Trust.CA_FILE, ca_file=str(postfix.ca_file)),
        auth=Auth(user=USER),
    )
    async with opened() as app:
        app.book.add("Postfix", Filled(transport, Secret(password)))
        finished = Expected(app.conversation.finished)
        app.window.runs.verify()
        await finished
        process = await asyncio.to_thread(
            subprocess.run,
            [
                *(sys.executable, "-m", "smtp_workbench", "verify", "--json", "--password-stdin"),
                f"smtp://{transport.host}:{transport.port}?requireTLS=true",
                *("--user", USER, "--ca-file", transport.tls.ca_file),
            ],
            input=password,
            capture_output=True,
            text=True,
        )
        told, shown = json.loads(process.stdout), app.conversation.report.as_json()
        for stage in (*told["stages"], *shown["stages"]):  # type: ignore[misc]
            del stage["ms"], stage["detail"]
        for name in ("ok", "stages", "failed_stage", "reply", "tls", "extensions"):
            assert told[name] == shown[name]
        states = [stop.state for stop in app.window.session.rail.stops if stop.index >= 0]
        assert states == [stage["status"] for stage in told["stages"]]
        card = app.window.session.card.text
        diagnosis = told["diagnosis"]
        assert (card.kind, card.title) == (
            ("bad", diagnosis["title"]) if diagnosis else ("good", "It works")
        )
        last = app.book.profiles[0].last
        assert last is not None
        assert (last.ok, last.cause) == (told["ok"], diagnosis and diagnosis["cause"])
