"""Places where others meet and regions in somebody's title are no participants; people named by their place are."""

import pytest

from communique.documents import Document
from communique.grounding import verify
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS


def checked(text, *participants, language="en", place=None):
    document = Document.from_text(text, language=language)
    cited = [s.number for s in document.sentences]
    said = {"evidence": cited, "status": "held", "participants": list(participants), "place": place}
    verdict = verify(parse_answer({"meetings": [said]}, STANDARD_RECORDS), document)
    (record,) = (*verdict.records, *verdict.rejections)
    kept = [p.name for p in getattr(record, "participants", ())]
    return kept, {c.reason for c in record.checks if c.outcome == "failed"}


@pytest.mark.parametrize(
    ("language", "text", "participants", "kept"),
    [
        ("en", "Odo Brask and Ilya Tarn met in Geneva.", ["Odo Brask", "Ilya Tarn", "Geneva"], 2),
        ("en", "In Cairo, the Arab League met Odo Brask.", ["Arab League", "Odo Brask", "Cairo"], 2),
        ("en", "Odo Brask met Ilya Tarn in the Netherlands.", ["Odo Brask", "Ilya Tarn", "Netherlands"], 2),
        ("en", "The Arab League met in Cairo.", ["Arab League", "Cairo"], 1),
        ("de", "Odo Brask traf Ilya Tarn am Montag in Wien.", ["Odo Brask", "Ilya Tarn", "Wien"], 2),
        ("de", "Odo Brask traf Ilya Tarn in der Schweiz.", ["Odo Brask", "Ilya Tarn", "Schweiz"], 2),
        ("fr", "Odo Brask a rencontré Ilya Tarn en Suisse.", ["Odo Brask", "Ilya Tarn", "Suisse"], 2),
        ("es", "Odo Brask se reunió con Ilya Tarn en Quito.", ["Odo Brask", "Ilya Tarn", "Quito"], 2),
    ],
)
def test_the_place_of_a_meeting_takes_no_part_in_it(language, text, participants, kept):
    assert checked(text, *participants, language=language) == (participants[:kept], {"place_not_participant"})


@pytest.mark.parametrize(
    ("text", "participants"),
    [
        ("Odo Brask met the government in Geneva.", ["Odo Brask", "Geneva"]),
        ("Odo Brask met his counterpart in Klow.", ["Odo Brask", "Klow"]),
        ("Odo Brask, whose interest in Russia is known, met Ilya Tarn.", ["Odo Brask", "Russia"]),
        ("In talks with Klow, Odo Brask met Ilya Tarn.", ["Odo Brask", "Klow"]),
        ("Odo Brask met the Klow delegation in Klow.", ["Odo Brask", "Klow"]),
        ("Odo Brask met officials in Klow. Klow said the talks were useful.", ["Odo Brask", "Klow"]),
        ("Odo Brask met envoys in the Security Council.", ["Odo Brask", "Security Council"]),
        ("Odo Brask met Ilya Tarn in the Russian Far East.", ["Odo Brask", "Russian"]),
        ("Odo Brask met Ilya Tarn in OPEC.", ["Odo Brask", "OPEC"]),
        ("Odo Brask met ministers of the cabinet in Klow’s government.", ["Odo Brask", "Klow"]),
    ],
)
def test_who_is_named_by_a_place_takes_part(text, participants):
    assert checked(text, *participants) == (participants, set())


@pytest.mark.parametrize(
    ("language", "text", "participants"),
    [
        ("en", "Odo Brask, the governor of Zenda, met Ilya Tarn.", ["Odo Brask", "Ilya Tarn", "Zenda"]),
        ("en", "Odo Brask, the acting president of the Marshall Islands, met Ilya Tarn.",
         ["Odo Brask", "Ilya Tarn", "Marshall Islands"]),
        ("en", "The governor of Zenda met Ilya Tarn.", ["governor of Zenda", "Ilya Tarn", "Zenda"]),
        ("de", "Odo Brask, Gouverneur von Zenda, traf Ilya Tarn.", ["Odo Brask", "Ilya Tarn", "Zenda"]),
        ("fr", "Odo Brask, le gouverneur de Zenda, a rencontré Ilya Tarn.", ["Odo Brask", "Ilya Tarn", "Zenda"]),
        ("es", "Odo Brask, gobernador de Zenda, se reunió con Ilya Tarn.", ["Odo Brask", "Ilya Tarn", "Zenda"]),
    ],
)  # fmt: skip
def test_the_region_in_a_participants_title_takes_no_part(language, text, participants):
    assert checked(text, *participants, language=language) == (participants[:2], {"title_not_participant"})


@pytest.mark.parametrize(
    ("text", "participants"),
    [
        ("The president of Mexico met Odo Brask.", ["Mexico", "Odo Brask"]),
        ("Odo Brask met the head of the Corvane Foundation.", ["Odo Brask", "Corvane Foundation"]),
        ("Odo Brask, the governor of Zenda and Ilya Tarn met.", ["Odo Brask", "Zenda", "Ilya Tarn"]),
        ("Odo Brask, the governor of Zenda, met a Zenda delegation.", ["Odo Brask", "Zenda"]),
        ("Odo Brask, Ilya Tarn and the mayor of Zenda met.", ["Odo Brask", "Ilya Tarn", "Zenda"]),
    ],
)
def test_who_is_named_by_an_office_or_beside_it_takes_part(text, participants):
    assert checked(text, *participants) == (participants, set())


def test_a_region_without_its_holder_among_the_participants_stands_for_him():
    assert checked("Odo Brask, the governor of Zenda, met Ilya Tarn.", "Zenda", "Ilya Tarn")[0] == [
        "Zenda",
        "Ilya Tarn",
    ]
