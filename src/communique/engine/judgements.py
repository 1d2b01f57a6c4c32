"""The second step of reading: a judge says how likely it is that the article says each record.

A part of the exchange.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from communique.backends.backend import Completion
from communique.documents import Window
from communique.engine.queries import full_question, reading_windows
from communique.engine.talk import UNANSWERED, Talk
from communique.errors import STOPPING, BudgetExceededError, ContextExceededError
from communique.grounding.judging import Assertion, statements
from communique.prompts import MOST_STATEMENTS, Prompt, judge_prompt, read_judgements
from communique.schemas import Judgement, Record

FAILED = "judge_failed"
"""Warning: not every statement has a judgement; those records keep the verdict of the checks."""

_Asked = tuple[int, Assertion]
"""Place of a record, and one of its statements."""


def judge(records: Sequence[Record], talk: Talk) -> Generator[Prompt, Completion, tuple[tuple[Record, ...], bool]]:
    """Ask about every record in a window that holds its evidence.

    Returns:
        The records with their judgements, and whether every statement has one; through `StopIteration.value`.
    """
    document, plan = talk.document, talk.plan
    cited = [_cited(record) for record in records]
    asked = [(place, said) for place, record in enumerate(records) for said in statements(record)]
    todo = _by_window(asked, cited, reading_windows(document, plan, talk.traits.judge_context))
    found: dict[int, list[Judgement]] = {}
    while todo:
        window, portion = todo.pop(0)
        known = {s.number for s in window.sentences}
        prompt = judge_prompt(full_question(document, plan, window).prompt, [said.text for _, said in portion])
        try:
            answer = yield prompt
            talk.heard(prompt, answer)
        except BudgetExceededError as error:  # what was read is paid for and kept
            talk.unheard(error)
            continue
        except STOPPING:
            raise
        except UNANSWERED as error:
            talk.unheard(error)
            halves = window.halves() if isinstance(error, ContextExceededError) else None
            todo[:0] = _by_window(portion, cited, halves or ())
            continue
        given = read_judgements(answer.data, len(portion))
        for number, (place, said) in enumerate(portion, 1):
            if number in given:
                probability, sentences = given[number]
                deciding = tuple(n for n in dict.fromkeys(sentences) if n in known)
                if sentences and not deciding and probability >= talk.policy.refute:
                    continue  # it agrees because of what isn't there
                found.setdefault(place, []).append(
                    Judgement(
                        field=said.field,
                        statement=said.text,
                        probability=round(probability, 4),
                        sentences=deciding,
                        model=answer.model,
                    )
                )
    whole = len(asked) == sum(map(len, found.values()))
    judged = (r.model_copy(update={"judgements": tuple(found.get(i, ()))}) for i, r in enumerate(records))
    return tuple(judged), whole


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
    found = {e.sentence for e in record.evidence}
    for response in getattr(record, "responses", ()):
        found |= {e.sentence for e in getattr(response, "evidence", ())}
    return found
