"""Numbering sentences: lossless for any text, links and headings told apart."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from communique.documents import Document, number_sentences
from communique.documents.sentences import MAX_SENTENCE

PIECES = st.sampled_from(
    [
        "The U.S. envoy left.", " ", "\n", "\t", "\u00a0", "\u2028", "\x85", "Mr. Holt said: “No.”", "...", "e.g. ", "3.5 ",
        "“", "”", "会談した。", "?!", "Read more: ", "x" * 50, " (b.) ", "\u3000",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join))
LANGUAGES = st.sampled_from(["en", "de", "fr", "ja", "ar", "xx"])


@given(TEXTS, LANGUAGES)
@example("a. \x85b", "en")
@example("  One.  Two.\u2029 Three", "en")
def test_splitting_loses_nothing(text, language):
    found = number_sentences(text, language)
    at = 0
    for number, sentence in enumerate(found, 1):
        assert sentence.number == number
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text.strip()
        assert at <= sentence.start < sentence.end
        assert not text[at : sentence.start].strip()
        at = sentence.end
    assert not text[at:].strip()


@given(TEXTS)
def test_no_sentence_runs_over_a_line(text):
    assert not any("\n" in s.text for s in number_sentences(text))


def test_a_text_without_full_stops_is_cut_at_white_space():
    text = "word " * 2000
    found = number_sentences(text)
    assert all(len(s.text) <= MAX_SENTENCE for s in found)
    assert " ".join(s.text for s in found) == text.strip()


def test_abbreviations_do_not_end_a_sentence():
    found = number_sentences("Envoys of the U.S. and Dr. Lind met. They left.")
    assert [s.text for s in found] == ["Envoys of the U.S. and Dr. Lind met.", "They left."]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "More to Read: harbour fees rise again"),
        ("en", "Read more: harbour fees rise"),
        ("en", "Related: harbour fees"),
        ("de", "Lesen Sie auch: Hafengebühren steigen"),
        ("de", "Read more: Hafengebühren steigen"),
        ("fr", "À lire aussi : les ports"),
        ("es", "» Lea también: los puertos"),
    ],
)
def test_a_line_to_another_story_is_a_link(language, line):
    kinds = [s.kind for s in number_sentences(f"The envoys met on Friday.\n{line}\nThey left.", language)]
    assert kinds == ["body", "link", "body"]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("nl", "Eerder in de maand ontmoette de gezant een minister. Klow ontkende daar alles."),
        ("nl", "Meer over de haven wilde zij niet zeggen, maar zij beschuldigde Klow van smokkel."),
        ("ru", "По теме порта посол обвинил Клов во лжи. Столица это отрицает."),
        ("ru", "Подробнее о встрече посол рассказал в среду."),
        ("uk", "Більше про зустріч посол розповість у середу."),
        ("uk", "Докладніше про порт посол говорив у Тарні."),
        ("pl", "Więcej informacji o porcie poseł podał w środę. Oskarżył Klow o przemyt."),
        ("sv", "Mer om mötet ville sändebudet inte säga."),
        ("da", "Baggrund for mødet er, at Tarn anklager Klow for smugleri."),
        ("it", "Leggi e dazi contro Klow sono in vigore da lunedì."),
        ("pt", "Veja o caso de Klow, que a enviada acusa de contrabando."),
        ("ar", "اشترك المبعوث في الاجتماع واتهم كلوف بالتهريب."),
        ("fa", "در همین زمینه فرستاده تارن کلوف را به قاچاق متهم کرد."),
        ("zh", "相关内容由特使在会上说明。克洛否认。"),
        ("en", "More about this will be said on Friday, when the envoys meet."),
    ],
)
def test_a_sentence_of_the_article_that_begins_as_a_link_does_is_none(language, line):
    assert {s.kind for s in number_sentences(f"{line}\n{line}", language)} == {"body"}


@pytest.mark.parametrize(
    ("language", "line", "kinds"),
    [
        ("en", "Read more: Klow accuses Tarn. What we know.", ["link", "body"]),
        ("en", "Read more", ["link"]),
        ("en", "Read more about the harbour in Klow", ["link"]),
        ("nl", "Lees ook » Meer schepen in de haven?", ["link"]),
        ("ru", "Подробнее: порт закрыт.", ["link"]),
        ("ja", "関連記事：港を閉鎖。", ["link"]),
        ("ja", "続きを読む", ["link"]),
        ("zh", "相关报道：港口关闭。", ["link"]),
    ],
)
def test_a_link_ends_without_a_full_stop_or_has_a_colon(language, line, kinds):
    assert [s.kind for s in number_sentences(f"{line}\nThe envoys met.", language)] == [*kinds, "body"]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("it", "Leggi contro Klow in vigore"),
        ("ar", "المزيد من العقوبات على كلوف"),
        ("sv", "Mer om mötet i Klow"),
        ("ru", "Подробнее о встрече в Клове"),
    ],
)
def test_a_heading_that_begins_as_a_link_may_stays_one(language, line):
    assert number_sentences(f"{line}\nKlow.", language)[0].kind == "heading"


def test_a_word_that_needs_a_colon_makes_no_link_without_one():
    text = "They met.\nRelated claims were denied by all.\nWatch the harbour."
    assert [s.kind for s in number_sentences(text)] == ["body", "body", "body"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Envoys meet on the coast", "heading"),
        ("Envoys met on the coast.", "body"),
        ("“We met,” she said.", "body"),
        ("The related claims were denied.", "body"),
        ("Seen from afar it was " + "a long day " * 12, "body"),
    ],
)
def test_a_short_line_without_a_full_stop_is_a_heading(line, kind):
    assert number_sentences(f"{line}\nThe talks ended late.")[0].kind == kind


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("de", "Der Minister warf Klow vor: „Klow hat die Sanktionen gebrochen.“"),
        ("de", "»Klow hat die Sanktionen gebrochen.«"),
        ("en", "'Klow broke the sanctions.'"),
        ("en", "‘Klow broke the sanctions.’"),
        ("en", "The ambassador denied the claim.[1][12]"),
        ("en", "The ambassador denied the claim. [1]"),
        ("fr", "« Klow a violé les sanctions. »"),
        ("zh", "（特使否认。）"),
        ("ja", "《特使は否定した。》"),
        ("hy", "Դեսպանը հերքեց մեղադրանքը։"),
        ("am", "አምባሳደሩ ክሱን አስተባበሉ።"),
        ("my", "သံအမတ်က စွပ်စွဲချက်ကို ငြင်းဆိုခဲ့သည်။"),
        ("km", "ឯកអគ្គរដ្ឋទូតបានបដិសេធការចោទប្រកាន់។"),
        ("th", "เอกอัครราชทูตปฏิเสธข้อกล่าวหาว่าประเทศของตนละเมิดมาตรการคว่ำบาตรของสหประชาชาติเมื่อวันจันทร์"),
    ],
)
def test_a_line_that_ends_as_its_language_ends_a_sentence_is_no_heading(language, line):
    assert number_sentences(f"{line}\n{line}", language)[0].kind == "body"


@pytest.mark.parametrize(
    ("language", "line"),
    [("de", "Minister nennt Klow „Gefahr“"), ("th", "ทูตปฏิเสธข้อกล่าวหา"), ("ja", "特使が「否定」")],
)
def test_a_short_line_that_ends_in_a_quotation_mark_alone_stays_a_heading(language, line):
    assert number_sentences(f"{line}\n{line}", language)[0].kind == "heading"


def test_a_text_of_one_line_is_no_heading():
    assert number_sentences("Envoys meet on the coast")[0].kind == "body"


def test_the_first_heading_is_the_title():
    assert Document.from_text("Envoys meet\nThey talked all day.").title == "Envoys meet"
