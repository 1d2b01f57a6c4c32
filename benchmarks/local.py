"""How long does the embedded model take for an article, beside a plain loop of one request an article?

    python benchmarks/local.py benchmarks/corpus [--only own_en_01,own_de_01]

Both ask one server, turn by turn, so that what else the machine does hits both. The plain loop is what a user would
write first: the article, the fields, evidence quoted word for word. Printed: for each article the seconds, prompt tokens
evaluated and answer tokens of both; then the sums and the ratio of the seconds.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, Literal

from articles import articles
from pydantic import BaseModel

from communique import Document, Extractor, Usage
from communique.backends.llama_cpp import LocalBackend
from communique.errors import ResponseError
from communique.prompts.prompt import Message, Prompt

PLAIN = (
    "Extract meetings, allegations and sanctions concerns from the news article. Record only what the article states; give"
    " empty lists where there is nothing. Quote evidence word for word."
)


class PlainMeeting(BaseModel):
    participants: list[str]
    place: str | None
    when: str | None
    status: Literal["held", "planned", "proposed", "cancelled"]
    evidence: list[str]


class PlainAllegation(BaseModel):
    accusers: list[str]
    accused: list[str]
    act: str
    denied_by: list[str]
    commitment: Literal["asserted", "probable", "possible", "unspecified"]
    evidence: list[str]


class PlainConcern(BaseModel):
    raised_by: list[str]
    subjects: list[str]
    activity: str
    stage: Literal["potential", "alleged", "found", "proposed", "imposed"]
    evidence: list[str]


class PlainSummary(BaseModel):
    meetings: list[PlainMeeting]
    allegations: list[PlainAllegation]
    sanctions_concerns: list[PlainConcern]


def plain(backend: LocalBackend, document: Document) -> Usage:
    """Ask once for everything; an answer that is cut off costs what it costs."""
    messages = Message("system", PLAIN), Message("user", document.text)
    prompt = Prompt(messages, PlainSummary.model_json_schema(), "plain", max_tokens=1500, static_messages=1)
    try:
        return backend.complete(prompt).usage
    except ResponseError as error:
        return Usage.of(error.tokens)


def ours(extractor: Extractor, document: Document) -> Usage:
    return extractor.extract(document).provenance.usage


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gold", type=Path, help="folder of the gold; FOLDER/gold")
    parser.add_argument("--only", default="", help="ids, with commas between")
    args = parser.parse_args()
    only = set(filter(None, args.only.split(",")))
    backend = LocalBackend()
    extractor = Extractor(backend)
    sums: dict[str, list[float]] = {"plain": [0.0] * 3, "communique": [0.0] * 3}
    ways: dict[str, Any] = {"plain": lambda d: plain(backend, d), "communique": lambda d: ours(extractor, d)}
    ours(
        extractor, Document.from_text("Ruritania's envoy met Borduria's minister in Zenda.")
    )  # the static part is evaluated
    for number, (document, _) in enumerate(articles(args.folder, args.gold or args.folder / "gold")):
        if only and document.id not in only:
            continue
        row = [f"{document.id:36}"]
        for name in sorted(ways, reverse=number % 2 == 0):  # neither is always first
            start = time.perf_counter()
            used = ways[name](document)
            spent = (time.perf_counter() - start, used.input_tokens - used.cached_tokens, used.output_tokens)
            sums[name] = [a + b for a, b in zip(sums[name], spent, strict=True)]
            row.append(f"{name} {spent[0]:6.1f} s {spent[1]:5} {spent[2]:5}")
        print(" | ".join(row), flush=True)
    for name, (seconds, evaluated, answered) in sums.items():
        print(f"{name:10} {seconds:7.1f} s, {evaluated:.0f} prompt tokens evaluated, {answered:.0f} answer tokens")
    print(f"communique / plain loop: {sums['communique'][0] / sums['plain'][0]:.2f} of the seconds")
    backend.close()


if __name__ == "__main__":
    main()
