"""Finding copied words: typography and endings may differ, words may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.grounding import find
from communique.grounding.matching import bare, fold


@given(st.text(max_size=80))
def test_folding_keeps_every_offset(text):
    assert len(fold(text)) == len(text)


@given(st.text("abc ÄÖİß’'.\u00a0", max_size=40), st.text("abcÄß'", min_size=1, max_size=6))
def test_a_find_is_the_words_themselves(text, words):
    span = find(words, text)
    if span is not None:
        assert fold(text[slice(*span)]) == fold(words)


@given(st.text("ab c", max_size=12), st.text("xyz", min_size=1, max_size=5), st.text("ab c", max_size=12))
def test_words_between_spaces_are_found(before, words, after):
    text = f"{before} {words} {after}"
    start, end = find(words, text)
    assert text[start:end] == words


@pytest.mark.parametrize(
    ("words", "text", "language"),
    [
        ("Holt's plan", "This is Holt’s plan.", "en"),
        ("“a new level”", 'lifted to "a new level"', "en"),
        ("THE ENVOY", "so the envoy said", "en"),
        ("the envoy", "so the  envoy said", "en"),
        ("the \n envoy", "so the envoy said", "en"),
        ("U. S.", "the U.S. envoy", "en"),
        ("U.S.", "the U.S. envoy", "en"),
        ("Teheran", "die Straßen Teherans", "de"),
        ("会談", "両国は会談した。", "ja"),
        ("10\u00a0000", "some 10 000 tons", "fr"),
    ],
)
def test_the_same_words_are_found(words, text, language):
    assert find(words, text, language) is not None


@pytest.mark.parametrize(
    ("words", "text", "language"),
    [
        ("Ewa Holt", "Eva Holt left", "en"),
        ("Iran", "the Iranian envoy", "en"),
        ("Oman", "a woman spoke", "en"),
        ("5", "some 15 tons", "en"),
        ("Rom", "die Romane", "de"),
        ("", "any text", "en"),
        ("  ", "any  text", "en"),
        ("envoy said the", "the envoy said", "en"),
    ],
)
def test_other_words_are_not_found(words, text, language):
    assert find(words, text, language) is None


@pytest.mark.parametrize(
    ("name", "stripped"),
    [
        ("the U.S.", "U.S."),
        ("Die Linke", "Linke"),
        ("Borduria’s", "Borduria"),
        ("l’Iran", "Iran"),
        ("The", "The"),
    ],
)
def test_articles_and_possessives_are_stripped(name, stripped):
    assert bare(name) == stripped
