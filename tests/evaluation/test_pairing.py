import copy

import pytest

from communique.evaluation import evaluate

TEXT = (
    "Iran accused Iraq of theft. Iraq denied it. It rained. Iran and Iraq met in Rome on Monday. Snow fell. Then came"
    " night."
)
S = [s if s.endswith(".") else s + "." for s in TEXT.split(". ")]
GOLD = {
    "id": "one",
    "language": "en",
    "meetings": [
        {
            "participants": [{"name": "Iran"}, {"name": "Iraq"}],
            "place": {"name": "Rome"},
            "when": "Monday",
            "derived": {"date": "2024-03-11"},
            "status": "held",
            "evidence": [S[3]],
        }
    ],
    "allegations": [
        {
            "accusers": [{"name": "Iran"}],
            "accused": [{"name": "Iraq"}],
            "claim": "Theft.",
            "responses": [{"type": "denial", "responders": [{"name": "Iraq"}]}],
            "commitment": "asserted",
            "evidence": [S[0], S[1]],
        }
    ],
    "sanctions_concerns": [],
}


@pytest.fixture
def prediction():
    return copy.deepcopy(GOLD)


def measure(prediction, gold=GOLD):
    return evaluate([gold], [prediction], texts={"one": TEXT})


def test_the_same_records_pair(prediction):
    scores = measure(prediction)
    assert (scores.micro.tp, scores.micro.predicted, scores.micro.f1) == (2, 2, 1.0)
    assert scores.slots["denied_by"].f1 == 1.0


def test_swapped_accuser_and_accused_do_not_pair(prediction):
    allegation = prediction["allegations"][0]
    allegation["accusers"], allegation["accused"] = allegation["accused"], allegation["accusers"]
    scores = measure(prediction)
    assert scores.of("allegations").tp == 0
    assert scores.to_json()["types"]["allegations"]["F1"] == 0.0


def test_invented_evidence_does_not_pair_and_is_counted(prediction):
    prediction["meetings"][0]["evidence"] = ["They danced."]
    scores = measure(prediction)
    assert (scores.of("meetings").tp, scores.of("meetings").f1) == (0, 0.0)
    assert scores.to_json()["quotes_not_in_text"] == 1
    assert scores.to_json()["gold_quotes_not_in_text"] == 0


def test_a_gold_quotation_that_is_not_in_the_text_is_counted_apart(prediction):
    gold = copy.deepcopy(GOLD)
    gold["meetings"][0]["evidence"].append("They danced.")
    found = measure(prediction, gold).to_json()
    assert (found["gold_quotes_not_in_text"], found["quotes_not_in_text"]) == (1, 0)


@pytest.mark.parametrize(("others", "pairs"), [(3, 1), (5, 0)])
def test_one_actor_of_four_is_enough_with_full_evidence_and_one_of_six_is_not(prediction, others, pairs):
    gold = copy.deepcopy(GOLD)
    gold["meetings"][0]["participants"] = [{"name": name} for name in ("Iran", *(f"Land {i}" for i in range(others)))]
    prediction["meetings"][0]["participants"] = [{"name": "Iran"}]
    assert measure(prediction, gold).of("meetings").tp == pairs


def test_a_repeated_record_is_wrong(prediction):
    prediction["meetings"] *= 2
    meetings = measure(prediction).of("meetings")
    assert (meetings.tp, meetings.fp, meetings.precision, meetings.recall) == (1, 1, 0.5, 1.0)


def test_an_optional_record_costs_nothing_when_missed_and_is_right_when_found(prediction):
    gold = copy.deepcopy(GOLD)
    gold["meetings"][0]["optional"] = True
    found, missed = measure(prediction, gold), measure({**prediction, "meetings": []}, gold)
    assert found.of("meetings").f1 == missed.of("meetings").f1 == 1.0
    assert found.of("meetings").optional_found == 1


def test_a_required_record_is_served_before_a_more_similar_optional_one(prediction):
    gold = copy.deepcopy(GOLD)
    optional = {**gold["meetings"][0], "optional": True}
    required = {**gold["meetings"][0], "participants": [{"name": "Iran"}, {"name": "Iraq"}, {"name": "Oman"}]}
    gold["meetings"] = [optional, required]
    meetings = measure(prediction, gold).of("meetings")
    assert (meetings.tp, meetings.optional_found) == (1, 0)


def test_quoting_the_whole_article_is_weak_evidence(prediction):
    # Six sentences cited for one: 1 / (6 / 2) is enough with all actors, too little with half of them.
    prediction["meetings"][0]["evidence"] = [TEXT]
    assert measure(prediction).of("meetings").tp == 1
    prediction["meetings"][0]["participants"] = [{"name": "Iran"}]
    assert measure(prediction).of("meetings").tp == 0
    prediction["meetings"][0]["evidence"] = [S[3]]
    assert measure(prediction).of("meetings").tp == 1


def test_a_wrong_status_lowers_the_accuracy_not_the_f1(prediction):
    prediction["meetings"][0]["status"] = "planned"
    scores = measure(prediction)
    assert (scores.micro.f1, scores.micro.state_accuracy) == (1.0, 0.5)


def test_an_accepted_status_is_right(prediction):
    gold = copy.deepcopy(GOLD)
    gold["meetings"][0]["status_ok"] = ["planned"]
    prediction["meetings"][0]["status"] = "planned"
    assert measure(prediction, gold).micro.state_accuracy == 1.0


def test_an_invented_denial_is_a_false_positive_of_the_slot(prediction):
    gold = copy.deepcopy(GOLD)
    gold["allegations"][0]["responses"] = []
    denied = measure(prediction, gold).slots["denied_by"]
    assert (denied.tp, denied.fp, denied.fn) == (0, 1, 0)


def test_a_record_on_an_empty_article_is_counted(prediction):
    empty = {"id": "one", "language": "en", "meetings": [], "allegations": [], "sanctions_concerns": []}
    found = measure(prediction, empty).to_json()
    assert found["empty"] == {"articles": 1, "with_false_positives": 1, "rate": 1.0, "records": 2}
    assert found["micro"]["precision"] == 0.0


def test_nothing_for_an_empty_article_is_perfect():
    empty = {"id": "one", "meetings": [], "allegations": [], "sanctions_concerns": []}
    assert measure(empty, empty).micro.f1 == 1.0
