"""Three records from fields far from ours go through markers alone: numbers, places, dates, names, quotes, choices, parts."""

import runpy
from pathlib import Path

import pytest

from communique.backends.scripted import ScriptedBackend

HERE = Path(__file__).parents[2] / "examples" / "records"


def run(name, answer):
    return runpy.run_path(str(HERE / name))["main"](ScriptedBackend(lambda _: answer))


QUAKE = {
    "evidence": [2, 4],
    "near": "Port Ellory",
    "magnitude": 6.3,
    "when": "on Sunday evening",
    "dead": 3,
    "injured": 41,
    "measured_by": "Sarn Seismological Institute",
    "tsunami_warning": "not_mentioned",
}


def test_an_earthquake_is_supported_number_by_number(capsys):
    summary = run("earthquake_report.py", {"earthquake_reports": [QUAKE]})

    (quake,) = summary.records["earthquake_reports"]
    assert (quake.magnitude, quake.dead, quake.injured) == (6.3, 3, 41)
    assert quake.derived.date == "2024-05-19"
    assert quake.verdict == "supported"
    assert quake.checks == ()
    assert {(s.field, s.where) for s in quake.support} >= {
        (field, "cited") for field in ("near", "magnitude", "when", "dead", "injured", "measured_by")
    }
    assert "magnitude 6.3" in capsys.readouterr().out


@pytest.mark.parametrize(("field", "wrong"), [("magnitude", 6.5), ("dead", 30), ("injured", 4)])
def test_a_number_that_the_evidence_does_not_state_is_emptied_and_flagged(field, wrong):
    summary = run("earthquake_report.py", {"earthquake_reports": [QUAKE | {field: wrong}]})

    (quake,) = summary.records["earthquake_reports"]
    assert getattr(quake, field) is None
    assert quake.verdict == "flagged"
    assert [(c.field, c.reason, c.change, c.was) for c in quake.flags] == [
        (field, "number_not_in_evidence", "left_out", str(wrong))
    ]


def test_a_record_without_a_required_field_that_holds_is_rejected_with_that_reason():
    summary = run("earthquake_report.py", {"earthquake_reports": [QUAKE | {"near": "Lisbon"}]})

    assert summary.records["earthquake_reports"] == ()
    assert (summary.rejections[0].field, summary.rejections[0].reason) == ("near", "place_not_in_article")


def test_a_trial_keeps_its_words_and_its_goal():
    met = {
        "evidence": [2],
        "treatment": "torvamide",
        "trial": "BRIGHT-2",
        "condition": "chronic heart failure",
        "outcome": "met",
        "effect": "18.5 percent",
        "finding": "Torvamide lowered hospital stays by 18.5 percent.",
    }
    summary = run("trial_result.py", {"trial_results": [met, met | {"effect": "81.5 percent"}]})

    first, second = summary.records["trial_results"]
    assert first.verdict == "supported"
    assert first.condition == "chronic heart failure"
    assert second.effect is None
    assert second.verdict == "supported"
    assert [(c.field, c.reason, c.severity, c.change, c.was) for c in second.checks] == [
        ("effect", "words_not_in_article", "note", "left_out", "81.5 percent")
    ]


def test_an_award_has_parts_whose_fields_are_checked_and_a_check_of_its_own():
    award = {
        "evidence": [2, 3, 4],
        "buyer": "Grenholm",
        "winner": "Tekla & Brandt",
        "works": "a bridge over the Ana",
        "value": {"amount": "48.7 million", "currency": "crowns"},
        "when": "on 3 June",
        "losers": ["Norbygg", "Lisse consortium"],
    }
    summary = run("contract_award.py", {"contract_awards": [award]})
    (found,) = summary.records["contract_awards"]
    assert (found.value.amount, found.value.currency) == ("48.7 million", "crowns")
    assert found.derived.date == "2024-06-03"
    assert found.verdict == "supported"

    wrong = award | {
        "value": {"amount": "84.7 million", "currency": "crowns"},
        "losers": ["Norbygg", "Tekla & Brandt"],
    }
    (found,) = run("contract_award.py", {"contract_awards": [wrong]}).records["contract_awards"]
    assert found.value is None
    assert {c.reason for c in found.flags} == {"number_not_in_evidence", "winner_among_losers"}
