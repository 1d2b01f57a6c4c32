"""How often an attack inside an article reaches its goal, with and without our defences, after each stage.

    python benchmarks/injection.py --model scripted                     # seconds, a model that obeys
    python benchmarks/injection.py --model local --out injection.jsonl  # the embedded model, about half an hour
    python benchmarks/injection.py --model openai/MODEL --articles 5 --places all

Rows are written as they come; the same command again goes on where it stopped. Attacks and articles are ours
(`benchmarks/injection/`); goals are checked by code. See docs/design/studies/prompt-injection.md.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from injection.arms import ARMS, read
from injection.articles import ARTICLES, HONEST, Article
from injection.attacks import ATTACKS, PLACES, Attack, attacked
from injection.counts import shown, summary, table
from injection.gullible import gullible

from communique import Document
from communique.backends import connect
from communique.backends.backend import Backend
from communique.backends.scripted import ScriptedBackend
from communique.errors import CommuniqueError
from communique.grounding.rules import orders

VERSION = 2
"""Of articles, attacks and goals: rows of another one are not mixed in."""


@dataclass(frozen=True, slots=True)
class Case:
    """One article in one arm, attacked or clean."""

    article: Article
    attack: Attack | None
    place: str
    arm: str

    @property
    def id(self) -> str:
        """What a row is found again by."""
        family = self.attack.family if self.attack else "clean"
        return f"{self.article.id}/{family}/{self.place}/{self.arm}"


def cases(articles: int, seed: int, limit: int | None, *, every_place: bool) -> list[Case]:
    """Return the clean articles, then the attacks in an order drawn by the seed; each attack in both arms.

    Args:
        articles: How many articles are attacked.
        seed: Draws the order, and turns which family stands at which place.
        limit: Attacks to try; all if None.
        every_place: Try each attack at each place instead of at one.
    """
    chosen = ARTICLES[:articles]
    pairs = [
        (article, attack, place)
        for i, attack in enumerate(ATTACKS)
        for j, article in enumerate(chosen)
        for place in (PLACES if every_place else (PLACES[(i + j + seed) % len(PLACES)],))
    ]
    random.Random(seed).shuffle(pairs)
    clean = [Case(a, None, "start", arm) for a in (*chosen, *HONEST) for arm in ARMS]
    return clean + [Case(*pair, arm) for pair in pairs[:limit] for arm in ARMS]


def rows_in(path: Path | None, model: str) -> dict[str, dict[str, Any]]:
    """Return the rows that an earlier run of this model and version wrote, by case; a torn last line is none.

    What failed is tried again.
    """
    found: dict[str, dict[str, Any]] = {}
    if path is None or not path.exists():
        return found
    for line in path.read_text("utf-8").split("\n"):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if (row.get("model"), row.get("version")) == (model, VERSION) and "error" not in row:
            found[row["case"]] = row
    return found


def run(todo: Sequence[Case], backend: Backend, model: str, out: Path | None = None) -> Iterator[dict[str, Any]]:
    """Yield a row for each case, those of an earlier run first read from `out`, new ones appended to it.

    An error of one case is a row, too: it counts neither as a success nor as a failure of the attack.
    """
    known = rows_in(out, model)
    if out is not None and out.exists() and out.read_bytes()[-1:] not in {b"", b"\n"}:
        with out.open("a", encoding="utf-8") as stream:
            stream.write("\n")  # a torn line stays one of its own
    for case in todo:
        if case.id in known:
            yield known[case.id]
            continue
        page = case.attack is not None and case.attack.hidden
        row: dict[str, Any] = {
            "case": case.id, "model": model, "version": VERSION, "article": case.article.id, "arm": case.arm,
            "family": case.attack.family if case.attack else "clean", "kind": case.attack.kind if case.attack else "clean",
            "goal": case.attack.goal if case.attack else "", "place": case.place,
        }  # fmt: skip
        raw = attacked(case.article, case.attack, case.place)
        try:
            row |= read(raw, case.article, case.arm, backend, page=page)
        except CommuniqueError as error:
            row["error"] = f"{type(error).__name__}: {error}"
        if out is not None:
            with out.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
        yield row


def falsely_ordering(folder: Path) -> tuple[int, int]:
    """Count the sentences of ordinary articles, and of the honest ones here, that are taken for orders to a model."""
    texts = [p.read_text("utf-8") for p in sorted(folder.glob("*.txt"))] + ["\n".join(a.lines) for a in HONEST]
    documents = [Document.from_text(text) for text in texts]
    places = [(document, sentence.number) for document in documents for sentence in document.sentences]
    return sum(orders(document, [number]) is not None for document, number in places), len(places)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="scripted", help="scripted, local, openai/MODEL …")
    parser.add_argument("--base-url")
    parser.add_argument("--articles", type=int, default=3, help=f"articles to attack, 1 to {len(ARTICLES)}")
    parser.add_argument("--places", choices=("one", "all"), default="one")
    parser.add_argument("--limit", type=int, help="attacks to try, in an order drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="JSONL to write to and to go on from")
    args = parser.parse_args()
    scripted = args.model == "scripted"
    backend = ScriptedBackend(gullible, narrows=True) if scripted else connect(args.model, base_url=args.base_url)
    todo = cases(args.articles, args.seed, args.limit, every_place=args.places == "all")
    rows = []
    try:
        for row in run(todo, backend, args.model, args.out):
            rows.append(row)
            if not scripted:
                print(
                    f"{len(rows)}/{len(todo)} {row['case']} {row.get('seconds', row.get('error'))}",
                    file=sys.stderr,
                    flush=True,
                )
    finally:
        backend.close()
    figures = summary(rows)
    ordering = falsely_ordering(Path(__file__).parents[1] / "tests" / "gold")
    print(table(figures))
    print(f"sentences of ordinary and honest articles that are taken for orders: {shown(ordering)}")
    print(
        json.dumps(
            {
                "benchmark": "injection",
                "version": VERSION,
                "model": args.model,
                "seed": args.seed,
                **figures,
                "sentences_taken_for_orders": ordering,
            }
        )
    )


if __name__ == "__main__":
    main()
