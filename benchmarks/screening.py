"""How often does a list of known names match names of news, rightly and wrongly? No model is asked, nothing is fetched.

screening.py list FOLDER -o LIST      makes a list of public entities, as FollowTheMoney, from what FOLDER holds:
    sdn.csv, alt.csv      OFAC's Specially Designated Nationals and their other names (works of the US government)
    leaders2021.csv       every-politician-scrapers/world-leaders-2021, data/wikidata.csv
    leaders.json          open-data-archive/world-leaders-current, a snapshot
screening.py names LIST ARTICLES ANSWERS [ARTICLES ANSWERS ...]   a strong model's answers, checked, then screened;
    --labels FILE: what a person said of each match, by name and entry, as CSV; --unlabelled FILE writes what is missing
screening.py spellings LIST           one name in many scripts, spellings and orders, homonyms and relatives
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from figures import markdown

from communique import Document, Extractor, Plan
from communique.backends.scripted import ScriptedBackend
from communique.evaluation.counts import wilson
from communique.screening import Bands, NameIndex, Screening, screen
from communique.screening.compare import ask

SPELLINGS = (
    ("Vladimir Putin", "Q7747", "as written mostly"),
    ("Vladimir Vladimirovich Putin", "Q7747", "patronymic"),
    ("Putin Vladimir", "Q7747", "reversed"),
    ("PUTIN, Vladimir", "Q7747", "reversed, comma"),
    ("Wladimir Putin", "Q7747", "German"),
    ("Vladimir Poutine", "Q7747", "French"),
    ("Władimir Putin", "Q7747", "Polish"),
    ("Владимир Путин", "Q7747", "Russian"),
    ("Путин Владимир Владимирович", "Q7747", "Russian, reversed, patronymic"),
    ("Володимир Путін", "Q7747", "Ukrainian"),
    ("Владимиром Путиным", "Q7747", "Russian, inflected"),
    ("فلاديمير بوتين", "Q7747", "Arabic"),
    ("ولادیمیر پوتین", "Q7747", "Persian"),
    ("ולדימיר פוטין", "Q7747", "Hebrew"),
    ("ウラジーミル・プーチン", "Q7747", "Japanese"),
    ("弗拉基米尔·普京", "Q7747", "Chinese"),
    ("블라디미르 푸틴", "Q7747", "Korean"),
    ("Βλαντίμιρ Πούτιν", "Q7747", "Greek"),
    ("V. Putin", "", "initial"),
    ("Putin", "", "surname alone"),
    ("Путин", "", "surname alone, Russian"),
    ("بوتين", "", "surname alone, Arabic"),
    ("プーチン", "", "surname alone, Japanese"),
    ("Lyudmila Putina", "", "a relative"),
    ("Igor Putin", "", "a relative"),
    ("Vladimir Potanin", "ofac-38241", "a like name, listed itself"),
    ("Vladimir Pushkin", "", "a like name"),
)
"""A name as written, the entry of its bearer or "" where SAME would be wrong, and what it shows."""


def make(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the entities of the list; people of both sources are two entries."""
    other: dict[str, list[str]] = {}
    for row in _rows(folder / "alt.csv"):
        if len(row) > 3:
            other.setdefault(row[0], []).append(_turned(row[3]))
    for row in _rows(folder / "sdn.csv"):
        if len(row) > 11:
            schema = {"individual": "Person", "vessel": "Vessel", "aircraft": "Airplane"}.get(
                row[2].strip(), "Organization"
            )
            person = schema == "Person"
            properties = {
                "name": [_turned(row[1]) if person else row[1]],
                "alias": other.get(row[0], []),
                "country": _codes(re.findall(r"(?:nationality|citizen) ([A-Z][A-Za-z ,]+?)(?:;|\.)", row[11])),
                "topics": ["sanction"],
            }
            yield {"id": f"ofac-{row[0]}", "schema": schema, "properties": properties}
    leaders: dict[str, dict[str, Any]] = {}
    path = folder / "leaders2021.csv"
    for row in csv.DictReader(path.open(encoding="utf-8")) if path.exists() else ():
        _leader(leaders, row["officeholder"], row["officeholderLabel"], row["country"])
    path = folder / "leaders.json"
    for country in json.loads(path.read_text("utf-8"))["countries"].values() if path.exists() else ():
        for office in country["positions"].values():
            holder = office.get("current_holder") or {}
            if holder.get("wikidata_id") and holder.get("name_en"):
                names = [holder["name_en"], holder.get("name_local") or ""]
                for name in filter(None, names):
                    _leader(leaders, holder["wikidata_id"], name, country["country"]["name_en"])
    yield from leaders.values()


def _leader(leaders: dict[str, dict[str, Any]], key: str, name: str, country: str) -> None:
    made = {"id": key, "schema": "Person", "properties": {"name": [], "country": [], "topics": ["role.pep"]}}
    found = leaders.setdefault(key, made)["properties"]
    found["name"] = list(dict.fromkeys([*found["name"], name]))
    found["country"] = list(dict.fromkeys([*found["country"], *_codes([country])]))


def _rows(path: Path) -> Iterator[list[str]]:
    if path.exists():
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            yield from csv.reader(file)


def _turned(name: str) -> str:
    """Return `LAST, First` as `First LAST`."""
    last, _, first = name.partition(", ")
    return f"{first} {last}".strip()


def _codes(names: list[str]) -> list[str]:
    from followthemoney.types import registry

    return [code for name in names if (code := registry.country.clean(name))]


def screened(pairs: list[Path], index: NameIndex) -> Iterator[tuple[Screening, str]]:
    """Yield what the list holds of each mention in a strong model's answers, with the language of the article."""
    for folder, answers in zip(pairs[::2], pairs[1::2], strict=True):
        for path in sorted(answers.glob("*.json")):
            text = next(iter(folder.glob(f"**/{path.stem}.txt")), None)
            if text is None:
                continue
            meta = json.loads(text.with_suffix(".meta.json").read_text("utf-8"))
            document = Document.from_text(text.read_text("utf-8"), published=meta.get("published"), id=path.stem)
            answer = json.loads(path.read_text("utf-8"))
            with Extractor(
                ScriptedBackend(lambda _, said=answer: said), plan=Plan(repair_rounds=0, judge="off")
            ) as extractor:
                summary = extractor.extract(document)
            for found in screen(summary, index):
                yield found, summary.document.language or ""


def names(path: Path, pairs: list[Path], labels: Path | None, unlabelled: Path | None) -> None:
    """Print how many distinct names have which state, and how many matches a person calls right."""
    said = (
        {(r["name"], r["entry"]): r["right"] for r in csv.DictReader(labels.open(encoding="utf-8"))} if labels else {}
    )
    distinct: dict[tuple[str, str | None, str | None], Screening] = {}
    mentions = 0
    with NameIndex.of(path) as index:
        started = time.monotonic()
        for found, _ in screened(pairs, index):
            mentions += 1
            distinct.setdefault((found.name, found.kind, found.country_code), found)
        seconds = time.monotonic() - started
        print(
            f"{index.version.entries:,} entries; {mentions:,} mentions in {seconds:.0f} s; {len(distinct):,} distinct names"
        )
    rows = []
    missing = []
    for state in ("SAME", "UNDECIDED", "NO_MATCH"):
        group = [s for s in distinct.values() if s.state == state]
        right = Counter(said.get((s.name, s.candidates[0].id), "?") for s in group if s.candidates)
        told = right["yes"] + right["no"]
        low, high = wilson(right["yes"] / max(told, 1), told)
        share = f"{right['yes']} of {told} ({low:.2f} to {high:.2f})" if told else "–"
        rows.append((state, len(group), f"{len(group) / len(distinct):.1%}", share))
        missing += [s for s in group if s.candidates and (s.name, s.candidates[0].id) not in said]
    print(markdown(("state", "names", "share", "first candidate right (95 %)"), rows))
    if unlabelled:
        with unlabelled.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(("name", "entry", "right", "state", "caption", "score", "why", "kind", "country", "document"))
            for s in missing:
                c = s.candidates[0]
                why = "+".join(s.why)
                out.writerow(
                    (s.name, c.id, "", s.state, c.caption, c.score, why, s.kind, s.country_code, s.document_id)
                )


def spellings(path: Path) -> None:
    """Print what becomes of one name in many spellings, with its country."""
    rows = []
    with NameIndex.of(path) as index:
        for name, wanted, what in SPELLINGS:
            found = ask(index, "Person", (name,), "RU", Bands())
            best = found.candidates[0] if found.candidates else None
            right = "" if found.state != "SAME" else "right" if best and best.id == wanted else "WRONG"
            shown = (best.id, best.score) if best else ("–", "–")
            rows.append((name, what, found.state, right, *shown, ", ".join(found.why)))
    print(markdown(("name", "what", "state", "", "best entry", "score", "why"), rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("list", "names", "spellings"):
        verbs.add_parser(verb).add_argument("path", type=Path)
    verbs.choices["list"].add_argument("-o", dest="output", type=Path, required=True)
    verbs.choices["names"].add_argument("pairs", type=Path, nargs="+")
    verbs.choices["names"].add_argument("--labels", type=Path)
    verbs.choices["names"].add_argument("--unlabelled", type=Path)
    given = parser.parse_args()
    if given.verb == "list":
        lines = [json.dumps(entity, ensure_ascii=False) + "\n" for entity in make(given.path)]
        given.output.write_text("".join(lines), encoding="utf-8")
        print(f"{len(lines):,} entities")
    elif given.verb == "names":
        names(given.path, given.pairs, given.labels, given.unlabelled)
    else:
        spellings(given.path)


if __name__ == "__main__":
    main()
