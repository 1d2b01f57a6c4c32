"""Fingerprints: what makes two documents the same, and two configurations.

`document_key` is the SHA-256 of the text and of the metadata that may show in the answer. `configuration` holds what
can change an answer; the journal stores its hash with each result. What cannot change an answer is named in `OUTSIDE`,
and a test fails for a setting that is in neither list.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from communique import __version__
from communique.documents import SPLITTER, Document
from communique.documents.sentences import Sentence
from communique.engine.plan import Plan
from communique.grounding import VERIFIER, load_policy
from communique.grounding.rules import name_of
from communique.languages import languages_digest
from communique.prompts.compose import brief_prompt, full_prompt
from communique.prompts.judge import judge_fingerprint
from communique.prompts.prompt import Prompt
from communique.schemas import SCHEMA_VERSION
from communique.schemas.record_type import type_print

INSIDE = frozenset({
    "backend.model", "backend.base_url", "plan.records", "plan.repair_rounds", "plan.strict", "plan.shape",
    "plan.window_chars", "plan.overlap", "plan.max_tokens", "plan.claim_language", "plan.checks", "plan.judge",
    "plan.policy", "backend.seed",
})  # fmt: skip
"""Settings that change answers."""

OUTSIDE = frozenset({
    "bounds.concurrency", "bounds.rpm", "bounds.tpm", "bounds.max_tokens", "bounds.max_cost", "bounds.price",
    "bounds.outage", "policy.attempts", "policy.base", "policy.cap", "policy.attempt_deadline", "policy.call_deadline",
    "policy.max_wait", "policy.throttle_deadline", "policy.sleep", "policy.clock", "policy.random",
    "run.concurrency", "run.limit", "run.grace", "run.signals",
    "backend.api_key", "backend.timeout", "backend.policy", "backend.context_tokens", "backend.governor",
    "backend.http_client",
})  # fmt: skip
"""Settings that don't."""


_ANY = Sentence(1, 0, 1, "x")
"""Stands for an article, where only the static part of a prompt matters."""


def document_key(document: Document) -> bytes:
    """Return the key of a document: 32 bytes. Id and source don't count: they are written per occurrence."""
    metadata = [
        document.title,
        document.published.isoformat() if document.published else None,
        document.published_basis,
        document.language,
        document.outlet,
        document.notes,
        document.pages,
    ]
    digest = hashlib.sha256(b"communique/doc/1\0")
    digest.update(document.text.encode("utf-8", "replace"))
    digest.update(b"\0" + json.dumps(metadata, ensure_ascii=False).encode("utf-8", "replace"))
    return digest.digest()


def configuration(plan: Plan, *, backend: str, model: str, host: str, narrows: bool) -> dict[str, Any]:
    """Return what can change an answer, ready for JSON.

    Args:
        plan: How documents are read.
        backend: Name of the backend.
        model: Model as asked for.
        host: Host of the endpoint, without user, path and key; "" for a local model.
        narrows: Whether the backend is asked sentence by sentence.
    """
    brief = plan.shape == "brief" or (plan.shape == "auto" and narrows)
    prompt = brief_prompt((_ANY,), _ANY, plan.records, plan.records) if brief else _full(plan)
    return {
        "version": __version__,
        "output": SCHEMA_VERSION,
        "splitter": SPLITTER,
        "verifier": VERIFIER,
        "languages": languages_digest(),
        "policy": str(load_policy(plan.policy or ("small" if brief else "strong"))),
        "backend": backend,
        "model": model,
        "host": host,
        "prompt": prompt.fingerprint,
        "records": [kind.plural for kind in plan.records],
        **{f"type of {kind.plural}": type_print(kind) for kind in plan.records},
        "checks": [name_of(check) for check in plan.checks],
        "repair_rounds": plan.repair_rounds,
        "strict": plan.strict,
        "shape": plan.shape,
        "window_chars": plan.window_chars,
        "overlap": plan.overlap,
        "max_tokens_per_answer": plan.max_tokens,
    }


def judge_print(plan: Plan) -> str:
    """Return the fingerprint of what a judge is asked."""
    return judge_fingerprint(_full(plan))


def _full(plan: Plan) -> Prompt:
    return full_prompt((_ANY,), plan.records, language=plan.claim_language)


def fingerprint(config: dict[str, Any]) -> str:
    """Return the SHA-256 of a configuration, in hex."""
    text = json.dumps(config, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
