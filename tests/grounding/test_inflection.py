"""Names under case endings: the same name is found, another one is not, and the text stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.documents import Document
from communique.grounding import find, verify
from communique.languages import known_languages, language
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS


@pytest.mark.parametrize(
    ("code", "name", "text", "as_written"),
    [
        ("de", "Odo Brask", "Odo Brasks Reise", "Odo Brasks"),
        ("de", "Iran", "die Häfen Irans", "Irans"),
        ("de", "Rom", "vor den Toren Roms", "Roms"),
        ("de", "Russische Föderation", "der Russischen Föderation", "Russischen Föderation"),
        ("de", "Bundespräsident", "des Bundespräsidenten", "Bundespräsidenten"),
        ("ru", "Путин", "встретился с Путиным", "Путиным"),
        ("ru", "Владимир Путин", "визит Владимира Путина", "Владимира Путина"),
        ("ru", "Иран", "власти Ирана", "Ирана"),
        ("ru", "Москва", "в Москве", "Москве"),
        ("ru", "Россия", "с Россией", "Россией"),
        ("ru", "Сергей Лавров", "Сергею Лаврову", "Сергею Лаврову"),
        ("ru", "Павел", "для Павла", "Павла"),
        ("ru", "Ким", "речь Кима", "Кима"),
        ("uk", "Київ", "у Києві", "Києві"),
        ("uk", "Україна", "в Україні", "Україні"),
        ("pl", "Donald Tusk", "z Donaldem Tuskiem", "Donaldem Tuskiem"),
        ("pl", "Warszawa", "w Warszawie", "Warszawie"),
        ("pl", "Praga", "w Pradze", "Pradze"),
        ("pl", "Kijów", "do Kijowa", "Kijowa"),
        ("pl", "Lwów", "we Lwowie", "Lwowie"),
        ("pl", "Jarosław Kaczyński", "Jarosława Kaczyńskiego", "Jarosława Kaczyńskiego"),
        ("pl", "Iran", "Iranu", "Iranu"),
        ("pl", "Marek", "dla Marka", "Marka"),
        ("cs", "Praha", "v Praze", "Praze"),
        ("cs", "Petr Pavel", "s Petrem Pavlem", "Petrem Pavlem"),
        ("fi", "Helsinki", "Helsingissä", "Helsingissä"),
        ("fi", "Putin", "Putinille", "Putinille"),
        ("fi", "Suomi", "Suomen hallitus", "Suomen"),
        ("fi", "Venäjä", "Venäjällä", "Venäjällä"),
        ("fi", "Sauli Niinistö", "Sauli Niinistön", "Sauli Niinistön"),
        ("fi", "Kokoomus", "Kokoomuksen", "Kokoomuksen"),
        ("fi", "Iran", "Iranin", "Iranin"),
        ("hu", "Budapest", "Budapesten", "Budapesten"),
        ("tr", "Ankara", "Ankara'da", "Ankara"),
        ("id", "Pentagon", "di Pentagonlah", "Pentagonlah"),
        ("id", "Kementerian Pertahanan", "Kementerian Pertahanannya", "Kementerian Pertahanannya"),
        ("bg", "Съвет за сигурност", "на Съвета за сигурност", "Съвета за сигурност"),
        ("bg", "министър", "министърът каза", "министърът"),
        ("bg", "европейски съюз", "в европейския съюз", "европейския съюз"),
        ("hi", "खुफिया एजेंसी", "खुफिया एजेंसियों को", "खुफिया एजेंसियों"),
        ("hi", "पुतिन", "पुतिन ने", "पुतिन"),
    ],
)
def test_a_name_is_found_under_its_endings(code, name, text, as_written):
    if code not in known_languages():
        pytest.skip("its folder is not there yet")
    span = find(name, text, code)
    assert (text[slice(*span)] if span else None) == as_written


@pytest.mark.parametrize(
    ("code", "name", "text"),
    [
        ("de", "Rom", "die Romane"),
        ("de", "Merkel", "das Merkmal, der Merkur"),
        ("de", "Iran", "iranische Häfen"),
        ("de", "Brask", "Braskow"),
        ("ru", "Путин", "Путятин"),
        ("ru", "Иран", "Ираклий"),
        ("ru", "Иванов", "Ивановский район"),
        ("pl", "Tusk", "Tuskulanum"),
        ("pl", "Polska", "Poltawa"),
        ("fi", "Putin", "Puttonen"),
        ("fi", "Suomi", "suomalainen"),
        ("en", "Iran", "Irans"),
        ("id", "Iran", "Iranian"),
        ("vi", "Nga", "Ngai"),
    ],
)
def test_another_name_is_not_found(code, name, text):
    assert find(name, text, code) is None


@given(
    st.text("абвекнорсту", min_size=3, max_size=9),
    st.text("абвекнорсту ", max_size=30),
    st.sampled_from([code for code in known_languages() if language(code).inflection]),
)
def test_what_is_found_begins_as_the_name_does(name, text, language):
    span = find(name, text, language)
    if span is not None:
        assert text[span[0] : span[0] + 2] == name[:2]


@pytest.mark.parametrize(
    ("code", "text", "accuser", "accused"),
    [
        (
            "de",
            "Freedonias Regierung beschuldigte das Haus Odo Brasks des Betrugs.",
            "Freedonia",
            "Odo Brask",
        ),
        ("ru", "Власти Фридонии обвинили Одо Браска в краже.", "Фридония", "Одо Браск"),
        ("pl", "Rząd Fredonii oskarżył Oda Braska o kradzież.", "Fredonia", "Oda Brask"),
        ("fi", "Fredonian hallitus syytti Odo Braskia varkaudesta.", "Fredonia", "Odo Brask"),
    ],
)
def test_an_inflected_name_is_supported_by_the_evidence_and_kept_as_it_was_said(code, text, accuser, accused):
    if code not in known_languages():
        pytest.skip("its folder is not there yet")
    document = Document.from_text(text + "\nX.", language=code)
    draft = {"allegations": [{"evidence": [1], "claim": text, "accusers": [accuser], "accused": [accused]}]}
    (record,) = verify(parse_answer(draft, STANDARD_RECORDS), document).records
    assert [a.name for a in (*record.accusers, *record.accused)] == [accuser, accused]
    assert {s.field: s.where for s in record.support} == {
        "accusers[0].name": "cited",
        "accused[0].name": "cited",
    }
