"""Denials that a draft lacks are linked to the claim they answer, and to no other."""

import pytest

from communique.documents import Document
from communique.grounding import verify
from communique.grounding.denials import link_denials
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS, Allegation

CLAIM = "Freedonia accused Borduria of shipping rifles to Ruritania."


def linked(*after, claim=CLAIM, more=()):
    document = Document.from_text("\n".join([claim, *after]), language="en")
    first = {
        "evidence": [1],
        "claim": claim,
        "accusers": ["Freedonia"],
        "accused": ["Borduria"],
        "cue": "accused",
    }
    verdict = verify(parse_answer({"allegations": [first, *more]}, STANDARD_RECORDS), document)
    return link_denials(verdict.records, document)


def test_a_denial_behind_the_claim_is_linked_and_says_so():
    (record,) = linked("Rain fell.", "However, Borduria has denied such shipments.")
    (response,) = record.responses
    assert (response.type, [r.name for r in response.responders]) == ("denial", ["Borduria"])
    assert [e.exact for e in response.evidence] == ["However, Borduria has denied such shipments."]
    assert response.cue == "denied"
    assert [c.reason for c in record.checks if c.field == "responses[0]"] == ["denial_linked_by_rule"]


def test_a_denial_in_the_claims_own_sentence_is_linked():
    (record,) = linked(claim="Freedonia accused Borduria of shipping rifles, which Borduria denied.")
    assert [e.sentence for r in record.responses for e in r.evidence] == [1]


@pytest.mark.parametrize(
    "after",
    [
        ["The minister denied the report."],
        ["Freedonia denied it."],
        ["Borduria said nothing."],
        ["Borduria was denied entry to the talks."],
        ["One.", "Two.", "Three.", "Four.", "Borduria denied it."],
    ],
)
def test_no_denial_is_made_up(after):
    (record,) = linked(*after)
    assert record.responses == ()


def test_a_denial_answers_the_nearest_claim():
    second = "Sylvania accused Borduria of hacking a bank."
    more = [
        {
            "evidence": [2],
            "claim": second,
            "accusers": ["Sylvania"],
            "accused": ["Borduria"],
            "cue": "accused",
        }
    ]
    first, last = linked(second, "Borduria denied it.", more=more)
    assert (len(first.responses), len(last.responses)) == (0, 1)
    first, last = linked(second, "Borduria denied both accusations.", more=more)
    assert (len(first.responses), len(last.responses)) == (1, 1)


def test_a_denial_that_the_draft_has_is_not_doubled(article):
    said = {
        "evidence": [8], "claim": "x", "accusers": ["Freedonia"], "accused": ["Borduria"],
        "responses": [{"type": "denial", "responders": ["Borduria"], "evidence": [11]}],
    }  # fmt: skip
    verdict = verify(parse_answer({"allegations": [said]}, STANDARD_RECORDS), article)
    (record,) = link_denials(verdict.records, article)
    assert isinstance(record, Allegation)
    assert len(record.responses) == 1


def test_every_responder_of_the_sentence_that_the_records_know_is_named(article):
    said = {
        "evidence": [8], "claim": "x", "accusers": ["Freedonia"], "accused": ["Borduria"],
        "counterparties": ["Ruritania"],
    }  # fmt: skip
    verdict = verify(parse_answer({"allegations": [said]}, STANDARD_RECORDS), article)
    (record,) = link_denials(verdict.records, article)
    assert {r.name for r in record.responses[0].responders} == {"Borduria", "Ruritania"}


def test_a_denial_answers_the_nearest_claim_of_the_article_that_the_draft_lacks():
    (record,) = linked("Sylvania accused Borduria of hacking a bank.", "Borduria denied it.")
    assert record.responses == ()
    (record,) = linked("Borduria was accused by Sylvania of hacking a bank.", "Borduria denied it.")
    assert record.responses == ()


@pytest.mark.parametrize(
    "after",
    [
        ["It also accused the army of theft.", "Borduria denied it."],
        ["Borduria accused Freedonia of lying.", "Borduria denied the claim."],
        ["Sylvania and Freedonia met.", "Borduria denied the claim and accused Freedonia of lying."],
        ["Sylvania accused Borduria of hacking.", "Borduria denied both accusations."],
    ],
)
def test_what_is_no_other_claim_against_the_denier_does_not_take_its_denial(after):
    (record,) = linked(*after)
    assert [e.sentence for r in record.responses for e in r.evidence] == [3]


def test_a_denial_in_the_sentence_of_another_claim_answers_that_one():
    (record,) = linked("Sylvania accused Borduria of hacking, which Borduria denied.")
    assert record.responses == ()
