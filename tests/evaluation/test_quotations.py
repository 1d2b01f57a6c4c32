import itertools

from hypothesis import given
from hypothesis import strategies as st

from communique.evaluation.ruler import Article, split

ARTICLE = "Mr. Adeyemi met the U.S. envoy on Jan. 5. “We agreed,” he said.\nA second line! Did it rain? No."
SENTENCES = [
    "Mr. Adeyemi met the U.S. envoy on Jan. 5.",
    "“We agreed,” he said.",
    "A second line!",
    "Did it rain?",
    "No.",
]


def test_abbreviations_and_numbers_do_not_end_a_sentence():
    # "5." looks like an ordinal, as in German dates, so the line goes on behind it.
    assert [ARTICLE[a:b] for a, b in split(ARTICLE)] == [f"{SENTENCES[0]} {SENTENCES[1]}", *SENTENCES[2:]]


def test_a_small_letter_does_not_begin_a_sentence_in_any_alphabet():
    text = "Er kam ggf. über Wien. Übermorgen reist er ab."
    assert [text[a:b] for a, b in split(text)] == ["Er kam ggf. über Wien.", "Übermorgen reist er ab."]


def test_cjk_sentences_end_without_a_space():
    text = "会谈在周一举行。双方否认指控。"
    assert [text[a:b] for a, b in split(text)] == ["会谈在周一举行。", "双方否认指控。"]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=200))
def test_sentences_are_in_order_and_leave_out_nothing_but_white_space(text):
    spans = split(text)
    assert all(a < b for a, b in spans)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))
    kept = "".join(text[a:b] for a, b in spans)
    assert "".join(kept.split()) == "".join(text.split())


def test_a_part_of_a_sentence_touches_it_whatever_its_typography():
    located = Article("He said “we agreed” – at  last. Then it rained.")
    quotations = ['he said "we agreed" - at last']
    assert located.touched(quotations) == {0}
    assert located.lost(quotations) == 0


def test_words_that_are_not_in_the_text_are_lost_and_touch_nothing():
    located = Article("He left.")
    assert located.touched(["He stayed.", " "]) == frozenset()
    assert located.lost(["He stayed.", " "]) == 1


def test_without_a_text_quotations_are_compared_as_they_are():
    assert Article(None).touched(["He LEFT."]) == Article(None).touched(["he left"])
    assert Article(None).lost(["He LEFT."]) == 0
