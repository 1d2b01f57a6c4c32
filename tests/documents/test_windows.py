"""Windows: every sentence is read, none is too long for its window, numbers stay global."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from communique.documents import Window, number_sentences, windows

SENTENCES = number_sentences("\n".join(f"Sentence {n} is about a port." for n in range(1, 31)))


@given(st.integers(1, 900), st.integers(0, 6), st.integers(0, 30))
def test_windows_cover_all_sentences_in_order(max_chars, overlap, count):
    sentences = SENTENCES[:count]
    found = windows(sentences, max_chars=max_chars, overlap=overlap)
    seen = [s.number for w in found for s in w.sentences]
    assert sorted(set(seen)) == [s.number for s in sentences]
    for before, after in itertools.pairwise(found):
        assert before.sentences[0].number < after.sentences[0].number <= before.sentences[-1].number + 1


@given(st.integers(1, 900), st.integers(0, 3))
def test_a_window_of_several_sentences_fits(max_chars, overlap):
    for window in windows(SENTENCES, max_chars=max_chars, overlap=overlap):
        assert len(window.sentences) == 1 or sum(len(s.text) for s in window.sentences) <= max_chars


def test_the_next_window_repeats_the_overlap():
    first, second, *_ = windows(SENTENCES, max_chars=400, overlap=2)
    assert second.sentences[:2] == first.sentences[-2:]


def test_a_short_document_is_one_window():
    assert len(windows(SENTENCES, max_chars=100_000)) == 1
    assert windows((), max_chars=10) == ()


@given(st.integers(2, 30))
def test_halves_hold_everything_and_are_smaller(count):
    window = Window(SENTENCES[:count])
    left, right = window.halves()
    assert {s.number for s in (*left.sentences, *right.sentences)} == {s.number for s in window.sentences}
    assert max(len(left.sentences), len(right.sentences)) < count


def test_one_sentence_has_no_halves():
    assert Window(SENTENCES[:1]).halves() is None
