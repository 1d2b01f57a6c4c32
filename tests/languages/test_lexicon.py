"""Phrases and how they are found: the syntax, its errors, and steps that grow with the text and no faster."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.languages import Lexicon, known_languages, language, lexicon, words_of
from communique.languages.lexicon import _Element


def spans(phrase, text, **options):
    return [text[s:e] for s, e in Lexicon({"x": [phrase]}, **options).scan_text(text).get("x", [])]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("met", "They met. Met? He metes out.", ["met", "Met"]),
        ("accus*", "ACCUSED, accuses; unaccused", ["ACCUSED", "accuses"]),
        ("*liste", "Die Sanktionsliste, die Listen", ["Sanktionsliste"]),
        ("called off", "It was called off, he called it off.", ["called off"]),
        ("call* ... off", "It was called off, he called it all off.", ["called off", "called it all off"]),
        ("held _ meeting", "held a meeting, held meeting", ["held a meeting"]),
        ("held ?a meeting", "held a meeting, held meeting, held the meeting", ["held a meeting", "held meeting"]),
        ("held ?_ talks", "held talks, held long talks", ["held talks", "held long talks"]),
        ("(call|talk) with", "a call with, a talk with, a walk with", ["call with", "talk with"]),
        ("by (phone|video link)", "by phone, by video link, by link", ["by phone", "by video link"]),
        ("at ?(last|long last) met", "at met, at long last met, at last met", ["at met", "at long last met", "at last met"]),
        ("didn't", "He didn’t. Didn't he?", ["didn’t", "Didn't"]),
        ("kick-off", "the kick-off, the kick off", ["kick-off", "kick off"]),
        ("was e", "WAS É, was e\u0301, was e", ["was e"]),
        ("démenti", "a de\u0301menti, DÉMENTI", ["de\u0301menti", "DÉMENTI"]),
        ("قال", "وقَالَ قَالَ", ["قَالَ"]),
        ("की", "मुलाकात की। उनकी कीमत", ["की"]),
        ("फोन", "\u095eोन फ\u093cोन फोन", ["\u095eोन", "फ\u093cोन", "फोन"]),
        ("राष्ट्रपति", "राष्\u200dट्रपति", ["राष्\u200dट्रपति"]),
        ("*ेगा", "करेगा गाता", ["करेगा"]),
        ("दौरे (पर|से पहले)", "दौरे से पहले, दौरे पर, दौरे", ["दौरे से पहले", "दौरे पर"]),
        ("a b", "a", []),
    ],
)  # fmt: skip
def test_a_phrase_finds_its_words(phrase, text, found):
    assert spans(phrase, text) == found


def test_a_gap_holds_six_words_and_two_gaps_twelve():
    words = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"]
    assert spans("not ... true", f"not {' '.join(words[:6])} true")
    assert not spans("not ... true", f"not {' '.join(words[:7])} true")
    assert spans("not ... ... true", f"not {' '.join(words[:12])} true")
    assert not spans("not ... ... true", f"not {' '.join(words)} true")


def test_of_two_phrases_that_begin_at_one_word_the_longest_counts():
    lists = Lexicon({"x": ["talks", "talks between", "talks ... ended"]})
    assert lists.scan_text("talks between two ended") == {"x": [(0, 23)]}


def test_a_gap_is_tried_at_every_word():
    assert spans("said ... not true", "said not it was not true") == ["said not it was not true"]


def test_without_spaces_a_phrase_is_a_plain_string():
    assert spans("否认", "外交部否认了，也否认过", spaces=False) == ["否认", "否认"]


@pytest.mark.parametrize(
    "phrase", ["", " ", "...", "... met", "met ...", "?a meeting", "_ met", "met+", r"met\b", "a[bc]", "(a|b", "a)",
    "*a*b", "(a||b)", "visit(s|ed)", "की(ए|ा)", "(re|un)visited", "accus*(a|b)"]
)  # fmt: skip
def test_what_is_no_phrase_is_refused_by_name(phrase):
    with pytest.raises(ValueError, match=r"phrase|empty|begins|ends") as error:
        Lexicon({"x": [phrase]})
    assert repr(phrase) in str(error.value)


def steps(lists, text, monkeypatch):
    count = 0
    fits = _Element.fits

    def counted(self, word):
        nonlocal count
        count += 1
        return fits(self, word)

    with monkeypatch.context() as patch:
        patch.setattr(_Element, "fits", counted)
        lists.scan_text(text)
    return count


HOSTILE = ["a ", "not ", "said not ", "a ... ", "wies ", "(", "* ", "\u0301", "said the said the "]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize(
    "phrase",
    ["a ... a ... a ... b", "said ... ?_ ... not true", "wies ... ... zurück", "not ?not ?not ?not x"],
)
def test_the_steps_grow_with_the_text_and_no_faster(piece, phrase, monkeypatch):
    lists = Lexicon({"x": [phrase]})
    once, ten_times = (steps(lists, piece * n, monkeypatch) for n in (60, 600))
    assert ten_times <= 11 * once + 200


@pytest.mark.parametrize("code", known_languages())
def test_our_lists_take_few_steps_a_word(code, monkeypatch):
    lists = lexicon(code)
    if lists is None:
        return
    text = "".join(HOSTILE) * 15 + " said that it was not to be " * 15
    assert steps(lists, text, monkeypatch) <= 120 * len(words_of(text))


@given(st.text(max_size=200), st.sampled_from(known_languages()))
def test_every_hit_is_inside_the_text_and_begins_and_ends_at_a_word(text, code):
    words = words_of(text)
    starts, ends = {w[1] for w in words}, {w[2] for w in words}
    for hits in lexicon(code).scan_text(text).values():
        for start, end in hits:
            assert 0 <= start < end <= len(text)
            if code not in {"zh", "ja", "th"}:
                assert start in starts
                assert end in ends


@pytest.mark.parametrize("code", known_languages())
def test_one_list_is_found_as_among_all(code):
    lists = lexicon(code)
    for text in [example.text for example in language(code).examples][:40]:
        every = lists.scan_text(text)
        for name in ("suspect", "pronoun", *every):
            assert lists.scan_text(text, name) == ({name: every[name]} if name in every else {})


@given(st.text(max_size=200))
def test_words_are_parts_of_the_text_in_order(text):
    at = 0
    for _, start, end in words_of(text):
        assert at <= start < end <= len(text)
        at = end
