"""Answers of a `FakeServer` to closed questions: `/v1/systemone`, `/v1/decisions` and chat with token probabilities."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

Opinion = Callable[[str, str], float | None]
"""From passage and question to the probability of yes; None refuses the question."""

PATHS = ("/systemone", "/decisions")


def systemone(body: dict[str, Any], opinion: Opinion) -> dict[str, Any]:
    """Answer a `/v1/systemone` request; a refused question is left out."""
    answers = {}
    for name, question in body["questions"].items():
        found = opinion(str(body["state"]["passage"]), str(question["instructions"]))
        if found is not None:
            answers[name] = {"type": question["type"], "noul": found}
    return {"model": body["model"], "answers": answers, "usage": {"input_tokens": 40, "output_tokens": 0}}


def decisions(body: dict[str, Any], opinion: Opinion) -> dict[str, Any]:
    """Answer a `/v1/decisions` request, in the order of its questions."""
    answers: list[dict[str, Any]] = []
    for question in body["questions"]:
        found = opinion(str(body["input"]), str(question["instructions"]))
        answers.append(
            {"type": "refusal", "name": question["name"]}
            if found is None
            else {"type": "predicate", "name": question["name"], "probability": found}
        )
    return {"model": body["model"], "answers": answers, "usage": {"input_tokens": 40, "output_tokens": 0}}


def first_token(body: dict[str, Any], opinion: Opinion) -> dict[str, Any]:
    """Return the token probabilities of a chat answer of one token; a refused question is answered otherwise."""
    passage, _, question = str(body["messages"][-1]["content"]).rpartition("\n\n")
    found = opinion(passage, question)
    shares = {"Sorry": 0.99} if found is None else {"yes": found * 0.9, " Yes": found * 0.1, "no": 1 - found}
    listed = [{"token": t, "logprob": math.log(max(p, 1e-9))} for t, p in shares.items()]
    return {"content": [{**max(listed, key=lambda t: t["logprob"]), "top_logprobs": listed}]}
