"""Dates, countries and sentence ends on corpora that others wrote. Nothing is fetched: each command takes a folder.

    corpora.py krauts FOLDER        JannikStroetgen/KRAUTS: German news with the calendar dates that people marked
    corpora.py recognizers FOLDER   microsoft/Recognizers-Text: chat-style dates in four languages
    corpora.py territories FOLDER   opensanctions/rigour: names of territories
    corpora.py demonyms FILE        mledoze/countries, countries.json: adjectives in English and French, names in 25 languages
    corpora.py nationalities FILE   SVWS-NRW/SVWS-Server, Nationalitaeten.json (de), Prodominicana-dev/Empleos, paises.js (es)
    corpora.py programmes FOLDER    opensanctions/opensanctions, meta/programs: titles of sanctions programmes, with their issuer
    corpora.py pud FOLDER ...       UniversalDependencies/UD_*-PUD: sentences, joined into one line and split again

`--misses N` prints the first N that are wrong or unresolved.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from communique.documents import number_sentences
from communique.grounding.countries import country_code
from communique.grounding.dates import resolve

_TIMEX = re.compile(r"<TIMEX3 ([^>]*[^>/])>(.*?)</TIMEX3>", re.DOTALL)
_CALENDAR = re.compile(r"\d{4}(-\d\d(-\d\d)?|-W\d\d(-WE)?|-(SP|SU|FA|WI))?")
_SEASONS = {"21": "SP", "22": "SU", "23": "FA", "24": "WI"}


class Tally:
    """Counts what came out right, wrong and not at all."""

    def __init__(self, name: str, misses: int) -> None:
        self.name, self.counts, self.misses = name, Counter[str](), misses

    def note(self, what: str, wanted: str | None, found: str | None, *, holds: bool = False) -> None:
        state = "right" if wanted == found else "none" if found is None else "coarser" if holds else "wrong"
        self.counts[state] += 1
        if state != "right" and self.misses > 0:
            self.misses -= 1
            print(f"  {state:5} {what!r}: wanted {wanted}, found {found}")

    def line(self) -> str:
        total = sum(self.counts.values())
        share = self.counts["right"] / total if total else 0
        counts = ", ".join(f"{self.counts[state]} {state}" for state in ("right", "coarser", "wrong", "none"))
        return f"{self.name}: {total}, {counts} ({share:.1%} right)"


def as_timex(date: str | None, precision: str | None) -> str | None:
    """Return an EDTF date as TimeML writes it: weeks, weekends and seasons by their own signs."""
    if date is None:
        return None
    date = date.replace("~", "")
    first, slash, last = date.partition("/")
    if slash:
        start, end = dt.date.fromisoformat(first) if len(first) == 10 else None, last
        if start is None or len(end) != 10:
            return date
        year, week, _ = start.isocalendar()
        if precision == "week":
            return f"{year}-W{week:02d}"
        weekend = start.weekday() == 5 and (dt.date.fromisoformat(end) - start).days == 1
        return f"{year}-W{week:02d}-WE" if weekend else date
    season = re.fullmatch(r"(\d{4})-(2[1-4])", date)
    return f"{season[1]}-{_SEASONS[season[2]]}" if season else date


def krauts(folder: Path, misses: int) -> None:
    """Resolve the marked calendar dates of each document from its day of publication."""
    tally = Tally("KRAUTS", misses)
    for path in sorted(folder.glob("KRAUTS/KRAUTS_*/*.tml")):
        if path.parent.name.endswith(("_Heideltime", "_raw-text")):
            continue
        text = path.read_text("utf-8")
        created = re.search(r'<DCT>.*?\bvalue="(\d{4}-\d\d-\d\d)', text, re.DOTALL)
        anchor = dt.date.fromisoformat(created[1]) if created else None
        for attributes, words in _TIMEX.findall(text):
            value = re.search(r'\bvalue="([^"]*)"', attributes)
            if "CREATION_TIME" in attributes or 'type="DATE"' not in attributes or value is None:
                continue
            if _CALENDAR.fullmatch(value[1]):
                plain = " ".join(re.sub(r"<[^>]*>", "", words).split())
                found = resolve(plain, anchor, "de")
                tally.note(f"{plain} ({anchor})", value[1], as_timex(found.date, found.precision))
    print(tally.line())


def recognizers(folder: Path, misses: int) -> None:
    """Resolve the marked dates and date ranges of the cases; where one has two readings, either is right."""
    for code, name in (("en", "English"), ("de", "German"), ("fr", "French"), ("es", "Spanish")):
        path = next(folder.rglob(f"{name}/DateTimeModel.json"))
        dates, ranges = Tally(f"{code} dates", misses), Tally(f"{code} ranges", misses)
        for case in json.loads(path.read_text("utf-8-sig")):
            if "Context" not in case:
                continue
            anchor = dt.date.fromisoformat(case["Context"]["ReferenceDateTime"][:10])
            for result in case["Results"]:
                kind = result.get("TypeName", "").rpartition(".")[2]
                values = (result.get("Resolution") or {}).get("values", [])
                if kind == "date":
                    wanted = {v["value"] for v in values if "value" in v}
                elif kind == "daterange":
                    spans = [(v["start"][:10], v["end"][:10]) for v in values if "start" in v and "end" in v]
                    wanted = {f"{start}/{_day_before(end)}" for start, end in spans}
                else:
                    continue
                found = resolve(result["Text"], anchor, code)
                got, holds = None, False
                if found.first and found.last:
                    got = found.first.isoformat() if kind == "date" else f"{found.first}/{found.last}"
                    if kind == "date" and found.first != found.last:
                        got = found.date
                    elif kind != "date" and (found.date or "").count("/") == 1:
                        # "from 2014 to 2018" ends there before 2018 begins; here it holds 2018.
                        begins = (found.date or "").partition("/")[2].replace("~", "") + "-01-01"
                        got = next((w for w in wanted if w == f"{found.first}/{_day_before(begins[:10])}"), got)
                    bounds = (w.split("/") for w in wanted if re.fullmatch(r"\d{4}-\d\d-\d\d(/.{10})?", w))
                    holds = any(b[0] >= f"{found.first}" and b[-1] <= f"{found.last}" for b in bounds)
                if wanted and not any("not resolved" in w for w in wanted):
                    tally = dates if kind == "date" else ranges
                    tally.note(
                        f"{result['Text']} ({anchor})",
                        got if got in wanted else min(wanted),
                        got,
                        holds=holds,
                    )
        print(dates.line(), ranges.line(), sep="\n")


def _day_before(day: str) -> str:
    return (dt.date.fromisoformat(day[:10]) - dt.timedelta(days=1)).isoformat()


def territories(folder: Path, misses: int) -> None:
    """Look up the names of countries that rigour holds for safe: in English, in each language with a folder, in all of CLDR."""
    import yaml
    from babel.localedata import locale_identifiers

    from communique.languages import known_languages

    tally, folders = Tally("strong names, in English", 0), Tally("in any language with a folder", 0)
    anywhere, all_languages = Tally("in any language of CLDR", misses), sorted({i[:2] for i in locale_identifiers()})
    for path in sorted(folder.rglob("resources/territories/*.yml")):
        row = yaml.safe_load(path.read_text("utf-8"))
        if not row.get("is_country") or len(path.stem) != 2:
            continue
        for name in dict.fromkeys([row["name"], row.get("full_name"), *row.get("names_strong", [])]):
            if name:
                tally.note(name, path.stem, country_code(name, "en"))
                for into, languages in ((folders, known_languages()), (anywhere, all_languages)):
                    found = [code for lang in languages if (code := country_code(name, lang))]
                    into.note(name, path.stem, max(sorted(set(found)), key=found.count, default=None))
    print(tally.line(), folders.line(), anywhere.line(), sep="\n")


def demonyms(path: Path, misses: int) -> None:
    """Look up the adjectives of two languages and the names of all languages that communique has a folder for."""
    from communique.languages import known_languages

    codes = {"eng": "en", "fra": "fr"}
    names_of = {"deu": "de", "fra": "fr", "spa": "es", "ita": "it", "por": "pt", "rus": "ru", "pol": "pl", "nld": "nl",
                "swe": "sv", "fin": "fi", "tur": "tr", "ara": "ar", "jpn": "ja", "kor": "ko", "zho": "zh"}  # fmt: skip
    said = {code: Tally(f"{code} adjectives", misses) for code in codes.values()}
    named = {code: Tally(f"{code} names", misses) for code in names_of.values() if code in known_languages()}
    for row in json.loads(path.read_text("utf-8")):
        code = row["cca2"].lower()
        for key, language in codes.items():
            for word in dict.fromkeys(row.get("demonyms", {}).get(key, {}).values()):
                if word:
                    said[language].note(word, code, country_code(word, language))
        for key, language in names_of.items():
            for word in dict.fromkeys(row["translations"].get(key, {}).values()):
                if language in named:
                    named[language].note(word, code, country_code(word, language))
    print(*(t.line() for t in [*said.values(), *named.values()]), sep="\n")


def nationalities(path: Path, misses: int) -> None:
    """Look up the adjectives of two lists of nationalities, one of German schools, one of a Dominican agency."""
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        language, pairs = "de", [
            (entry["iso2"], entry["staatsangehoerigkeit"])
            for row in json.loads(text)["daten"]
            for entry in row["historie"]
            if entry["gueltigBis"] is None and len(entry["iso2"] or "") == 2 and entry["iso2"][0] != "X"
        ]  # fmt: skip
    else:
        found = re.findall(r'"codigo": "(\w\w)",\s*"nacionalidad": "([^"]*)"', text)
        language, pairs = "es", [(code, w.strip()) for code, words in found for w in words.split("/") if len(w) > 1]
    tally = Tally(f"{language} adjectives", misses)
    for code, word in dict.fromkeys(pairs):
        tally.note(word, code.lower(), country_code(word, language))
    print(tally.line())


_ISSUERS = {
    "US": "U.S. ",
    "GB": "",
    "EU": "",
    "UN": "U.N. ",
    "AU": "Australian ",
    "SECO": "Swiss ",
    "NZ": "New Zealand ",
}


def programmes(folder: Path, misses: int) -> None:
    """Read each title, with the issuer before it, for the programme's own targets."""
    import yaml

    from communique.grounding.programmes import programmes_for

    tally = Tally("programme titles", misses)
    for path in sorted(folder.rglob("*.yml")):
        row = yaml.safe_load(path.read_text("utf-8"))
        issuer = _ISSUERS.get(row["key"].partition("-")[0])
        if issuer is None:
            continue
        targets = [code for code in row.get("target_territories") or () if len(code) == 2]
        found = [p.key for p in programmes_for([issuer + row["title"]], targets)]
        tally.note(row["title"], row["key"], "+".join(found) or None)
    print(tally.line())


def pud(folders: Iterable[Path], misses: int) -> None:
    """Join each document's sentences by blanks, split them again, and count the ends that both have."""
    for folder in folders:
        path = next(folder.glob("*_pud-ud-test.conllu"))
        language = path.name[:2]
        right = ours = theirs = 0
        for sentences in _documents(path.read_text("utf-8").splitlines()):
            ends, at = set[int](), 0
            for sentence in sentences:
                at += len(sentence)
                ends.add(at)
                at += 1
            text = " ".join(sentences)
            found = {s.end for s in number_sentences(text, language)}
            right, ours, theirs = right + len(ends & found), ours + len(found), theirs + len(ends)
            for end in sorted(ends ^ found)[: max(misses, 0)]:
                misses -= 1
                print(
                    f"  {'cut' if end in found else 'missed'}: {text[max(end - 60, 0) : end]} | {text[end : end + 30]}"
                )
        precision, recall = right / ours, right / theirs
        f1 = 2 * precision * recall / (precision + recall)
        print(f"{language} sentences: {theirs}, precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}")


def _documents(lines: Iterable[str]) -> Iterator[list[str]]:
    found: list[str] = []
    before = ""
    for line in lines:
        if line.startswith("# sent_id = "):
            name = line.removeprefix("# sent_id = ")[:-3]
            if name != before and found:
                yield found
                found = []
            before = name
        elif line.startswith("# text = "):
            found.append(line.removeprefix("# text = ").strip())
    if found:
        yield found


_COMMANDS = {
    "krauts": krauts,
    "recognizers": recognizers,
    "territories": territories,
    "demonyms": demonyms,
    "nationalities": nationalities,
    "programmes": programmes,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=[*_COMMANDS, "pud"])
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--misses", type=int, default=0)
    args = parser.parse_args()
    if args.command == "pud":
        pud(args.folder, args.misses)
    else:
        _COMMANDS[args.command](args.folder[0], args.misses)


if __name__ == "__main__":
    main()
