"""Verification: a draft goes in, and each record comes out verified, flagged with reasons, or rejected with one.

Nothing here raises on bad content: a rejected record is a value. The checks are those that the markers on the fields ask
for, and a few rules on what a record is (`telltales`, `roles`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from communique.documents import Document
from communique.grounding.accusations import HOLDERS, check_sides
from communique.grounding.actors import ActorChecks
from communique.grounding.borrowed import borrowed_check
from communique.grounding.citations import cite, evidence_of
from communique.grounding.contradictions import contradictions
from communique.grounding.fields import FieldChecks
from communique.grounding.old_cues import cues_of
from communique.grounding.responses import check_responses
from communique.grounding.telltales import cue_in, kind_check, nobody_check
from communique.grounding.unmarked import may_be_unmarked, unverified
from communique.schemas import Actor, Attribution, Check, Meeting, Record, Rejection, Response, Summary

VERIFIER = "communique-verify/1"
"""Name and version of the rules, part of the configuration's fingerprint."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks say of a draft.

    Attributes:
        records: Verified and flagged records, evidence copied, in the order of the draft.
        rejections: The others, with reasons.
        complaints: One line for each failed check, to ask again with.
    """

    records: tuple[Record, ...]
    rejections: tuple[Rejection, ...]
    complaints: tuple[str, ...]


def verify(draft: Summary, document: Document, known_false: Iterable[str] = ()) -> Verdict:
    """Check every record of a draft against its document.

    Args:
        draft: What the model said.
        document: The document.
        known_false: Names that exist only in the worked examples.
    """
    return Verifier(document, known_false).verify(draft)


class Verifier:
    """Checks drafts against one document, and remembers: what was checked before and stayed as it was is not checked again.

    Args:
        document: The document.
        known_false: Names that exist only in the worked examples.
    """

    def __init__(self, document: Document, known_false: Iterable[str] = ()) -> None:
        self.document = document
        self.checked = 0
        """How many records were checked, those taken from memory not counted."""
        self._false = frozenset(known_false)
        self._seen: dict[tuple[Record, tuple[int, ...]], Record | Rejection] = {}

    def verify(self, draft: Summary) -> Verdict:
        """Check every record of a draft."""
        claims = tuple(
            min(e.sentence for e in r.evidence)
            for key, group in draft.records.items()
            for r in group
            if key == "allegations" and r.evidence
        )
        records: list[Record] = []
        rejections: list[Rejection] = []
        complaints: list[str] = []
        for key, said, why in draft.unparsed:
            check = Check(field=why.partition(":")[0], outcome="failed", reason="malformed", detail=why)
            rejections.append(
                Rejection(
                    kind=key, reason="malformed", field=check.field, detail=why, draft=said, checks=(check,)
                )
            )
            complaints.append(f"{key}: {why}")
        for key, group in draft.records.items():
            for index, record in enumerate(group):
                checked = self._one(record, claims)
                failed = [c for c in checked.checks if c.outcome == "failed"]
                complaints += [f"{key}[{index}].{c.field}: {c.detail or c.reason}" for c in failed]
                if isinstance(checked, Rejection):
                    rejections.append(checked)
                else:
                    records.append(checked)
        return Verdict(tuple(records), tuple(rejections), tuple(complaints))

    def _one(self, record: Record, claims: tuple[int, ...]) -> Record | Rejection:
        # Only a denial looks at the other claims.
        key = (record, claims if getattr(record, "responses", ()) else ())
        try:
            known = self._seen.get(key)
        except TypeError:  # a record type of a user may hold lists
            return self._check(record, claims)
        if known is None:
            known = self._seen[key] = self._check(record, claims)
        return known

    def _check(self, record: Record, claims: tuple[int, ...]) -> Record | Rejection:
        self.checked += 1
        return _verify_one(record, self.document, claims, self._false)


def _verify_one(
    record: Record, document: Document, claims: Sequence[int], false: frozenset[str]
) -> Record | Rejection:
    cited, checks = cite((e.sentence for e in record.evidence), document, "evidence")
    if not cited:
        return _rejected(record, checks)
    beside = sorted({c.number + step for c in cited for step in (-1, 1)})
    around = [document.sentence(n) for n in beside if 1 <= n <= len(document.sentences)]
    kind = kind_check(record, cited, around, document.language)
    if kind is not None:
        checks.append(kind)
        if kind.outcome == "failed":
            return _rejected(record, checks)
    actors = ActorChecks(document, cited, false)
    update = _who(record, actors)
    checks += actors.checks
    nobody = nobody_check(record, actors.checks, cited, document.language)
    if nobody is not None:
        return _rejected(record, [*checks, nobody])
    checks += check_sides(record, update, cited, document)
    now = record.model_copy(update=update)
    fields = FieldChecks(now, cited, document)
    update |= fields.of(now)
    checks += fields.checks
    responses = getattr(record, "responses", ())
    if isinstance(responses, tuple) and responses and all(isinstance(r, Response) for r in responses):
        holders = [a for role in HOLDERS for a in update.get(role, getattr(record, role, ()))]
        update["responses"], said = check_responses(responses, cited, holders, claims, document, false)
        checks += said
    if update.get("cue", getattr(record, "cue", None)) == "":
        update["cue"] = next(
            filter(None, (cue_in(cues_of(record), document.language, s.text) for s in cited)), ""
        )
    empty = _empty_roles(record, update)
    if empty or _gone(record, update):
        checks += [empty] if empty else []
        return _rejected(record, checks)
    borrowed = borrowed_check(record, checks, cited)
    if borrowed is not None:
        return _rejected(record, [borrowed, *checks])
    if isinstance(record, Meeting) and len(update.get("participants", record.participants)) < 2:
        checks.append(
            Check(
                field="participants",
                outcome="flagged",
                reason="one_side_only",
                detail="only one side is named",
            )
        )
    if may_be_unmarked(type(record)):
        checks += unverified(record.model_copy(update=update))
    checks += contradictions(record, update, cited)
    verdict = "verified" if all(c.outcome == "passed" for c in checks) else "flagged"
    update |= {"evidence": evidence_of(cited, document), "checks": tuple(checks), "verdict": verdict}
    return record.model_copy(update=update)


def _who(record: Record, actors: ActorChecks) -> dict[str, Any]:
    """Check everybody that the record names: those in a role, and those who say so."""
    update: dict[str, Any] = {}
    for name, value in record:
        if not value or not isinstance(value, (tuple, list)):
            continue
        if all(isinstance(v, Actor) for v in value):
            update[name] = type(value)(actors.keep(value, name, speaks=name in HOLDERS))
        elif isinstance(value, tuple) and all(isinstance(v, Attribution) for v in value):
            update[name] = _attributions(value, actors, name)
    return update


def _attributions(value: Sequence[Attribution], actors: ActorChecks, name: str) -> tuple[Attribution, ...]:
    kept = []
    for index, attribution in enumerate(value):
        source = actors.keep(attribution.source, f"{name}[{index}].source")
        if source:
            kept.append(attribution.model_copy(update={"source": source}))
    return tuple(kept)


def _empty_roles(record: Record, update: dict[str, Any]) -> Check | None:
    roles = type(record).subjects_of
    if roles and not any(update.get(role, getattr(record, role)) for role in roles):
        return Check(
            field=roles[0],
            outcome="failed",
            reason="nobody_left",
            detail="no name in this role holds against the article",
        )
    return None


def _gone(record: Record, update: dict[str, Any]) -> bool:
    """Tell whether a field that the type requires did not hold: without it there is no such record."""
    fields = type(record).model_fields
    return any(value is None and fields[name].is_required() for name, value in update.items())


def _rejected(record: Record, checks: Sequence[Check]) -> Rejection:
    failed = [c for c in checks if c.outcome == "failed"]
    return Rejection.of(record, failed[0] if failed else checks[0], _draft(record), checks)


def _draft(record: BaseModel) -> dict[str, Any]:
    said: dict[str, Any] = record.model_dump(mode="json", exclude_defaults=True)
    said["evidence"] = [e.sentence for e in getattr(record, "evidence", ())]
    return said
