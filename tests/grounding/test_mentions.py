"""Where a name is mentioned: as written, by a form of it, by other words for its country."""

import pytest

from communique.documents import Document
from communique.grounding.article import Article
from communique.grounding.mentions import (
    aliases,
    answers_questions,
    common_nouns,
    described_by,
    is_main_actor,
    mentions,
)


def article(text, language="en"):
    return Article(Document.from_text(text, language=language))


def forms(name, text, language="en"):
    """Return what a name is found by: (kind, words as written), each once."""
    index = article(text, language)
    found = [(m.by, index.document.text[m.start : m.end]) for m in mentions(name, index)]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Odo Brask", "Odo Brask came.\nBrask left.", [("words", "Odo Brask"), ("form", "Brask")]),
        ("Kim Jong Un", "Kim Jong Un came.\nThen Kim left.", [("words", "Kim Jong Un"), ("form", "Kim")]),
        ("Wu Tian", "Wu Tian came.\nThen Wu left.", [("words", "Wu Tian"), ("form", "Wu")]),
        ("the U.S.", "Washington said no.", [("country", "Washington")]),
        ("North Korea", "The DPRK fired a missile.", [("country", "DPRK")]),
        ("International Atomic Energy Agency", "The IAEA said so.", [("form", "IAEA")]),
        ("United Nations Security Council", "The U.N. Security Council met.", [("form", "U.N. Security Council")]),
        ("UN Security Council", "The U.N. Security Council met.", [("form", "U.N. Security Council")]),
        ("U.S. Treasury", "The US Treasury said so.", [("form", "US Treasury")]),
        ("KCNA", "The Korean Central News Agency said so.", [("form", "Korean Central News Agency")]),
        (
            "International Atomic Energy Agency",
            "The International Atomic Energy Agency came. The IAEA left.",
            [("words", "International Atomic Energy Agency"), ("form", "IAEA")],
        ),
        (
            "Institute for Peace (IFP)",
            "The Institute for Peace (IFP) said so. IFP went on.",
            [("words", "Institute for Peace (IFP)"), ("form", "Institute for Peace"), ("form", "IFP")],
        ),
    ],
)
def test_a_name_is_found_by_its_forms(name, text, expected):
    found = forms(name, text)
    assert [f for f in expected if f not in found] == []


@pytest.mark.parametrize("words", ["UAE Ministry", "U.A.E. Ministry"])
def test_an_abbreviated_name_is_mentioned_once_where_it_stands(words):
    found = mentions("United Arab Emirates Ministry", article(f"The {words} said so."))
    assert [(m.by, m.start, m.end) for m in found] == [("form", 4, 4 + len(words))]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Ewa Holt", "Eva Holt left."),
        ("Ulla Svensson", "The US said so."),
        ("Anna Mia Sand", "They sat on Ams Street."),
        ("International Court of Arbitration", "The IAEA said so."),
        ("Odo Brask", "Brask left."),
        ("the U.S.", "He told us all."),
        ("Marten Oskilde", "Martin came with an oskar."),
        ("Iran", "The Iranians' neighbour"),
    ],
)
def test_what_the_article_does_not_have_is_not_found(name, text):
    assert [m for m in mentions(name, article(text)) if m.by == "words"] == []


@pytest.mark.parametrize("name", ["Ewa Holt", "Odo Brask", "Marten Oskilde"])
def test_a_name_that_is_nowhere_has_no_mention(name):
    assert mentions(name, article("Eva Holt met Ilya Tarn in Zenda.")) == ()


@pytest.mark.parametrize("name", ["El Salvador", "Los Angeles County", "Das Gupta", "Le Pen", "Die Linke"])
def test_a_name_that_begins_like_an_article_is_found_as_it_is(name):
    assert ("words", name) in forms(name, f"On Monday {name} said no.")


@pytest.mark.parametrize(
    ("name", "text", "language", "form"),
    [
        ("Władimir Putin", "Spotkał się z Władimirem Putinem.", "pl", "Władimirem Putinem"),
        ("Путин", "встреча с Путиным", "ru", "Путиным"),
        ("Iran", "die iranische Regierung", "de", "iranische"),
        ("Schweden", "Schwedens Minister", "de", "Schwedens"),
        ("أنقرة", "وقالت بأنقرة", "ar", "أنقرة"),
        (
            "US-Justizministerium",
            "Das US-Justizministerium ermittelt. Das Justizministerium schwieg.",
            "de",
            "Justizministerium",
        ),
    ],
)
def test_endings_and_adjectives_of_the_language_are_known(name, text, language, form):
    assert form in [words for _, words in forms(name, text, language)]


def test_a_title_behind_a_hyphen_is_nobody():
    text = "Der SPD-Generalsekretär traf den Generalsekretär."
    assert [words for _, words in forms("SPD-Generalsekretär", text, "de")] == ["SPD-Generalsekretär"]


def test_aliases_are_what_the_article_has():
    index = article("Odo Brask came. Brask left with Mr. Brask’s wife.")
    assert aliases("Odo Brask", index) == ("Brask",)


def test_a_description_beside_a_name_stands_for_it():
    index = article("President Odo Brask came.\nThe president left.")
    assert "presid" in described_by("Odo Brask", index)
    assert "union" in common_nouns("miners union of Kaldi", index)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Union of Klow Dockers", "Union of Klow Dockers (Ukdo) struck. Ukdo denied it.", ["Ukdo", "Ukdo"]),
        ("Sindicato Único de Puertos", "El Sindicato Único de Puertos (SUP) paró. El SUP lo negó.", ["SUP", "SUP"]),
        ("World Trade Body", "World Trade Body (WTB) met. The World Trade Body (WTB) left.", ["WTB", "WTB"]),
        ("Odo Brask", "Odo Brask (Freedonia) left. Freedonia denied it.", []),
        ("Odo Brask", "Odo Brask (born 1970) left, born in Klow.", []),
    ],
)
def test_what_an_article_puts_in_brackets_to_go_on_with_is_another_form(name, text, expected):
    index = Article(Document.from_text(text))
    assert [text[m.start : m.end] for m in mentions(name, index) if m.by == "form" and m.start > len(name)] == expected


def test_a_word_of_a_name_in_small_letters_stands_for_it():
    index = Article(Document.from_text("The Harbour Union struck. Later the union met the mayor, Odo Brask."))
    assert common_nouns("Harbour Union", index) == {"union"}
    assert common_nouns("Odo Brask", index) == frozenset()


def test_an_article_is_about_whom_it_names_at_once_and_often():
    text = "Zenda closed its ports.\n" + "\n".join(f"Zenda did thing {i}." for i in range(5)) + "\nKlow wept."
    assert is_main_actor("Zenda", article(text))
    assert not is_main_actor("Klow", article(text))


@pytest.mark.parametrize(
    ("name", "text", "language", "form"),
    [
        ("元理事長の森田花子容疑者", "元理事長の森田花子容疑者を逮捕した。森田容疑者は否認した。", "ja", "森田"),
        ("森明", "森明が会見した。森氏は否定した。", "ja", "森氏"),
        ("李明义", "李明义到访。李部长否认。", "zh", "李部长"),
        ("박규민 최고위원", "박규민 최고위원이 왔다. 박 최고위원은 갔다.", "ko", "박 최고위원"),
        ("박규민", "박규민 사무총장이 왔다. 박 총장은 갔다.", "ko", "박 총장"),
    ],
)
def test_east_asian_news_goes_on_with_surname_and_office(name, text, language, form):
    assert any(words.startswith(form) for _, words in forms(name, text, language))


@pytest.mark.parametrize(
    ("name", "text", "language"),
    [
        ("An Song Min", "An Song Min came. An envoy left, and an aide stayed.", "en"),
        ("林明", "林明が来た。農林相が会見した。林業は続く。", "ja"),
        ("林明", "林明が来た。森氏が会見した。", "ja"),
    ],
)
def test_other_words_are_no_short_form_of_a_name(name, text, language):
    assert [words for by, words in forms(name, text, language) if by == "form"] == []


def test_a_surname_before_another_office_is_somebody_else():
    text = "박규민 사무총장이 왔다. 박 대위와 서 총장은 갔다."
    assert [words for by, words in forms("박규민", text, "ko") if by == "form"] == []


def test_who_is_introduced_answers_the_questions_of_an_interview():
    asked = "".join(f"And what about the ports, after {n} years?\nThat is for others to say.\n" for n in range(4))
    interview = article("Odo Brask led the ministry.\n" + asked + "Ilya Tarn is in prison, and people ask for him.")
    assert answers_questions("Odo Brask", interview)
    assert not answers_questions("Ilya Tarn", interview)
    assert not answers_questions("Odo Brask", article("Odo Brask left.\nWill he come back?\n" + "Rain fell.\n" * 9))


@pytest.mark.parametrize(
    ("language", "text", "name", "found"),
    [
        # Editors leave accents off capitals, write ё as е and ß as ss, and figures and letters in full width.
        ("fr", "Les Etats-Unis et l'Egypte ont parlé.", "Égypte", ["Egypte"]),
        ("fr", "Édouard Philippe est à Paris.", "Edouard Philippe", ["Édouard Philippe"]),
        ("de", "Der Weisse Rat tagt in Strassfurt.", "Straßfurt", ["Strassfurt"]),
        ("ru", "Встреча с Артёмом Королёвым прошла.", "Артем Королев", ["Артёмом Королёвым"]),
        ("ja", "ＮＡＴＯは声明を出した。", "NATO", ["ＮＡＴＯ"]),
        # The Arabic article loses its first letter behind "to", and both letters before "l".
        ("ar", "قدم أسلحة للحوثيين.", "الحوثيين", ["للحوثيين"]),
        ("ar", "قدم تقريرا للجنة.", "اللجنة", ["للجنة"]),
        # A part of another word, or a common word, is no mention.
        ("ja", "首相はインドネシアで会談した。", "インド", []),
        ("ja", "インドの首相が会談した。", "インド", ["インド"]),
        ("ja", "ドナルド・トランプ大統領は話した。", "トランプ", ["トランプ"]),
        ("en", "It accused officials who ran the hospital.", "WHO", []),
        ("en", "The WHO accused officials who ran the hospital.", "WHO", ["WHO"]),
    ],
)
def test_a_name_is_found_as_editors_spell_it(language, text, name, found):
    index = article(text, language)
    assert list(dict.fromkeys(text[m.start : m.end] for m in mentions(name, index))) == found
