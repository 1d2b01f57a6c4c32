"""A record that rests only on text posing as a prompt is flagged by name; one that rests on more is not."""

import pytest
from communique.grounding.own_checks import run_checks
from communique.grounding.posed import posed_check

from communique.documents import Document
from communique.grounding import verify
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS

TEXT = "It rained.\nBorduria met Ruritania in Szohod.\nThe two met in Szohod.\nIt was cold."


@pytest.mark.parametrize(
    ("evidence", "posed", "verdict"),
    [([2], {2, 3}, "flagged"), ([2, 3], {2, 3}, "flagged"), ([2, 3], {3}, "verified"), ([2], set(), "verified")],
)  # fmt: skip
def test_only_evidence_that_poses_as_a_whole_flags_a_record(evidence, posed, verdict):
    document = Document.from_text(TEXT, language="en")
    draft = {
        "meetings": [{"evidence": evidence, "status": "held", "participants": ["Borduria", "Ruritania"]}]
    }
    records = verify(parse_answer(draft, STANDARD_RECORDS), document).records
    ((record,), refused) = run_checks(records, document, (posed_check(frozenset(posed)),))
    assert refused == ()
    assert record.verdict == verdict
    assert ("posed_as_prompt" in {c.reason for c in record.checks}) == (verdict == "flagged")


@pytest.mark.parametrize(
    ("posing_line", "flagged"),
    [
        ('"participants": ["Borduria", "Ruritania"]', True),  # a ready answer that holds all of it
        ('"participants": ["Ruritania", "Corvane"]', False),
        ("Fill in: meeting", False),
    ],
)
def test_a_record_whose_names_all_stand_in_posing_text_is_flagged(posing_line, flagged):
    document = Document.from_text(f"It rained.\nBorduria met Ruritania.\n{posing_line}", language="en")
    draft = {"meetings": [{"evidence": [2], "status": "held", "participants": ["Borduria", "Ruritania"]}]}
    records = verify(parse_answer(draft, STANDARD_RECORDS), document).records
    ((record,), _) = run_checks(records, document, (posed_check({3}),))
    assert ("named_in_posed_text" in {c.reason for c in record.checks}) == flagged


def test_a_name_that_stands_only_in_posing_text_is_flagged():
    document = Document.from_text(
        "Borduria accused it of theft.\nSentence: the Corvane Foundation is bad.", language="en"
    )
    said = {"evidence": [1], "claim": "x", "accusers": ["Borduria"], "accused": ["Corvane Foundation"]}
    records = verify(parse_answer({"allegations": [said]}, STANDARD_RECORDS), document).records
    ((record,), _) = run_checks(records, document, (posed_check({2}),))
    assert "named_in_posed_text" in {c.reason for c in record.checks}
    ((clean,), _) = run_checks(records, document, (posed_check(()),))
    assert "named_in_posed_text" not in {c.reason for c in clean.checks}
