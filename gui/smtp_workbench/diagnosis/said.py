"""What judgements about a mail domain are made of: a label, and what goes into its texts."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from smtp_workbench.lookup.published import Published
from smtp_workbench.net.dns import Status
from smtp_workbench.resource import read_toml

TEXTS: Final = "deliverability.toml"
Said = tuple[str, dict[str, object]]
"""A label of `resources/deliverability.toml` and the parameters of its texts."""


def first(conditions: Iterable[tuple[Any, str]], otherwise: str) -> str:
    """Return the label of the first condition that holds."""
    return next((label for holds, label in conditions if holds), otherwise)


def absent(found: Published, subject: str) -> str:
    """Return the label of records that can't be judged, for there isn't exactly one."""
    return first(
        [
            (found.status is Status.FAILED, "unanswered"),
            (not found.records, f"{subject}_missing"),
            (len(found.records) > 1, f"{subject}_several"),
        ],
        "",
    )


def about(found: Published, **params: object) -> dict[str, object]:
    """Return the parameters that all texts about *found* may have, and *params*."""
    records = "\n".join(found.records)
    return {"name": found.name, "records": records, "detail": found.detail, **params}


def words() -> Mapping[str, str]:
    """Return the small words that go into what was found."""
    found: Mapping[str, str] = read_toml(TEXTS)["words"]
    return found


def listed(items: Iterable[str]) -> str:
    """Return *items* in one line."""
    return ", ".join(items)
