import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from communique.sinks import visible


def test_escape_and_bidi_controls_become_symbols():
    assert visible("a\x1b[31mb\u202ec\x9bd\x7f") == "a␛[31mb⟨U+202E⟩c⟨U+009B⟩d␡"


def test_newline_and_tab_stay_unless_one_line_is_wanted():
    assert visible("a\tb\nc") == "a\tb\nc"
    assert visible("a\tb\nc", one_line=True) == "a␉b␊c"


def test_letters_of_every_script_and_joiners_stay():
    text = "نعم 林海 naïve می‌خواهم 👩‍💻"
    assert visible(text) == text


@given(st.text(st.characters(exclude_categories=())))
def test_no_control_and_no_surrogate_is_ever_left(text):
    shown = visible(text, one_line=True)
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
