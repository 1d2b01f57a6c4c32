from communique.schemas import DocumentInfo, VerifiedSummary
from communique.sinks import render_text


def test_a_record_says_who_where_when_and_quotes_its_evidence(summaries):
    text = render_text(summaries[0])

    assert "MEETING 1 · meeting, held" in text
    assert "Ilse Varga and Per Holm met in Port Amsel (on Tuesday)." in text
    assert "When: on Tuesday" in text
    assert "Date: 2031-03-04 (on Tuesday, from 2031-03-05) (derived)" in text
    assert "│ [3, page 1] They discussed grain transit and port fees." in text


def test_denials_flags_and_rejections_are_said(summaries):
    text = render_text(summaries[0])

    assert "DENIED, FLAGGED" in text
    assert "Denial by Varland (“rejecting”)" in text
    assert "! claim: “shipped” is not in the sentence" in text
    assert "meetings: not in article in participants[0].name: “Ana Lund” does not occur" in text


def test_words_of_the_model_and_of_code_are_marked(summaries):
    text = render_text(summaries[0])

    assert "Varland shipped drone engines to the Isk militia. (the model's words)" in text
    assert "Programmes: XX-OIL (issuer XX) (derived)" in text


def test_a_summary_without_records_says_so():
    assert "Nothing to report." in render_text(VerifiedSummary(document=DocumentInfo(id="x", sha256="0")))


def test_lines_are_wrapped(summaries):
    assert max(map(len, render_text(summaries[0], width=60).splitlines())) <= 60


def test_an_escape_sequence_in_a_title_never_reaches_the_terminal():
    info = DocumentInfo(id="x", sha256="0", title="\x1b]0;owned\x07\u202egnp\nREJECTED", outlet="\x9b2J")

    text = render_text(VerifiedSummary(document=info))

    assert "␛]0;owned␇⟨RLO⟩gnp␊REJECTED" in text
    assert not {c for c in text if ord(c) < 32 and c != "\n"}
    assert "\x9b" not in text
