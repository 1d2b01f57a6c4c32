"""Where a small model is asked: by phrase lists of any language, around the sentence too, and not where little is likely."""

import math

import pytest

from communique.documents import Document
from communique.prompts import focuses
from communique.prompts.finding import Weights, finding_digest, signs, weights
from communique.schemas import STANDARD_RECORDS, Allegation, Meeting, SanctionsConcern

LIKELY = {
    "en": "The foreign minister of Borduria accused Sylvania of stealing gold, the ministry said.",
    "de": "Der Außenminister von Bordurien warf Syldavien vor, Gold gestohlen zu haben, teilte das Ministerium mit.",
    "fr": "Le ministre de Bordurie a accusé la Syldavie d'avoir volé de l'or, a déclaré le ministère.",
}

MET = "President Odo Brask met Foreign Minister Ilya Tarn of Borduria for talks in Geneva on Monday."


def asked(text, language, kinds=STANDARD_RECORDS):
    document = Document.from_text(text, language=language)
    return [(f.sentence.number, f.kinds) for f in focuses(document.sentences, kinds, language)]


@pytest.mark.parametrize(("language", "text"), LIKELY.items(), ids=LIKELY)
def test_the_same_weights_find_an_accusation_in_each_language(language, text):
    ((_, kinds),) = asked(text, language)
    assert Allegation in kinds


def test_a_sentence_without_a_word_of_its_own_is_found_by_those_around():
    text = (
        "Borduria accused Sylvania of theft. The minister said on Monday that Klow had known of everything."
        " Sylvania denied the claims and accused Borduria of lies."
    )
    alone = "The minister said on Monday that Klow had known of everything."
    assert 2 in [number for number, _ in asked(text, "en", (Allegation,))]
    assert asked(alone, "en", (Allegation,)) == []


def test_what_is_plain_is_sure_and_what_is_vague_is_not():
    found = focuses(Document.from_text(f"{MET} {MET} Talks are possible.", language="en").sentences, (Meeting,), "en")
    assert {f.sentence.number: f.sure for f in found} == {1: (Meeting,), 2: (Meeting,), 3: ()}


def test_a_verb_of_accusation_with_both_sides_is_sure():
    text = (
        "Freedonia accused Sylvania of stealing gold. Sylvania was accused by Borduria of lying."
        " They accused each other loudly. Odo Brask rejected the charge of theft."
    )
    found = focuses(Document.from_text(text, language="en").sentences, (Allegation,), "en")
    assert [f.sentence.number for f in found if f.sure == (Allegation,)] == [1, 2]


def test_in_an_article_with_little_to_ask_about_nothing_is_sure():
    ((_, _, sure),) = focuses(Document.from_text(MET, language="en").sentences, (Meeting,), "en")
    assert sure == ()


def test_a_word_alone_is_not_enough():
    text = "The match was fun. The goalkeeper was blamed by no one. They won the cup in the final after a penalty."
    assert asked(text, "en") == []


def test_where_sanctions_are_asked_about_an_allegation_is_not():
    text = "The ministry said on Monday that Sylvania was accused of violating the sanctions imposed by Borduria."
    ((_, kinds),) = asked(text, "en")
    assert kinds == (SanctionsConcern,)
    assert asked(text, "en", (Allegation,)) == [(1, (Allegation,))]


def test_an_article_about_sport_is_asked_nothing():
    match = "The goalkeeper saved a penalty in the final. The striker scored twice. They will meet Borduria on Monday."
    assert asked(match, "en") == []
    assert asked(f"{match} {LIKELY['en']} {LIKELY['en']} {LIKELY['en']}", "en") != []


def test_signs_name_what_is_in_beside_and_around_a_sentence():
    document = Document.from_text("Odo Brask met Ilya Tarn.\nIt rained.\nMore: envoys meet", language="en")
    first, second, last = signs(document.sentences, "en")
    assert first["has meeting"] == first["first"] == 1.0
    assert second["before meeting"] == 1.0
    assert second["share meeting"] == pytest.approx(math.sqrt(1 / sum(s.kind == "body" for s in document.sentences)))
    assert "has meeting" not in second
    assert all(value for shown in (first, second, last) for value in shown.values())


def test_weights_are_for_the_lists_of_our_record_types_and_know_no_other_signs():
    assert set(weights()) == {kind.concept for kind in STANDARD_RECORDS}
    document = Document.from_text(" ".join(LIKELY["en"] for _ in range(3)), language="en")
    known = {name for kind in weights().values() for name in kind.weights}
    assert {name for shown in signs(document.sentences, "en") for name in shown} <= known
    assert len(finding_digest()) == 16


def test_a_probability_is_the_logistic_of_the_sum():
    kind = Weights(least=0.5, sure=0.9, unless=(), bias=-1.0, weights={"has meeting": 2.0, "late": -1.0})
    assert kind.probability({}) == pytest.approx(1 / (1 + math.e))
    assert kind.probability({"has meeting": 1.0, "unknown": 9.0}) == pytest.approx(1 / (1 + math.exp(-1)))


def test_a_likelihood_has_two_thresholds():
    kind = Weights(least=0.5, sure=0.8, unless=(), bias=-1.0, weights={"has meeting": 2.0, "first": 1.0})
    assert [kind.likelihood(s) for s in ({}, {"has meeting": 1.0}, {"has meeting": 1.0, "first": 1.0})] == [
        "",
        "likely",
        "sure",
    ]


def test_a_type_that_is_not_looked_for_changes_nothing_for_the_others():
    text = LIKELY["en"] + " Odo Brask met Ilya Tarn in Geneva on Monday."
    both = dict(asked(text, "en", (Meeting, Allegation)))
    assert {n for n, kinds in both.items() if Meeting in kinds} == {n for n, _ in asked(text, "en", (Meeting,))}


class Summit(Meeting):
    """Heads of state meet."""


def test_a_type_of_ones_own_with_our_words_is_asked_about_but_never_sure():
    document = Document.from_text(" ".join([MET] * 3), language="en")
    found = focuses(document.sentences, (Summit,), "en")
    assert [(f.kinds, f.sure) for f in found] == [((Summit,), ())] * 3
