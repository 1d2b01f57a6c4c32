"""The gate: stored raw answers, gold and judgements go through the checks as they are now, and the figures must hold.

No model is asked. A change of the checks moves these figures; then `make ledger` writes the ledger again, and its diff
shows what moved.
"""

import json
import sys
from pathlib import Path

import pytest
import verdicts

from communique.grounding.rules import RULES

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "benchmarks" / "corpus"
IMPLIED = ROOT / "benchmarks" / "implied"
GOLD = ROOT / "tests" / "gold"
READ = verdicts.read


@pytest.fixture(scope="module", autouse=True)
def read_once():
    """Tables with and without a judge are made of the same drafts: each is checked once."""
    known = {}

    def read(document, answer):
        key = document.text, document.published, json.dumps(answer)
        if key not in known:
            known[key] = READ(document, answer)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verdicts, "read", read)
        yield


@pytest.fixture(scope="module")
def corpus():
    return verdicts.table(CORPUS, CORPUS / "gold")


@pytest.fixture(scope="module")
def gold():
    return verdicts.table(GOLD, GOLD)


@pytest.fixture(scope="module")
def implied():
    return verdicts.table(IMPLIED, IMPLIED / "gold")


@pytest.fixture(scope="module")
def judged():
    return verdicts.judged_table(CORPUS, CORPUS / "gold", CORPUS / "judge")


@pytest.fixture(scope="module")
def scores():
    return verdicts.harm(CORPUS, CORPUS / "gold", CORPUS / "strong")


def share(found, name):
    counts = found.wrong[name]
    return counts["caught"] / counts["n"]


@pytest.mark.parametrize("name", ["corpus", "gold"])
def test_nothing_right_is_rejected_or_loses_a_value_and_few_are_flagged(name, request):
    found = request.getfixturevalue(name)
    assert found.right["n"] > 60
    assert (found.right["rejected"], found.right["lost"]) == (0, 0)
    assert found.right["flagged"] / found.right["n"] <= 0.1
    assert found.caught - found.false_alarms >= 0.6


def test_a_strong_judge_settles_what_the_words_leave_open():
    found = verdicts.judged_table(IMPLIED, IMPLIED / "gold", IMPLIED / "judge")
    assert found.right["n"] >= 100
    assert found.right["flagged"] / found.right["n"] <= 0.06
    assert found.right["verified"] / found.right["n"] >= 0.9
    assert found.caught - found.false_alarms >= 0.85


def test_where_the_cited_sentence_names_nobody_more_is_flagged_and_nothing_lost(implied):
    assert (implied.right["rejected"], implied.right["lost"]) == (0, 0)
    assert implied.right["flagged"] / implied.right["n"] <= 0.27
    assert implied.caught - implied.false_alarms >= 0.58


@pytest.mark.parametrize(
    ("way", "least"),
    [
        ("invented name", 1.0),
        ("time not in the text", 1.0),
        ("evidence is another sentence", 0.65),
        ("name from elsewhere", 0.5),
        ("denial that nobody made", 0.85),
        ("commitment flipped", 0.6),
        ("status flipped", 0.5),
    ],
)
def test_what_code_alone_can_tell_it_tells(corpus, way, least):
    assert share(corpus, way) >= least


@pytest.mark.parametrize("name", ["corpus", "implied", "gold"])
def test_the_ledger_is_what_the_checks_do_now(name, request):
    stored = json.loads((ROOT / "benchmarks" / "ledger.json").read_text("utf-8"))["rules"]
    now = request.getfixturevalue(name).ledger()
    assert {r: c[name] for r, c in stored.items() if name in c} == now, "write it again: make ledger"


def test_with_a_strong_judge_nearly_everything_wrong_is_caught(judged):
    assert judged.right["n"] >= 80
    assert judged.right["flagged"] / judged.right["n"] <= 0.06
    assert judged.right["verified"] / judged.right["n"] >= 0.9
    for way in (
        "sides swapped",
        "bystander",
        "stage flipped",
        "denial that nobody made",
        "evidence is another sentence",
    ):
        assert share(judged, way) >= 0.9, way
    assert judged.caught - judged.false_alarms >= 0.85


def test_the_checks_do_a_strong_model_no_harm(scores):
    answered, checked, unflagged = (scores[name] for name in ("answered", "checked", "unflagged"))
    assert checked.micro.f1 >= answered.micro.f1 > 0.95
    assert unflagged.micro.f1 >= 0.9 * answered.micro.f1
    before, after = answered.to_json()["types"], checked.to_json()["types"]
    for kind, values in before.items():
        for slot, value in values["slots"].items():
            assert (after[kind]["slots"][slot]["F1"] or 0) >= (value["F1"] or 0), (kind, slot)


def test_the_gate_moves_when_a_rule_is_gone(monkeypatch, gold):
    module = sys.modules["communique.grounding.verify"]
    silent = [r for r in RULES if r.reason.id != "no_denying_words"]
    monkeypatch.setattr(module, "rules_for", lambda kind: [r for r in silent if r.concerns(kind)])
    monkeypatch.setattr(verdicts, "read", READ)
    without = verdicts.table(GOLD, GOLD)
    assert share(without, "denial that nobody made") < share(gold, "denial that nobody made")


def test_every_rule_says_which_ways_to_be_wrong_it_is_about():
    assert {rule.reason.id for rule in RULES} <= set(verdicts.ABOUT)
