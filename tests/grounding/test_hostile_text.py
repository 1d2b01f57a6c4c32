"""Hostile text and many drafts: the work grows in proportion to what is given, for every expression that is searched with."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import communique.grounding
from communique.documents import Document
from communique.grounding import find, verify
from communique.grounding.dates import resolve
from communique.grounding.matching import name_key
from communique.grounding.numbers import states_number
from communique.grounding.rules import orders
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS

ANCHORED = {"communique.documents.sentence_ends._DASH"}
"""Expressions that only `match` where they are put; a search with one would begin anew at each space of a run."""
ROOMS = ("communique.grounding", "communique.schemas.headline", "communique.documents.sentence_ends")
LONG = 20_000
"""Code points; what is more than linear in them takes minutes."""
PIECES = ["a", "A", "a.", "A. ", "a ", "1", "1,", "1 111", " ", "\t", "\n", "'", "’s ", "(", "(a", "（", "-", "a-",
"é", "e\u0301",
          "ا", "会", "は", "한", "İ", "ß", "{", '{"a":', "<|", "[/", "of ", "the ", "accused ", "not ", "u.s.", "on Monday ",
          "n1 m01 ", "said ", "put ", "lift-", "sanctions ", "sanctions-lift", "to list "]  # fmt: skip


def expressions():
    """Return every compiled expression that text of an article is searched with, with its name."""
    names = [n for n in sys.modules if n.startswith(ROOMS)]
    return {
        f"{module}.{name}": value
        for module in sorted(names)
        for name, value in vars(sys.modules[module]).items()
        if isinstance(value, re.Pattern)
    }


@pytest.mark.parametrize("name", expressions())
def test_no_expression_backtracks_for_long(name):
    expression = expressions()[name]
    for piece in PIECES:
        for text in (
            piece * (LONG // len(piece)),
            piece * (LONG // len(piece)) + "\x00",
            f"x{piece * 5000}x",
        ):
            if name not in ANCHORED:
                sum(1 for _ in expression.finditer(text))
            expression.match(text)
            expression.fullmatch(text[:1000])


@pytest.mark.parametrize("language", ["en", "de", "pl", "ja", "ar", "tr", "xx"])
def test_no_words_are_searched_for_long(language):
    for piece in PIECES:
        many = piece * 1500
        find(many, many + "x", language)
        find(piece * 30 + "x", many, language)
        states_number(12, many, language)
        resolve(many, None, language)
        name_key(many, language)


@pytest.mark.parametrize("piece", PIECES)
def test_a_document_of_one_piece_is_checked(piece):
    text = f"Odo Brask met Ilya Tarn {piece * 4000} on Monday.\nThey left."
    document = Document.from_text(text, language="en")
    long = piece * 4000
    said = [
        {
            "evidence": [1],
            "status": "held",
            "participants": ["Odo Brask", long or "x", f"{long}x"],
            "when": long,
            "topics": [long, f"{long}x"],
            "attributions": [{"source": [long], "cue": long}],
        }
    ]
    accusation = {"evidence": [1], "claim": long or "x", "accused": ["Odo Brask"], "objects": [f"x{long}"]}
    draft = parse_answer({"meetings": said, "allegations": [accusation]}, STANDARD_RECORDS)
    verdict = verify(draft, document)
    assert len(verdict.records) + len(verdict.rejections) == 2
    orders(document, [s.number for s in document.sentences])


@given(
    st.text(alphabet="aA1.,'’ -()（）\n\té会は{\"<|[]", max_size=400),
    st.sampled_from(["en", "pl", "ja", "xx"]),
)
def test_any_text_can_be_searched(text, language):
    for words in (text[:40], text[-40:], "a.a.", "1 111"):
        span = find(words, text, language)
        assert span is None or 0 <= span[0] < span[1] <= len(text)


def verdict_on(count):
    """Check so many drafts on one article."""
    lines = [f"Zenda {i} accused Klow {i % 7} of theft, and Klow {i % 7} denied it." for i in range(100)]
    said = [
        {
            "evidence": [1 + i % 100],
            "claim": f"Klow stole item {i}.",
            "accusers": [f"Zenda {i % 100}"],
            "accused": [f"Klow {i % 7}"],
            "responses": [{"type": "denial", "responders": [f"Klow {i % 7}"]}],
        }
        for i in range(count)
    ]
    document = Document.from_text("\n".join(lines), language="en")
    verdict = verify(parse_answer({"allegations": said}, STANDARD_RECORDS), document)
    assert len(verdict.records) + len(verdict.rejections) == count
    return verdict


def calls(count):
    """Return how many functions are called for that."""
    seen = 0

    def called(_frame, event, _arg):
        nonlocal seen
        seen += event == "call"

    sys.setprofile(called)
    try:
        verdict_on(count)
    finally:
        sys.setprofile(None)
    return seen


def test_many_drafts_on_one_article_take_work_in_proportion():
    assert calls(800) < 16 * calls(100)  # 8, and what the memories no longer hold; 64 if each draft met each other one


@pytest.mark.slow
def test_ten_thousand_drafts_on_one_article_are_all_answered_for():
    assert {r.claim for r in verdict_on(10_000).records} == {f"Klow stole item {i}." for i in range(10_000)}


def test_the_expressions_are_all_there():
    """A room that is added is searched, too."""
    assert communique.grounding.__name__ in sys.modules
    assert len(expressions()) >= 10
