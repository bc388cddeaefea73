"""Out and in again: what comes back is what went out, up to what was said to be left out."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from formats.round_trips import NASTY, PASSWORDLESS, differences, unusable
from settings.transports import transports
from smtp_workbench.formats.format import Export, Format
from smtp_workbench.formats.registry import FORMATS, recognise
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Transport

PLAIN = Transport(host="smtp.example.com", auth=Auth(user="me@example.com"))
EQUALS: dict[str, tuple[str, ...]] = {}
"""Formats whose text is another one's too, by what it is recognised as."""
READABLE = [item for item in FORMATS if item.read]


SECRETS = (
    NASTY,
    " blanks at both ends ",
    "'",
    '"',
    "\\",
    "#",
    "null",
    "true",
    "0123",
    "a\\",
    "x # y",
    "%{z} %(y)s %d",
    "{{ handlebars }}",
    "\u00a0\u202e\u2028\ufeff",
    "🂡",
)


WITH_SECRET = [item for item in READABLE if item.id not in PASSWORDLESS]


def written(target: Format, transport: Transport, secret: Secret | None = None) -> Export:
    """Return the export; a target that can't hold a character may say so."""
    try:
        return target.write(transport, secret)
    except ValueError:
        reject()


@pytest.mark.parametrize("target", READABLE, ids=lambda item: item.id)
# Control characters, which no line can hold, are often among what is drawn.
@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_an_export_is_equal_after_import_up_to_what_it_leaves_out(
    target: Format, data: st.DataObject
) -> None:
    transport = data.draw(transports())
    if target.id == "nodemailer-pool":
        transport = replace(transport, pool=replace(transport.pool, enabled=True))
    assert target.read
    export = written(target, transport)
    try:
        read = target.read(export.text)
    except ValueError:
        assert unusable(transport)
    else:
        assert not list(differences(transport, read.change.apply(Transport()), export))


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("target", WITH_SECRET, ids=lambda item: item.id)
def test_a_secret_comes_back_as_it_was(target: Format, secret: str) -> None:
    assert target.read
    try:
        export = target.write(PLAIN, Secret(secret))
    except ValueError as error:
        pytest.skip(str(error))
    assert target.read(export.text).change.secret == Secret(secret)


@pytest.mark.parametrize("target", WITH_SECRET, ids=lambda item: item.id)
@given(secret=st.text(min_size=1, max_size=30))
def test_any_secret_comes_back_or_the_text_is_refused(target: Format, secret: str) -> None:
    """Line ends and controls are in no password; they may be refused but never changed."""
    assert target.read
    text = written(target, PLAIN, Secret(secret)).text
    try:
        read = target.read(text)
    except ValueError:
        assert any(ord(character) < 32 or character == "\x7f" for character in secret)
    else:
        assert read.change.secret == Secret(secret)


@pytest.mark.parametrize("target", WITH_SECRET, ids=lambda item: item.id)
def test_without_a_secret_there_is_a_reference_to_one(target: Format) -> None:
    assert target.read
    export = target.write(PLAIN, None)
    assert "SMTP_PASSWORD" in export.text
    assert target.read(export.text).change.secret == Secret("${SMTP_PASSWORD}")
    other = target.write(PLAIN, Secret("${OTHER_NAME}"))
    assert "OTHER_NAME" in other.text
    assert target.read(other.text).change.secret == Secret("${OTHER_NAME}")


@pytest.mark.parametrize("target", READABLE, ids=lambda item: item.id)
@pytest.mark.parametrize("security", Security)
def test_an_export_is_recognised_as_itself(target: Format, security: Security) -> None:
    export = target.write(replace(PLAIN, security=security), None)
    best, score = recognise(export.text)[0]
    assert score > 0.5
    assert best.id in (target.id, *EQUALS.get(target.id, ()))


@pytest.mark.parametrize("target", READABLE, ids=lambda item: item.id)
@given(text=st.text())
def test_any_text_is_read_or_refused(target: Format, text: str) -> None:
    assert target.read
    assert target.resemblance
    start = target.write(PLAIN, None).text
    for candidate in (text, start[: len(text) * 7] + text, text.join(start.split("="))):
        target.resemblance(candidate)
        try:
            target.read(candidate).change.apply(Transport())
        except ValueError as error:
            assert str(error)  # noqa: PT017  # both outcomes are right
