"""Articles with answers for each sentence, as the questions and answers that an adapter is trained on.

    python benchmarks/adapter/questions.py > /tmp/questions.jsonl

From `articles/*.jsonl`, written for this, and from the repository's own articles with gold or a strong model's answers. Asked
are the sentences that `focuses` finds, those that state a record, and some others. Left out is what an annotator was not sure
of, and the sentences that tell a record again.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from communique import Document
from communique.documents.sentences import Sentence
from communique.languages import phrases_in
from communique.prompts import Focus, brief_prompt, focuses, stretches
from communique.prompts.compose import copied, neutral
from communique.prompts.finding import CONTEXT_AFTER
from communique.prompts.wire import brief_schema, singular
from communique.schemas import STANDARD_RECORDS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KINDS = {singular(kind): kind for kind in STANDARD_RECORDS}
ANSWERS = {name: brief_schema((kind,), (kind,))["properties"][name] for name, kind in KINDS.items()}
"""The JSON Schema of an answer that is not null."""
FIELDS: dict[str, list[str]] = {name: schema["required"] for name, schema in ANSWERS.items()}
STATES = ("status", "commitment", "stage")
LABELLED = (  # folder of texts, folder of records
    ("benchmarks/corpus", "benchmarks/corpus/gold"),
    ("benchmarks/implied", "benchmarks/implied/gold"),
    ("benchmarks/events/tune", "benchmarks/events/tune/strong"),
    ("benchmarks/events/locked", "benchmarks/events/locked/strong"),
    ("tests/gold", "tests/gold"),
)
MOST = 14
"""Questions about one stretch."""
OTHERS = 0.12
"""Share of the sentences without a sign that are asked about all the same."""
ONE_MORE = 0.25
"""Share of the sentences with a record that are asked about one kind more."""


class Labelled(NamedTuple):
    """An article: its sentences; by number and kind of record what a sentence states, and which answers are unsure."""

    id: str
    language: str
    sentences: tuple[Sentence, ...]
    answers: dict[int, dict[str, dict[str, Any]]]
    unsure: dict[int, set[str]]


def written() -> Iterator[Labelled]:
    """Yield the articles that were written for training; the first line of each is its headline."""
    for file in sorted((HERE / "articles").glob("*.jsonl")):
        for row in map(json.loads, file.read_text("utf-8").splitlines()):
            at, sentences = 0, list[Sentence]()
            for number, line in enumerate(row["lines"], 1):
                kind = "heading" if number == 1 else "body"
                sentences.append(Sentence(number, at, at + len(line), line, kind))
                at += len(line) + 1
            yield Labelled(
                row["id"],
                row["language"],
                tuple(sentences),
                {int(n): said for n, said in row["answers"].items()},
                {int(n): set(kinds) for n, kinds in row.get("unsure", {}).items()},
            )


def annotated() -> Iterator[Labelled]:
    """Yield the repository's own articles. A record belongs to the first sentence that it cites."""
    for texts, records in LABELLED:
        for file in sorted((ROOT / texts).glob("*.txt")):
            gold = ROOT / records / f"{file.stem}.json"
            if gold.exists():
                meta = file.with_name(f"{file.stem}.meta.json")
                language = json.loads(meta.read_text("utf-8")).get("language") if meta.exists() else None
                document = Document.from_text(file.read_text("utf-8"), language=language, id=file.stem)
                yield _annotated(document, json.loads(gold.read_text("utf-8")))


def _annotated(document: Document, gold: dict[str, Any]) -> Labelled:
    allowed = re.compile(copied([neutral(s.text) for s in document.sentences])["pattern"])
    article = Labelled(document.id, document.language, document.sentences, {}, {})
    for kind, record_type in KINDS.items():
        for record in gold.get(record_type.plural, ()):
            cited = list(dict.fromkeys(n for e in record.get("evidence", ()) for n in _numbers(e, document)))
            if not cited:
                continue
            answer = _answer(kind, record, allowed)
            taken = kind in article.answers.get(cited[0], {})
            if answer is None or record.get("optional") or taken:
                article.unsure.setdefault(cited[0], set()).add(kind)
            else:
                article.answers.setdefault(cited[0], {})[kind] = answer
            for number in cited[1:]:
                article.unsure.setdefault(number, set()).add(kind)
    return article


def _numbers(evidence: Any, document: Document) -> Iterator[int]:
    if isinstance(evidence, int):
        yield evidence
        return
    quote = evidence if isinstance(evidence, str) else evidence.get("quote", "")
    at = document.text.find(quote)
    yield from (s.number for s in document.sentences if at >= 0 and s.start < at + len(quote) and s.end > at)


def _answer(kind: str, record: dict[str, Any], allowed: re.Pattern[str]) -> dict[str, Any] | None:
    """Return a record as the answer to our question; None where that can't say it."""
    deniers = [a for r in record.get("responses") or () if r.get("type") == "denial" for a in r.get("responders", ())]
    told = {**record, "denied_by": deniers}
    answer: dict[str, Any] = {}
    for field in FIELDS[kind]:
        value = told.get(field)
        if field in STATES:
            answer[field] = value
        elif field in {"place", "when"}:
            name = value.get("name") if isinstance(value, dict) else value
            answer[field] = name if name and allowed.fullmatch(name) else None
        else:
            names = [a.get("name", "") if isinstance(a, dict) else a for a in value or ()]
            answer[field] = [name for name in names if allowed.fullmatch(name)][:6]
    main = {"meeting": "participants", "allegation": "accused", "sanctions_concern": "subjects"}[kind]
    state = next(field for field in FIELDS[kind] if field in STATES)
    return answer if answer[main] and answer[state] in ANSWERS[kind]["properties"][state]["enum"] else None


def questions(article: Labelled, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield what is asked about each stretch of an article: pairs of the turns and the answer under `asked`."""
    found = focuses(article.sentences, STANDARD_RECORDS, article.language)
    asked = {focus.sentence.number: set(map(singular, focus.kinds)) for focus in found}
    wanted: list[Focus] = []
    for sentence in article.sentences:
        if sentence.kind != "body":
            continue
        said = set(article.answers.get(sentence.number, ()))
        kinds = asked.get(sentence.number, set()) | said
        if said and chance.random() < ONE_MORE:
            kinds.add(chance.choice(list(KINDS)))
        if not kinds and chance.random() < OTHERS:
            kinds = set(chance.sample(list(KINDS), chance.choice((1, 1, 2, 3))))
        kinds -= article.unsure.get(sentence.number, set()) - said
        if kinds:
            wanted.append(Focus(sentence, tuple(KINDS[kind] for kind in KINDS if kind in kinds), ()))
    shown = stretches(article.sentences, wanted, article.language)
    for start in dict.fromkeys(stretch[0].number for stretch in shown):
        rows = [(w, s) for w, s in zip(wanted, shown, strict=True) if s[0].number == start]
        yield _row(article, _some(rows, article, chance))


Asked = tuple[Focus, tuple[Sentence, ...]]
"""What is asked, and the sentences that are shown."""


def _some(rows: list[Asked], article: Labelled, chance: random.Random) -> list[Asked]:
    full = [row for row in rows if row[0].sentence.number in article.answers]
    empty = [row for row in rows if row[0].sentence.number not in article.answers]
    chance.shuffle(full)
    chance.shuffle(empty)
    full = full[: MOST - 4]
    return full + empty[: MOST - len(full)]


def _row(article: Labelled, rows: list[Asked]) -> dict[str, Any]:
    told = []
    for (sentence, types, _), stretch in rows:
        text = "\n".join(neutral(s.text) for s in stretch)
        prompt = brief_prompt(stretch, sentence, types, STANDARD_RECORDS, trained=True)
        said = article.answers.get(sentence.number, {})
        kinds = map(singular, types)
        answer = {kind: {f: said[kind][f] for f in FIELDS[kind]} if kind in said else None for kind in kinds}
        if (claim := answer.get("allegation")) and not _denied(stretch, sentence, article.language):
            claim["denied_by"] = []
        if all(name in text for value in answer.values() if value for name in _names(value)):
            told.append([[[m.role, m.content] for m in prompt.messages], _json(answer)])
    return {"id": article.id, "language": article.language, "asked": told}


def _denied(stretch: tuple[Sentence, ...], sentence: Sentence, language: str) -> bool:
    """Tell whether a denial is to be seen: else a model learns that whoever is accused denies it."""
    near = [s.text for s in stretch if sentence.number - 3 <= s.number <= sentence.number + CONTEXT_AFTER]
    return any("denial" in phrases_in(text, language) for text in near)


def _names(value: dict[str, Any]) -> Iterator[str]:
    for field, said in value.items():
        if field not in STATES:
            yield from said if isinstance(said, list) else [said] if said else []


def _json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    """Write all of them, in an order by chance."""
    chance = random.Random(11)
    articles = [*written(), *annotated()]
    chance.shuffle(articles)
    for article in articles:
        for row in questions(article, chance):
            if row["asked"]:
                sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
