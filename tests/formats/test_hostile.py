"""Texts made to keep a reader busy: all that reads them comes to an end, with no other error."""

from contextlib import suppress

import pytest

from smtp_workbench.formats.registry import FORMATS

LENGTH = 40_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize("part", [" ", "\n", "'", "\\", "[", "a \\\n", "smtp://a ", "@"])
def test_a_reader_comes_to_an_end(part: str) -> None:
    text = part * (LENGTH // len(part))
    for item in FORMATS:
        if item.resemblance:
            item.resemblance(text)
        if item.read:
            with suppress(ValueError):
                item.read(text)
