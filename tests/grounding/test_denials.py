"""Denials: one in the next sentence is found, one that answers somebody else is not.

What a draft gives has its sentence.
"""

import pytest

from communique.grounding import load_policy
from communique.schemas import Allegation, SanctionsConcern

THEFT = "Freedonia accused Sylvania of theft."
BREACH = "Freedonia said that Sylvania broke the arms embargo."
CLAIMS = [(Allegation, THEFT), (SanctionsConcern, BREACH)]


@pytest.fixture
def denials(outcome):
    """Return a function that checks a draft without a denial under the policy for small models."""

    def of(kind, *lines, **said):
        return outcome((kind, said), "\n".join(lines), policy=load_policy("small")).responses

    return of


@pytest.mark.parametrize(("kind", "claim"), CLAIMS)
@pytest.mark.parametrize("between", [[], ["Rain fell."], ["The two met in May.", "Rain fell.", "Schools were closed."]])
def test_a_denial_shortly_behind_the_claim_is_found(outcome, kind, claim, between):
    text = "\n".join([claim, *between, "However, Sylvania has denied such acts."])
    record = outcome((kind, {}), text, policy=load_policy("small"))
    (response,) = record.responses
    assert (response.type, [a.name for a in response.responders]) == ("denial", ["Sylvania"])
    assert (response.cue, response.evidence[0].exact) == ("denied", "However, Sylvania has denied such acts.")
    (check,) = [c for c in record.checks if c.reason == "denial_added"]
    assert (check.field, check.outcome, check.severity) == ("responses[0]", "supported", "note")
    assert check.sentences == (len(between) + 2,)
    assert record.verdict == "supported"


@pytest.mark.parametrize(
    "more", ["Sylvania set up fake companies.", "Sylvania was falsely called poor.", "It is false."]
)
def test_a_word_of_untruth_alone_adds_none(denials, more):
    assert denials(Allegation, THEFT, f"Sylvania met Borduria. {more}") == ()


def test_a_denial_without_a_word_for_it_is_left_out_for_a_small_model(outcome):
    denied = {"responses": [{"type": "denial", "responders": ["Sylvania"], "evidence": [1]}]}
    record = outcome((Allegation, denied), THEFT, policy=load_policy("small"))
    assert (record.responses, record.verdict) == ((), "supported")
    (check,) = [c for c in record.checks if c.reason == "no_denying_words"]
    assert check.change == "left_out"
    strong = outcome((Allegation, denied), THEFT)
    assert (len(strong.responses), strong.verdict) == (1, "flagged")


@pytest.mark.parametrize(("kind", "claim"), CLAIMS)
def test_a_strong_models_records_get_none(outcome, kind, claim):
    assert outcome((kind, {}), f"{claim}\nSylvania denied it.").responses == ()


@pytest.mark.parametrize(
    ("kind", "claim"),
    [
        (Allegation, "Freedonia accused Sylvania of theft, which Sylvania denied."),
        (SanctionsConcern, "Freedonia said Sylvania broke the embargo, which Sylvania denied."),
    ],
)
def test_a_denial_in_the_claims_own_sentence_is_found(denials, kind, claim):
    (response,) = denials(kind, claim)
    assert [e.sentence for e in response.evidence] == [1]


@pytest.mark.parametrize(("kind", "claim"), CLAIMS)
@pytest.mark.parametrize(
    "other",
    [
        "Borduria accused Sylvania of arson.",
        "Sylvania was accused by Borduria of arson.",
        "Borduria said that it violated the treaty.",
    ],
)
def test_none_is_taken_where_another_accusation_stands_between(denials, kind, claim, other):
    assert denials(kind, claim, other, "Sylvania denied it.") == ()
    assert denials(kind, claim, "Rain fell.", other, "Sylvania denied it.") == ()


@pytest.mark.parametrize(("kind", "claim"), CLAIMS)
def test_none_is_taken_from_between_two_sentences_of_a_claim_where_another_accusation_stands(denials, kind, claim):
    lines = [claim, "Borduria accused Sylvania of arson.", "Sylvania denied it.", "Rain fell.", claim]
    assert denials(kind, *lines, evidence=[1, 5]) == ()
    rain = ["Rain fell."] * 30
    assert denials(kind, claim, *rain, "Sylvania denied it.", *rain, claim, evidence=[1, 62]) == ()


@pytest.mark.parametrize(("kind", "claim"), CLAIMS)
@pytest.mark.parametrize(
    "behind",
    [
        ["The minister denied the report."],
        ["Freedonia denied it."],
        ["Borduria denied it to Sylvania."],
        ["Sylvania kept silent."],
        ["Sylvania did not comment."],
        ["Sylvania declined to comment."],
        ["Sylvania could not be reached."],
        ["Sylvania was denied entry to the talks."],
        ["One.", "Two.", "Three.", "Four.", "Sylvania denied it."],
    ],
)
def test_no_denial_is_made_up(denials, kind, claim, behind):
    assert denials(kind, claim, *behind) == ()


def test_who_says_no_more_than_a_denial_still_denies(denials):
    (response,) = denials(Allegation, THEFT, "Sylvania denied it and did not comment further.")
    assert response.cue == "denied"


def test_a_heading_and_a_link_deny_nothing(denials):
    assert denials(Allegation, THEFT, "Read more: Sylvania denied it") == ()


@pytest.mark.parametrize(("kind", "claim"), CLAIMS)
def test_a_denial_that_the_draft_has_is_not_doubled(denials, kind, claim):
    said = {"type": "denial", "responders": ["Sylvania"], "evidence": [2]}
    assert len(denials(kind, claim, "Sylvania denied it.", responses=[said])) == 1


@pytest.mark.parametrize("policy", ["strong", "small"])
def test_a_drafted_denial_without_a_sentence_gets_the_one_that_names_its_responder(outcome, policy):
    said = {"type": "denial", "responders": ["Sylvania"]}
    text = f"{THEFT}\nBorduria denied everything.\nSylvania rejected the claim."
    record = outcome((Allegation, {"responses": [said]}), text, policy=load_policy(policy))
    (response,) = record.responses
    assert [e.sentence for e in response.evidence] == [3]
    assert response.cue == "rejected"


def test_a_drafted_denial_that_no_sentence_states_is_kept_and_told(outcome):
    said = {"type": "denial", "responders": ["Sylvania"]}
    record = outcome((Allegation, {"responses": [said]}), f"{THEFT}\nSylvania kept silent.")
    (response,) = record.responses
    assert response.evidence == ()
    assert "no_denying_words" in {c.reason for c in record.flags}


@pytest.mark.parametrize(
    ("language", "claim", "denied", "silent"),
    [
        (
            "de",
            "Freedonia beschuldigte Sylvania des Diebstahls.",
            "Sylvania wies das zurück.",
            "Sylvania äußerte sich nicht.",
        ),
        ("es", "Freedonia acusó a Sylvania de robo.", "Sylvania lo negó.", "Sylvania no hizo comentarios."),
        ("fr", "Freedonia a accusé Sylvania de vol.", "Sylvania l'a nié.", "Sylvania n'a pas répondu."),
        (
            "pl",
            "Freedonia oskarżyła Sylvania o kradzież.",
            "Sylvania temu zaprzeczyła.",
            "Sylvania nie skomentowała sprawy.",
        ),
    ],
)
def test_denials_are_found_in_other_languages(outcome, language, claim, denied, silent):
    small = load_policy("small")
    (response,) = outcome((Allegation, {}), f"{claim}\n{denied}", language, small).responses
    assert [e.sentence for e in response.evidence] == [2]
    assert outcome((Allegation, {}), f"{claim}\n{silent}", language, small).responses == ()
