"""Repetitions become one record with all evidence; two events are never fused."""

import pytest

from communique.documents import Document
from communique.engine.merge import merge
from communique.grounding import verify
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS

TEXT = """\
Odo Brask met Ilya Tarn in Szohod on Friday.
Brask and Tarn met for three hours.
Freedonia accused Borduria of theft.
Odo Brask met Ilya Tarn in Klow on Monday.
It rained.
It rained.
It rained.
It rained.
It rained.
Odo Brask met Ilya Tarn.
Odo Lind met Ilya Moor.
"""
DOCUMENT = Document.from_text(TEXT, language="en")


def meeting(number, *names, **more):
    return {"evidence": [number], "status": "held", "participants": list(names), **more}


def merged(*said, key="meetings"):
    return merge(verify(parse_answer({key: list(said)}, STANDARD_RECORDS), DOCUMENT).records)


def test_the_same_meeting_told_twice_is_one_with_both_sentences():
    first = meeting(1, "Odo Brask", "Ilya Tarn", place="Szohod", when="on Friday")
    (record,) = merged(first, meeting(2, "Brask", "Tarn"))
    assert [e.sentence for e in record.evidence] == [1, 2]
    assert record.place.name == "Szohod"
    assert record.when == "on Friday"
    assert [p.name for p in record.participants] == ["Odo Brask", "Ilya Tarn"]
    assert "merged_repetition" in {c.reason for c in record.checks}


def test_a_record_drafted_twice_in_two_windows_is_one():
    said = meeting(1, "Odo Brask", "Ilya Tarn", place="Szohod")
    assert len(merged(said, said, said)) == 1


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            meeting(1, "Odo Brask", "Ilya Tarn", place="Szohod"),
            meeting(4, "Odo Brask", "Ilya Tarn", place="Klow"),
        ),
        (
            meeting(1, "Odo Brask", "Ilya Tarn", when="on Friday"),
            meeting(4, "Odo Brask", "Ilya Tarn", when="on Monday"),
        ),
        (meeting(1, "Odo Brask", "Ilya Tarn"), meeting(10, "Odo Brask", "Ilya Tarn")),
        (meeting(1, "Odo Brask", "Ilya Tarn"), meeting(1, "Odo Brask", "Freedonia")),
        (meeting(10, "Odo Brask", "Ilya Tarn"), meeting(11, "Odo Lind", "Ilya Moor")),
    ],
)
def test_two_events_stay_two(a, b):
    assert len(merged(a, b)) == 2


def test_the_order_is_that_of_the_text():
    found = merged(meeting(10, "Odo Brask", "Ilya Tarn"), meeting(1, "Odo Brask", "Ilya Tarn"))
    assert [r.evidence[0].sentence for r in found] == [1, 10]


def test_nothing_is_merged_into_nothing():
    assert merge([]) == ()
