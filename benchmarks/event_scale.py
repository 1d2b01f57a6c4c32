"""How long and how much memory does grouping a million records take, and does blocking hold? No model is asked.

    nice -n 10 python benchmarks/event_scale.py [--records 1000000] [--per-article 3] [--seed 1]

The records are made: events over five years (fewer records, a shorter time: as many a day), most told once and a few
hundreds of times; states and persons after Zipf's law, so that a few stand in most records; two in five without a date;
names in two spellings, people or their state. Every record knows its event, so that precision and recall by pairs are
told, too; records that are this regular are easier than news, and the figure says that nothing breaks, not how good
grouping is. Several records of one article often tell one event here, and don't join: ask for one to see recall.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from communique.events import group_events
from communique.schemas import (
    Actor,
    Allegation,
    Derived,
    DocumentInfo,
    Evidence,
    Meeting,
    Participant,
    Place,
    VerifiedSummary,
)

DAYS = 5 * 365
FIRST = dt.date(2019, 1, 1)
ACTIVITIES = (
    "armed_attack",
    "espionage",
    "arms_transfer",
    "corruption",
    "cyber_intrusion",
    "fraud",
    "killing",
    "other",
)
SYLLABLES = [c + v for c in "bdfghklmnprstvz" for v in ("a", "e", "i", "o", "u", "an", "el", "or")]
CODES = [a + b for a in "ABCDEFGHIK" for b in "ABCDEFGHIKLMNOP"][:150]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--per-article", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    began, cpu = time.perf_counter(), time.process_time()
    found = group_events(results(args.records, random.Random(args.seed), args.per_article))
    grouped = time.process_time() - cpu
    told = {
        "records": sum(map(len, found.groups)),
        "events": len(found.groups),
        "pairs_compared": found.compared,
        "pairs_not_compared": found.not_compared,
        "cpu_seconds_grouping": round(grouped),
        "seconds_grouping": round(time.perf_counter() - began),
        "peak_gb_grouping": round(_peak(), 2),
    } | _quality([[mention.key[2] for mention in own] for own in found.groups])
    print(json.dumps(told), flush=True)
    cpu = time.process_time()
    sizes = [len(event.to_json()) for event in found]
    print(
        json.dumps({"cpu_seconds_events": round(time.process_time() - cpu), "gb_written": round(sum(sizes) / 1e9, 2)})
    )
    print(json.dumps({"seconds": round(time.perf_counter() - began), "peak_gb": round(_peak(), 2)}))


def results(records: int, rng: random.Random, per_article: int) -> Iterator[VerifiedSummary]:
    """Yield articles of so many records, in the order of their publication."""
    days = max(7, DAYS * records // 1_000_000)
    states = _zipf(CODES)
    people = {code: [_name(rng) for _ in range(rng.randint(3, 30))] for code in CODES}
    words = _zipf([_word(rng, 3) for _ in range(8000)])
    tellings: list[tuple[int, int, int]] = []
    events = []
    while len(tellings) < records:
        one, other = rng.choices(*states)[0], rng.choices(*states)[0]
        if one == other:
            continue
        day = rng.randrange(days)
        who = [(code, min(int(rng.expovariate(0.5)), len(people[code]) - 1)) for code in (one, other)]
        claim = rng.choices(*words, k=10)
        events.append((day, who, rng.random() < 0.4, rng.choice(ACTIVITIES), claim, _place(rng, one)))
        times = min(int(rng.paretovariate(1.1)), 300)
        tellings += [
            (day + rng.choice((0, 0, 0, 1, 1, 2)), rng.randrange(1 << 30), len(events) - 1) for _ in range(times)
        ]
    tellings = sorted(tellings[:records])
    for number, chunk in groupby(enumerate(tellings), key=lambda item: item[0] // per_article):
        own = [telling for _, telling in chunk]
        published = (FIRST + dt.timedelta(days=own[-1][0])).isoformat()
        groups: dict[str, list[Meeting | Allegation]] = {}
        for place, (_, salt, event) in enumerate(own):
            made = _record(f"{event}:{number}:{place}", events[event], people, random.Random(salt))
            groups.setdefault(type(made).plural, []).append(made)
        info = DocumentInfo(
            id=f"d{number}", sha256=f"{number:064x}", published=published, outlet=f"o{own[0][1] % 500}", language="en"
        )
        yield VerifiedSummary(document=info, records={kind: tuple(found) for kind, found in groups.items()})


def _record(own: str, event: tuple, people: dict[str, list[str]], rng: random.Random) -> Meeting | Allegation:
    day, who, is_meeting, activity, claim, place = event
    actors = []
    for code, number in who:
        name = people[code][number]
        if rng.random() < 0.25:
            actors.append({"name": f"Land {code}", "kind": "country", "country_code": code})
        else:
            name = name if rng.random() < 0.8 else name.split()[-1]
            actors.append({"name": name, "kind": "person", "country_code": code})
    date = (FIRST + dt.timedelta(days=day)).isoformat() if rng.random() < 0.6 else None
    more = {"id": own, "verdict": "verified", "derived": Derived(date=date, precision="day" if date else None)}
    said = " ".join(rng.sample(claim, 8))
    more["evidence"] = (Evidence(sentence=1, exact=said, start=0, end=len(said)),)
    more["place"] = place if rng.random() < 0.5 else None
    if is_meeting:
        return Meeting(status="held", participants=tuple(Participant(**a) for a in actors), **more)
    accuser, accused = (Actor(**a) for a in actors)
    return Allegation(claim=said, activity=activity, accusers=(accuser,), accused=(accused,), **more)


def _zipf(values: list[str]) -> tuple[list[str], list[float]]:
    return values, [1 / (rank + 1) for rank in range(len(values))]


def _word(rng: random.Random, syllables: int) -> str:
    return "".join(rng.choices(SYLLABLES, k=syllables))


def _name(rng: random.Random) -> str:
    return f"{_word(rng, 2)} {_word(rng, 3)}".title()


def _place(rng: random.Random, code: str) -> Place:
    return Place(name=f"Town {code}{rng.randrange(5)}", country_code=code)


def _quality(groups: list[list[str]]) -> dict[str, float]:
    pairs = lambda counts: sum(n * (n - 1) // 2 for n in counts)  # noqa: E731
    own = [Counter(record.split(":")[0] for record in group) for group in groups]
    both = sum(pairs(counts.values()) for counts in own)
    said = pairs(len(group) for group in groups)
    all_of_them: Counter[str] = Counter()
    for counts in own:
        all_of_them.update(counts)  # a sum of counters would copy it for each
    true = pairs(all_of_them.values())
    return {"pair_precision": round(both / max(said, 1), 4), "pair_recall": round(both / max(true, 1), 4)}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    main()
