"""Opinions from decision models: `/v1/systemone` (Jev, llama.cpp, Ollama, vLLM) and OpenAI's `/v1/decisions`.

Both take a state and typed closed questions and return a probability per answer; they generate no text. All questions about
a record go in one request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from communique.backends.opinion_endpoint import OpinionEndpoint
from communique.backends.opinions import Answers, ClosedQuestion, Inquiry, gathered, probability, usage_of
from communique.schemas import Usage

MOST_QUESTIONS = 64
"""Questions of one request; servers take 64 to 400."""

Found = list[tuple[float | None, str]]

_CRITERIA = {
    "true": "The passage states it, with these names in these parts.",
    "false": "The passage doesn't state it, only touches it, or says it of others.",
}


class DecisionReferee(OpinionEndpoint):
    """Base of the two: sends questions in portions. See `OpinionEndpoint` for the arguments."""

    path = ""

    async def aask(self, inquiry: Inquiry) -> Answers:
        """Ask, and await the answers.

        Raises:
            CommuniqueError: A request got no answer.
        """
        found: Found = []
        usage, model, attempts = Usage(), self.model, 0
        for start in range(0, len(inquiry.questions), MOST_QUESTIONS):
            portion = inquiry.questions[start : start + MOST_QUESTIONS]
            data = await self._post(self.path, self._body(inquiry.passage, portion), inquiry.document_id)
            found += self._read(data.get("answers"), portion)
            usage += usage_of(data.get("usage"))
            model, attempts = str(data.get("model") or model), attempts + 1
        return gathered(found, model, usage, attempts)

    def _body(self, passage: str, questions: Sequence[ClosedQuestion]) -> dict[str, Any]:
        raise NotImplementedError

    def _read(self, answers: Any, questions: Sequence[ClosedQuestion]) -> Found:
        raise NotImplementedError


class SystemOneReferee(DecisionReferee):
    """Asks `/v1/systemone`: questions and answers are objects by name, a yes/no question is a `noul`."""

    name = "systemone"
    path = "/systemone"

    def _body(self, passage: str, questions: Sequence[ClosedQuestion]) -> dict[str, Any]:
        asked = {
            f"q{i}": {"type": "noul", "instructions": q.text, "criteria": _CRITERIA}
            for i, q in enumerate(questions, start=1)
        }
        return {"model": self.model, "state": {"passage": passage}, "questions": asked}

    def _read(self, answers: Any, questions: Sequence[ClosedQuestion]) -> Found:
        given = answers if isinstance(answers, Mapping) else {}
        return [_read_one(given.get(f"q{i}"), "noul", "noul") for i in range(1, len(questions) + 1)]


class OpenAIDecisionReferee(DecisionReferee):
    """Asks `/v1/decisions`: questions and answers are lists, a yes/no question is a `predicate`."""

    name = "decisions"
    path = "/decisions"

    def _body(self, passage: str, questions: Sequence[ClosedQuestion]) -> dict[str, Any]:
        asked = [
            {"type": "predicate", "name": f"q{i}", "instructions": q.text}
            for i, q in enumerate(questions, start=1)
        ]
        return {"model": self.model, "input": passage, "questions": asked}

    def _read(self, answers: Any, questions: Sequence[ClosedQuestion]) -> Found:
        rows = [a for a in answers if isinstance(a, Mapping)] if isinstance(answers, list) else []
        by_name = {str(a.get("name")): a for a in rows}
        return [
            _read_one(by_name.get(f"q{i}"), "predicate", "probability") for i in range(1, len(questions) + 1)
        ]


def _read_one(answer: Any, kind: str, key: str) -> tuple[float | None, str]:
    if not isinstance(answer, Mapping):
        return None, "not answered"
    if answer.get("type") == "refusal":
        return None, "the model declined to answer"
    if answer.get("type", kind) != kind:
        return None, f"answered as {str(answer.get('type'))[:20]}, not as {kind}"
    return probability(answer.get(key))
