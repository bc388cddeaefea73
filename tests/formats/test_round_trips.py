"""Out and in again: what comes back is what went out, up to what was said to be left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.round_trips import differences
from settings.transports import transports
from smtp_workbench.formats.format import Format
from smtp_workbench.formats.registry import FORMATS
from smtp_workbench.settings.transport import Transport

READABLE = [item for item in FORMATS if item.read]
NASTY = "p'\"\\$#%&{}` 日本 and blanks ${x} #{y} <%= z %> \\n !'!"


@pytest.mark.parametrize("target", READABLE, ids=lambda item: item.id)
@given(data=st.data())
def test_an_export_is_equal_after_import_up_to_what_it_leaves_out(
    target: Format, data: st.DataObject
) -> None:
    transport = data.draw(transports())
    assert target.read
    export = target.write(transport, None)
    read = target.read(export.text)
    assert not list(differences(transport, read.change.apply(Transport()), export))
