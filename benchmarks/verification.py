"""CPU of the checks, without a model: ten records about a 500-word article.

    python benchmarks/verification.py

Every round reads an article with other names, so that nothing is remembered from the round before ("cold"); the same
draft checked again is "warm".
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable

from communique.documents import Document
from communique.grounding import verify
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


def cpu(run: Callable[[], object]) -> float:
    """Return milliseconds of CPU."""
    start = time.process_time_ns()
    run()
    return (time.process_time_ns() - start) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
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


if __name__ == "__main__":
    main()
