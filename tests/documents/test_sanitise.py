"""Cleaning: what is dropped, what stays, and the way back to the raw text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.documents import Document, sanitise

DIRT = st.sampled_from(
    [
        "\r\n",
        "\r",
        "\ud800",
        "\u202e",
        "\u200b",
        "\ufeff",
        "\U000e0041",
        "\ufe01\ufe02",
        "\x00",
        "\x1b",
        "\u200c",
        "\u200d",
        "\u061c",
        "❤\ufe0f",
    ]
)
MIXED = st.lists(st.one_of(st.text(max_size=8), DIRT), max_size=20).map("".join)


@given(MIXED)
def test_cleaning_a_clean_text_changes_nothing(raw):
    once = sanitise(raw).text
    assert sanitise(once).text == once


@given(MIXED)
def test_every_clean_code_point_leads_back_to_the_raw_one(raw):
    clean = sanitise(raw)
    back = [clean.raw_offset(i) for i in range(len(clean.text))]
    assert back == sorted(set(back))
    for offset, raw_offset in enumerate(back):
        if clean.text[offset] not in {"\n", "\ufffd"}:
            assert raw[raw_offset] == clean.text[offset]


@given(st.text(st.characters(exclude_categories=["C"]), max_size=60))
def test_text_without_format_or_control_characters_comes_back_as_it_is(raw):
    clean = sanitise(raw)
    if not any("\ufe00" <= c <= "\ufe0f" or "\U000e0100" <= c <= "\U000e01ef" for c in raw):
        assert (clean.text, clean.notes) == (raw, ())


@pytest.mark.parametrize(
    ("raw", "text", "note"),
    [
        ("a\u202eb", "ab", "1 bidirectional controls dropped"),
        ("a\u200b\u200bb", "ab", "2 zero-width characters dropped"),
        ("a\U000e0041b", "ab", "1 tag characters dropped"),
        ("a\x00b", "ab", "1 control characters dropped"),
        ("a\ud800b", "a\ufffdb", "1 lone surrogates replaced"),
        ("a\ufe01\ufe02b", "ab", "2 hidden variation selectors dropped"),
    ],
)
def test_hidden_characters_go_with_a_note(raw, text, note):
    clean = sanitise(raw)
    assert clean.text == text
    assert clean.notes == (note,)


def test_line_ends_become_newlines_without_a_note():
    assert sanitise("a\r\nb\rc\n").text == "a\nb\nc\n"
    assert sanitise("a\r\nb").notes == ()


def test_curly_quotes_tabs_and_composed_letters_are_left_alone():
    raw = "“Ну”\t– e\u0301 é ﬁ"
    assert sanitise(raw).text == raw


def test_joiners_stay_inside_the_scripts_that_need_them():
    assert sanitise("می\u200cخواهم").text == "می\u200cخواهم"
    assert sanitise("👩\u200d🚀 ❤\ufe0f\u200d🔥").text == "👩\u200d🚀 ❤\ufe0f\u200d🔥"
    assert sanitise("\ufeff\u200c会\u200d談").text == "会談"
    assert sanitise("Ge\u200cne\u200cva").text == "Geneva"


def test_the_byte_offset_counts_the_raw_utf8():
    raw = "Ä\u200bb\r\nc"
    document = Document.from_text(raw)
    assert document.text == "Äb\nc"
    assert document.raw_byte_offset(raw, 1) == len("Ä\u200b".encode())
    assert document.raw_byte_offset(raw, 3) == len("Ä\u200bb\r\n".encode())
