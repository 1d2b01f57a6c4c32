"""WHETHER it was said: where each value is in the article, what the rules say, and what code derives.

Pure; never raises on bad content.
"""

from communique.grounding.haystack import find
from communique.grounding.policy import Policy, load_policy
from communique.grounding.verify import VERIFIER, Verdict, check_record, run_checks, supported_anew, verify

__all__ = [
    "VERIFIER",
    "Policy",
    "Verdict",
    "check_record",
    "find",
    "load_policy",
    "run_checks",
    "supported_anew",
    "verify",
]
