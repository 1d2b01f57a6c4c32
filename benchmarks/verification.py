"""CPU of the checks, without a model: ten records about a 500-word article, and 50 citations in 200,000 characters.

    python benchmarks/verification.py              # figures as lines
    python benchmarks/verification.py --profile    # and where the CPU goes

Every round reads an article with other names, so that nothing is remembered from the round before ("cold"); the same
draft checked again is "warm". The naive aligner is what a reader would write with difflib, token by token, as
langextract's exact aligner does; it runs in the same process, on fewer citations, and its figure is scaled.
"""

from __future__ import annotations

import argparse
import cProfile
import difflib
import pstats
import random
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from communique.documents import Document
from communique.grounding import find, verify
from communique.grounding.citations import cite, evidence_of
from communique.prompts import SENTINELS, parse_answer
from communique.schemas import STANDARD_RECORDS, Summary

SYLLABLES = [c + v for c in "bdklmnrstv" for v in "aeo"]
FILLER = (
    "Traders in the harbour said that the price of grain had risen for the third week in a row.",
    "Rain fell on the hills behind the town, and the road to the pass was closed until the evening.",
    "A committee of engineers is to look at the bridge before the winter, the local paper wrote.",
    "The two sides have argued over the reservoir for years, and nobody expects a quick end to it.",
    "Schools will open an hour later, since the buses can't cross the flooded fields in the north.",
)


def name(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=3)).capitalize()


def article(seed: int) -> tuple[Document, Summary]:
    """Return an article of about 500 words and ten records about it, of all three types."""
    chance = random.Random(seed)
    a, b, c, d = (name(chance) for _ in range(4))
    people = [f"{name(chance)} {name(chance)}" for _ in range(6)]
    lines = [
        f"Foreign Minister {people[0]} of {a} met {people[1]}, the envoy of {b}, in {d} on Monday.",
        f"{people[0].split()[1]} said the talks on grain and rail freight were useful.",
        f"Both {c} and {d} accused {a} of supplying {b} with rifles and other weapons.",
        f"{a} and {b} have denied such transfers.",
        f"There are concerns that {a} may be planning to send miners to {b}, potentially violating League sanctions.",
        f"{people[2]} and {people[3]} will meet in {c} next week to discuss the border.",
        f"{c} imposed sanctions on two shipping companies of {a} because they had carried oil.",
        f"Prosecutors in {d} accused {people[4]} of taking bribes from a bank of {b}.",
        f"A lawyer of {people[4]} rejected the allegations.",
        f"{d} suspects that {b} might be behind the theft of radio parts.",
        f"A meeting of {people[5]} and {people[1]} in {a} was cancelled, state radio reported.",
    ]
    text, index = [], {}
    for number, line in enumerate(lines):
        index[number] = len(text) + 1
        text += [line, FILLER[number % 5], FILLER[(number + 2) % 5]]
    arms = {"evidence": [index[2]], "claim": f"{a} supplied {b} with rifles.", "accusers": [c, d], "accused": [a],
            "counterparties": [b], "objects": ["rifles and other weapons"], "commitment": "asserted", "cue": "accused",
            "responses": [{"type": "denial", "responders": [a, b], "evidence": [index[3]]}]}  # fmt: skip
    bribes = {"evidence": [index[7]], "claim": f"{people[4]} took bribes.", "accusers": [f"Prosecutors in {d}"],
              "accused": [people[4]], "commitment": "asserted", "cue": "accused"}  # fmt: skip
    theft = {"evidence": [index[9]], "claim": f"{b} stole radio parts.", "accusers": [d], "accused": [b],
             "commitment": "possible", "cue": "suspects"}  # fmt: skip
    miners = {"evidence": [index[4]], "concern": f"{a} may send miners to {b}.", "activity": "labour_export",
              "subjects": [a], "regime": ["League sanctions"], "stage": "potential", "commitment": "possible",
              "cue": "concerns"}  # fmt: skip
    oil = {"evidence": [index[6]], "concern": "Two companies carried oil.", "raised_by": [c],
           "subjects": ["two shipping companies"], "stage": "imposed", "cue": "imposed sanctions"}  # fmt: skip
    meetings = [
        {"evidence": [index[0], index[1]], "status": "held", "participants": people[:2], "place": d, "when": "on Monday",
         "topics": ["grain"]},
        {"evidence": [index[5]], "status": "planned", "participants": people[2:4], "place": c, "when": "next week"},
        {"evidence": [index[10]], "status": "cancelled", "participants": [people[5], people[1]],
         "attributions": [{"source": ["state radio"], "cue": "reported"}]},
        {"evidence": [index[0]], "status": "held", "participants": [people[0], "Nobody Inparticular"], "place": "Paris"},
        {"evidence": [index[5]], "status": "held", "participants": [people[3], people[2]], "when": "in 1990"},
    ]  # fmt: skip
    said = {"meetings": meetings, "allegations": [arms, bribes, theft], "sanctions_concerns": [miners, oil]}
    return Document.from_text("\n".join(text), language="en", published="2026-03-04"), parse_answer(
        said, STANDARD_RECORDS
    )


def haystack(seed: int, size: int, count: int, *, altered: bool) -> tuple[str, list[str]]:
    """Return a source of that many characters, and quotes of twelve words from it, with other typography if altered."""
    chance = random.Random(seed)
    gold = Path(__file__).parents[1] / "tests" / "gold"
    words = sorted({w for p in gold.glob("*.txt") for w in re.findall(r"[^\W\d_]{2,}", p.read_text("utf-8"))})
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(" ".join(chance.choices(words, k=chance.randint(9, 24))).capitalize() + "’s end. ")
        length += len(parts[-1])
    source = "".join(parts)[:size]
    tokens = source.split(" ")
    starts = sorted(chance.sample(range(len(tokens) - 13), count))
    quotes = [" ".join(tokens[at : at + 12]) for at in starts]
    return source, [q.upper().replace("’", "'") for q in quotes] if altered else quotes


def naive(source: str, quotes: list[str]) -> list[tuple[int, int] | None]:
    """Place quotes as difflib does it: the longest run of equal tokens, over all tokens of the source."""
    tokens = source.lower().replace("’", "'").split()
    found: list[tuple[int, int] | None] = []
    for quote in quotes:
        wanted = quote.lower().replace("’", "'").split()
        matcher = difflib.SequenceMatcher(None, tokens, wanted, autojunk=False)
        match = matcher.find_longest_match()
        found.append((match.a, match.a + match.size) if match.size == len(wanted) else None)
    return found


def cpu(run: Callable[[], object]) -> float:
    """Return milliseconds of CPU."""
    start = time.process_time_ns()
    run()
    return (time.process_time_ns() - start) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--profile", action="store_true")
    args = parser.parse_args()

    def checks(document: Document, draft: Summary) -> int:
        return len(verify(draft, document, SENTINELS).records)

    checks(*article(10_000))  # imports and tables
    cases = [article(seed) for seed in range(args.rounds)]
    _ = [document.sentences for document, _ in cases]
    words = statistics.median(len(document.text.split()) for document, _ in cases)
    cold = [cpu(lambda c=case: checks(*c)) for case in cases]
    warm = [cpu(lambda c=case: checks(*c)) for case in cases]
    document, draft = cases[0]
    verdict = verify(draft, document, SENTINELS)
    print(f"article: {words:.0f} words, {len(list(draft))} records drafted, {len(verdict.records)} kept")
    print(f"verify_cold_ms: median {statistics.median(cold):.2f}, worst {max(cold):.2f} (target 5)")
    print(f"verify_warm_ms: median {statistics.median(warm):.2f}, worst {max(warm):.2f}")

    for kind in ("verbatim", "altered"):
        first, again, floor = [], [], []
        for seed in range(args.rounds):
            source, quotes = haystack(seed, 200_000, 50, altered=kind == "altered")
            first.append(cpu(lambda s=source, q=quotes: [find(x, s) for x in q]))
            again.append(cpu(lambda s=source, q=quotes: [find(x, s) for x in q]))
            floor.append(cpu(lambda s=source, q=quotes: [s.find(x) for x in q]))
            placed = sum(find(x, source) is not None for x in quotes)
        print(f"citations: 50 {kind} quotes of 12 words in {len(source):,} characters, {placed} placed")
        print(f"{kind}_ms: median {statistics.median(first):.3f}, worst {max(first):.3f} (target 1)")
        print(f"{kind}_again_ms: median {statistics.median(again):.3f}; str.find alone {statistics.median(floor):.3f}")
        few = quotes[:5]
        slow = cpu(lambda q=few, s=source: naive(s, q)) * len(quotes) / len(few)
        print(f"{kind}_naive_difflib_ms: {slow:.0f} (5 citations, scaled); ratio {slow / statistics.median(first):.0f}")
    long = Document.from_text("\n".join(f"{source[n : n + 100]}." for n in range(0, 200_000, 100)), language="en")
    numbers = random.Random(1).sample(range(1, len(long.sentences) + 1), 50)
    cited = [
        cpu(lambda: [evidence_of(cite([n], long, "evidence")[0], long) for n in numbers]) for _ in range(args.rounds)
    ]
    print(
        f"numbered_ms: median {statistics.median(cited):.3f} (50 sentence numbers in {len(long.sentences):,} sentences)"
    )

    if args.profile:
        profile = cProfile.Profile()
        profile.enable()
        for case in [article(seed) for seed in range(20_000, 20_000 + args.rounds)]:
            _ = case[0].sentences
            checks(*case)
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
