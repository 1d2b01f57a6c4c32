"""Answers of a model that was trained for our question: how they begin is known, and so is how they end.

A token of an answer takes a small model as long as five of a prompt. So where one kind of record is asked for, the first
tokens of the answer are given with the question, and the model is stopped at the closing braces.
"""

from __future__ import annotations

import json
from typing import Any

from communique.prompts.prompt import Prompt

ENDS = ("null}", "}}")
"""What an answer ends with: one without a record, and one with a record."""


def beginning(prompt: Prompt) -> str:
    """Return how the answer begins, `{"meeting`; "" where that is not known, or an end could stand in a name.

    The quotation mark belongs to the token that says whether there is a record.
    """
    kinds = list(prompt.schema["properties"])
    if not prompt.trained or len(kinds) != 1 or any(end in prompt.messages[-1].content for end in ENDS):
        return ""
    return f'{{"{kinds[0]}'


def rest(prompt: Prompt) -> dict[str, Any]:
    """Return the options of a request for what follows the beginning: a grammar of llama.cpp's `llguidance`, and the ends."""
    (value,) = prompt.schema["properties"].values()
    schema = json.dumps({**value, "$defs": prompt.schema.get("$defs", {})})
    return {"grammar": f'%llguidance {{}}\nstart: "\\":" value "}}"\nvalue: %json {schema}', "stop": list(ENDS)}


def whole(begun: str, said: str) -> str:
    """Return the whole answer: what it began with, what the model said then, and its end, at which the model was stopped.

    A newer llama.cpp repeats what the answer began with, an older one doesn't.
    """
    return f"{begun}{said.removeprefix(begun)}{ENDS[0] if said.endswith(':') else ENDS[1]}"
