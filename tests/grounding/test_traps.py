"""The ten traps of diplomatic news: each draft that falls into one is caught, with the reason named, and nothing is rewritten."""

import pytest

from communique.documents import Document
from communique.grounding import load_policy, verify
from communique.grounding.derive import derive
from communique.prompts import SENTINELS, parse_answer
from communique.schemas import STANDARD_RECORDS

MEETING = {"evidence": [2], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}
ARMS = {
    "evidence": [8],
    "claim": "Borduria supplied Ruritania with rifles.",
    "activity": "arms_transfer",
    "accusers": ["Freedonia", "Sylvania"],
    "accused": ["Borduria"],
    "counterparties": ["Ruritania"],
    "objects": ["rifles and other weapons"],
    "commitment": "asserted",
    "cue": "accused",
    "responses": [{"type": "denial", "responders": ["Ruritania", "Borduria"], "cue": "have denied", "evidence": [11]}],
}
MINERS = {
    "evidence": [3],
    "concern": "Borduria might be sending more miners to Ruritania.",
    "activity": "labour_export",
    "raised_by": ["Sylvania"],
    "subjects": ["Borduria"],
    "regime": ["Security Council resolutions"],
    "stage": "potential",
    "commitment": "possible",
    "cue": "speculating",
}
SEAMSTRESSES = {
    **MINERS,
    "evidence": [12],
    "concern": "Borduria may be planning to send seamstresses to Ruritania.",
    "raised_by": [],
    "regime": ["League of Nations sanctions"],
    "cue": "additional concerns",
}


def reasons(verdict):
    """Return what is said against the records, notes apart."""
    records = [*verdict.records, *verdict.rejections]
    return {c.reason for r in records for c in r.checks if c.severity != "note"}


def flagged(verdict):
    return [r.verdict for r in verdict.records] == ["flagged"]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("meetings", {**MEETING, "evidence": [2, 4]}),
        ("allegations", ARMS),
        ("sanctions_concerns", MINERS),
        ("sanctions_concerns", SEAMSTRESSES),
    ],
)
def test_a_draft_that_falls_into_no_trap_passes_every_check(check, key, said):
    verdict = check(key, said)
    assert reasons(verdict) == set()
    assert [r.verdict for r in verdict.records] == ["supported"]


def test_1_the_day_of_the_report_is_not_the_day_of_the_meeting(check):
    credit = {"source": ["Bordurian state radio"], "cue": "as reported by", "when": "on Wednesday"}
    verdict = check("meetings", {**MEETING, "evidence": [2, 4], "when": "on Wednesday", "attributions": [credit]})
    assert reasons(verdict) == {"date_of_report"}
    (meeting,) = verdict.records
    assert (meeting.verdict, meeting.when) == ("flagged", "on Wednesday")
    assert meeting.attributions[0].when == "on Wednesday"


def test_2_without_a_date_of_publication_no_date_is_made(check, article):
    summit = {
        "evidence": [14],
        "status": "held",
        "participants": ["Kurvi Tasch", "Rudolf Elph"],
        "when": "in March",
    }
    (meeting,) = derive(check("meetings", summit).records, article)
    assert meeting.when == "in March"
    assert meeting.derived.date is None
    assert "no publication date given" in meeting.derived.date_note
    dated = article.model_copy(update={"published": Document.from_text("x", published="1931-05-02").published})
    (meeting,) = derive(check("meetings", summit, dated).records, dated)
    assert meeting.derived.date == "1931-03"


def test_2_a_date_of_the_models_own_is_dropped(check):
    verdict = check("meetings", {**MEETING, "evidence": [2, 4], "when": "2024-03-06"})
    assert reasons(verdict) == {"time_not_in_article"}
    assert verdict.records[0].when is None
    assert any("2024-03-06" in c for c in verdict.complaints)


@pytest.mark.parametrize("topic", ["timber", "fishing", "railways"])
def test_3_what_was_anticipated_is_not_a_topic_discussed(check, topic):
    verdict = check("meetings", {**MEETING, "evidence": [2, 4, 6], "topics": [topic]})
    assert reasons(verdict) == {"anticipated_not_discussed"}
    assert flagged(verdict)
    fine = check("meetings", {**MEETING, "evidence": [2, 4, 6], "anticipated_topics": [topic]})
    assert fine.records[0].anticipated_topics == (topic,)


@pytest.mark.parametrize("concern", [MINERS, SEAMSTRESSES])
def test_4_such_transfers_answers_the_arms_claim_only(article, concern):
    denial = {"type": "denial", "responders": ["Borduria"], "evidence": [11]}
    said = {"allegations": [ARMS], "sanctions_concerns": [{**concern, "responses": [denial]}]}
    verdict = verify(parse_answer(said, STANDARD_RECORDS), article, SENTINELS)
    arms, labour = verdict.records
    assert arms.verdict == "supported"
    assert labour.verdict == "flagged"
    assert "answers_other_claim" in {c.reason for c in labour.flags}


@pytest.mark.parametrize("concern", [MINERS, SEAMSTRESSES])
def test_4_the_arms_claim_is_known_from_the_article_if_the_draft_lacks_it(check, concern):
    denial = {"type": "denial", "responders": ["Ruritania", "Borduria"], "evidence": [11]}
    verdict = check("sanctions_concerns", {**concern, "responses": [denial]})
    assert reasons(verdict) == {"answers_other_claim"}
    assert flagged(verdict)


def test_5_the_receiver_is_not_accused(check):
    verdict = check("allegations", {**ARMS, "accused": ["Borduria", "Ruritania"]})
    assert "receiver_not_accused" in reasons(verdict)
    assert flagged(verdict)


def test_5_swapped_sides_are_rejected(check):
    verdict = check("allegations", {**ARMS, "accusers": ["Borduria"], "accused": ["Freedonia"], "responses": []})
    assert reasons(verdict) == {"sides_swapped"}
    assert flagged(verdict)


@pytest.mark.parametrize("concern", [MINERS, SEAMSTRESSES])
def test_6_words_of_doubt_are_never_asserted_or_found(check, concern):
    verdict = check("sanctions_concerns", {**concern, "commitment": "asserted", "stage": "found"})
    assert reasons(verdict) == {"doubt_words", "stage_words"}
    (record,) = verdict.records
    assert (record.verdict, record.commitment, record.stage) == ("flagged", "asserted", "found")
    assert [c.proposal for c in record.flags] == ["possible", "potential"]


def test_7_a_holder_is_not_carried_over_from_another_sentence(check):
    verdict = check("sanctions_concerns", {**SEAMSTRESSES, "raised_by": ["Sylvania"]})
    assert reasons(verdict) == {"elsewhere_in_article"}
    assert flagged(verdict)


def test_8_a_link_to_another_story_is_never_evidence(check):
    link = {**MINERS, "evidence": [13], "raised_by": ["Freedonia"], "subjects": ["Ruritanian gunsmiths"]}
    verdict = check("sanctions_concerns", {**link, "stage": "imposed", "regime": []})
    assert [r.reason for r in verdict.rejections] == ["no_evidence"]
    assert "cites_link" in reasons(verdict)


def test_8_a_link_beside_the_evidence_is_dropped(check):
    verdict = check("sanctions_concerns", {**SEAMSTRESSES, "evidence": [12, 13]})
    assert reasons(verdict) == {"cites_link"}
    assert [e.sentence for e in verdict.records[0].evidence] == [12]


def test_8_a_headline_alone_is_told(check):
    verdict = check("meetings", {**MEETING, "evidence": [1], "participants": ["Borduria", "Ruritanian delegation"]})
    assert "heading_only" in {c.reason for c in verdict.records[0].checks}


@pytest.mark.parametrize(
    ("number", "accusers", "accused"),
    [(9, ["Sylvania", "Freedonia"], ["Ruritania"]), (10, [], ["Grand Fenwick"])],
)
def test_9_an_opinion_is_no_allegation(article, check, number, accusers, accused):
    said = {"evidence": [number], "claim": "Borduria is backed.", "accusers": accusers, "accused": accused}
    draft = parse_answer({"allegations": [said]}, STANDARD_RECORDS)
    small = verify(draft, article, SENTINELS, load_policy("small"))
    assert reasons(small) == {"opinion_not_allegation"}
    assert flagged(small)
    strong = check("allegations", said)
    assert "opinion_not_allegation" in {c.reason for c in strong.records[0].checks}


def test_10_no_sanctions_are_read_into_an_arms_claim(check):
    said = {
        **MINERS,
        "evidence": [8],
        "raised_by": ["Freedonia"],
        "cue": "accused",
        "stage": "alleged",
        "regime": [],
    }
    verdict = check("sanctions_concerns", {**said, "commitment": "asserted"})
    assert "no_sanctions_in_evidence" in reasons(verdict)
    assert flagged(verdict)


@pytest.mark.parametrize(
    ("regime", "left"),
    [("Covenant of 1919", ()), ("League of Nations sanctions", ("League of Nations sanctions",))],
)
def test_10_a_regime_is_copied_from_the_article(check, regime, left):
    (record,) = check("sanctions_concerns", {**MINERS, "regime": [regime]}).records
    assert record.regime == left
    assert record.verdict == "supported"
