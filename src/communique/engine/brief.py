"""The brief: a few plain sentences rendered by code from the checked records, each with its evidence; never a model's prose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from communique.schemas import Actor, Allegation, Meeting, Record, SanctionsConcern, Statement

_MEETING = {
    "held": "{who} met{where}{when}.",
    "ongoing": "{who} are meeting{where}{when}.",
    "planned": "{who} plan to meet{where}{when}.",
    "proposed": "A meeting of {who} is proposed{where}{when}.",
    "cancelled": "A meeting of {who}{where}{when} was cancelled.",
}
_STAGE = {
    "potential": "{by} that {who} may breach {regime}",
    "alleged": "{by} that {who} breach {regime}",
    "found": "{by} that {who} breach {regime}",
    "proposed": "{by} measures against {who} under {regime}",
    "imposed": "{by} measures against {who} under {regime}",
}


def brief(records: Iterable[Record]) -> tuple[Statement, ...]:
    """Render one statement a record. Flagged records say so."""
    return tuple(Statement(text=_visible(r, _sentence(r)), record=r.id, evidence=r.evidence) for r in records)


def _visible(record: Record, text: str) -> str:
    return (
        text
        if record.verdict == "verified"
        else f"{text} [flagged: {', '.join(dict.fromkeys(c.reason for c in record.flags))}]"
    )


def _sentence(record: Record) -> str:
    if isinstance(record, Meeting):
        return _meeting(record)
    if isinstance(record, Allegation):
        return _allegation(record)
    if isinstance(record, SanctionsConcern):
        return _concern(record)
    first = record.evidence[0].exact if record.evidence else ""
    return f"{type(record).__name__}: {first}"


def names(actors: Sequence[Actor], none: str = "unnamed parties") -> str:
    """Join names as a sentence would: `A, B and C`."""
    found = [a.name for a in actors]
    if not found:
        return none
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def _when(record: Record) -> str:
    when = getattr(record, "when", None)
    date = record.derived.date
    return f" ({when}{f', {date}' if date else ''})" if when else ""


def _meeting(record: Meeting) -> str:
    where = f" in {record.place.name}" if record.place else ""
    return _MEETING[record.status].format(who=names(record.participants), where=where, when=_when(record))


def _allegation(record: Allegation) -> str:
    who = names(record.accusers, "It is alleged (no accuser is named)")
    verb = {"possible": "suspects", "probable": "suspects"}.get(
        record.commitment, "accuses" if len(record.accusers) == 1 else "accuse"
    )
    said = (
        f"{who} {verb} {names(record.accused)}: “{record.claim}”"
        if record.accusers
        else f"{who} of {names(record.accused)}: “{record.claim}”"
    )
    deniers = [a for r in record.responses if r.type == "denial" for a in r.responders]
    return f"{said} {names(deniers)} {'deny' if len(deniers) > 1 else 'denies'} it." if deniers else said


def _concern(record: SanctionsConcern) -> str:
    regime = ", ".join(record.regime) or "sanctions"
    who = names(record.subjects)
    measure = record.stage in {"proposed", "imposed"}
    verbs = {"proposed": "proposes", "imposed": "imposes"}
    by = names(record.raised_by, "Unnamed sources" if not measure else "An unnamed authority")
    verb = verbs.get(record.stage, "says" if len(record.raised_by) == 1 else "say")
    text = _STAGE[record.stage].format(by=f"{by} {verb}", who=who, regime=regime)
    return f"{text}: “{record.concern}”"
