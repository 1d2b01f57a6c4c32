"""WHETHER it was said: checks by the markers on the fields, and what code derives. Pure; never raises on bad content."""

from communique.grounding.matching import find
from communique.grounding.verify import VERIFIER, Verdict, Verifier, verify

__all__ = ["VERIFIER", "Verdict", "Verifier", "find", "verify"]
