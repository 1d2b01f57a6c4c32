"""Whether the words of the evidence carry how certain, how far and in what form something is said to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from communique.grounding.article import QUESTION_MARKS, Article
from communique.grounding.dates import resolve
from communique.grounding.rules.rule import Reason, Rule, cited
from communique.schemas import Check, Meeting, Record, SanctionsConcern


class DoubtWords(Rule[Record]):
    """What is only possible is not asserted."""

    reason = Reason(
        "doubt_words",
        "flag",
        "The claim is recorded as asserted, but the cited sentences present it only as a possibility.",
        accepts="asserted: “Freedonia accused Sylvania of theft.”",
        rejects="asserted: “Freedonia speculated that Sylvania might be behind the theft.”",
    )

    fields = ("commitment",)

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        if getattr(record, "commitment", None) != "asserted":
            return
        numbers = cited(record)
        telling = [n for n in numbers if article.has("accusation", (n,))] or numbers
        found = article.first("strong_doubt", telling)
        if found and all(article.has("strong_doubt", (n,)) for n in telling):
            number, words = found
            yield self.contradicted("commitment", f"“{words}” indicates possible, not asserted", (number,), "possible")


_SHOW_DOUBT_TOO = ("strong_doubt", "opinion")


class NoDoubtWords(Rule[Record]):
    """What is possible or probable has a word that says so, or is a view or a question."""

    reason = Reason(
        "no_doubt_words",
        "flag",
        "The claim is recorded as possible or probable, but no word in the cited sentences expresses doubt.",
        accepts="possible: “Freedonia suspects Sylvania of theft.”",
        rejects="possible: “Freedonia accused Sylvania of theft.”",
    )

    fields = ("commitment",)

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        value = getattr(record, "commitment", None)
        if value not in {"possible", "probable"}:
            return
        numbers = cited(record)
        if article.has("doubt", numbers) is not False or any(article.has(name, numbers) for name in _SHOW_DOUBT_TOO):
            return
        if not any(mark in s.text for s in article.sentences(numbers) for mark in QUESTION_MARKS):
            yield self.unsupported("commitment", f"no word indicates {value}", numbers, "asserted")


def _lies(meeting: Meeting, article: Article, *, before: bool) -> bool:
    """Tell whether the day of a meeting lies before publication, or behind it: as good as a word that says so."""
    published = article.document.published
    if published is None or not meeting.when:
        return False
    if before:  # "on Tuesday" may be the next one: only words that can't mean a day to come show that it is past
        day = resolve(meeting.when, published, article.code, tense="future")
        return day.last is not None and day.last <= published
    day = resolve(meeting.when, published, article.code)
    return day.first is not None and day.first > published


def _expected(article: Article, numbers: Sequence[int]) -> tuple[int, str] | None:
    """Return the words that expect a meeting, unless one is told of in the past.

    What is past may be something else: "The minister, who arrived on Monday, expects to meet his colleague".
    """
    found = None
    for number in numbers:
        hits = article.hits(number)
        past, meetings = hits.get("past", ()), hits.get("meeting", ())
        if any(a < d and c < b for a, b in meetings for c, d in past):
            return None  # "met", "after talks"
        for start, end in hits.get("anticipation", ()):
            behind = [m for m, _ in meetings if m >= start]
            if behind and not any(end <= p < behind[0] for p, _ in past):
                found = found or (number, article.document.sentences[number - 1].text[start:end])
    return found


class PlanWords(Rule[Meeting]):
    """What is to come has not been held."""

    reason = Reason(
        "plan_words",
        "flag",
        "The meeting is recorded as held, but the cited sentences only mention a plan.",
        accepts="held: “The ministers met on Monday.”",
        rejects="held: “The ministers will meet on Monday.”",
    )

    def look(self, record: Meeting, article: Article) -> Iterator[Check]:
        if record.status not in {"held", "ongoing"}:
            return
        numbers = cited(record)
        nothing_past = article.has("past", numbers) is False
        found = article.first("planned", numbers) if nothing_past else _expected(article, numbers)
        if found and not _lies(record, article, before=True):
            yield self.contradicted(
                "status", f"“{found[1]}” indicates planned, not {record.status}", (found[0],), "planned"
            )


class NoPlanWords(Rule[Meeting]):
    """What is planned or proposed has a word of plan."""

    reason = Reason(
        "no_plan_words",
        "flag",
        "The meeting is recorded as planned or proposed, but nothing in the cited sentences says that it is still to"
        " come.",
        accepts="planned: “The ministers will meet on Monday.”",
        rejects="planned: “The ministers met on Monday.”",
    )

    def look(self, record: Meeting, article: Article) -> Iterator[Check]:
        if record.status not in {"planned", "proposed"}:
            return
        numbers = cited(record)
        told = article.has("planned", numbers) is not False or article.has("anticipation", numbers)
        # What is to come may be something else: "They met on Monday. Peace must be made, they said".
        told = told and not self._held(article, numbers)
        # "The council meets on Thursday": beside a day the present means the future.
        past = not record.when or article.has("past", numbers) or _lies(record, article, before=True)
        if past and not told and not _lies(record, article, before=False):
            yield self.unsupported("status", f"no word indicates {record.status}", numbers, "held")

    def _held(self, article: Article, numbers: Sequence[int]) -> bool:
        """Tell whether a meeting is first told of in the past, and no other one is to come."""
        telling = [n for n in numbers if article.has("meeting", (n,))]
        first = telling[:1]
        return (
            article.has("past", first) is True
            and article.has("planned", first) is False
            and not any(article.has(name, numbers) for name in ("anticipation", "cancelled"))
            and not any(article.has("planned", (n,)) and not article.has("meeting_retold", (n,)) for n in telling)
        )


class NoCancellingWords(Rule[Meeting]):
    """What was cancelled has a word that says so."""

    reason = Reason(
        "no_cancelling_words",
        "note",
        "The meeting is recorded as cancelled, but nothing in the cited sentences says so.",
        accepts="cancelled: “The talks were called off.”",
        rejects="cancelled: “The talks ended early.”",
    )

    def look(self, record: Meeting, article: Article) -> Iterator[Check]:
        if record.status != "cancelled":
            return
        numbers = cited(record)
        if article.has("cancelled", numbers) is False:
            planned = article.has("planned", numbers)
            yield self.unsupported("status", "no word indicates cancelled", numbers, "planned" if planned else "held")


_ENDED = frozenset({"lifted", "eased", "refused"})


class StageWords(Rule[SanctionsConcern]):
    """A measure that is weighed, refused or ended is not imposed; a breach that is certain is not potential."""

    reason = Reason(
        "stage_words",
        "flag",
        "The cited sentences indicate a different stage of the sanctions than the recorded one.",
        accepts="imposed: “Freedonia froze the assets of the bank.”",
        rejects="imposed: “Freedonia is considering sanctions against the bank.”",
    )

    def look(self, record: SanctionsConcern, article: Article) -> Iterator[Check]:
        numbers = cited(record)
        if record.stage == "imposed":
            yield from self._imposed(article, numbers)
        elif record.stage == "potential" and article.has("doubt", numbers) is False:
            if not any(article.has(name, numbers) for name in ("strong_doubt", "planned", "proposed", "anticipation")):
                other = "imposed" if article.has("imposed", numbers) else None
                yield self.unsupported("stage", "nothing indicates that it is only possible", numbers, other)
        elif record.stage in _ENDED:
            if all(article.has(name, numbers) is False for name in ("eased", "refused")):
                other = "imposed" if article.has("imposed", numbers) else None
                yield self.unsupported("stage", f"no word indicates {record.stage}", numbers, other)
        elif record.stage in {"found", "alleged"}:
            found = article.first("strong_doubt", numbers)
            if found:
                yield self.contradicted(
                    "stage", f"“{found[1]}” indicates potential, not {record.stage}", (found[0],), "potential"
                )

    def _imposed(self, article: Article, numbers: tuple[int, ...]) -> Iterator[Check]:
        if article.has("imposed", numbers):
            return
        for name, stage in (
            ("refused", None),
            ("eased", None),
            ("proposed", "proposed"),
            ("strong_doubt", "potential"),
        ):
            found = article.first(name, numbers)
            if found:
                yield self.contradicted("stage", f"“{found[1]}” doesn't indicate imposed", (found[0],), stage)
                return


class CallWords(Rule[Meeting]):
    """A telephone call is no meeting in person."""

    reason = Reason(
        "call_words",
        "note",
        "The cited sentences mention a phone or video call, but another form of meeting is recorded.",
        accepts="call: “They spoke by telephone.”",
        rejects="meeting: “They spoke by telephone.”",
    )

    def look(self, record: Meeting, article: Article) -> Iterator[Check]:
        if record.mode == "call":
            return
        found = article.first("call", cited(record))
        if found:
            yield self.contradicted("mode", f"“{found[1]}” indicates call, not {record.mode}", (found[0],), "call")


RULES: tuple[Rule[Any], ...] = (
    DoubtWords(),
    NoDoubtWords(),
    PlanWords(),
    NoPlanWords(),
    NoCancellingWords(),
    StageWords(),
    CallWords(),
)
