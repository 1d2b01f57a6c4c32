"""Fingerprints: what makes two documents the same, two configurations, and two inputs.

`document_key` is the SHA-256 of the text and of the metadata that may show in the answer. `config_of` holds what
can change an answer; the journal stores its hash with each result. A test lists what can and what can't.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from communique import __version__
from communique.backends import AsyncBackend
from communique.documents import SPLITTER, Document
from communique.documents.readers import ReadOptions, expand
from communique.documents.sentences import Sentence
from communique.engine.plan import Plan
from communique.engine.talk import Voices
from communique.errors import UnreadableDocumentError
from communique.grounding import VERIFIER, load_policy
from communique.grounding.rules import name_of
from communique.languages import languages_digest
from communique.prompts.compose import brief_prompt, full_prompt, judge_fingerprint
from communique.prompts.finding import finding_digest
from communique.prompts.prompt import Prompt
from communique.schemas import SCHEMA_VERSION
from communique.schemas.record_type import type_print

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


def config_of(backend: AsyncBackend, plan: Plan, judge: AsyncBackend | None = None) -> dict[str, Any]:
    """Return what can change an answer, ready for JSON. Of an endpoint only the host: no user, path and key."""
    voices = Voices.of(plan, backend, judge)
    judging, brief = voices.judge, voices.asking != "full"
    prompt = (
        brief_prompt((_ANY,), _ANY, plan.records, plan.records, trained=voices.asking == "trained")
        if brief
        else _full(plan)
    )
    seed = getattr(backend, "seed", None)
    return {
        "version": __version__,
        "output": SCHEMA_VERSION,
        "splitter": SPLITTER,
        "verifier": VERIFIER,
        "languages": languages_digest(),
        "policy": str(load_policy(plan.policy or ("small" if brief else "strong"))),
        **_asked(backend),
        "prompt": prompt.fingerprint,
        **({"finding": finding_digest()} if brief else {}),
        "records": [kind.plural for kind in plan.records],
        **{f"type of {kind.plural}": type_print(kind) for kind in plan.records},
        "checks": [name_of(check) for check in plan.checks],
        "repair_rounds": plan.repair_rounds,
        "strict": plan.strict,
        "shape": plan.shape,
        "window_chars": plan.window_chars,
        "overlap": plan.overlap,
        "max_tokens_per_answer": plan.max_tokens,
        "effort": plan.effort,
        **({"keep_text": True} if plan.keep_text else {}),
        **({"judge": {**_asked(judging), "prompt": judge_fingerprint(_full(plan))}} if judging is not None else {}),
        **({"seed": seed} if seed is not None else {}),
    }


def _asked(backend: AsyncBackend) -> dict[str, str]:
    host = str(getattr(getattr(backend, "endpoint", None), "host", ""))
    return {"backend": backend.name, "model": backend.model, "host": host}


def _full(plan: Plan) -> Prompt:
    return full_prompt((_ANY,), plan.records, language=plan.claim_language)


def fingerprint(config: dict[str, Any]) -> str:
    """Return the SHA-256 of a configuration, in hex."""
    text = json.dumps(config, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def signature(inputs: Iterable[str], options: ReadOptions) -> str:
    """Return a hash of all input files' names, sizes and times, and how they are read; "" where that can't be told."""
    digest = hashlib.sha256(repr(options).encode())
    try:
        for name, _ in (found for each in inputs for found in expand(each, options)):
            path = Path(name)
            stat = path.stat()
            if not path.is_file():
                return ""
            digest.update(f"\0{path}\0{stat.st_size}\0{stat.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    except (OSError, UnreadableDocumentError):
        return ""
    return digest.hexdigest()
