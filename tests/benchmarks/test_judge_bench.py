"""The judge's instrument: what is asked holds no answer, and the figures are those of the answers."""

import json
import random
import shutil
from pathlib import Path

import pytest

from communique import Document
from communique.schemas import STANDARD_RECORDS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bench(script):
    return script("judge")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    base = tmp_path_factory.mktemp("corpus")
    for folder in ("gold/ours", "ours"):
        (base / folder).mkdir(parents=True)
    for gold in (ROOT / "tests" / "gold").glob("*.json"):
        text = gold.with_suffix(".txt")
        if text.exists():
            shutil.copy(gold, base / "gold" / "ours")
            shutil.copy(text, base / "ours")
    return base


def test_what_is_asked_has_right_and_wrong_statements_and_says_not_which(bench, corpus, tmp_path):
    out = tmp_path / "asked"
    bench.ask(corpus, ["ours"], out, most=20, limit=None)
    prompts = sorted(out.glob("ours/*.prompt.txt"))
    assert len(prompts) >= 5
    seen = set()
    for path in prompts:
        key = json.loads((tmp_path / "asked-keys" / "ours" / f"{path.name.partition('.')[0]}.json").read_text("utf-8"))
        text = path.read_text("utf-8")
        assert 4 <= len(key) <= 20
        for number, item in enumerate(key, 1):
            assert f"\n{number}. {item['text']}" in text
        assert {bool(item["wrong"]) for item in key} == {True, False}
        assert len({item["text"] for item in key}) == len(key)
        seen |= {item["wrong"] for item in key}
        for name in seen - {""}:
            assert name not in text
    assert {"sides swapped", "invented name", "name from elsewhere", "denial that nobody made"} <= seen
    again = tmp_path / "again"
    bench.ask(corpus, ["ours"], again, most=20, limit=None)
    assert [p.read_text("utf-8") for p in prompts] == [p.read_text("utf-8") for p in sorted(again.glob("ours/*.txt"))]


def answers(bench, corpus, tmp_path, probability):
    out, given = tmp_path / "asked", tmp_path / "given" / "ours"
    bench.ask(corpus, ["ours"], out, most=20, limit=None)
    given.mkdir(parents=True)
    for path in (tmp_path / "asked-keys").glob("ours/*.json"):
        key = json.loads(path.read_text("utf-8"))
        said = [{"statement": n, "sentences": [1], "probability": probability(i)} for n, i in enumerate(key, 1)]
        (given / path.name).write_text(json.dumps({"judgements": said}), "utf-8")
    return bench.judged(out, tmp_path / "given")


def test_a_judge_that_knows_reaches_one_and_one_that_guesses_a_half(bench, corpus, tmp_path):
    knows = answers(bench, corpus, tmp_path / "a", lambda i: 0.1 if i["wrong"] else 0.9)
    chance = random.Random(1)
    guesses = answers(bench, corpus, tmp_path / "b", lambda _: chance.random())
    assert bench.auc(knows) == 1.0
    assert bench.interval(knows, rounds=50) == (1.0, 1.0)
    low, high = bench.interval(guesses, rounds=200)
    assert low < 0.5 < high
    table = bench.score(knows)
    assert table.splitlines()[1].startswith("AUC 1.000")
    assert "all wrong" in table


def test_what_is_not_answered_counts_for_nothing_and_is_told(bench, corpus, tmp_path):
    found = answers(bench, corpus, tmp_path, lambda i: 7 if i["wrong"] else 0.9)
    assert bench.auc(found) is None
    assert all(j.probability is None for j in found if j.wrong)


def test_every_mutation_says_something_else_than_the_draft(bench, corpus):
    for document, gold in bench.articles(corpus / "ours", corpus / "gold" / "ours"):
        for kind, draft in bench.drafts(document, gold):
            types = {t.plural: t for t in STANDARD_RECORDS}
            right = types[kind].model_validate(draft.said)
            for mutation in bench.mutations(document, kind, gold, draft, random.Random(3)):
                wrong = types[kind].model_validate(mutation.said)
                assert wrong != right, mutation.name
                assert mutation.wrong(wrong), mutation.name
                assert not mutation.wrong(right), mutation.name


def test_the_kinds_of_mutation_that_need_their_own_words(bench):
    from articles import read_gold

    text = (
        "Prime Minister Ada Lind plans to meet Bo Kern in Lund on Monday. Ursk accused Terra of taking 40 ships. Terra"
        " denied it."
    )
    met, accused = (f"{sentence}." for sentence in text.split(". ")[:2])
    record = {
        "participants": [{"name": "Ada Lind"}, {"name": "Bo Kern"}], "place": {"name": "Lund"}, "when": "on Monday",
        "status": "planned", "evidence": [met],
    }  # fmt: skip
    denial = {"type": "denial", "responders": [{"name": "Terra"}]}
    claims = [
        {"accusers": [{"name": "Ursk"}], "accused": [{"name": "Terra"}], "claim": "Terra took 40 ships.",
         "responses": [denial], "commitment": "asserted", "evidence": [accused]},
        {"accusers": [{"name": "Bo Kern"}], "accused": [{"name": "Ursk"}], "claim": "Ursk lied.",
         "responses": [], "commitment": "asserted", "evidence": [accused]},
    ]  # fmt: skip
    gold = read_gold({"meetings": [record], "allegations": claims, "sanctions_concerns": []})
    document = Document.from_text(text, language="en")
    names = {
        m.name
        for kind, d in bench.drafts(document, gold)
        for m in bench.mutations(document, kind, gold, d, random.Random(1))
    }
    assert {
        "planned told as held", "wrong country", "wrong number", "title for a name", "time not in the text",
        "denial of another claim",
        "denial that nobody made", "sides swapped", "commitment flipped", "bystander", "name from elsewhere",
    } <= names  # fmt: skip


def test_what_judging_costs_beside_reading(bench, corpus, tmp_path):
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    for document, gold in bench.articles(corpus / "ours", corpus / "gold" / "ours"):
        answer = {kind: [] for kind in ("meetings", "allegations", "sanctions_concerns")}
        for kind, draft in bench.drafts(document, gold):
            answer[kind].append(draft.said)
        (drafts / f"{document.id}.json").write_text(json.dumps(answer), "utf-8")
    told = bench.cost(corpus, ["ours"], drafts)
    rows = [line.split() for line in told.splitlines() if "judging " in line]
    reading, judging = ([int(row[row.index(word) + 1]) for row in rows] for word in ("reading", "judging"))
    assert len(rows) == len(bench.CASES)
    assert reading[0] > reading[1] == reading[2] > reading[4], "a cached schema is cheap, and a free one costs nothing"
    assert judging[0] == judging[1] > judging[2] > judging[4]
    assert all(
        abs(int(row[-1].rstrip("%")) - 100 * j / r) < 2 for row, r, j in zip(rows, reading, judging, strict=True)
    )
