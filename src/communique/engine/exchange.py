"""The exchange with a model about one document, without any IO: it yields prompts and is sent completions.

No await, clock, network or randomness here; the drivers are `extractor.py` (sync) and `aio.py` (async). A driver throws a
`ResponseError` into the generator where an answer can't be used.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from communique import __version__
from communique.documents import Document
from communique.engine.asking import Question, full_question, questions
from communique.engine.brief import brief
from communique.engine.merge import merge
from communique.engine.plan import Plan
from communique.engine.talk import Answer, Talk
from communique.errors import (
    CommuniqueError,
    ContextExceededError,
    MalformedResponseError,
    TruncatedResponseError,
)
from communique.grounding import Verifier
from communique.grounding.contradictions import speaks_to_a_model
from communique.grounding.denials import link_denials
from communique.grounding.derive import derive
from communique.grounding.own_checks import run_checks
from communique.grounding.posed import REASON, posed_check
from communique.prompts import SENTINELS, Items, Prompt, fingerprint_of, focuses, repair
from communique.prompts.frame import frame_of
from communique.schemas import Check, Provenance, Record, Rejection, VerifiedSummary
from communique.schemas.record import dumped

_MENDABLE = frozenset(
    {"not_in_article", "pronoun", "example_leak", "accuser_not_accused", "receiver_not_accused", "malformed"}
)
"""What a small model may mend when it is told: names. A sentence that states no such record won't state it when asked again."""


MANY = 4
"""Suggestive sentences, or windows of a long document, from which on no record at all is unusual."""
MAX_COMPLAINTS = 30
"""Failed checks that one repair names."""


Exchange = Generator[Prompt, Answer, VerifiedSummary]


def exchange(
    document: Document, plan: Plan, *, backend: str, model: str, brief_shape: bool, context_tokens: int | None
) -> Exchange:
    """Read one document.

    Args:
        document: The document.
        plan: What to look for.
        backend: Name of the backend, for the provenance.
        model: Model as asked for, for the provenance until the server says.
        brief_shape: Ask sentence by sentence.
        context_tokens: What the model takes.

    Returns:
        The summary; through `StopIteration.value`, as generators do.

    Raises:
        CommuniqueError: What a driver throws in and no smaller window mends; with the requests and tokens of the document.
        TruncatedResponseError: Every answer was cut off.
    """
    talk = Talk(Verifier(document, SENTINELS), plan)
    try:
        return (
            yield from _read(
                document,
                talk,
                backend=backend,
                model=model,
                brief_shape=brief_shape,
                context_tokens=context_tokens,
            )
        )
    except CommuniqueError as error:
        talk.unheard(error)
        error.attempts, error.tokens = talk.attempts, talk.usage.counts
        raise


def _read(
    document: Document,
    talk: Talk,
    *,
    backend: str,
    model: str,
    brief_shape: bool,
    context_tokens: int | None,
) -> Exchange:
    plan = talk.plan
    asked = questions(document, plan, brief=brief_shape, context_tokens=context_tokens)
    talk.windows = 1 if brief_shape else len(asked)
    print_ = fingerprint_of(*sorted({q.prompt.fingerprint for q in asked}))
    for question in asked:
        yield from _ask(question, document, plan, talk)
    if talk.lost is not None and not talk.answers:
        raise talk.lost
    verdict = talk.checked(talk.items)
    records = derive(link_denials(merge(verdict.records), document), document)
    posing = frame_of(tuple(plan.records)).posing(document)
    records, refused = run_checks(records, document, (posed_check(posing), *plan.checks))
    rejections = [*verdict.rejections, *refused]
    if plan.strict:
        rejections += [_too_weak(r) for r in records if r.verdict != "verified"]
        records = tuple(r for r in records if r.verdict == "verified")
    ordered = speaks_to_a_model(document.sentences)
    if ordered:
        talk.warnings.append("instructions_in_text")
    if posing:
        talk.warnings.append(REASON)
    if not records and (
        (_suggestive(document, plan) if brief_shape else len(asked)) >= MANY
        or len(rejections) >= 3
        or ((ordered or posing) and _suggestive(document, plan))
    ):
        talk.warnings.append("unusually_empty")
    groups = {
        kind.plural: tuple(r for r in records if type(r).plural == kind.plural) for kind in plan.records
    }
    return VerifiedSummary(
        document=document.info(),
        records=groups,
        brief=brief(r for group in groups.values() for r in group),
        rejections=_once(rejections),
        provenance=Provenance(
            communique=__version__,
            backend=backend,
            model=talk.model or model,
            prompt=print_,
            usage=talk.usage,
            attempts=talk.attempts,
            windows=talk.windows,
            warnings=tuple(dict.fromkeys(talk.warnings)),
        ),
    )


def _suggestive(document: Document, plan: Plan) -> int:
    """Count the sentences whose words suggest a record. Record types without such words are asked about everywhere: no sign."""
    language = document.language
    telling = [kind for kind in plan.records if kind.cues.get(language) is not None]
    return len(focuses(document.sentences, telling, language))


def _ask(question: Question, document: Document, plan: Plan, talk: Talk) -> Generator[Prompt, Answer, None]:
    prompt = replace(question.prompt, reasks=min(question.prompt.reasks, plan.repair_rounds))
    try:
        answer = yield prompt
    except TruncatedResponseError as error:
        talk.unheard(error)
        halves = question.window.halves() if question.window else None
        if isinstance(error, ContextExceededError):
            if halves is None:
                raise
        elif halves is None or talk.given_up(error):
            talk.warnings.append("answer_cut_off")
            return
        talk.windows += 1
        for half in halves:
            yield from _ask(full_question(document, plan, half), document, plan, talk)
        return
    talk.heard(prompt, answer)
    items = question.read(answer.data)
    for _ in range(plan.repair_rounds - answer.reasks):
        wrong, complaints = _wrong(items, talk, thorough=question.window is not None)
        if not complaints:
            break
        try:
            again = yield repair(
                question.prompt, answer.text, _first(complaints), max_tokens=question.prompt.max_tokens
            )
        except (TruncatedResponseError, MalformedResponseError) as error:
            talk.unheard(error)
            talk.warnings.append("repair_failed")
            break
        talk.heard(question.prompt, again)
        mended = question.read(again.data)
        items = _mended(items, wrong, mended)
        answer = again
    talk.add(items)


def _wrong(items: Items, talk: Talk, *, thorough: bool) -> tuple[set[tuple[str, int]], list[str]]:
    """Return which items fail a check that asking again may mend, and the complaints.

    A small model is asked again only about records that would be rejected: for a single field it seldom does better, and
    each question costs seconds (docs/design/0007-accuracy.md).
    """
    wrong: set[tuple[str, int]] = set()
    complaints: list[str] = []
    asked = {kind.plural for kind in talk.plan.records} & set(items)
    for key, group in items.items():
        if asked and key not in asked:
            continue  # what nobody asked for is rejected, and not worth a question; an answer that is all astray is
        for index, item in enumerate(group):
            verdict = talk.checked({key: [item]})
            unread = [c for r in verdict.records for c in r.flags if c.reason == "malformed"]
            said = [*verdict.complaints, *(f"{key}[0].{c.field}: {c.detail}" for c in unread)]
            if said and (thorough or any(r.reason in _MENDABLE for r in verdict.rejections)):
                wrong.add((key, index))
                complaints += (_numbered(c, key, index) for c in said)
    return wrong, complaints


def _numbered(complaint: str, key: str, index: int) -> str:
    """Return the complaint with the item's place in the answer; of what is no record the checks know only the key."""
    head = f"{key}[0]" if complaint.startswith(f"{key}[0]") else key
    return f"{key}[{index}]{complaint.removeprefix(head)}" if complaint.startswith(head) else complaint


def _first(complaints: list[str]) -> list[str]:
    """Bound what is complained of in one question; a model that made hundreds of mistakes won't mend them all."""
    if len(complaints) <= MAX_COMPLAINTS:
        return complaints
    return [*complaints[:MAX_COMPLAINTS], f"and {len(complaints) - MAX_COMPLAINTS} more of this kind"]


def _mended(items: Items, wrong: set[tuple[str, int]], mended: Items) -> Items:
    """Put mended items in place of the wrong ones; a wrong one without a mended twin stays, to be rejected with its reason.

    What the model adds, under whatever key, is kept as well.
    """
    result: Items = {}
    for key in dict.fromkeys((*items, *mended)):
        group, new = items.get(key, []), list(mended.get(key, []))
        fine = [item for i, item in enumerate(group) if (key, i) not in wrong]
        bad = [item for i, item in enumerate(group) if (key, i) in wrong]
        repeated = [item for item in new if item in fine]
        new = [item for item in new if item not in repeated]
        result[key] = fine + new + bad[len(new) :]
    return result


def _once(rejections: Sequence[Rejection]) -> tuple[Rejection, ...]:
    """Return each rejection once; of one that was drafted more often the detail says how often."""
    found: dict[str, list[Rejection]] = {}
    for rejection in rejections:
        found.setdefault(f"{rejection.kind}|{rejection.reason}|{rejection.draft!r}", []).append(rejection)
    return tuple(
        same[0]
        if len(same) == 1
        else same[0].model_copy(update={"detail": f"{same[0].detail} (drafted {len(same)} times)"})
        for same in found.values()
    )


def _too_weak(record: Record) -> Rejection:
    first = next(
        (c for c in record.checks if c.outcome != "passed"),
        Check(field="record", outcome="flagged", reason="flagged"),
    )
    because = first.model_copy(update={"detail": f"strict: {first.detail or first.reason}"})
    return Rejection.of(record, because, dumped(record, exclude={"checks", "derived", "opinions"}))
