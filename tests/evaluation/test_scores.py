import json

import pytest

from communique.evaluation import Scores, evaluate, render, render_differences
from communique.evaluation.counts import wilson

TEXT = "Orlen met Vray. Orlen accused Fero of theft."
GOLD = {
    "id": "bern",
    "meetings": [
        {
            "participants": [{"name": "Orlen"}, {"name": "Vray"}],
            "status": "held",
            "evidence": ["Orlen met Vray."],
        }
    ],
    "allegations": [
        {
            "accusers": [{"name": "Orlen"}],
            "accused": [{"name": "Fero"}],
            "commitment": "asserted",
            "evidence": ["Orlen accused Fero of theft."],
        }
    ],
    "sanctions_concerns": [],
}


def test_intervals_hold_the_figure_and_are_the_same_each_time():
    gold = [{**GOLD, "id": str(i)} for i in range(6)]
    given = [{**g, "meetings": []} if i < 3 else g for i, g in enumerate(gold)]
    first, again = (evaluate(gold, given, bootstrap=200) for _ in range(2))
    low, high = first.intervals["meetings"]
    assert low < first.of("meetings").f1 < high
    assert first.intervals == again.intervals
    assert first.to_json()["types"]["meetings"]["F1_95"] == [low, high]
    assert evaluate(gold, given).intervals is None


def test_json_has_the_promised_keys():
    found = json.loads(json.dumps(evaluate([GOLD], [GOLD], {"bern": TEXT}).to_json()))
    assert list(found["types"]) == ["meetings", "allegations", "sanctions_concerns"]
    assert {"precision", "recall", "F1", "tp", "fp", "fn", "state_accuracy"} <= set(found["micro"])
    assert {"actors", "place", "when", "denied_by", "attributions"} == set(found["slots"])
    assert found["empty"]["records"] == 0


def test_differences_are_listed():
    given = {
        **GOLD,
        "meetings": [{**GOLD["meetings"][0], "participants": [{"name": "Fero"}]}],
        "allegations": GOLD["allegations"] * 2,
    }
    shown = render_differences(evaluate([GOLD], [given], {"bern": TEXT})).splitlines()
    assert [line.split()[:3] for line in shown] == [
        ["MISSED", "bern", "meetings"],
        ["FALSE", "bern", "meetings"],
        ["FALSE", "bern", "allegations"],
    ]
    assert render_differences(Scores(documents=())) == "no differences\n"


def test_a_gold_record_without_evidence_which_no_prediction_can_match_is_told():
    gold = {**GOLD, "meetings": [{k: v for k, v in GOLD["meetings"][0].items() if k != "evidence"}]}
    scores = evaluate([gold], [gold], {"bern": TEXT})
    assert (scores.of("meetings").tp, scores.to_json()["gold_without_evidence"]) == (0, 1)
    assert "1 gold record(s) have no evidence and can't be paired\n" in render(scores)
    assert "no evidence" not in render(evaluate([GOLD], [{"id": "bern"}], {"bern": TEXT}))


@pytest.mark.parametrize(
    ("share", "count", "low", "high"),
    [(0.0, 10, 0.0, 0.2775), (0.5, 10, 0.2366, 0.7634), (1.0, 20, 0.8389, 1.0), (0.0, 0, 0.0, 1.0)],
)
def test_wilsons_interval_is_the_published_one(share, count, low, high):
    assert wilson(share, count) == pytest.approx((low, high), abs=5e-4)
