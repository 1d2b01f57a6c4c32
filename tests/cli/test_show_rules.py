"""`communique show rules`, and the page of the rules."""

import json
import runpy
from pathlib import Path

import pytest

from communique.cli.app import run
from communique.grounding.policy import NAMES
from communique.grounding.rules import REASONS

ROOT = Path(__file__).parents[2]
COUNTS = {"right": 0, "wrong": 136, "of_right": 161, "of_wrong": 1083}


@pytest.fixture
def page():
    return runpy.run_path(str(ROOT / "docs" / "write_reasons.py"))


@pytest.fixture
def ledger(tmp_path):
    def write(rules):
        path = tmp_path / "ledger.json"
        path.write_text(json.dumps({"rules": rules}), "utf-8")
        return path

    return write


@pytest.mark.parametrize("group", ["checks", "plugins"])
def test_a_group_without_anything_says_so(capsys, monkeypatch, group):
    monkeypatch.setattr("communique.plugins.offers", lambda _: {})
    assert run(["show", group]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err.split(";")[0]) == ("", "none is installed")
    assert run(["show", group, "--json"]) == 0
    assert capsys.readouterr().err == ""


def test_every_rule_is_listed_with_its_severity_by_policy_and_its_sentence(capsys):
    assert run(["show", "rules"]) == 0

    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["rule", *NAMES]
    assert [line.split()[0] for line in lines] == list(REASONS)
    for line, reason in zip(lines, REASONS.values(), strict=True):
        assert line.endswith(f" {reason.message}")
    (name,) = [line for line in lines if line.startswith("not_in_article ")]
    assert name.count("flag, left out") == len(NAMES)


def test_the_committed_page_is_what_the_rules_and_counts_give(page):
    committed = (ROOT / "docs" / "reference" / "reasons.md").read_text("utf-8")

    assert page["reference"]() == committed, "run: python docs/write_reasons.py"


def test_counts_are_shown_with_a_likelihood_ratio_and_its_interval(page, ledger):
    rules = {"not_in_article": {"dev2": COUNTS, "small": COUNTS | {"of_wrong": 0, "wrong": 0}}}

    text = page["reference"](ledger(rules))

    assert "| dev2 | 0 of 161 | 136 of 1083 | 41 (2.6 to 652) |" in text
    assert "| small | 0 of 161 | 0 of 0 | - |" in text
    assert "| counted on |" not in page["reference"](Path("no such file"))


def test_a_ratio_of_one_has_an_interval_around_it(page):
    ratio, low, high = page["likelihood_ratio"](right=10, wrong=10, of_right=100, of_wrong=100)

    assert ratio == pytest.approx(1)
    assert low < 0.5 < 2 < high
    assert low * high == pytest.approx(1)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"no_such_rule": {"dev": COUNTS}}, "no_such_rule; count again"),
        ({"not_in_article": {"dev": {"right": 1}}}, "KeyError"),
        ({"not_in_article": 7}, "AttributeError"),
        ({"not_in_article": {"dev": COUNTS | {"wrong": 2000}}}, "greater than what it is of"),
    ],
)
def test_a_ledger_that_is_none_is_named_in_one_line(page, ledger, rules, message):
    with pytest.raises(ValueError, match=message) as caught:
        page["reference"](ledger(rules))

    assert "\n" not in str(caught.value)
