"""What a judge's probabilities make of a verdict."""

import pytest

from communique.grounding.judging import judged
from communique.schemas import Allegation, Check, Evidence, Judgement, Response

NOT_FOUND = Check(field="accused[0].name", outcome="unsupported", reason="elsewhere_in_article", severity="flag")
NOT_SHOWN = Check(field="accused[0].country", outcome="unsupported", reason="place_not_in_article", severity="flag")
SPOKEN = Check(field="commitment", outcome="contradicted", reason="doubt_words", severity="flag")
SWAPPED = Check(field="accused", outcome="contradicted", reason="sides_swapped", severity="flag")
ORDERS = Check(field="evidence", outcome="contradicted", reason="instructions_in_evidence", severity="flag")
DENIAL = Check(field="responses[0]", outcome="unsupported", reason="no_denying_words", severity="flag")


def record(*probabilities, checks=(), sentences=()):
    """Return a record with a denial, judged with a probability for each of the two."""
    said = [
        Judgement(field=field, statement="It is so.", probability=p, sentences=sentences, model="referee")
        for field, p in zip(("record", "responses[0]"), probabilities, strict=False)
    ]
    return Allegation(
        evidence=(Evidence(sentence=3),),
        claim="It stole.",
        accused=("Sylvania",),
        responses=(Response(type="denial", responders=("Sylvania",), evidence=(4,)),),
        verdict="flagged" if checks else "supported",
        checks=checks,
        judgements=tuple(said),
    )


@pytest.mark.parametrize(
    ("probabilities", "verdict"),
    [
        ((0.9, 0.9), "verified"),
        ((0.7, 0.7), "verified"),
        ((0.9, 0.5), "supported"),
        ((0.9,), "supported"),
        ((), "supported"),
        ((0.9, 0.29), "flagged"),
        ((0.1, 0.9), "flagged"),
    ],
)
def test_all_statements_must_be_accepted_and_none_refuted(probabilities, verdict):
    assert judged(record(*probabilities)).verdict == verdict


def test_what_is_refuted_is_told_with_the_judge_the_statement_and_the_place():
    found = judged(record(0.9, 0.1))
    (check,) = found.flags
    assert (check.field, check.reason) == ("responses[0]", "judge_disagrees")
    assert "referee" in check.detail
    assert "It is so." in check.detail


@pytest.mark.parametrize(
    ("check", "probabilities", "verdict"),
    [
        (NOT_FOUND, (0.9, 0.9), "verified"),
        (NOT_FOUND, (0.5, 0.9), "flagged"),
        (NOT_SHOWN, (0.9, 0.9), "flagged"),
        (SPOKEN, (0.9, 0.9), "verified"),
        (SPOKEN, (0.5, 0.9), "flagged"),
        (SWAPPED, (0.9, 0.9), "flagged"),
        (ORDERS, (0.9, 0.9), "flagged"),
        (DENIAL, (0.9, 0.9), "verified"),
        (DENIAL, (0.9, 0.5), "flagged"),
    ],
)
def test_the_judge_settles_what_was_only_not_found_and_what_its_statement_shows(check, probabilities, verdict):
    assert judged(record(*probabilities, checks=(check,))).verdict == verdict


@pytest.mark.parametrize(("sentences", "verdict"), [((3,), "verified"), ((3, 9), "verified"), ((9,), "flagged")])
def test_a_judge_that_agrees_because_of_other_sentences_finds_the_evidence_wrong(sentences, verdict):
    found = judged(record(0.9, 0.9, sentences=sentences))
    assert found.verdict == verdict
    assert {c.reason for c in found.flags} == ({"judge_cites_others"} if verdict == "flagged" else set())


def test_the_thresholds_are_those_that_are_given():
    assert judged(record(0.75, 0.75), accept=0.8).verdict == "supported"
    assert judged(record(0.2, 0.9), refute=0.1).verdict == "supported"
