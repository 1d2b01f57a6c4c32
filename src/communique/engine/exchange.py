"""The exchange with a model about one document, without any IO: it yields prompts and is sent completions.

No await, clock, network or randomness here; `driver.py` drives it. It throws a `ResponseError` into the generator where an
answer can't be used.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from communique import __version__
from communique.backends.backend import Completion
from communique.documents import Document
from communique.engine.judgements import FAILED, judge
from communique.engine.mending import Said, mended
from communique.engine.merge import merge
from communique.engine.plan import Plan
from communique.engine.queries import Question, full_question, questions
from communique.engine.talk import UNANSWERED, Talk, Traits
from communique.errors import STOPPING, CommuniqueError, ContextExceededError, TruncatedResponseError
from communique.grounding import run_checks, supported_anew
from communique.grounding.derive import derive
from communique.grounding.judging import judged
from communique.grounding.rules import PosedAsPrompt, orders
from communique.languages import language as known_language
from communique.prompts import Prompt, fingerprint_of, focuses, has_words, repair
from communique.prompts.injection import frame_of
from communique.schemas import Check, Provenance, Record, Rejection, Statement, VerifiedSummary
from communique.schemas.stored import dumped

MANY = 4
"""Suggestive sentences, or windows of a long document, from which on no record at all is unusual."""
MAX_COMPLAINTS = 30
"""Failed checks that one repair names."""

Exchange = Generator[Prompt, Completion, VerifiedSummary]


def exchange(document: Document, plan: Plan, traits: Traits) -> Exchange:
    """Read one document.

    Returns:
        The summary; through `StopIteration.value`, as generators do.

    Raises:
        CommuniqueError: What a driver throws in, where it stops a run or no question has been answered; with the
            requests and tokens of the document.
        PromptCutError: The server has read only a part of a prompt.
    """
    talk = Talk(document, plan, traits)
    try:
        return (yield from _read(talk))
    except CommuniqueError as error:
        talk.unheard(error)
        error.attempts, error.tokens = talk.attempts, talk.usage.counts
        raise


def _read(talk: Talk) -> Exchange:
    document, plan, policy, traits = talk.document, talk.plan, talk.policy, talk.traits
    asked = questions(document, plan, asking=traits.asking, context_tokens=traits.context_tokens)
    talk.windows = len(asked) if traits.asking == "full" else 1
    print_ = fingerprint_of(*sorted({q.prompt.fingerprint for q in asked}))
    for question in asked:
        yield from _ask(question, talk)
    if talk.lost is not None and not talk.answers:
        raise talk.lost
    talk.warnings += talk.unread_warnings()
    drafted = [[r for v in answer for r in v.records] for answer in talk.verdicts]
    merged = merge(drafted, document.language)
    again = (any(c.reason == "told_again" for c in r.checks) for r in merged)  # places of values are found anew
    records = derive([supported_anew(r, document) if a else r for r, a in zip(merged, again, strict=True)], document)
    posing = frame_of(tuple(plan.records)).posing(document)
    records, refused = run_checks(records, document, (PosedAsPrompt(posing), *plan.checks), policy)
    rejections = [*(r for answer in talk.verdicts for v in answer for r in v.rejections), *refused]
    if traits.judges and records:
        records, whole = yield from judge(records, talk)
        records = tuple(judged(r, accept=policy.accept, refute=policy.refute) for r in records)
        if not whole:
            talk.warnings.append(FAILED)
    if plan.strict:
        rejections += [_too_weak(r) for r in records if r.verdict == "flagged"]
        records = tuple(r for r in records if r.verdict != "flagged")
    ordered = orders(document, (s.number for s in document.sentences)) is not None
    if ordered:
        talk.warnings.append("instructions_in_text")
    if posing:
        talk.warnings.append(PosedAsPrompt.reason.id)
    if known_language(document.language) is None:
        talk.warnings.append("no_words_for_language")
    if not records and (
        (len(asked) if traits.asking == "full" else _suggestive(document, plan)) >= MANY
        or len(rejections) >= 3
        or ((ordered or posing) and _suggestive(document, plan))
    ):
        talk.warnings.append("unusually_empty")
    groups = {kind.plural: tuple(r for r in records if type(r).plural == kind.plural) for kind in plan.records}
    return VerifiedSummary(
        document=document.info(keep_text=plan.keep_text),
        records=groups,
        brief=tuple(
            Statement(text=r.headline, record=r.id, evidence=r.evidence) for group in groups.values() for r in group
        ),
        rejections=_once(rejections),
        provenance=Provenance(
            communique=__version__,
            backend=traits.backend,
            model=talk.model or traits.model,
            prompt=print_,
            policy=str(policy),
            judge=talk.judge,
            usage=talk.usage,
            attempts=talk.attempts,
            windows=talk.windows,
            warnings=tuple(dict.fromkeys(talk.warnings)),
        ),
    )


def _suggestive(document: Document, plan: Plan) -> int:
    """Count the sentences whose words suggest a record.

    Record types without such words are asked about everywhere: no sign.
    """
    language = document.language
    telling = [kind for kind in plan.records if has_words(kind, language)]
    return len(focuses(document.sentences, telling, language))


def _ask(question: Question, talk: Talk) -> Generator[Prompt, Completion, None]:
    document, plan = talk.document, talk.plan
    if talk.gone:
        talk.unread(question.numbers, talk.gone)
        return
    prompt = replace(question.prompt, reasks=min(question.prompt.reasks, plan.repair_rounds))
    try:
        answer = yield prompt
    except STOPPING:
        raise
    except UNANSWERED as error:
        halves = question.window.halves() if question.window else None
        too_long = isinstance(error, ContextExceededError)
        if too_long and halves is None and not talk.answers:
            raise
        if not isinstance(error, TruncatedResponseError) or (too_long and halves is None):
            talk.missed(question.numbers, error)
            return
        talk.unheard(error)
        if halves is None or (not too_long and talk.given_up(error)):
            talk.warnings.append("answer_cut_off")
            return
        talk.windows += 1
        for half in halves:
            yield from _ask(full_question(document, plan, half), talk)
        return
    talk.heard(prompt, answer)
    talk.read(question.numbers)
    said = yield from _mend(question, answer, talk)
    for turn in sorted({s.turn for s in said}):
        talk.verdicts.append([s.verdict for s in said if s.turn == turn])


def _mend(question: Question, answer: Completion, talk: Talk) -> Generator[Prompt, Completion, list[Said]]:
    """Check an answer, and have the model correct what fails."""
    plan = talk.plan
    said = [talk.checked(key, item) for key, items in question.read(answer.data).items() for item in items]
    for turn in range(1, 1 + plan.repair_rounds - answer.reasks):
        complaints = _complaints(said, plan, thorough=question.window is not None)
        if not complaints:
            break
        try:
            again = yield repair(
                question.prompt, answer.text, _first(complaints), max_tokens=question.prompt.max_tokens
            )
            talk.heard(question.prompt, again)
        except STOPPING:
            raise
        except UNANSWERED as error:
            talk.unheard(error)
            talk.warnings.append("repair_failed")
            break
        told = [(s.key, s.item) for s in said]
        new = [(key, item) for key, items in question.read(again.data).items() for item in items]
        said = mended(said, [talk.checked(*pair, turn) for pair in new if pair not in told])
        answer = again
    return said


def _complaints(said: Sequence[Said], plan: Plan, *, thorough: bool) -> list[str]:
    """Return what asking again may mend, each with the item's place in the answer.

    What nobody asked for is rejected, and not worth a question; an answer that is all astray is. A small model is asked
    again only about records that are rejected: for a single field it seldom does better, and each question costs
    seconds.
    """
    asked = {kind.plural for kind in plan.records} & {s.key for s in said}
    places: dict[str, int] = {}
    found: list[str] = []
    for s in said:
        index = places[s.key] = places.get(s.key, -1) + 1
        if (not asked or s.key in asked) and (thorough or s.verdict.rejections):
            found += (_numbered(c, s.key, index) for c in s.verdict.complaints)
    return found


def _numbered(complaint: str, key: str, index: int) -> str:
    """Return the complaint with the item's place in the answer; of what is no record the checks know only the key."""
    head = f"{key}[0]" if complaint.startswith(f"{key}[0]") else key
    return f"{key}[{index}]{complaint.removeprefix(head)}" if complaint.startswith(head) else complaint


def _first(complaints: list[str]) -> list[str]:
    """Bound what is complained of in one question; a model that made hundreds of mistakes won't mend them all."""
    if len(complaints) <= MAX_COMPLAINTS:
        return complaints
    return [*complaints[:MAX_COMPLAINTS], f"and {len(complaints) - MAX_COMPLAINTS} more of this kind"]


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
        (c for c in record.checks if c.severity == "flag"),
        Check(field="record", outcome="unsupported", reason="flagged"),
    )
    because = first.model_copy(update={"detail": f"strict: {first.detail or first.reason}", "severity": "reject"})
    computed = {"checks", "support", "judgements", "derived"}
    return Rejection.of(record, because, dumped(record, exclude=computed))
