"""Numbers as values: what a text states in digits, words and scales, and what it doesn't."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.grounding.numbers import numbers_in, states_number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1200, "some 1,200 houses"),
        (1200, "rund 1.200 Häuser"),
        (5000, "5 000 habitants"),
        (5000, "5\u202f000 habitants"),
        (1000000, "1'000'000 Franken"),
        (7.1, "a magnitude of 7.1"),
        (7.1, "der Stärke 7,1"),
        (1234567.5, "1.234.567,50 euros"),
        (20_000_000, "20 million crowns"),
        (20, "20 million crowns"),
        (2_400_000, "a $2.4m contract"),
        (2_000_000, "two million people"),
        (3, "three were killed"),
        (-5, "minus it was −5 degrees"),
        (31.5, "31.5% more"),
        (2024, "in 2024"),
    ],
)
def test_a_number_that_the_text_states_is_found(value, text):
    assert states_number(value, text)


@pytest.mark.parametrize(
    ("language", "value", "text"),
    [
        ("de", 3_500_000_000, "3,5 Milliarden Euro"),
        ("de", 12, "zwölf Menschen"),
        ("fr", 80_000, "quatre-vingts mille hommes"),
        ("es", 2_000_000, "dos millones de personas"),
        ("pl", 7, "seven ships, w porcie"),
        ("ja", 5, "約5人が"),
        ("ja", 1200, "約1,200人が"),
        ("ja", 20_000_000, "人口は2000万人だ"),
        ("zh", 300_000_000, "约3亿美元"),
        ("ko", 5, "약5명이"),
        ("bg", 3_000_000, "3 млн. лева"),
        ("bg", 12, "дванайсет души"),
        ("hi", 150_000, "1,50,000 लोग"),
        ("hi", 300_000_000, "30 करोड़ रुपये"),
        ("hi", 300_000_000, "30 करो\u095c रुपये"),
        ("hi", 5, "पाँच लोग"),
        ("hi", 500_000, "पांच लाख रुपये"),
    ],
)
def test_the_number_words_of_a_language_and_of_english_are_known(language, value, text):
    assert states_number(value, text, language)


def test_a_number_word_of_another_language_is_none():
    assert not states_number(6, "seis barcos", "fr")
    assert not states_number(15, "第115号", "ja")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "in 2012"),
        (41, "412 patients"),
        (200, "1,200 houses"),
        (7, "a magnitude of 7.1"),
        (1, "a man and an envoy"),
        (20_000, "20 million crowns"),
        (6.5, "magnitude 6.3"),
        (5, "−5 degrees"),
        (float("nan"), "nan"),
        (float("inf"), "infinite"),
        (3, ""),
    ],
)
def test_a_number_that_the_text_does_not_state_is_not_found(value, text):
    assert not states_number(value, text)


@given(st.integers(min_value=0, max_value=10**12), st.sampled_from([",", ".", "\u202f", "'"]))
def test_any_whole_number_is_found_however_its_thousands_are_parted(number, separator):
    assert states_number(number, f"about {number:,} of them".replace(",", separator))


@given(st.decimals(min_value=0, max_value=10**6, places=2), st.booleans())
def test_any_decimal_is_found_with_a_point_or_a_comma(number, comma):
    written = f"{number:.2f}"
    assert states_number(number, f"it is {written.replace('.', ',') if comma else written} now")


@given(st.integers(min_value=13, max_value=10**9), st.integers(min_value=13, max_value=10**9))
def test_another_number_is_not_found(stated, other):
    assert states_number(other, f"exactly {stated} people") == (other == stated)


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text):
    assert all(number.is_finite() for number in numbers_in(text))
