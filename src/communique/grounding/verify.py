"""Verification: a draft goes in, and each record comes out supported, flagged with reasons, or rejected with one.

Nothing here raises on bad content: a rejected record is a value. What the article supports is neither removed nor
rewritten.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel

from communique.documents import Document
from communique.grounding.article import Article, article_of
from communique.grounding.changes import OUT, changed, filled, value_at
from communique.grounding.citations import cite, evidence_of, placed, with_denial
from communique.grounding.policy import Policy, load_policy
from communique.grounding.rules import REASONS, RecordCheck, name_of, rules_for
from communique.grounding.rules.rule import Severity
from communique.grounding.support import support_of
from communique.schemas import Check, Record, Rejection, Response, Summary
from communique.schemas.stored import dumped

VERIFIER = "communique-verify/2"
"""Name and version of the code of the checks, part of the configuration's fingerprint."""
MENDABLE = frozenset(
    {
        "not_in_article",
        "example_leak",
        "malformed",
        "no_evidence",
        "nobody_left",
        "sides_swapped",
        "suspect_accuses",
        "time_not_in_article",
        "unreadable",
    }
)
"""Reasons that are told to the model when it is asked again: what it can put right by reading once more."""
_LOG = logging.getLogger("communique.checks")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks say of a draft.

    Attributes:
        records: Supported and flagged records, evidence copied, in the order of the draft.
        rejections: The others, with reasons.
        complaints: One line for each check that asking again may mend.
    """

    records: tuple[Record, ...]
    rejections: tuple[Rejection, ...]
    complaints: tuple[str, ...]


def verify(draft: Summary, document: Document, examples: Iterable[str] = (), policy: Policy | None = None) -> Verdict:
    """Check every record of a draft against its document.

    Args:
        draft: What the model said.
        document: The document.
        examples: Names that exist only in the worked examples of the prompt.
        policy: How verdicts are made; `strong` if None.
    """
    policy = policy or load_policy("strong")
    article, shown = article_of(document), frozenset(examples)
    records: list[Record] = []
    rejections: list[Rejection] = []
    complaints: list[str] = []
    for key, said, why in draft.unparsed:
        check = Check(
            field=why.partition(":")[0],
            outcome="unsupported",
            reason="malformed",
            severity="reject",
            detail=why,
        )
        rejections.append(
            Rejection(kind=key, reason="malformed", field=check.field, detail=why, draft=said, checks=(check,))
        )
        complaints.append(f"{key}: {why}")
    for key, group in draft.records.items():
        for index, record in enumerate(group):
            checked = check_record(record, article, shown, policy)
            complaints += [
                f"{key}[{index}].{c.field}: {c.detail or c.reason}"
                for c in checked.checks
                if c.reason in MENDABLE or (c.severity == "reject" and c.change == "left_out")
            ]
            if isinstance(checked, Rejection):
                rejections.append(checked)
            else:
                records.append(checked)
    return Verdict(tuple(records), tuple(rejections), tuple(complaints))


def check_record(draft: Record, article: Article, examples: frozenset[str], policy: Policy) -> Record | Rejection:
    """Check one record: cite, look for its values, let the rules speak, decide.

    Args:
        draft: The record as it was drafted.
        article: The article.
        examples: Names that exist only in the worked examples of the prompt.
        policy: How verdicts are made.
    """
    document = article.document
    sentences, checks = cite((e.sentence for e in draft.evidence), document, "evidence")
    checks = [_graded(c, policy) for c in (*draft.checks, *checks)]
    if not sentences:
        return _rejected(draft, [*checks, _reject("evidence", "no_evidence", "no sentence is cited")])
    responses, said = _cite_responses(draft, document)
    record = draft.model_copy(update={**responses, "evidence": evidence_of(sentences, document)})
    record = placed(record, article)
    found = support_of(record, article, examples)
    record, looked = _settled(record, found.checks, policy)
    checks += [_graded(c, policy) for c in said] + looked
    if record is OUT:
        return _rejected(draft, checks)
    left_out = [c for c in looked if c.change != "kept"]
    if left_out:  # what is left has other paths
        found = support_of(record, article, examples)
        checks = [c for c in checks if c not in looked] + left_out
        checks += [_graded(c, policy) for c in found.checks]
        if _nobody(record) and not _nobody(draft):
            field = type(record).subjects_of[0]
            return _rejected(draft, [*checks, _reject(field, "nobody_left", "none of these names is in the article")])
    seen = {"support": found.support, "checks": tuple(checks), "verdict": "supported"}
    record = record.model_copy(update=seen | filled(record, article))
    if policy.add_denials:
        record = with_denial(record, article)
    record, spoken = _settled(record, _spoken(record, article), policy)
    adopted = [c for c in spoken if c.change != "kept"]
    if adopted and record is not OUT:  # the rules look at what became of it, not at what it was
        record = supported_anew(record, document)
        record, again = _settled(record, _spoken(record, article), policy)
        spoken = [*adopted, *again]
    if record is OUT:
        return _rejected(draft, [*checks, *spoken])
    if _nobody(record) and not _nobody(draft):
        return _rejected(draft, [*checks, *spoken, _reject("record", "nobody_left", "nobody is left whom it is about")])
    if any(c.change == "left_out" for c in spoken[len(adopted) :]):  # the paths of what is left have changed
        record = supported_anew(record, document)
    return decided(record, (*record.checks, *spoken), draft)


def _spoken(record: Record, article: Article) -> list[Check]:
    return [c for rule in rules_for(type(record)) for c in rule.look(record, article)]


def run_checks(
    records: Sequence[Record],
    document: Document,
    checks: Sequence[RecordCheck],
    policy: Policy | None = None,
) -> tuple[tuple[Record, ...], tuple[Rejection, ...]]:
    """Return the records that custom checks keep, and those that they reject. A check that raises flags the record.

    Args:
        records: The records.
        document: The document.
        checks: The checks.
        policy: What overrules the severity of our own reasons; `strong` if None.
    """
    policy = policy or load_policy("strong")
    kept: list[Record] = []
    rejections: list[Rejection] = []
    for record in records:
        said = [found for check in checks for found in _said(check, record, document)]
        graded = tuple(_with_severity(c, policy.severity.get(c.reason, c.severity)) for c in (*record.checks, *said))
        done = decided(record, graded, record) if graded != record.checks else record
        if isinstance(done, Rejection):
            rejections.append(done)
        else:
            kept.append(done)
    return tuple(kept), tuple(rejections)


def supported_anew(record: Record, document: Document) -> Record:
    """Return a record that was put together of several, with the places of its values looked up again."""
    return record.model_copy(update={"support": support_of(record, article_of(document)).support})


def decided(record: Record, checks: Sequence[Check], draft: Record) -> Record | Rejection:
    """Return the record with its checks and its verdict: `flagged` if one of them flags, else `supported`."""
    if any(c.severity == "reject" for c in checks):
        return _rejected(draft, checks)
    flagged = any(c.severity == "flag" for c in checks)
    if not flagged and record.verdict == "supported" and tuple(checks) == record.checks:
        return record
    return record.model_copy(update={"checks": tuple(checks), "verdict": "flagged" if flagged else "supported"})


def _settled(record: Record, checks: list[Check], policy: Policy) -> tuple[Any, list[Check]]:
    """Return the record with what the policy changes for the checks, and the checks that say so."""
    if not checks:
        return record, checks
    changes: dict[str, Any] = {}
    told: list[Check] = []
    for check in checks:
        graded = _graded(check, policy)
        adopted = check.reason in policy.adopt and check.proposal is not None
        out = check.reason in policy.leave_out and not adopted
        if out or adopted:
            changes[check.field] = OUT if out else check.proposal
            change, was = "left_out" if out else "replaced", value_at(record, check.field)
            graded = graded.model_copy(update={"change": change, "was": was})
        told.append(graded)
    left = changed(record, changes)
    if left is OUT:  # the record can't be without one of them, or without all of them together
        lost = [c for c in told if changes.get(c.field) is OUT]
        lost = [c for c in lost if changed(record, {c.field: OUT}) is OUT] or lost
        told = [_with_severity(c, "reject") if c in lost else c for c in told]
    return left, told


def _graded(check: Check, policy: Policy) -> Check:
    """Return the check with the severity that the policy gives its reason."""
    reason = REASONS.get(check.reason)
    own = reason.severity if reason else check.severity
    return _with_severity(check, policy.severity.get(check.reason, own))


def _with_severity(check: Check, severity: Severity) -> Check:
    return check if severity == check.severity else check.model_copy(update={"severity": severity})


def _cite_responses(record: Record, document: Document) -> tuple[dict[str, Any], list[Check]]:
    responses: Any = record.__dict__.get("responses")
    if not isinstance(responses, tuple) or not any(isinstance(r, Response) and r.evidence for r in responses):
        return {}, []
    said: list[Check] = []
    kept: list[Any] = []
    for index, response in enumerate(cast("tuple[object, ...]", responses)):
        if isinstance(response, Response) and response.evidence:
            sentences, checks = cite((e.sentence for e in response.evidence), document, f"responses[{index}].evidence")
            said += [c for c in checks if c.reason != "heading_only"]
            kept.append(response.model_copy(update={"evidence": evidence_of(sentences, document)}))
        else:
            kept.append(response)
    return {"responses": tuple(kept)}, said


def _nobody(record: Record) -> bool:
    roles = type(record).subjects_of
    return bool(roles) and not any(getattr(record, role) for role in roles)


def _reject(field: str, reason: str, detail: str) -> Check:
    return Check(field=field, outcome="unsupported", reason=reason, severity="reject", detail=detail)


def _rejected(draft: Record, checks: Sequence[Check]) -> Rejection:
    because = next((c for c in checks if c.severity == "reject"), checks[-1])
    return Rejection.of(draft, because, _draft(draft), checks)


def _draft(record: BaseModel) -> dict[str, Any]:
    computed = {"checks", "support", "judgements", "derived", "id", "verdict"}
    said: dict[str, Any] = dumped(record, exclude_defaults=True, exclude=computed)
    said["evidence"] = [e.sentence for e in getattr(record, "evidence", ())]
    return said


def _said(check: RecordCheck, record: Record, document: Document) -> list[Check]:
    try:
        found: list[Any] = list(check(record, document) or ())
        wrong = [type(f).__name__ for f in found if not isinstance(f, Check)]
        if wrong:
            raise TypeError(f"returned a {wrong[0]}, not a Check")  # noqa: TRY301 - told as any other fault
        known = type(record).model_fields
        for field in (f.field for f in found if f.field != "record"):
            if field.partition(".")[0].partition("[")[0] not in known:
                raise ValueError(f"there is no field {field!r}")  # noqa: TRY301
    except Exception as error:  # noqa: BLE001 - a user's code must not break a run
        detail = f"the check {name_of(check)} raised {type(error).__name__}: {error}"[:300]
        _LOG.warning("%s, in document %s", detail, document.id, exc_info=True)
        return [Check(field="record", outcome="not_checked", reason="check_failed", severity="flag", detail=detail)]
    return found
