"""The rules: each one class with an id, a severity, a sentence for an analyst, and examples.

See docs/reference/reasons.md.
"""

from functools import lru_cache
from typing import Any

from communique.grounding.rules import (
    consistency,
    injection,
    kinds,
    modality,
    reporting,
    responses,
    roles,
)
from communique.grounding.rules.injection import PosedAsPrompt, orders
from communique.grounding.rules.rule import LOOKED_FOR, Reason, RecordCheck, Rule, name_of
from communique.schemas import Record

RULES: tuple[Rule[Any], ...] = (
    *kinds.RULES,
    *roles.RULES,
    *modality.RULES,
    *reporting.RULES,
    *responses.RULES,
    *consistency.RULES,
    *injection.RULES,
)
"""All rules that look at a record, in the order of their checks."""


@lru_cache(maxsize=256)
def rules_for(kind: type[Record]) -> tuple[Rule[Any], ...]:
    """Return the rules that have something to say of a record type."""
    return tuple(rule for rule in RULES if rule.concerns(kind))


REASONS: dict[str, Reason] = {
    reason.id: reason for reason in (*LOOKED_FOR, *(rule.reason for rule in RULES), PosedAsPrompt.reason)
}
"""All reasons by id: those of looking values up, and those of the rules."""

__all__ = [
    "REASONS",
    "RULES",
    "PosedAsPrompt",
    "Reason",
    "RecordCheck",
    "Rule",
    "name_of",
    "orders",
    "rules_for",
]
