"""What a second model is asked about the records of a document, and what follows from its answers; without any IO.

The steps are a generator, as the exchange is: it yields inquiries and is sent answers (`second_opinion.py` drives it). Whatever
the second model does, no record is lost over it: without an answer a record stays as it was.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from communique.backends.opinions import Answers, Inquiry
from communique.documents import Document
from communique.engine.brief import brief
from communique.engine.closed_questions import WHOLE, inquiry_about
from communique.errors import (
    BudgetExceededError,
    CommuniqueError,
    ConfigurationError,
    RunStoppedError,
)
from communique.schemas import Check, Opinion, Record, Rejection, Usage, VerifiedSummary

DOUBT, DENIAL = "second_opinion_doubts", "second_opinion_denies"
"""Reasons of the checks, and of the rejections, that a second opinion leads to."""


class Fitted(Protocol):
    """Makes probabilities honest: a `communique.evaluation.Calibration`."""

    @property
    def model(self) -> str:
        """Whose probabilities it is for; "" if not said."""
        ...

    def knows(self, question_id: str) -> bool:
        """Tell whether that question's probabilities are fitted."""
        ...

    def apply(self, question_id: str, probability: float) -> float:
        """Return the fitted probability."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return the whole of it, ready for JSON."""
        ...


@dataclass(frozen=True, slots=True)
class OpinionPolicy:
    """What is asked, and what follows.

    The usual values are those that were measured on the embedded model (docs/design/0008-second-opinion.md).

    Attributes:
        accept: From this probability on an answer leaves the record as it is.
        review: From this one on it is flagged for review; below, the second model denies it.
        reject: Reject records that are denied as a whole, instead of flagging them. Denied fields are always flagged.
        each_field: Ask about the fields too, not only about the whole record.
        around: Sentences around the cited ones that the second model sees.
        calibration: Makes the probabilities honest before they are compared.
    """

    accept: float = 0.8
    review: float = 0.3
    reject: bool = False
    each_field: bool = False
    around: int = 1
    calibration: Fitted | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.review <= self.accept <= 1.0:
            raise ConfigurationError(
                f"the thresholds are accept {self.accept} and review {self.review}",
                hint="0 <= review <= accept <= 1",
            )
        if self.around < 0:
            raise ConfigurationError(f"around is {self.around}", hint="0 or more sentences")

    def verdict(self, probability: float) -> str:
        """Return `accept`, `review` or `reject`."""
        return (
            "accept" if probability >= self.accept else "review" if probability >= self.review else "reject"
        )


Steps = Generator[Inquiry, Answers, VerifiedSummary]


def consult(
    summary: VerifiedSummary, document: Document, policy: OpinionPolicy, *, strict: bool = False
) -> Steps:
    """Ask about each record, and apply the policy. Throw a `CommuniqueError` in where there is no answer.

    Args:
        summary: What came through the checks.
        document: The same document.
        policy: What is asked, and what follows.
        strict: Move what is flagged to the rejections.

    Returns:
        The summary with opinions, flags and rejections; through `StopIteration.value`.
    """
    heard = _Heard()
    groups: dict[str, tuple[Record, ...]] = {}
    rejections = list(summary.rejections)
    for plural, group in summary.records.items():
        kept: list[Record] = []
        for record in group:
            inquiry = inquiry_about(record, document, each_field=policy.each_field, around=policy.around)
            try:
                answers = yield inquiry
            except (BudgetExceededError, RunStoppedError) as error:
                error.document_id = error.document_id or document.id
                raise  # the document stays to be done
            except CommuniqueError as error:
                heard.nothing(error)
                kept.append(record)
                continue
            heard.something(answers)
            opined = with_opinions(record, inquiry, answers, policy)
            worst = _worst(opined, policy, strict=strict)
            if worst is None:
                kept.append(opined)
            else:
                rejections.append(_rejection(opined, worst))
        groups[plural] = tuple(kept)
    provenance = summary.provenance
    return summary.model_copy(
        update={
            "records": groups,
            "brief": brief(r for group in groups.values() for r in group),
            "rejections": tuple(rejections),
            "provenance": provenance.model_copy(
                update={
                    "usage": provenance.usage + heard.usage,
                    "attempts": provenance.attempts + heard.attempts,
                    "warnings": tuple(dict.fromkeys((*provenance.warnings, *heard.warnings))),
                }
            ),
        }
    )


class _Heard:
    """What the second model has said over one document, and what it has not."""

    def __init__(self) -> None:
        self.usage = Usage()
        self.attempts = 0
        self.warnings: list[str] = []

    def something(self, answers: Answers) -> None:
        self.usage += answers.usage
        self.attempts += answers.attempts
        self.warnings += [f"no_second_opinion: {reason}" for reason in answers.reasons if reason]

    def nothing(self, error: CommuniqueError) -> None:
        self.attempts += error.attempts
        self.warnings.append(f"no_second_opinion: {error.message}")


def with_opinions(record: Record, inquiry: Inquiry, answers: Answers, policy: OpinionPolicy) -> Record:
    """Return the record with what the second model thinks of it; doubted and denied fields are flagged."""
    opinions = tuple(_opinions(inquiry, answers, policy))
    checks = [_check(o, policy) for o in opinions if o.verdict != "accept"]
    return record.model_copy(
        update={
            "opinions": (*record.opinions, *opinions),
            "checks": (*record.checks, *checks),
            "verdict": "flagged" if checks else record.verdict,
        }
    )


def _opinions(inquiry: Inquiry, answers: Answers, policy: OpinionPolicy) -> Iterator[Opinion]:
    for question, probability in zip(inquiry.questions, answers.probabilities, strict=True):
        if probability is None:
            continue
        calibration = policy.calibration
        fitted = (
            calibration.apply(question.kind, probability)
            if calibration is not None and calibration.knows(question.kind)
            else None
        )
        final = probability if fitted is None else fitted
        yield Opinion.model_validate(
            {
                "field": question.field,
                "question": question.text,
                "probability": round(final, 4),
                "calibrated": fitted is not None,
                "verdict": policy.verdict(final),
                "model": answers.model,
            }
        )


def _check(opinion: Opinion, policy: OpinionPolicy) -> Check:
    denied = opinion.verdict == "reject"
    bound = policy.review if denied else policy.accept
    return Check(
        field=opinion.field,
        outcome="flagged",
        reason=DENIAL if denied else DOUBT,
        detail=f"{opinion.model or 'the second model'}: {opinion.probability:.2f} < {bound:g}: {opinion.question}",
    )


def _worst(record: Record, policy: OpinionPolicy, *, strict: bool) -> Check | None:
    """Return the check that sends a record to the rejections, or None."""
    said = [c for c in record.checks if c.reason in {DOUBT, DENIAL}]
    denied = next((c for c in said if c.reason == DENIAL and c.field == WHOLE), None)
    if policy.reject and denied is not None:
        return denied
    return said[0] if strict and said else None


def _rejection(record: Record, check: Check) -> Rejection:
    return Rejection.of(record, check, record.model_dump(mode="json", exclude={"checks", "derived"}))
