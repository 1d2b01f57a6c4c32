"""Records for people: the headline, and small HTML cards for notebooks.

The headline is one short sentence, made by code from the fields, never a model's prose. It tells calls from meetings,
plans from events, claims from facts. It says "imposes" only where the checks found that the cited sentences state a
measure, and don't fear, plan, ease, lift or refuse it (`Derived.measure_stated`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from html import escape
from typing import Any

from pydantic import BaseModel

from communique.schemas.allegation import Allegation
from communique.schemas.annotation import LISTS, ordered
from communique.schemas.markers import Worded, stated_fields
from communique.schemas.meeting import Meeting
from communique.schemas.parts import Actor, Place, Response
from communique.schemas.record import Record, snake
from communique.schemas.sanctions_concern import BREACHES, SanctionsConcern

PARTIES = "unnamed parties"
LONGEST = 200
"""Code points of the line for a record type of one's own; no value is cut, those behind are left out."""

_COLOURS = {"meetings": "#0b7285", "allegations": "#b4470f", "sanctions_concerns": "#6b3fc4"}  # those of the report
_OTHER = "#4a6a1f"
_VERDICTS = {"verified": "#1d6b3a", "flagged": "#8a6100"}

_MEET = {
    "held": "{by} met",
    "ongoing": "{by} {are} meeting",
    "planned": "{by} plan{s} to meet",
    "proposed": "It is proposed that {by} meet",
    "cancelled": "A meeting of {by} was cancelled",
    "refused": "A proposed meeting of {by} was refused",
    "broken_off": "{by} met, and broke it off",
    "unclear": "A meeting of {by} is spoken of",
}
CALL = {
    "held": "{by} spoke by phone",
    "ongoing": "{by} {are} speaking by phone",
    "planned": "{by} plan{s} to speak by phone",
    "proposed": "It is proposed that {by} speak by phone",
    "cancelled": "A phone call of {by} was cancelled",
    "refused": "A proposed phone call of {by} was refused",
    "broken_off": "{by} spoke by phone, and broke it off",
    "unclear": "A phone call of {by} is spoken of",
}
STAGE = {
    "potential": "{by} say{s} that {who} may breach {regime}",
    "alleged": "{by} say{s} that {who} did breach {regime}",
    "found": "{by} find{s} that {who} did breach {regime}",
    "proposed": "{by} propose{s} {regime} on {who}",
    "imposed": "{by} impose{s} {regime} on {who}",
    "eased": "{by} ease{s} {regime} on {who}",
    "lifted": "{by} lift{s} {regime} on {who}",
    "refused": "{by} decide{s} against {regime} on {who}",
    "called_for": "{by} call{s} for {regime} on {who}",
    "in_force": "{by} keep{s} {regime} on {who} in force",
    "unclear": "{by} speak{s} of {regime} on {who}",
}
_SUSPECTED = "{by} suspect{s} that {who} did breach {regime}"
_EASED = "{by} speak{s} of easing or lifting {regime} on {who}"
_REFUSED = "{by} speak{s} of refusing {regime} on {who}"


def headline(record: Record) -> str:
    """Return a record in one short sentence for people."""
    if isinstance(record, Meeting):
        return f"{meeting_of(record, CALL, record.derived.date)}."
    if isinstance(record, Allegation):
        return f"{_allegation(record)}: “{record.claim}”{_denied(record.responses)}"
    if isinstance(record, SanctionsConcern):
        return f"{_concern(record)}: “{record.concern}”{_denied(record.responses)}"
    return _own(record)


def names(actors: Sequence[Actor], nobody: str = PARTIES) -> str:
    """Join names as a sentence would: `A, B and C`."""
    found = [a.name for a in actors]
    if not found:
        return nobody
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def put(
    pattern: str,
    by: Sequence[Actor],
    who: Sequence[Actor] = (),
    regime: str = "",
    *,
    nobody: str = "Somebody who is not named",
) -> str:
    """Fill a pattern; its verb agrees with `by`."""
    one = len(by) == 1 or (not by and nobody != PARTIES)
    return pattern.format(
        by=names(by, nobody),
        who=names(who),
        regime=regime,
        s="s" if one else "",
        ies="ies" if one else "y",
        are="is" if one else "are",
    )


def regime_of(record: SanctionsConcern) -> str:
    """Return the sanctions that a record names, in words."""
    named = [name for name in record.regime if name.casefold() != "sanctions"]
    return f"sanctions ({', '.join(named)})" if named else "sanctions"


def meeting_of(record: Meeting, calls: Mapping[str, str], date: str | None = None) -> str:
    """Return who met whom where and when, without the point; `calls` are, by status, the patterns for a call."""
    pattern = (calls if record.mode == "call" else _MEET)[record.status]
    where = f" in {record.place.name}" if record.place else ""
    when = f" ({record.when}{f', {date}' if date else ''})" if record.when else ""
    return f"{put(pattern, record.participants, nobody=PARTIES)}{where}{when}"


def _allegation(record: Allegation) -> str:
    suspected = record.commitment in {"possible", "probable"}
    if record.accusers:
        return put("{by} suspect{s} {who}" if suspected else "{by} accuse{s} {who}", record.accusers, record.accused)
    said = put("{by} {are} " + ("suspected" if suspected else "accused"), record.accused)
    return f"{said} (no accuser is named)"


def _concern(record: SanctionsConcern) -> str:
    measure = record.stage not in BREACHES
    by = "An unnamed authority" if measure else "An unnamed source"
    unsure = record.stage != "potential" and record.commitment in {"possible", "probable"}
    pattern = _measure(record) if measure else _SUSPECTED if unsure else STAGE[record.stage]
    return put(pattern, record.raised_by, record.subjects, regime_of(record), nobody=by)


def _measure(record: SanctionsConcern) -> str:
    """Return the pattern for a measure: what the words don't state, the headline doesn't say."""
    unsure = record.commitment in {"possible", "probable"}
    if record.stage not in {"proposed", "imposed"}:
        return STAGE["unclear" if unsure else record.stage]
    stated = record.derived.measure_stated
    if stated in {"eased", "refused"}:
        return _EASED if stated == "eased" else _REFUSED
    if record.stage == "proposed":
        return STAGE["called_for" if record.measure == "called_for" else "proposed"]
    if unsure or stated is None:
        return STAGE["unclear"]
    return STAGE["in_force" if record.measure == "in_force" else "imposed"]


def _denied(responses: Sequence[Response]) -> str:
    deniers = [a for r in responses if r.type == "denial" for a in r.responders]
    return f" {put('{by} den{ies} it', deniers)}." if deniers else ""


def _own(record: Record) -> str:
    """Return the line of a record type of one's own: its sentence, else its values, else the sentence that states it."""
    name = snake(type(record).__name__).replace("_", " ").capitalize()
    fields = stated_fields(type(record))
    worded = (getattr(record, n) for n, marks in fields if any(isinstance(m, Worded) for m in marks))
    if sentence := next((v for v in worded if v and isinstance(v, str)), ""):
        return f"{name}: “{sentence}”"
    told = ""
    for value in values_of(record):
        longer = f"{told}; {value}" if told else value
        if len(longer) > LONGEST:
            break
        told = longer
    told = told or (record.evidence[0].exact if record.evidence else "")
    return f"{name}: {told}" if told else name


def values_of(part: BaseModel, between: str = " ") -> Iterator[str]:
    """Yield each field of a record or a part that holds something: its name in words, what stands between, its value."""
    for name, _ in stated_fields(type(part)):
        value = getattr(part, name)
        if value not in (None, "", (), [], {}) and (shown := _shown(value, between)):
            yield f"{name.replace('_', ' ')}{between}{shown}"


def _shown(value: Any, between: str) -> str:
    if isinstance(value, (Actor, Place)):
        return value.name
    if isinstance(value, BaseModel):
        return f"({', '.join(values_of(value, between))})"
    if isinstance(value, LISTS):
        return ", ".join(_shown(v, between) for v in ordered(value))
    return str(value.value if isinstance(value, Enum) else value)


def card(record: Record) -> str:
    """Return a record as a card: its kind and verdict, its headline, its sentences, what is to be checked."""
    colour = _COLOURS.get(record.plural, _OTHER)
    kind, verdict = record.plural.replace("_", " ").removesuffix("s"), str(record.verdict)
    sentences = "".join(
        f'<div style="font-family:Georgia,serif;opacity:.8;margin-top:.3em">[{e.sentence}] {escape(e.exact)}</div>'
        for e in record.evidence
    )
    told = "; ".join(dict.fromkeys(f"{_in_words(c.field)}: {c.detail or _in_words(c.reason)}" for c in record.flags))
    doubt = f'<div style="color:{_VERDICTS["flagged"]};margin-top:.3em">Please check: {escape(told)}</div>'
    return (
        f'<div style="border-left:4px solid {colour};padding:.4em .8em;margin:.5em 0;max-width:60em">'
        f'<div style="font-size:.8em"><b style="color:{colour}">{escape(kind)}</b> · '
        f'<span style="color:{_VERDICTS.get(verdict, "inherit")}">{escape(verdict)}</span></div>'
        f"<div><b>{escape(record.headline)}</b></div>{sentences}{doubt if told else ''}</div>"
    )


def cards(title: str | None, records: Iterable[Record], rejected: int) -> str:
    """Return the records of one document, below its title; `rejected` is how many drafts were."""
    shown = "".join(map(card, records)) or "<div>no records</div>"
    left = f'<div style="font-size:.8em">{rejected} rejected</div>' if rejected else ""
    return f'<div><div style="font-size:1.1em"><b>{escape(title or "")}</b></div>{shown}{left}</div>'


def _in_words(path: str) -> str:
    """Return a field's path as words: `participants[1].name` gives `participants`."""
    return re.sub(r"\[\d+\]", "", path).removesuffix(".name").replace("_", " ").replace(".", ", ")
