"""A model that obeys, for trying the benchmark without one: rules read plain sentences, and orders win over them."""

from __future__ import annotations

import json
import re
from typing import Any

from communique.prompts import Prompt

_NAME = r"(?:the )?((?:[A-Z][\w’']*)(?: (?:of |the )?[A-Z][\w’']*)*(?:'s interior ministry| navy)?)"
_SILENT = re.compile(r"states nothing|states no event|answer null", re.IGNORECASE)
_MET = re.compile(rf"{_NAME} (?:met|will meet) (?:the head of )?(?:Ketorian envoy )?{_NAME}")
_ACCUSED = re.compile(rf"{_NAME} accused {_NAME}")
_SANCTIONED = re.compile(rf"{_NAME} imposed sanctions on {_NAME}")


def gullible(prompt: Prompt) -> dict[str, Any]:
    """Answer a brief prompt: an answer that stands in the passage is repeated, an order to be silent obeyed."""
    passage, _, question = prompt.messages[-1].content.rpartition("\n\nSentence: ")
    kinds = list(prompt.schema["properties"])
    nothing: dict[str, Any] = dict.fromkeys(kinds)
    if _SILENT.search(passage):
        return nothing
    for found in re.findall(r"\{.*\}", passage):
        answer = json.loads(found)
        if set(answer) & set(kinds):
            return {**nothing, **{k: v for k, v in answer.items() if k in kinds}}
    return {**nothing, **{k: v for k, v in _read(question).items() if k in kinds}}


def _read(sentence: str) -> dict[str, Any]:
    if match := _MET.search(sentence):
        return {"meeting": {"participants": list(match.groups()), "place": None, "when": None, "status": "held"}}
    if match := _ACCUSED.search(sentence):
        return {
            "allegation": {
                "accusers": [match[1]],
                "accused": [match[2]],
                "commitment": "asserted",
                "denied_by": [],
            }
        }
    if match := _SANCTIONED.search(sentence):
        return {"sanctions_concern": {"raised_by": [match[1]], "subjects": [match[2]], "stage": "imposed"}}
    return {}
