"""Checks: one that works, one that always raises."""

from communique.schemas import Check


def no_paper_ships(record, document):
    """Reject a ship that the article calls planned only; flag one without a date."""
    said = " ".join(e.exact for e in record.evidence)
    if "planned" in said:
        yield Check(
            field="ship",
            outcome="contradicted",
            reason="only_planned",
            severity="reject",
            detail="the article says planned",
        )
    elif getattr(record, "when", None) is None:
        yield Check(field="when", outcome="unsupported", reason="no_date", severity="flag")


class Stumbles:
    """Raises on every record."""

    name = "stumbles"

    def __call__(self, record, document):
        raise ValueError("stumbled")
