"""Looking things up: each reason is given where something isn't there, and not where it is."""

from typing import Annotated

import pytest

from communique.grounding.rules import REASONS, RULES, PosedAsPrompt
from communique.schemas import Allegation, Meeting, Record, SanctionsConcern, StatedNumber

TEXT = """\
Odo Brask met Ilya Tarn in Szohod on Monday.
The talks on grain went well.
The weather in the hills was wet.
The road to the pass is closed.
Farmers expect a late harvest.
Schools open an hour later.
The river rose again.
Freedonia accused Sylvania of stealing gold from the chief bank.
Read more: Odo Brask meets Ilya Tarn
"""


class Quake(Record):
    """An earthquake."""

    dead: Annotated[int | None, StatedNumber()] = None


def meeting(**said):
    return Meeting, said


def allegation(**said):
    return Allegation, {"evidence": [8], **said}


CASES = [
    # reason, a draft that it is given for, one that it is not given for, the field of the check
    ("malformed", meeting(status=None), meeting(status="held"), "status"),
    ("unreadable", meeting(place={"name": ["x"]}), meeting(place={"name": "Szohod"}), "place"),
    ("not_asked_for", meeting(mood="grim"), meeting(mode="visit"), "mood"),
    ("no_evidence", meeting(evidence=[]), meeting(), "evidence"),
    ("no_such_sentence", meeting(evidence=[1, 99]), meeting(evidence=[1, 2]), "evidence"),
    ("cites_link", meeting(evidence=[1, 9]), meeting(evidence=[1, 8]), "evidence"),
    ("nobody_left", meeting(participants=["Eva Holt"]), meeting(participants=["Odo Brask"]), "participants"),
    (
        "not_in_article",
        meeting(participants=["Odo Brask", "Odo Brasch"]),
        meeting(participants=["Brask", "Ilya Tarn"]),
        "participants[1].name",
    ),
    (
        "example_leak",
        meeting(participants=["Odo Brask", "Merrin Vask"]),
        meeting(participants=["Odo Brask", "Otto Brasch"]),
        "participants[1].name",
    ),
    (
        "pieced_together",
        meeting(participants=["Odo Brask and Ilya Tarn"]),
        meeting(participants=["Odo Brask and Eva Holt"]),
        "participants[0].name",
    ),
    (
        "elsewhere_in_article",
        meeting(evidence=[3], participants=["Sylvania"]),
        meeting(evidence=[8], participants=["Sylvania"]),
        "participants[0].name",
    ),
    ("place_not_in_article", meeting(place="Klow"), meeting(place="Szohod"), "place.name"),
    ("time_not_in_article", meeting(when="on Tuesday"), meeting(when="on Monday"), "when"),
    (
        "time_elsewhere",
        meeting(evidence=[7], when="on Monday"),
        meeting(evidence=[2], when="on Monday"),
        "when",
    ),
    ("words_not_in_article", meeting(topics=["gold prices"]), meeting(topics=["grain"]), "topics[0]"),
    ("words_elsewhere", meeting(topics=["the river"]), meeting(topics=["grain"]), "topics[0]"),
    ("number_not_in_evidence", (Quake, {"evidence": [1], "dead": 12}), (Quake, {"evidence": [1]}), "dead"),
    (
        "unsupported_words",
        allegation(claim="In 1931 Sylvania stole gold."),
        allegation(claim="They say that Sylvania stole gold."),
        "claim",
    ),
]
ELSEWHERE = {
    "heading_only": "test_traps",
    "no_words_for_language": "engine/test_exchange",
    "judge_disagrees": "test_judging",
    "judge_cites_others": "test_judging",
    "denial_added": "test_denials",
    "told_again": "engine/test_merge",
    "told_otherwise": "engine/test_merge",
    "check_failed": "test_own_checks",
}


@pytest.mark.parametrize(("reason", "wrong", "right", "field"), CASES, ids=[c[0] for c in CASES])
def test_a_reason_is_given_for_what_is_not_there_and_for_nothing_else(outcome, reason, wrong, right, field):
    found = [c for c in outcome(wrong, TEXT).checks if c.reason == reason]
    assert [c.field for c in found][:1] == [field]
    assert found[0].severity == REASONS[reason].severity
    assert found[0].detail
    assert reason not in {c.reason for c in outcome(right, TEXT).checks}


def test_every_reason_of_looking_up_has_a_case():
    of_rules = {rule.reason.id for rule in RULES} | {PosedAsPrompt.reason.id}
    assert {c[0] for c in CASES} | set(ELSEWHERE) | of_rules == set(REASONS)


@pytest.mark.parametrize("kind", [Allegation, SanctionsConcern])
def test_a_response_has_evidence_of_its_own(outcome, kind):
    response = {"type": "denial", "responders": ["Sylvania"], "evidence": [99, 8]}
    record = outcome((kind, {"evidence": [8], "responses": [response]}), TEXT)
    assert [e.sentence for e in record.responses[0].evidence] == [8]
    assert [c.field for c in record.checks if c.reason == "no_such_sentence"] == ["responses[0].evidence"]
