"""The first token of a chat answer: how likely each is, and yes against no."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from communique.errors import MalformedResponseError


def first_token(answer: Mapping[str, Any]) -> dict[str, float]:
    """Return the likeliest first tokens with their probabilities, 0 to 1.

    Args:
        answer: A chat answer that was asked for with `logprobs`, as the server gave it.

    Raises:
        MalformedResponseError: It holds none.
    """
    try:
        listed = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        return {str(t["token"]): math.exp(float(t["logprob"])) for t in listed}
    except (LookupError, TypeError, ValueError, OverflowError):
        raise MalformedResponseError("the model gives no token probabilities") from None


def yes_share(probabilities: Mapping[str, float]) -> tuple[float, float]:
    """Return yes / (yes + no), and yes + no, over all spellings of the two; 0.5 where neither is likely."""
    found = {"yes": 0.0, "no": 0.0}
    for token, probability in probabilities.items():
        word = token.strip().strip(".").lower()
        if word in found:
            found[word] += probability
    mass = found["yes"] + found["no"]
    return (found["yes"] / mass if mass else 0.5), mass
