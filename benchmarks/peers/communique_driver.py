"""communique in the peers' benchmark: a whole batch (checks, journal, export) behind their protocol.

The mock server, the bare floor and the peers' drivers are not part of this repository; name their folder:

    python benchmarks/peers/interleaved.py --bench FOLDER

runs this driver beside theirs. Their `common.main(setup, canned=…)` gives arguments, documents and the measuring.

The canned answer holds what the peers' holds: two meetings, one allegation, one sanctions concern. Only records that
pass our checks are in it, and nobody judges them, so that a document is one request, as it is for the peers.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

WANTED = {"meetings": 2, "allegations": 1, "sanctions_concerns": 1}
NAME = re.compile(r"\b[A-Z]\w+(?: [A-Z]\w+)*")


def drafts(number: int, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Records that a sentence might state, by the names in it."""
    names = list(dict.fromkeys(NAME.findall(text)))
    bare = {"aliases": [], "role": None, "country": None}
    for first in names:
        for second in names:
            if first == second:
                continue
            one, two = ({"name": name, **bare} for name in (first, second))
            yield (
                "meetings",
                {"evidence": [number], "status": "held", "participants": [one, two], "place": None},
            )
            yield (
                "allegations",
                {"evidence": [number], "accusers": [one], "accused": [two], "claim": text[:-1]},
            )
            yield (
                "sanctions_concerns",
                {
                    "evidence": [number],
                    "raised_by": [],
                    "subjects": [one],
                    "concern": text[:-1],
                    "regime": ["sanctions"],
                    "stage": "potential",
                },
            )


def answer(article: str) -> dict[str, list[dict[str, Any]]]:
    """The canned answer: records of this article that need no second question.

    Raises:
        SystemExit: The article has too few of them.
    """
    from communique import Document, Extractor
    from communique.backends.scripted import ScriptedBackend

    document = Document.from_text(f"[doc 0]\n{article}")
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in WANTED}
    empty: dict[str, list[dict[str, Any]]] = {kind: [] for kind in WANTED}
    for sentence in document.sentences:
        stated: set[str] = set()
        for kind, draft in drafts(sentence.number, sentence.text):
            if kind in stated or len(found[kind]) >= WANTED[kind]:
                continue
            backend = ScriptedBackend([whole({**empty, kind: [draft]})] * 2)
            summary = Extractor(backend).extract(document)
            if len(backend.prompts) == 1 and not summary.rejections:
                stated.add(kind)
                found[kind].append(whole({kind: [draft]})[kind][0])
    short = [kind for kind, count in WANTED.items() if len(found[kind]) < count]
    if short:
        raise SystemExit(f"the article states too few {', '.join(short)} for the canned answer")
    return found


def whole(items: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Fill in what strict mode would answer for fields that the draft leaves out."""
    from communique.prompts.wire import full_schema
    from communique.schemas import STANDARD_RECORDS

    schema = full_schema(STANDARD_RECORDS)["properties"]
    return {
        kind: [_filled(item, schema[kind]["items"]["properties"]) for item in group] for kind, group in items.items()
    }


def _filled(item: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    made = {}
    for name, schema in properties.items():
        if name in item:
            made[name] = item[name]
        elif schema.get("type") == "array":
            made[name] = []
        elif "enum" in schema:
            made[name] = schema["enum"][0]
        elif "anyOf" in schema:
            made[name] = None
        else:
            made[name] = {"string": "", "boolean": False}.get(schema.get("type"), 0)
    for name, value in made.items():
        inner = properties[name].get("items", {}).get("properties")
        if inner and isinstance(value, list):
            made[name] = [
                _filled({k: v for k, v in part.items() if k in inner}, inner) if isinstance(part, dict) else part
                for part in value
            ]
    return made


def canned(article: str) -> dict[str, str]:
    text = json.dumps(answer(article), ensure_ascii=False)
    return {"content": text, "tool_arguments": text, "invalid": '{"meetings": "none", "allegations": 7}'}


def setup(args: Any) -> Callable[..., Any]:
    from communique import Document
    from communique.backends.openai_chat import OpenAIBackend
    from communique.backends.retrying import RetryPolicy
    from communique.batch import BatchSettings, Bounds, arun_batch
    from communique.engine.plan import Plan

    backend = OpenAIBackend(
        "gpt-4o-mini",
        base_url=args.base_url,
        api_key="mock-key",
        policy=RetryPolicy(attempt_deadline=args.timeout),
    )

    async def run(args: Any, docs: Iterator[tuple[int, str]]) -> dict[int, str]:
        results: dict[int, str] = {}
        folder = Path(tempfile.mkdtemp(prefix="peers-"))

        def row(outcome: Any) -> None:
            good = outcome.state == "ok" and '"meetings":[{' in outcome.payload
            results[int(outcome.id)] = "ok" if good else f"{outcome.state}: {outcome.reason} {outcome.detail}"

        documents = (Document.from_text(text, id=str(number)) for number, text in docs)
        settings = BatchSettings(Bounds(args.concurrency), on_row=row)
        try:
            plan = Plan(judge="off")
            report = await arun_batch(documents, folder / "out.jsonl", backend, plan, settings)
        finally:
            await backend.aclose()
            shutil.rmtree(folder, ignore_errors=True)
        if report.ending.cause is not None:
            raise report.ending.cause
        return results

    return run


if __name__ == "__main__":
    folder = os.environ.get("PEERS_BENCH")
    if not folder:
        sys.exit("PEERS_BENCH names no folder with drivers/common.py; start it by interleaved.py")
    sys.path.insert(0, str(Path(folder) / "drivers"))
    importlib.import_module("common").main(setup, canned=canned)
