"""The fields that are copied, dated, counted, placed or chosen: one check for each marker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from pydantic import BaseModel

from communique.documents import Document, Sentence
from communique.grounding.countries import country_code
from communique.grounding.dates import is_time
from communique.grounding.matching import bare, find
from communique.grounding.mentions import resolve
from communique.grounding.numbers import states_number
from communique.grounding.telltales import choice_of, is_report_date, only_anticipated
from communique.grounding.wording import unsupported
from communique.schemas import (
    Actor,
    Check,
    Choice,
    Marker,
    Mentioned,
    Quoted,
    Record,
    Response,
    StatedDate,
    StatedNumber,
    StatedPlace,
    Worded,
    stated_fields,
)

_DROP = object()
_BY_ACTORS = re.compile(r"\w+\[\d+\](\.source\[\d+\])?\.name")
"""Names that `communique.grounding.actors` has checked before."""


class FieldChecks:
    """Checks every field of one record but its actors and responses.

    Args:
        record: The draft.
        cited: Its evidence.
        document: The document.
    """

    def __init__(self, record: Record, cited: Sequence[Sentence], document: Document) -> None:
        self.record = record
        self.cited = cited
        self.document = document
        self.text = " ".join(s.text for s in cited)
        self.numbers = tuple(s.number for s in cited)
        self.checks: list[Check] = []

    def of(self, model: BaseModel, prefix: str = "") -> dict[str, Any]:
        """Return the fields to change: what fails is emptied, what words contradict is set right and flagged."""
        changed: dict[str, Any] = {}
        for name, marks in stated_fields(type(model)):
            value = getattr(model, name)
            if value is None or value == ():
                continue
            path = f"{prefix}{name}"
            if isinstance(model, Actor) and _BY_ACTORS.fullmatch(path):
                continue
            if isinstance(value, (tuple, list, set, frozenset)):
                kept = [
                    new
                    for i, item in enumerate(value)
                    if (new := self._item(item, f"{path}[{i}]", name, marks)) is not _DROP
                ]
                if type(value)(kept) != value:
                    changed[name] = type(value)(kept)
                continue
            new = self._item(value, path, name, marks)
            if new is _DROP:
                changed[name] = _blank(model, name)
            elif new != value:
                changed[name] = new
        return changed

    def _item(self, item: Any, path: str, name: str, marks: tuple[Marker, ...]) -> Any:
        if isinstance(item, Response):
            return item  # communique.grounding.responses
        if isinstance(item, BaseModel):
            update = self.of(item, f"{path}.")
            required = [f for f in update if update[f] is None and type(item).model_fields[f].is_required()]
            if required:
                return _DROP
            return item.model_copy(update=update) if update else item
        return self._scalar(item, path, name, marks)

    def _scalar(self, value: Any, path: str, name: str, marks: tuple[Marker, ...]) -> Any:
        for mark in marks:
            if isinstance(mark, Quoted) and str(value):
                return self._quoted(str(value), path, name, anywhere=mark.anywhere)
            if isinstance(mark, StatedDate):
                return self._date(str(value), path)
            if isinstance(mark, StatedNumber):
                return value if self._numbered(value, path) else _DROP
            if isinstance(mark, StatedPlace):
                return self._place(str(value), path, anywhere=mark.anywhere)
            if isinstance(mark, Worded):
                self._worded(str(value), path)
            if isinstance(mark, Choice):
                return self._choice(str(value), path, name)
            if isinstance(mark, Mentioned):
                return self._mentioned(str(value), path)
        return value

    def _mentioned(self, value: str, path: str) -> Any:
        mention = resolve(value, self.cited, self.document)
        if mention.where == "nowhere":
            return self._fail(path, "not_in_article", f"{value!r} is not in the article")
        self._pass(path, "in_article" if mention.where == "article" else "in_cited_sentence")
        return value

    def _quoted(self, value: str, path: str, name: str, *, anywhere: bool) -> Any:
        language = self.document.language
        here = [s for s in self.cited if find(value, s.text, language)]
        if here:
            if name == "topics" and only_anticipated(value, here):
                return self._fail(
                    path,
                    "anticipated_not_discussed",
                    f"{value!r} was expected beforehand, not reported as discussed",
                )
            self._pass(path, "in_cited_sentence", *(s.number for s in here))
            return value
        there = [s.number for s in self.document.sentences if find(value, s.text, language)]
        if there and anywhere:
            self._pass(path, "in_article", *there)
            return value
        if there:
            return self._fail(
                path, "not_in_cited_sentence", f"{value!r} stands in sentence {there[0]}, which is not cited"
            )
        return self._fail(path, "not_in_article", f"{value!r} is not in the article")

    def _date(self, value: str, path: str) -> Any:
        found = [s for s in self.cited if find(value, s.text, self.document.language)]
        if not found:
            return self._fail(path, "date_not_in_evidence", f"the cited sentences don't say {value!r}")
        if not is_time(value, self.document.language):
            return self._fail(path, "not_time_words", f"{value!r} says no time")
        if all(is_report_date(value, s.text) for s in found):
            return self._fail(
                path, "date_of_report", f"{value!r} is when it was reported, not when it happened"
            )
        self._pass(path, "in_cited_sentence", *(s.number for s in found))
        return value

    def _place(self, value: str, path: str, *, anywhere: bool) -> Any:
        form = bare(value)
        language = self.document.language
        here = any(s.kind != "link" and find(form, s.text, language) for s in self.cited)
        everywhere = (
            s.number for s in self.document.sentences if s.kind != "link" and find(form, s.text, language)
        )
        found = list(islice(everywhere, 4))
        if not found and resolve(value, self.cited, self.document).where == "nowhere":
            return self._fail(path, "not_in_article", f"{value!r} is not in the article")
        if is_time(value, self.document.language) and country_code(form, self.document.language) is None:
            return self._fail(path, "not_a_place", f"{value!r} is a time")
        if not here and not anywhere and found:
            return self._fail(
                path, "not_in_cited_sentence", f"{value!r} stands in sentence {found[0]}, which is not cited"
            )
        self._pass(path, "in_cited_sentence" if here else "in_article", *found)
        return value

    def _worded(self, value: str, path: str) -> None:
        missing = unsupported(value, self.cited, self.document)
        if value in self.text:
            self._pass(path, "copied", *self.numbers)
        elif missing:
            detail = f"{', '.join(missing)} in the model's sentence: not in the evidence"
            self._flag(path, "unsupported_words", detail)
        else:
            self._pass(path, "names_and_numbers_in_evidence", *self.numbers)

    def _choice(self, value: str, path: str, name: str) -> Any:
        verdict = choice_of(self.record, name, value, self.text, self.document.language)
        if verdict is None:
            self._pass(path, "no_telltale_against", *self.numbers)
            return value
        rule, allowed = verdict
        self._flag(path, rule, f"the draft said {value}; the words of the evidence say {allowed}")
        return allowed

    def _found(self, value: str, path: str, reason: str) -> bool:
        if find(value, self.text, self.document.language):
            self._pass(path, "in_cited_sentence", *self.numbers)
            return True
        self._fail(path, reason, f"the cited sentences don't say {value!r}")
        return False

    def _numbered(self, value: Any, path: str) -> bool:
        if isinstance(value, (int, float, Decimal)) and states_number(
            value, self.text, self.document.language
        ):
            self._pass(path, "number_in_evidence", *self.numbers)
            return True
        return self._found(str(value), path, "number_not_in_evidence")

    def _pass(self, path: str, reason: str, *numbers: int) -> None:
        self.checks.append(Check(field=path, outcome="passed", reason=reason, sentences=numbers))

    def _flag(self, path: str, reason: str, detail: str) -> None:
        self.checks.append(
            Check(field=path, outcome="flagged", reason=reason, detail=detail, sentences=self.numbers)
        )

    def _fail(self, path: str, reason: str, detail: str) -> Any:
        self.checks.append(
            Check(field=path, outcome="failed", reason=reason, detail=detail, sentences=self.numbers)
        )
        return _DROP


def _blank(model: BaseModel, name: str) -> Any:
    info = type(model).model_fields[name]
    return None if info.is_required() else info.get_default(call_default_factory=True)
