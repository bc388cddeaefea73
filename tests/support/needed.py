"""What a test needs of the machine: without it the test is skipped, on CI it fails."""

import os

import pytest


def need(what: str, *, there: bool) -> None:
    """Skip the test if *what* isn't there; on CI, fail it."""
    if there:
        return
    reason = f"needs {what}, which `packaging/test` brings when root runs it"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
