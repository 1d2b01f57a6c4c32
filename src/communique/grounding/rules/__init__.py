"""The rules: each one class with an id, a severity, a sentence for an analyst, and examples. See docs/reference/reasons.md."""

from communique.grounding.rules import consistency, injection, kinds, modality, reporting, responses, roles
from communique.grounding.rules.injection import PosedAsPrompt, orders
from communique.grounding.rules.looked_for import LOOKED_FOR
from communique.grounding.rules.rule import Reason, RecordCheck, Rule, name_of

RULES: tuple[Rule, ...] = (
    *kinds.RULES,
    *roles.RULES,
    *modality.RULES,
    *reporting.RULES,
    *responses.RULES,
    *consistency.RULES,
    *injection.RULES,
)
"""All rules that look at a record, in the order of their checks."""

REASONS: dict[str, Reason] = {
    reason.id: reason for reason in (*LOOKED_FOR, *(rule.reason for rule in RULES), PosedAsPrompt.reason)
}
"""All reasons by id: those of looking values up, and those of the rules."""

__all__ = ["REASONS", "RULES", "PosedAsPrompt", "Reason", "RecordCheck", "Rule", "name_of", "orders"]
