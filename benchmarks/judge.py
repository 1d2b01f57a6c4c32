"""How well a judge tells right statements from wrong ones, and what it costs.

    python benchmarks/judge.py ask CORPUS SPLIT... -o DIR [--articles N] [--most N]
    python benchmarks/judge.py score DIR ANSWERS
    python benchmarks/judge.py cost CORPUS SPLIT... --drafts DIR

CORPUS/SPLIT/ID.txt, ID.meta.json; CORPUS/gold/SPLIT/ID.json. `ask` writes DIR/SPLIT/ID.prompt.txt, exactly what a judge
is sent, with the statements of right records and of wrong ones mixed, and what each statement is into DIR-keys. A model
that sees the prompts only answers into ANSWERS/SPLIT/ID.json. `score` prints how well it tells them apart. `cost`
counts what judging adds to reading: DRAFTS/ID.json is a model's answer to the full prompt of an article.
"""

from __future__ import annotations

import argparse
import collections
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from communique import Document
from communique.evaluation.answers import Answer
from communique.grounding.judging import statements
from communique.prompts import Prompt, full_prompt, judge_prompt, parse_answer, read_judgements
from communique.schemas import STANDARD_RECORDS, Record

sys.path.insert(0, str(Path(__file__).parent))
from articles import KINDS, articles, stored
from mutations import Draft, drafts, mutations

SEED = 11
NOT_FOR_A_JUDGE = {"evidence is another sentence", "title for a name"}
"""Where the statement stays the same, or may be true as it stands: the checks' affair."""
ACCEPT, REFUTE = 0.7, 0.3
CHARS_PER_TOKEN = 4
OUTPUT_PRICE, CACHED_PRICE = 4.0, 0.1
"""For the price of an input token that isn't cached."""


class Case(NamedTuple):
    """How a server counts: whether schemas are tokens of a prompt, and whether the prefix of either question is cached."""

    schemas: bool
    read: bool
    judge: bool


CASES = {
    "schemas counted, nothing cached": Case(True, False, False),
    "schemas counted and before the prompt, so that the judge's differs": Case(True, True, False),
    "schemas counted, both prefixes cached": Case(True, True, True),
    "schemas free, nothing cached": Case(False, False, False),
    "schemas free, both prefixes cached": Case(False, True, True),
}


class Item(NamedTuple):
    """A statement and what it is: "" for right, else what was made wrong."""

    text: str
    wrong: str
    field: str
    optional: bool


def items(document: Document, gold: Answer, most: int) -> list[Item]:
    """Return right and wrong statements of an article, mixed.

    At most so many, as many kinds of wrong ones as can be.
    """
    rng = Random(f"{SEED} {document.id}")
    found = list(drafts(document, gold))
    right: dict[str, Item] = {}
    for kind, draft in found:
        for said in statements(_record(kind, draft.said)):
            right.setdefault(said.text, Item(said.text, "", said.field, draft.gold.optional))
    wrong: dict[str, list[Item]] = collections.defaultdict(list)
    for kind, draft in found:
        for item in _wrong(document, kind, gold, draft, rng, set(right)):
            wrong[item.wrong].append(item)
    chosen = list(right.values())
    rng.shuffle(chosen)
    chosen = chosen[: most // 2]
    for group in wrong.values():
        rng.shuffle(group)
    while len(chosen) < most and any(wrong.values()):
        for name in sorted(wrong, key=lambda n: (len(wrong[n]), n)):
            if wrong[name] and len(chosen) < most:
                item = wrong[name].pop()
                if item.text not in {c.text for c in chosen}:
                    chosen.append(item)
    rng.shuffle(chosen)
    return chosen


def _wrong(document: Document, kind: str, gold: Answer, draft: Draft, rng: Random, right: set[str]) -> Iterator[Item]:
    for mutation in mutations(document, kind, gold, draft, rng):
        if mutation.name in NOT_FOR_A_JUDGE:
            continue
        said = next((s for s in statements(_record(kind, mutation.said)) if s.text not in right), None)
        if said is not None:
            yield Item(said.text, mutation.name, said.field, draft.gold.optional)


def _record(kind: str, said: dict[str, Any]) -> Record:
    summary = parse_answer({kind: [said]}, STANDARD_RECORDS)
    return next(iter(summary))


def in_plain_text(prompt: Prompt) -> str:
    """Return what is sent, for a reader."""
    parts = [f"=== {m.role} ===\n{m.content}\n" for m in prompt.messages]
    schema = json.dumps(prompt.schema, ensure_ascii=False)
    return "\n".join([*parts, f"=== response format: strict JSON Schema {prompt.schema_name!r} ===\n{schema}\n"])


def ask(corpus: Path, splits: Iterable[str], out: Path, *, most: int, limit: int | None) -> None:
    """Write prompts, and what each statement is."""
    for split in splits:
        asked = [
            (document, chosen)
            for document, gold in articles(corpus / split, corpus / "gold" / split)
            if len(chosen := items(document, gold, most)) >= 4
        ]
        for document, chosen in _languages_mixed(asked)[:limit]:
            base = full_prompt(document.sentences, STANDARD_RECORDS)
            prompt = judge_prompt(base, [item.text for item in chosen])
            _write(out / split / f"{document.id}.prompt.txt", in_plain_text(prompt))
            key = json.dumps([item._asdict() for item in chosen], ensure_ascii=False, indent=1)
            _write(_keys(out) / split / f"{document.id}.json", key + "\n")


def _languages_mixed(asked: list[tuple[Document, list[Item]]]) -> list[tuple[Document, list[Item]]]:
    """Put one article of each language first, then a second one of each, and so on."""
    seen = collections.Counter[str]()
    rank = []
    for document, chosen in sorted(asked, key=lambda a: -len(a[1])):
        rank.append((seen[document.language], document.language, document.id, (document, chosen)))
        seen[document.language] += 1
    return [pair for *_, pair in sorted(rank, key=lambda r: r[:3])]


def _keys(out: Path) -> Path:
    return out.with_name(f"{out.name}-keys")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


class Judged(NamedTuple):
    """A statement with its probability; None where the answer lacks it."""

    article: str
    wrong: str
    probability: float | None


def judged(out: Path, answers: Path) -> list[Judged]:
    """Return all statements that were asked about and whose article has an answer."""
    found = []
    for path in sorted(_keys(out).glob("*/*.json")):
        answer = stored(answers / path.parent.name, path.stem)
        if answer is None:
            continue
        key = json.loads(path.read_text("utf-8"))
        said = read_judgements(answer, len(key))
        for number, item in enumerate(key, 1):
            probability = said[number][0] if number in said else None
            found.append(Judged(f"{path.parent.name}/{path.stem}", item["wrong"], probability))
    return found


def auc(found: Iterable[Judged]) -> float | None:
    """Return the chance that a right statement has a higher probability than a wrong one, ties counting half."""
    rows = [(j.probability, not j.wrong) for j in found if j.probability is not None]
    right = [p for p, ok in rows if ok]
    wrong = [p for p, ok in rows if not ok]
    if not right or not wrong:
        return None
    return sum((r > w) + (r == w) / 2 for r in right for w in wrong) / (len(right) * len(wrong))


def interval(found: list[Judged], rounds: int = 1000) -> tuple[float, float]:
    """Return the 95 % interval of the AUC, drawing articles."""
    rng, groups = Random(SEED), collections.defaultdict(list)
    for j in found:
        groups[j.article].append(j)
    drawn = []
    for _ in range(rounds):
        sample = [j for name in rng.choices(sorted(groups), k=len(groups)) for j in groups[name]]
        if (value := auc(sample)) is not None:
            drawn.append(value)
    drawn.sort()
    return drawn[int(0.025 * len(drawn))], drawn[int(0.975 * (len(drawn) - 1))]


def score(found: list[Judged]) -> str:
    """Return the table of a judge's answers."""
    answered = [j for j in found if j.probability is not None]
    if (value := auc(answered)) is None:
        return "no right and wrong statements with an answer\n"
    low, high = interval(answered)
    lines = [
        (
            f"{len({j.article for j in found})} articles, {len(found)} statements, {len(found) - len(answered)} without"
            " an answer"
        ),
        f"AUC {value:.3f} ({low:.3f}-{high:.3f})",
        f"{'':28}{'n':>5}{'AUC':>7}{f'< {REFUTE}':>8}{'between':>9}{f'>= {ACCEPT}':>8}",
    ]
    right = [j for j in answered if not j.wrong]
    names = collections.Counter(j.wrong for j in answered if j.wrong)
    groups = [("right", right), ("all wrong", [j for j in answered if j.wrong])]
    groups += [(name, [j for j in answered if j.wrong == name]) for name in sorted(names)]
    for name, group in groups:
        low_ones = sum(j.probability < REFUTE for j in group) / len(group)
        high_ones = sum(j.probability >= ACCEPT for j in group) / len(group)
        own = auc([*right, *group]) if group is not right else None
        shown = f"{own:7.3f}" if own is not None else f"{'':7}"
        lines.append(f"{name:28}{len(group):5}{shown}{low_ones:8.1%}{1 - low_ones - high_ones:9.1%}{high_ones:8.1%}")
    return "\n".join(lines) + "\n"


def cost(corpus: Path, splits: Iterable[str], folder: Path) -> str:
    """Return what judging adds to reading, in tokens and in units of an input token's price."""
    total: collections.Counter[str] = collections.Counter()
    for split in splits:
        for document, _ in articles(corpus / split, corpus / "gold" / split):
            if answer := stored(folder, document.id):
                total.update(_counts(document, answer))
    if not total["documents"]:
        return "no article has a draft\n"
    n = total["documents"]
    lines = [f"{n} documents, {total['judged']} judged, {total['statements'] / n:.1f} statements a document"]
    for name, case in CASES.items():
        reading, judging = (_price(total, which, case) / n for which in ("read", "judge"))
        lines.append(f"{name:68} reading {reading:6.0f}  judging {judging:6.0f}  {judging / reading:+.0%}")
    tokens = {key: round(value / n / CHARS_PER_TOKEN) for key, value in sorted(total.items()) if "_" in key}
    return "\n".join([*lines, f"tokens a document: {tokens}"]) + "\n"


def _counts(document: Document, answer: dict[str, Any]) -> dict[str, int]:
    """Return characters of reading and judging one document: what is the same for all, the article, the rest."""
    base = full_prompt(document.sentences, STANDARD_RECORDS)
    said = [s.text for record in parse_answer(answer, STANDARD_RECORDS) for s in statements(record)]
    counts = {
        "documents": 1,
        "statements": len(said),
        "read_static": len(base.messages[0].content),
        "read_article": len(base.messages[1].content),
        "read_schema": len(_compact(base.schema)),
        "read_answer": len(_compact({k: answer.get(k, []) for k in KINDS})),
    }
    if not said:
        return counts
    prompt = judge_prompt(base, said)
    judgements = [{"statement": i, "sentences": [12, 13], "probability": 0.95} for i in range(1, len(said) + 1)]
    return counts | {
        "judged": 1,
        "judge_static": counts["read_static"],
        "judge_article": counts["read_article"],
        "judge_schema": len(_compact(prompt.schema)),
        "judge_statements": sum(len(m.content) for m in prompt.messages[2:]),
        "judge_answer": len(_compact({"judgements": judgements})),
    }


def _price(total: collections.Counter[str], which: str, case: Case) -> float:
    """Return the price in units of an input token."""
    share = CACHED_PRICE if getattr(case, which) else 1.0
    static = total[f"{which}_static"] + (total[f"{which}_schema"] if case.schemas else 0)
    chars = share * static + OUTPUT_PRICE * total[f"{which}_answer"]
    # Between documents only what is the same for all is cached; the judge has the whole article from the reading
    # before.
    chars += total["judge_statements"] + share * total["judge_article"] if which == "judge" else total["read_article"]
    return chars / CHARS_PER_TOKEN


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    """Run one of the three."""
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = cli.add_subparsers(dest="verb", required=True)
    asking = verbs.add_parser("ask")
    asking.add_argument("corpus", type=Path)
    asking.add_argument("splits", nargs="+")
    asking.add_argument("-o", "--out", type=Path, required=True)
    asking.add_argument("--articles", type=int)
    asking.add_argument("--most", type=int, default=25)
    scoring = verbs.add_parser("score")
    scoring.add_argument("asked", type=Path)
    scoring.add_argument("answers", type=Path)
    costing = verbs.add_parser("cost")
    costing.add_argument("corpus", type=Path)
    costing.add_argument("splits", nargs="+")
    costing.add_argument("--drafts", type=Path, required=True)
    given = cli.parse_args()
    if given.verb == "ask":
        ask(given.corpus, given.splits, given.out, most=given.most, limit=given.articles)
    elif given.verb == "score":
        sys.stdout.write(score(judged(given.asked, given.answers)))
    else:
        sys.stdout.write(cost(given.corpus, given.splits, given.drafts))


if __name__ == "__main__":
    main()
