"""The exchange with a model about one document, without any IO: it yields prompts and is sent completions.

No await, clock, network or randomness here; `extractor.py` drives it. It throws a `CommuniqueError` into the generator
where there is no usable answer.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

from communique import __version__
from communique.backends import Completion
from communique.documents import Document, Window
from communique.engine.mending import mend
from communique.engine.merge import merge
from communique.engine.plan import Plan, Question, full_question, questions, reading_windows
from communique.engine.talk import Talk, Voices
from communique.errors import (
    CommuniqueError,
    ContextExceededError,
    EngineError,
    TransientBackendError,
    TruncatedResponseError,
)
from communique.grounding import run_checks, supported_anew
from communique.grounding.derive import derive
from communique.grounding.judging import Assertion, judged, statements
from communique.grounding.rules import PosedAsPrompt, orders
from communique.languages import language as known_language
from communique.prompts import (
    MOST_STATEMENTS,
    Prompt,
    fingerprint_of,
    focuses,
    has_words,
    judge_prompt,
    read_judgements,
)
from communique.prompts.injection import posing
from communique.schemas import Check, Judgement, Provenance, Record, Rejection, Statement, VerifiedSummary
from communique.schemas.stored import dumped

MANY = 4
"""Suggestive sentences, or windows of a long document, from which on no record at all is unusual."""

Exchange = Generator[Prompt, Completion, VerifiedSummary]
_Asked = tuple[int, Assertion]
"""Place of a record, and one of its statements."""


def exchange(document: Document, plan: Plan, voices: Voices[Any]) -> Exchange:
    """Read one document.

    Returns:
        The summary; through `StopIteration.value`, as generators do.

    Raises:
        CommuniqueError: What a driver throws in, where it stops a run or no question has been answered; with the
            document, and its requests and tokens.
        PromptCutError: The server has read only a part of a prompt.
    """
    talk = Talk(document, plan, voices)
    try:
        return (yield from _read(talk))
    except CommuniqueError as error:
        talk.unheard(error)
        error.document_id = error.document_id or document.id
        error.attempts, error.tokens = talk.attempts, talk.usage.counts
        raise


def _read(talk: Talk) -> Exchange:
    document, plan, policy, reader = talk.document, talk.plan, talk.policy, talk.voices.backend
    context, whole = getattr(reader, "context_tokens", None), talk.voices.asking == "full"
    asked = questions(document, plan, asking=talk.voices.asking, context_tokens=context)
    talk.windows = len(asked) if whole else 1
    for question in asked:
        yield from _ask(question, talk)
    if talk.lost is not None and not talk.answers:
        raise talk.lost
    talk.warnings += talk.unread_warnings()
    merged = merge([[r for v in answer for r in v.records] for answer in talk.verdicts], document.language)
    again = (any(c.reason == "told_again" for c in r.checks) for r in merged)  # places of values are found anew
    records = derive([supported_anew(r, document) if a else r for r, a in zip(merged, again, strict=True)], document)
    posed = posing(document, plan.records)
    records, refused = run_checks(records, document, (PosedAsPrompt(posed), *plan.checks), policy)
    rejections = [*(r for answer in talk.verdicts for v in answer for r in v.rejections), *refused]
    if talk.voices.judge is not None and records:
        judgements = yield from _judge(records, talk)
        records = tuple(judged(r, accept=policy.accept, refute=policy.refute) for r in judgements)
    if plan.strict:
        rejections += [_too_weak(r) for r in records if r.verdict == "flagged"]
        records = tuple(r for r in records if r.verdict != "flagged")
    ordered = orders(document, (s.number for s in document.sentences)) is not None
    if ordered:
        talk.warnings.append("instructions_in_text")
    if posed:
        talk.warnings.append(PosedAsPrompt.reason.id)
    if known_language(document.language) is None:
        talk.warnings.append("no_words_for_language")
    if not records and (
        (len(asked) if whole else _suggestive(document, plan)) >= MANY
        or len(rejections) >= 3
        or ((ordered or posed) and _suggestive(document, plan))
    ):
        talk.warnings.append("unusually_empty")
    groups = {kind.plural: tuple(r for r in records if type(r).plural == kind.plural) for kind in plan.records}
    shown = (r for group in groups.values() for r in group)
    return VerifiedSummary(
        document=document.info(keep_text=plan.keep_text),
        records=groups,
        brief=tuple(Statement(text=r.headline, record=r.id, evidence=r.evidence) for r in shown),
        rejections=_once(rejections),
        provenance=Provenance(
            communique=__version__,
            backend=str(getattr(reader, "name", type(reader).__name__)),
            model=talk.model or str(getattr(reader, "model", "")),
            prompt=fingerprint_of(*sorted({q.prompt.fingerprint for q in asked})),
            policy=str(policy),
            judge=talk.judge,
            usage=talk.usage,
            attempts=talk.attempts,
            windows=talk.windows,
            warnings=tuple(dict.fromkeys(talk.warnings)),
        ),
    )


def _suggestive(document: Document, plan: Plan) -> int:
    """Count the sentences whose words suggest a record; types without words are asked about everywhere: no sign."""
    telling = [kind for kind in plan.records if has_words(kind, document.language)]
    return len(focuses(document.sentences, telling, document.language))


def _ask(question: Question, talk: Talk) -> Generator[Prompt, Completion, None]:
    """Ask a question, in smaller windows where its answer doesn't fit, and keep what the checks say of its answer."""
    document, plan = talk.document, talk.plan
    if talk.gone:
        talk.unread(question.numbers, talk.gone)
        return
    prompt = replace(question.prompt, reasks=min(question.prompt.reasks, plan.repair_rounds))
    answer = yield from talk.ask(prompt)
    if isinstance(answer, Completion):
        talk.read |= question.numbers
        talk.verdicts += yield from mend(question, answer, talk)
        return
    halves = question.window.halves() if question.window else None
    too_long = isinstance(answer, ContextExceededError)
    if too_long and halves is None and not talk.answers:
        raise answer
    if not isinstance(answer, TruncatedResponseError) or (too_long and halves is None):
        failing = isinstance(answer, (TransientBackendError, EngineError))
        if talk.hopeless(answer, soon=failing) and failing:
            talk.gone = answer.reason
        talk.unread(question.numbers, answer.reason)
        return
    wordless = bool(answer.tokens[1]) and not answer.raw.strip()
    if halves is None or (not too_long and talk.hopeless(answer, soon=wordless)):
        talk.warnings.append("answer_cut_off")
    else:
        talk.windows += 1
        for half in halves:
            yield from _ask(full_question(document, plan, half), talk)


def _judge(records: Sequence[Record], talk: Talk) -> Generator[Prompt, Completion, tuple[Record, ...]]:
    """Have a judge say how likely each record is, asked in a window that holds its evidence.

    Returns:
        The records with their judgements; through `StopIteration.value`.
    """
    context = getattr(talk.voices.judge, "context_tokens", None)
    cited = [_cited(record) for record in records]
    asked = [(place, said) for place, record in enumerate(records) for said in statements(record)]
    todo = _by_window(asked, cited, reading_windows(talk.document, talk.plan, context))
    found: dict[int, list[Judgement]] = {}
    while todo:
        window, portion = todo.pop(0)
        known = {s.number for s in window.sentences}
        question = full_question(talk.document, talk.plan, window).prompt
        answer = yield from talk.ask(judge_prompt(question, [said.text for _, said in portion]))
        if isinstance(answer, CommuniqueError):
            halves = window.halves() if isinstance(answer, ContextExceededError) else None
            todo[:0] = _by_window(portion, cited, halves or ())
            continue
        for number, (probability, sentences) in sorted(read_judgements(answer.data, len(portion)).items()):
            place, said = portion[number - 1]
            deciding = tuple(n for n in dict.fromkeys(sentences) if n in known)
            if sentences and not deciding and probability >= talk.policy.refute:
                continue  # it agrees because of what isn't there
            judgement = Judgement(
                field=said.field,
                statement=said.text,
                probability=round(probability, 4),
                sentences=deciding,
                model=answer.model,
            )
            found.setdefault(place, []).append(judgement)
    if len(asked) != sum(map(len, found.values())):
        talk.warnings.append("judge_failed")  # records without a judgement keep the verdict of the checks
    return tuple(r.model_copy(update={"judgements": tuple(found.get(i, ()))}) for i, r in enumerate(records))


def _by_window(
    asked: Sequence[_Asked], cited: Sequence[set[int]], windows: Sequence[Window]
) -> list[tuple[Window, list[_Asked]]]:
    """Return each window with the statements of the records of which it holds the most evidence, so many at once."""
    numbers = [{s.number for s in window.sentences} for window in windows]
    about: list[list[_Asked]] = [[] for _ in windows]
    for place, said in asked if windows else ():
        best = max(range(len(windows)), key=lambda i: len(cited[place] & numbers[i]))
        about[best].append((place, said))
    return [
        (window, said[start : start + MOST_STATEMENTS])
        for window, said in zip(windows, about, strict=True)
        for start in range(0, len(said), MOST_STATEMENTS)
    ]


def _cited(record: Record) -> set[int]:
    parts = (record, *getattr(record, "responses", ()))
    return {e.sentence for part in parts for e in getattr(part, "evidence", ())}


def _once(rejections: Sequence[Rejection]) -> tuple[Rejection, ...]:
    """Return each rejection once; of one that was drafted more often the detail says how often."""
    found: dict[str, list[Rejection]] = {}
    for rejection in rejections:
        found.setdefault(f"{rejection.kind}|{rejection.reason}|{rejection.draft!r}", []).append(rejection)
    return tuple(
        first.model_copy(update={"detail": f"{first.detail} (drafted {1 + len(more)} times)"}) if more else first
        for first, *more in found.values()
    )


def _too_weak(record: Record) -> Rejection:
    first = next(
        (c for c in record.checks if c.severity == "flag"),
        Check(field="record", outcome="unsupported", reason="flagged"),
    )
    because = first.model_copy(update={"detail": f"strict: {first.detail or first.reason}", "severity": "reject"})
    computed = {"checks", "support", "judgements", "derived"}
    return Rejection.of(record, because, dumped(record, exclude=computed))
