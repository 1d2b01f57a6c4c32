import typing

import pytest

from communique.grounding.rules import REASONS
from communique.schemas import Check, Record
from communique.sinks import render_text
from communique.sinks.remarks import VERDICTS, remarks_of


def test_a_record_says_who_where_when_and_quotes_its_evidence(summaries):
    text = render_text(summaries[0])

    assert "MEETING 1 · meeting, held" in text
    assert "Ilse Varga and Per Holm met in Port Amsel (on Tuesday, 2031-03-04)." in text
    assert "When: on Tuesday" in text
    assert "Date: 2031-03-04 (on Tuesday, from 2031-03-05) (derived)" in text
    assert "│ [3, page 1] They discussed grain transit and port fees." in text


def test_denials_flags_and_rejections_are_said(summaries):
    text = render_text(summaries[0])

    assert "DENIED, PLEASE CHECK" in text
    assert "Denial by Varland (“rejecting”)" in text
    assert "  meetings, participants: This name is not in the article; it was left out" in text


def test_what_was_corrected_left_out_and_is_to_check_is_told_apart_and_in_sentences(summaries):
    lines = [line.strip() for line in render_text(summaries[0], width=1000).splitlines()]

    start = lines.index("Corrected")
    assert lines[start : start + 6] == [
        "Corrected",
        "! Activity: arms transfer instead of other. “drone engines” says arms transfer.",
        "Left out",
        "! Accusers: This name is not in the article; it was left out (“Ana Lund” is not in the article).",
        "Please check",
        (
            "! Commitment: The claim is recorded as asserted, but the cited sentences present it only as a possibility"
            " (“fear” indicates possible, not asserted; see sentence 4). The words suggest: possible."
        ),
    ]
    assert "not in the evidence: shipped" not in "".join(lines), "a note"


def test_each_verdict_is_said_and_explained_once(summaries):
    lines = render_text(summaries[0], width=1000).splitlines()

    assert "1 supported, 1 verified, 1 to check, 1 rejected" in lines[1]
    assert [line.partition(":")[0] for line in lines[-3:]] == ["supported", "verified", "please check"]
    assert "the meaning was not judged" in lines[-3]
    assert "please check: " not in render_text(summaries[1])


def test_a_judgement_is_shown_with_its_statement_and_sentences(summaries):
    text = render_text(summaries[0], width=1000)

    assert (
        "  Judge: 97% sure that the article says this (sentence 6): It is said that Blue Heron may breach an oil embargo."
        in text
    )


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ({"reason": "own_rule"}, "The record: own rule."),
        ({"reason": "own_rule", "detail": "it is odd."}, "The record: it is odd."),
        ({"field": "responses[0].responders[1].name", "reason": "x"}, "Answer, responders: x."),
        ({"reason": "x", "sentences": (2, 5)}, "The record: x (see sentences 2 and 5)."),
        ({"reason": "x", "change": "replaced", "proposal": "planned"}, "The record: planned. x."),
    ],
)
def test_a_check_of_somebody_else_is_a_sentence_too(check, text):
    (found,) = remarks_of([Check(**{"field": "record", "outcome": "unsupported", "severity": "flag"} | check)])

    assert str(found) == text


def test_every_rule_has_a_sentence_and_every_verdict_a_meaning():
    assert all(reason.message.endswith(".") for reason in REASONS.values())
    assert set(VERDICTS) == set(typing.get_args(Record.model_fields["verdict"].annotation))


def test_a_choice_that_says_nothing_or_stands_in_the_heading_is_no_line(summaries):
    summary = summaries[0]
    concern = summary.sanctions_concerns[0].model_copy(
        update={"breach": "none", "measure": "imposed", "stage": "imposed"}
    )
    shown = render_text(summary.model_copy(update={"records": {"sanctions_concerns": (concern,)}}))

    assert "imposed" in shown
    assert "Breach: none" not in shown
    assert "Measure: imposed" not in shown
