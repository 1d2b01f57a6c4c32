"""Checks of one's own: functions that look at a checked record beside its document, over as many fields as they like."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

from communique.documents import Document
from communique.schemas import Check, Record, Rejection

_LOG = logging.getLogger("communique.checks")


@runtime_checkable
class RecordCheck(Protocol):
    """Looks at one record after our checks, with evidence, ids and dates filled in. A plain function will do.

    What it yields is added to the record's checks: `flagged` keeps the record and flags it, `failed` makes it a rejection.
    """

    def __call__(self, record: Record, document: Document, /) -> Iterable[Check]:
        """Yield what is to be said of the record; nothing where the check doesn't concern it."""
        ...


def name_of(check: RecordCheck) -> str:
    """Return the name of a check: its `name`, else that of its function or class."""
    own = getattr(check, "name", None) or getattr(check, "__name__", None)
    return str(own or type(check).__name__)


def run_checks(
    records: Sequence[Record], document: Document, checks: Sequence[RecordCheck]
) -> tuple[tuple[Record, ...], tuple[Rejection, ...]]:
    """Return the records that the checks keep, and those that they reject. A check that raises flags the record."""
    kept: list[Record] = []
    rejections: list[Rejection] = []
    for record in records:
        said = [found for check in checks for found in _said(check, record, document)]
        if not said:
            kept.append(record)
            continue
        update = {"checks": (*record.checks, *said)}
        failed = next((c for c in said if c.outcome == "failed"), None)
        if failed is not None:
            refused = record.model_copy(update=update)
            draft = record.model_dump(mode="json", exclude={"checks", "derived", "opinions", "id", "verdict"})
            rejections.append(Rejection.of(refused, failed, draft))
            continue
        flagged = any(c.outcome == "flagged" for c in said)
        kept.append(record.model_copy(update=update | ({"verdict": "flagged"} if flagged else {})))
    return tuple(kept), tuple(rejections)


def _said(check: RecordCheck, record: Record, document: Document) -> list[Check]:
    try:
        found: list[Any] = list(check(record, document) or ())
        wrong = next((f for f in found if not isinstance(f, Check)), None)
        if wrong is not None:
            raise TypeError(f"gave a {type(wrong).__name__}, not a Check")  # noqa: TRY301 - told as any other fault
    except Exception as error:  # noqa: BLE001 - a stranger's code must not break a run
        _LOG.warning("the check %s raised in document %s", name_of(check), document.id, exc_info=True)
        detail = f"the check {name_of(check)} raised {type(error).__name__}: {error}"[:300]
        return [Check(field="record", outcome="flagged", reason="check_raised", detail=detail)]
    return found
