"""The answer to a repair: what it corrects is replaced, what it tells anew is merged, and nothing good is lost to it."""

import pytest

from communique import Document, Extractor, Plan
from communique.backends.scripted import ScriptedBackend

TEXT = (
    "Envoys meet\n\nOdo Brask met Ilya Tarn in Lund on Friday. Ewa Holt met Jan Moos in Klow on Monday."
    " Freedonia accused Borduria of taking salt from its northern mines. It rained."
)
FRIDAY = {"evidence": [2], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"], "place": "Lund"}
MONDAY = {"evidence": [3], "status": "held", "participants": ["Ewa Holt", "Jan Moos"], "place": "Klow"}
FLAWED = FRIDAY | {"participants": ["Odo Brask", "Ilya Tarn", "Zork Blah"]}
INVENTED = FRIDAY | {"participants": ["Nobody Here", "Zork Blah"]}
THEFT = {"evidence": [4], "accusers": ["Freedonia"], "accused": ["Borduria"], "commitment": "asserted"}


def answer(*meetings, allegations=()):
    return {"meetings": list(meetings), "allegations": list(allegations), "sanctions_concerns": []}


def read(*answers, **plan):
    with Extractor(ScriptedBackend(answers), plan=Plan(**plan)) as extractor:
        return extractor.extract(Document.from_text(TEXT, published="2024-05-14"))


def met(summary):
    return [([p.name for p in m.participants], m.verdict) for m in summary.meetings]


BOTH, LATER = (["Odo Brask", "Ilya Tarn"], "supported"), (["Ewa Holt", "Jan Moos"], "supported")


@pytest.mark.parametrize(
    ("worse", "reason"),
    [
        (FRIDAY | {"participants": ["Qqq Www", "Rrr Zzz"]}, "nobody_left"),
        (FRIDAY | {"participants": ["Odo Brask and Tarn delegations"]}, "nobody_left"),
        (FRIDAY | {"evidence": [99]}, "no_evidence"),
        (FRIDAY | {"evidence": []}, "no_evidence"),
        ("Odo Brask met Ilya Tarn", "malformed"),
    ],
)
def test_a_worse_record_does_not_replace_one_that_can_be_kept(worse, reason):
    summary = read(answer(FLAWED, MONDAY), answer(worse))
    assert met(summary) == [(["Odo Brask", "Ilya Tarn"], "flagged"), LATER]
    assert [r.reason for r in summary.rejections] == [reason]


def test_a_record_with_more_flags_does_not_replace_one_with_fewer():
    more = FLAWED | {"participants": ["Odo Brask", "Ilya Tarn", "Zork Blah", "Rrr Zzz"], "when": "on Sunday"}
    summary = read(answer(FLAWED), answer(more))
    (meeting,) = summary.meetings
    assert len(meeting.flags) == 1


@pytest.mark.parametrize("first", [(INVENTED, FLAWED), (FLAWED, INVENTED)])
def test_a_correction_replaces_the_record_that_it_is_most_like(first):
    summary = read(answer(*first), answer(FRIDAY))
    assert met(summary) == [BOTH]
    assert [[p["name"] for p in r.draft["participants"]] for r in summary.rejections] == [["Nobody Here", "Zork Blah"]]


@pytest.mark.parametrize("repaired", [(FRIDAY, MONDAY), (MONDAY, FRIDAY)])
def test_corrections_find_their_records_in_any_order(repaired):
    wrong = MONDAY | {"participants": ["Ewa Holt", "Jan Moos", "Zork Blah"]}
    assert met(read(answer(FLAWED, wrong), answer(*repaired))) == [BOTH, LATER]


def test_a_corrected_number_of_a_sentence_is_a_correction():
    summary = read(answer(FRIDAY | {"evidence": [99]}, MONDAY), answer(FRIDAY))
    assert (met(summary), summary.rejections) == ([BOTH, LATER], ())


def test_another_record_replaces_nothing_that_can_be_kept():
    assert met(read(answer(FLAWED), answer(MONDAY))) == [(["Odo Brask", "Ilya Tarn"], "flagged"), LATER]


def test_one_record_corrected_into_two_is_two():
    fused = FRIDAY | {
        "evidence": [2, 3],
        "participants": ["Odo Brask", "Ilya Tarn", "Ewa Holt", "Jan Moos", "Zork Blah"],
    }
    assert met(read(answer(fused), answer(FRIDAY, MONDAY))) == [BOTH, LATER]


def test_what_was_fine_and_is_told_anew_is_one_record():
    said = (THEFT | {"claim": claim} for claim in ("Borduria takes salt", "Salt was taken from mines of Freedonia"))
    first, second = (
        answer(*m, allegations=[a]) for m, a in zip(((FLAWED, MONDAY), (FRIDAY, MONDAY)), said, strict=True)
    )
    del second["meetings"][1]["place"]
    summary = read(first, second)
    assert met(summary) == [BOTH, LATER]
    assert [a.claim for a in summary.allegations] == ["Borduria takes salt"]
    assert summary.rejections == ()


def test_a_second_repair_corrects_what_the_first_one_added():
    wrong = MONDAY | {"participants": ["Ewa Holt", "Jan Moos", "Zork Blah"]}
    summary = read(answer(FLAWED), answer(FRIDAY, wrong), answer(MONDAY), repair_rounds=2)
    assert (met(summary), summary.rejections) == ([BOTH, LATER], ())
