"""Repetitions become one record with all evidence; two events are never fused."""

import sys
from collections import Counter

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


def answers(*said, key="meetings", document=DOCUMENT):
    """Return what the checks leave of several answers, each a list of drafts."""
    drafts = (parse_answer({key: list(items)}, STANDARD_RECORDS) for items in said)
    return [verify(draft, document).records for draft in drafts]


def merged(*said, key="meetings"):
    """Merge drafts that each come from an answer of its own."""
    return merge(answers(*([item] for item in said), key=key))


def test_the_same_meeting_told_twice_is_one_with_both_sentences():
    first = meeting(1, "Odo Brask", "Ilya Tarn", place="Szohod", when="on Friday")
    (record,) = merged(first, meeting(2, "Brask", "Tarn"))
    assert [e.sentence for e in record.evidence] == [1, 2]
    assert record.place.name == "Szohod"
    assert record.when == "on Friday"
    assert [p.name for p in record.participants] == ["Odo Brask", "Ilya Tarn"]
    assert "told_again" in {c.reason for c in record.checks}


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


def test_what_one_answer_lists_apart_stays_apart_unless_it_says_the_same_twice():
    first, again = meeting(1, "Odo Brask", "Ilya Tarn"), meeting(2, "Brask", "Tarn")
    assert len(merge(answers([first], [again]))) == 1
    assert len(merge(answers([first, again]))) == 2
    assert len(merge(answers([first, first, again]))) == 2


def test_thousands_of_drafts_of_one_sentence_take_time_in_proportion():
    def calls(count):
        said = [accusation(3, f"Borduria stole item {i}.") for i in range(count)]
        found = answers(said, key="allegations")
        seen = Counter()
        sys.setprofile(lambda _frame, event, _arg: seen.update([event]))
        try:
            records = merge(found)
        finally:
            sys.setprofile(None)
        assert len(records) == count
        return seen["call"]

    assert calls(400) < 5 * calls(100)


def test_the_order_is_that_of_the_text():
    found = merged(meeting(10, "Odo Brask", "Ilya Tarn"), meeting(1, "Odo Brask", "Ilya Tarn"))
    assert [r.evidence[0].sentence for r in found] == [1, 10]


def test_nothing_is_merged_into_nothing():
    assert merge([]) == ()


def test_a_record_drafted_fifty_times_is_one_that_says_so():
    said = meeting(1, "Odo Brask", "Ilya Tarn", place="Szohod")
    (record,) = merged(*[said] * 50)
    (check,) = [c for c in record.checks if c.reason == "told_again"]
    assert check.detail == "drafted 50 times"


def accusation(number, claim, **more):
    return {"evidence": [number], "claim": claim, "accusers": ["Freedonia"], "accused": ["Borduria"], **more}


def records(text, *said, key="allegations"):
    document = Document.from_text(text, language="en")
    return merge(answers(*([item] for item in said), key=key, document=document))


def test_one_accused_of_two_acts_in_turn_is_accused_twice():
    text = "Freedonia accused Borduria of theft.\nFreedonia accused Borduria of arson."
    theft, arson = accusation(1, "Borduria stole grain."), accusation(2, "Borduria set a silo on fire.")
    assert len(records(text, theft, arson)) == 2


def test_one_act_told_in_two_sentences_is_one_allegation():
    text = "Freedonia accused Borduria of theft of grain.\nFreedonia said Borduria was behind the grain theft."
    (record,) = records(text, accusation(1, "Borduria stole grain."), accusation(2, "Borduria took the grain."))
    assert [e.sentence for e in record.evidence] == [1, 2]


def test_those_who_met_again_met_twice():
    text = "Odo Brask met Ilya Tarn.\nOdo Brask and Ilya Tarn met again.\nIt rained."
    first, second = meeting(1, "Odo Brask", "Ilya Tarn"), meeting(2, "Odo Brask", "Ilya Tarn")
    assert len(records(text, first, second, key="meetings")) == 2
    assert len(records(text, second, second, key="meetings")) == 1


def test_what_a_repetition_adds_brings_its_doubts_along():
    rain = "It rained.\n" * 8
    text = f"Odo Brask met Ilya Tarn.\nOdo Brask and Ilya Tarn met in Klow.\n{rain}Klopstok is far."
    first = meeting(1, "Odo Brask", "Ilya Tarn")
    (record,) = records(text, first, meeting(2, "Odo Brask", "Ilya Tarn"), key="meetings")
    assert record.verdict == "supported"
    (record,) = records(text, first, meeting(2, "Odo Brask", "Ilya Tarn", "Klopstok"), key="meetings")
    assert [p.name for p in record.participants] == ["Odo Brask", "Ilya Tarn", "Klopstok"]
    assert (record.verdict, [c.reason for c in record.flags]) == ("flagged", ["elsewhere_in_article"])


def test_what_two_drafts_of_one_record_say_otherwise_can_both_be_read():
    first = meeting(1, "Odo Brask", "Ilya Tarn", mode="meeting", outcome="in Szohod")
    (record,) = merged(first, meeting(1, "Odo Brask", "Ilya Tarn", mode="visit", outcome="on Friday"))
    assert (record.mode, record.outcome, record.verdict) == ("meeting", "in Szohod", "supported")
    told = {c.field: c.detail for c in record.checks if c.reason == "told_otherwise"}
    assert told == {
        "mode": "the other draft said 'visit'",
        "outcome": "the other draft said 'on Friday'",
    }


def test_drafts_that_say_the_same_or_nothing_are_not_told_otherwise():
    first = meeting(1, "Odo Brask", "Ilya Tarn", mode="visit", outcome="in Szohod")
    for again in (first, meeting(1, "Odo Brask", "Ilya Tarn")):
        (record,) = merged(first, again)
        assert "told_otherwise" not in {c.reason for c in record.checks}
