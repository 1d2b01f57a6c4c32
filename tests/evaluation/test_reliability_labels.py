"""Which of a second model's questions had yes for an answer, by the gold."""

import json

import pytest
import typer
from typer.testing import CliRunner

from communique.cli.calibrate import calibrate
from communique.errors import ConfigurationError
from communique.evaluation import Calibration
from communique.evaluation.reliability_labels import observe

SENTENCES = [
    "Varnia accused Olmark of digging under the border.",
    "Envoys of Varnia and Olmark met in Kestovo on Monday.",
    "Nothing else happened in the valley that week.",
]
TEXT = " ".join(SENTENCES)
GOLD = {
    "id": "a",
    "allegations": [
        {
            "accusers": [["Varnia"]],
            "accused": [["Olmark", "the Olmarkers"]],
            "stance": "asserted",
            "evidence": SENTENCES[:1],
        }
    ],
    "meetings": [
        {
            "participants": [["Varnia"], ["Olmark"]],
            "status": "held",
            "place": "Kestovo",
            "when_as_written": "on Monday",
            "evidence": SENTENCES[1:2],
        }
    ],
    "sanctions_concerns": [],
}


def opinion(field, probability=0.5, **more):
    return {"field": field, "question": "?", "probability": probability, "verdict": "accept", **more}


def allegation(accuser, accused, sentence, *opinions):
    return {
        "evidence": [{"sentence": sentence, "exact": SENTENCES[sentence - 1]}],
        "accusers": [{"name": accuser}],
        "accused": [{"name": accused}],
        "commitment": "asserted",
        "opinions": list(opinions),
    }


def meeting(*opinions, place="Kestovo", when="on Monday", status="held"):
    return {
        "evidence": [{"sentence": 2, "exact": SENTENCES[1]}],
        "participants": [{"name": "Varnia"}, {"name": "Olmark"}],
        "status": status,
        "place": {"name": place},
        "when": when,
        "opinions": list(opinions),
    }


def summary(allegations=(), meetings=(), document="a"):
    return {
        "document": {"id": document},
        "allegations": list(allegations),
        "meetings": list(meetings),
        "sanctions_concerns": [],
    }


def observed(*rows, gold=GOLD):
    found, _ = observe([gold], rows, {"a": TEXT})
    return {(o.question, o.probability): o.right for o in found}


def test_a_record_is_right_if_the_gold_has_it():
    right = allegation("Varnia", "the Olmarkers", 1, opinion("record", 0.9))
    wrong = allegation("Olmark", "Varnia", 3, opinion("record", 0.2))
    assert observed(summary([right, wrong])) == {
        ("allegations.record", 0.9): True,
        ("allegations.record", 0.2): False,
    }


def test_a_repeated_record_is_true_all_the_same():
    twice = [allegation("Varnia", "Olmark", 1, opinion("record", p)) for p in (0.9, 0.8)]
    assert set(observed(summary(twice)).values()) == {True}


def test_a_role_is_right_if_a_gold_record_of_the_sentence_has_that_actor_in_it():
    swapped = allegation(
        "Olmark", "Olmark", 1, opinion("accusers[0].name", 0.3), opinion("accused[0].name", 0.7)
    )
    assert observed(summary([swapped])) == {
        ("allegations.accusers", 0.3): False,
        ("allegations.accused", 0.7): True,
    }


def test_fields_of_a_record_where_the_gold_has_none_are_wrong():
    elsewhere = allegation("Varnia", "Olmark", 3, opinion("accused[0].name"))
    assert observed(summary([elsewhere])) == {("allegations.accused", 0.5): False}


@pytest.mark.parametrize(
    ("field", "change", "right"),
    [
        ("status", {}, True),
        ("status", {"status": "planned"}, False),
        ("place.name", {}, True),
        ("place.name", {"place": "Border"}, False),
        ("when", {}, True),
        ("when", {"when": "on Tuesday"}, False),
        ("participants[1].name", {}, True),
    ],
)
def test_states_places_and_times_are_compared_as_evaluation_does(field, change, right):
    found = observed(summary(meetings=[meeting(opinion(field), **change)]))
    assert list(found.values()) == [right]


def test_fields_without_a_counterpart_in_the_gold_are_not_observed():
    record = meeting(
        opinion("topics[0]"), opinion("participants[9].name"), opinion("mode"), opinion("status")
    )
    assert list(observed(summary(meetings=[record]))) == [("meetings.status", 0.5)]


def test_documents_without_gold_are_not_observed():
    stranger = summary(meetings=[meeting(opinion("status", 0.1))], document="b")
    found = observed(summary(meetings=[meeting(opinion("status", 0.2))]), stranger)
    assert list(found) == [("meetings.status", 0.2)]


@pytest.mark.parametrize(
    ("opinions", "message"),
    [
        ([], "no opinion"),
        ([opinion("status", calibrated=True)], "calibrated already"),
        ([opinion("status", model="m1"), opinion("when", model="m2")], "several models: m1, m2"),
    ],
)
def test_predictions_that_can_not_be_fitted_on_are_refused(opinions, message):
    with pytest.raises(ConfigurationError, match=message):
        observed(summary(meetings=[meeting(*opinions)]))


def test_calibrate_fits_on_gold_and_predictions_and_notes_the_model(tmp_path):
    (tmp_path / "gold").mkdir()
    rows = []
    for i in range(12):
        gold = {**GOLD, "id": f"d{i}"}
        (tmp_path / "gold" / f"d{i}.json").write_text(json.dumps(gold), encoding="utf-8")
        (tmp_path / "gold" / f"d{i}.txt").write_text(TEXT, encoding="utf-8")
        right = allegation("Varnia", "Olmark", 1, opinion("record", 0.9 - i / 100, model="m1"))
        wrong = allegation("Olmark", "Varnia", 3, opinion("record", 0.6 + i / 100, model="m1"))
        rows.append(summary([right, wrong], document=f"d{i}"))
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    app = typer.Typer()
    app.command()(calibrate)
    arguments = [tmp_path / "gold", tmp_path / "p.jsonl", "--json", "-o", tmp_path / "c.json"]
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    figures = json.loads(result.stdout)["questions"]["allegations.record"]
    assert (figures["count"], figures["right"], figures["auc"]) == (24, 12, 1.0)
    assert figures["ece_after"] < figures["ece_before"]
    calibration = Calibration.load(tmp_path / "c.json")
    assert calibration.model == "m1"
    assert (
        calibration.apply("allegations.record", 0.85)
        > 0.8
        > 0.2
        > calibration.apply("allegations.record", 0.65)
    )
