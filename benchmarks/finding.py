"""Learn where a small model is asked: the weights of `src/communique/prompts/finding.toml`, from the sentences of gold.

    python benchmarks/finding.py FOLDER[=GOLD] ... [--write]

FOLDER holds ID.txt and ID.meta.json, the gold is ID.json beside them or in GOLD. Each folder is left out once: what is
printed of it comes from weights learned on the others. --write learns from all of them. The weights hold no text.

A sentence is right for a kind of record if a gold record of that kind cites it. Of an optional record it counts half, and
three tenths where the record cites another sentence first: asked about both, a small model tells the same twice.
Logistic regression with an L2 penalty, by gradient descent: no library is needed.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from communique import Document
from communique.prompts.finding import Weights, focuses, signs
from communique.schemas import STANDARD_RECORDS

TARGET = Path(__file__).parent.parent / "src/communique/prompts/finding.toml"
KINDS = {kind.concept: kind.plural for kind in STANDARD_RECORDS}
UNLESS = {"accusation": ("sanctions",)}
"""Of 24 sentences that have words of both, none states an allegation that gold requires, 23 a sanctions concern."""
PENALTY, STEPS, RATE = 5.0, 400, 0.05
OPTIONAL, LATER = 0.5, 0.3
LEAST = {"meeting": 0.2, "accusation": 0.3, "sanctions": 0.2}
"""Probabilities from which on the embedded model is asked. Its drafts from less likely sentences are mostly wrong."""
SURE = {"meeting": 0.8, "accusation": 1.0, "sanctions": 0.8}
"""Probabilities from which on it may not answer null. For allegations never: made to fill one in, it swaps the sides."""


class Row(NamedTuple):
    """A sentence: its signs, and for each kind how much a record of that kind needs it, from 0 to 1."""

    signs: dict[str, float]
    wanted: dict[str, float]


class Article(NamedTuple):
    """The sentences of an article, and of each required gold record its kind and the sentences that it cites."""

    document: Document
    rows: list[Row]
    required: list[tuple[str, set[int]]]


def read(folder: str) -> Iterator[Article]:
    """Yield the articles of a folder with gold."""
    texts, _, gold = folder.partition("=")
    for file in sorted(Path(texts).glob("*.txt")):
        answer = Path(gold or texts) / f"{file.stem}.json"
        if answer.is_file():
            meta = json.loads((file.parent / f"{file.stem}.meta.json").read_text("utf-8"))
            document = Document.from_text(file.read_text("utf-8"), id=file.stem, language=meta.get("language"))
            yield _article(document, json.loads(answer.read_text("utf-8")))


def _article(document: Document, gold: dict[str, Any]) -> Article:
    sentences = document.sentences
    wanted: list[dict[str, float]] = [{} for _ in sentences]
    required: list[tuple[str, set[int]]] = []
    for concept, plural in KINDS.items():
        for record in gold.get(plural, ()):
            cited = list(dict.fromkeys(i for quote in record["evidence"] for i in _cited(quote, document)))
            for index in cited:
                weight = OPTIONAL if record.get("optional") else 1.0
                weight = weight if index == cited[0] else LATER
                wanted[index][concept] = max(weight, wanted[index].get(concept, 0.0))
            if not record.get("optional"):
                required.append((concept, set(cited)))
    rows = [Row(shown, wanted[i]) for i, shown in enumerate(signs(sentences, document.language))]
    return Article(document, [r for r, s in zip(rows, sentences, strict=True) if s.kind == "body"], required)


def _cited(quote: str, document: Document) -> Iterator[int]:
    at = document.text.find(quote)
    for index, sentence in enumerate(document.sentences):
        if at >= 0 and sentence.start < at + len(quote) and sentence.end > at:
            yield index


def learn(rows: Sequence[Row], concept: str) -> Weights:
    """Return the weights for one kind of record."""
    names = sorted({name for row in rows for name in row.signs})
    place = {name: i for i, name in enumerate(names)}
    sparse = [[(place[name], value) for name, value in row.signs.items()] for row in rows]
    wanted = [row.wanted.get(concept, 0.0) for row in rows]
    values, bias = [0.0] * len(names), 0.0
    first, second = [0.0] * (len(names) + 1), [0.0] * (len(names) + 1)
    for step in range(1, STEPS + 1):
        slope = [PENALTY * v for v in values] + [0.0]
        for row, weight in zip(sparse, wanted, strict=True):
            logit = bias + sum(values[i] * value for i, value in row)
            error = (1 / (1 + math.exp(-logit)) - (weight > 0)) * (weight or 1.0)
            for i, value in row:
                slope[i] += error * value
            slope[-1] += error
        for i, g in enumerate(slope):  # Adam
            first[i] = 0.9 * first[i] + 0.1 * g
            second[i] = 0.999 * second[i] + 0.001 * g * g
            moved = RATE * first[i] / (1 - 0.9**step) / (math.sqrt(second[i] / (1 - 0.999**step)) + 1e-9)
            if i < len(values):
                values[i] -= moved
            else:
                bias -= moved
    rounded = {name: round(v, 2) for name, v in zip(names, values, strict=True) if abs(v) >= 0.005}
    return Weights(LEAST[concept], SURE[concept], UNLESS.get(concept, ()), round(bias, 2), rounded)


def found(articles: Sequence[Article], learned: dict[str, Weights] | None) -> str:
    """Return how many required records could be found, and how much is asked; by the shipped weights if None are given."""
    counts = {concept: [0, 0] for concept in KINDS}
    sentences = asked = 0
    for article in articles:
        asking = _asking(article, learned)
        sentences += len(article.document.sentences)
        asked += len({index for index, _ in asking})
        for concept, cited in article.required:
            counts[concept][1] += 1
            counts[concept][0] += any((index, concept) in asking for index in cited)
    kinds = ", ".join(f"{concept} {a} of {b}" for concept, (a, b) in counts.items())
    got, all_ = (sum(c[i] for c in counts.values()) for i in (0, 1))
    return f"{got / max(1, all_):.2f} of {all_} ({kinds}) at {asked / max(1, sentences):.2f} of {sentences} sentences"


def _asking(article: Article, learned: dict[str, Weights] | None) -> set[tuple[int, str]]:
    document = article.document
    if learned is None:
        asked = focuses(document.sentences, STANDARD_RECORDS, document.language)
        return {(s.number - 1, kind.concept) for s, kinds, _ in asked for kind in kinds}
    result: set[tuple[int, str]] = set()
    for index, shown in enumerate(signs(document.sentences, document.language)):
        if document.sentences[index].kind == "body":
            likely = {c for c, w in learned.items() if w.probability(shown) >= w.least}
            result |= {(index, c) for c in likely if likely.isdisjoint(learned[c].unless)}
    return result


def written(learned: dict[str, Weights]) -> str:
    """Return the weights as TOML."""
    lines = [
        "# Written by benchmarks/finding.py from the sentences that gold cites; it says there what the names mean."
    ]
    for concept, kind in learned.items():
        unless = ", ".join(f'"{name}"' for name in kind.unless)
        lines += [
            "",
            f"[{concept}]",
            f"least = {kind.least}",
            f"sure = {kind.sure}",
            f"unless = [{unless}]",
            f"bias = {kind.bias}",
        ]
        lines += ["", f"[{concept}.weights]"]
        lines += [f'"{name}" = {value}' for name, value in kind.weights.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Learn, say what is found, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER[=GOLD]")
    parser.add_argument("--write", action="store_true", help=f"write {TARGET.name}")
    parser.add_argument("--apart", type=Path, help="folder for the weights that were learned without each folder")
    options = parser.parse_args()
    sets = {folder: list(read(folder)) for folder in options.folders}

    def from_all_but(left_out: str) -> dict[str, Weights]:
        unseen = {a.document.id for a in sets.get(left_out, ())}  # some articles are in two folders
        known = {a.document.id: a for articles in sets.values() for a in articles if a.document.id not in unseen}
        rows = [row for a in known.values() for row in a.rows]
        return {concept: learn(rows, concept) for concept in KINDS}

    for folder, articles in sets.items():
        if len(sets) > 1:
            learned = from_all_but(folder)
            print(f"{Path(folder.partition('=')[0]).name}, left out: {found(articles, learned)}", flush=True)
            if options.apart:
                options.apart.mkdir(parents=True, exist_ok=True)
                name = Path(folder.partition("=")[0]).name
                (options.apart / f"{name}.toml").write_text(written(learned), "utf-8")
    if options.write:
        TARGET.write_text(written(from_all_but("")), "utf-8")
    print(f"all, by the weights that are shipped: {found([a for s in sets.values() for a in s], None)}")


if __name__ == "__main__":
    main()
