"""Documents: ids, titles, dates, pages."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from communique.documents import Document, parse_date, sha256
from communique.documents.readers import ReadOptions
from communique.errors import ConfigurationError, EmptyDocumentError

TEXT = "The envoys met in Lund on Friday. They parted late."


@pytest.mark.parametrize("raw", ["", " \n\t", "\u200b\ufeff", "\x00"])
def test_a_text_without_a_letter_is_refused(raw):
    with pytest.raises(EmptyDocumentError) as caught:
        Document.from_text(raw, source="note.txt")
    assert "note.txt" in caught.value.message
    assert caught.value.hint


def test_the_id_is_the_hash_of_the_clean_text():
    document = Document.from_text(TEXT)
    assert document.id == "cmq-" + sha256(TEXT)[:32]
    assert Document.from_text("\ufeff" + TEXT.replace(" ", "\u200b ")).id == document.id
    assert Document.from_text(TEXT, id="wire-7").id == "wire-7"


def test_there_is_no_date_unless_one_is_given():
    info = Document.from_text(TEXT).info()
    assert (info.published, info.published_basis) == (None, None)
    dated = Document.from_text(TEXT, published="2024-03-05T23:30:00-08:00").info()
    assert (dated.published, dated.published_basis) == ("2024-03-05", "given")


def test_a_datetime_gives_its_day():
    moment = dt.datetime(2024, 3, 5, 23, 30, tzinfo=dt.UTC)
    assert Document.from_text(TEXT, published=moment).published == dt.date(2024, 3, 5)


def test_what_is_no_iso_date_is_refused():
    with pytest.raises(ValueError, match="Invalid isoformat"):
        Document.from_text(TEXT, published="5 March")
    assert parse_date(" 2024-03-05 ") == dt.date(2024, 3, 5)


@pytest.mark.parametrize("code", ["english", "en-US", "EN", "e"])
def test_what_is_no_language_code_is_refused(code):
    with pytest.raises(ConfigurationError, match="no language code"):
        Document.from_text(TEXT, language=code)
    with pytest.raises(ConfigurationError, match="such as en"):
        ReadOptions(language=code)


def test_codes_without_word_lists_are_taken():
    assert [Document.from_text(TEXT, language=code).language for code in ("sw", "ceb")] == ["sw", "ceb"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (TEXT, "en"),
        (
            "Die Außenministerin traf am Freitag ihren Amtskollegen in Wien und sprach über das Abkommen.",
            "de",
        ),
        ("La ministre des Affaires étrangères a rencontré son homologue vendredi à Bruxelles.", "fr"),
        ("שר החוץ נפגש ביום שלישי עם עמיתו בירושלים ודן איתו בהסכם החדש.", "he"),
        ("Nagpulong ang kalihim at ang embahador noong Lunes upang pag-usapan ang bagong kasunduan.", "tl"),
        ("HRW在報告中說，Nadia Brask外長週二在柏林會見了Ole Vang大使，雙方討論了新的貿易協定。", "zh"),
        ("Statsministeren sa etter møtet at det ikke var noen grunn til å vente.", "no"),
        ("Statsministeren sagde efter mødet, at der ikke var nogen grund til at vente.", "da"),
        ("Utenriksministeren møtte ambassadøren i Lund og snakket om avtalen.", "no"),
        ("Direktøren og ministeren var enige om planen etter samtaler i Bergen.", "no"),
        ("12 345", "en"),
    ],
)
def test_the_language_is_detected(text, language):
    assert Document.from_text(text).language == language
    assert Document.from_text(text, language="pl").language == "pl"


def test_sentence_numbers_start_at_one():
    document = Document.from_text(TEXT)
    assert document.sentence(1).text.startswith("The envoys")
    for number in (0, -1, 3):
        with pytest.raises(IndexError):
            document.sentence(number)


def test_pages_are_counted_in_the_clean_text():
    raw = "\ufeffOne page.\r\nTwo pages."
    document = Document.from_text(raw, pages=(0, raw.index("Two")))
    two = document.text.index("Two")
    assert document.page_of(two - 2) == 1
    assert document.page_of(two) == 2
    assert Document.from_text(TEXT).page_of(3) is None


def test_a_document_is_frozen():
    with pytest.raises(ValidationError):
        Document.from_text(TEXT).text = "else"


@given(st.text(min_size=1, max_size=120).filter(lambda t: t.strip()))
def test_a_document_survives_json(text):
    try:
        document = Document.from_text(text, language="en")
    except EmptyDocumentError:
        return
    assert Document.model_validate_json(document.model_dump_json()) == document
    assert document.info().chars == len(document.text)
