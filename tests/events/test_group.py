"""Records that tell one event come together; near misses stay apart; ids stay."""

import sys
from pathlib import Path
from typing import Annotated, ClassVar

import pytest

pytest.importorskip("datasketch")
pytest.importorskip("rigour")
sys.path.insert(0, str(Path(__file__).parent))

from made import FINLAND, HOLM, NORWAY, VARGA, allegation, meeting, result

from communique.events import group_events
from communique.schemas import Actor, Derived, Evidence, Identity, Mentioned, Record


def ids(*results, known=()):
    return sorted(sorted(event.record_ids) for event in group_events(results, known))


def test_one_meeting_in_two_scripts_and_two_outlets_is_one_event():
    russian = {**VARGA, "name": "Ильзе Варга"}
    first = result("a", meeting("m1", date="2024-03-12"))
    second = result("b", meeting("m2", russian, HOLM, date="2024-03-12"), language="ru")
    assert ids(first, second) == [["m1", "m2"]]


def test_states_and_those_who_speak_for_them_may_be_one_side():
    first = result("a", meeting("m1", date="2024-03-12"))
    second = result("b", meeting("m2", NORWAY, FINLAND, date="2024-03-12"))
    assert ids(first, second) == [["m1", "m2"]]


@pytest.mark.parametrize(
    "other",
    [
        meeting("m2", date="2024-03-20"),
        meeting("m2", VARGA, {**HOLM, "name": "Aino Lind"}, date="2024-03-12"),
        meeting("m2", VARGA, {"name": "Sweden", "kind": "country", "country_code": "SE"}, date="2024-03-12"),
    ],
    ids=["the same two on another day", "another minister of the same state", "another state"],
)
def test_near_misses_stay_apart(other):
    assert ids(result("a", meeting("m1", date="2024-03-12")), result("b", other)) == [["m1"], ["m2"]]


@pytest.mark.parametrize(
    ("one", "other"),
    [("199X", "2024-03-11"), ("199X", "2010"), ("198X", "199X"), ("2023-21", "2023-23"), ("2023-23", "2024-03-02")],
)
def test_seasons_and_decades_that_are_others_stay_apart(one, other):
    assert ids(result("a", meeting("m1", date=one)), result("b", meeting("m2", date=other))) == [["m1"], ["m2"]]
    for date in (one, other):
        assert ids(result("a", meeting("m1", date=date)), result("b", meeting("m2", date=date))) == [["m1", "m2"]]


def test_a_season_and_a_month_of_it_may_be_one_time():
    autumn = result("a", meeting("m1", date="2023-23"))
    assert ids(autumn, result("b", meeting("m2", date="2023-10"))) == [["m1", "m2"]]


def test_no_chain_of_undated_reports_joins_two_days():
    told = [result("a", meeting("m1", date="2024-03-10"), published="2024-03-11")]
    told += [result("b", meeting("m2"), published="2024-03-13")]
    told += [result("c", meeting("m3", date="2024-03-15"), published="2024-03-15")]
    found = ids(*told)
    assert not any({"m1", "m3"} <= set(one) for one in found)


def test_claims_are_told_apart_by_who_accuses_and_by_the_act():
    spying = "Finland spied on the radar station at Vardo with three trawlers."
    told = [
        result("a", allegation("a1", spying)),
        result("b", allegation("a2", "Finland used trawlers to spy on the Vardo radar station.")),
        result("c", allegation("a3", spying, accusers=({"name": "Sweden", "kind": "country", "country_code": "SE"},))),
        result("d", allegation("a4", "Finland forged customs papers for frozen cod.", activity="fraud")),
    ]
    assert ids(*told) == [["a1", "a2"], ["a3"], ["a4"]]


def test_two_records_of_one_article_are_two_events_unless_all_agrees():
    told = result("a", meeting("m1", date="2024-03-12"), meeting("m2", place=("Oslo", "NO")))
    assert ids(told) == [["m1"], ["m2"]]


class Strike(Record):
    """Workers stop work."""

    company: Annotated[str, Mentioned(), Identity()] = ""
    unions: tuple[Actor, ...] = ()
    subjects_of: ClassVar = ("company",)


def test_a_record_type_of_ones_own_is_grouped_by_its_markers():
    def strike(own, company):
        return Strike(id=own, company=company, derived=Derived(date="2024-03-12"), evidence=(Evidence(sentence=1),))

    told = [result("a", strike("s1", "Kestrel Optics")), result("b", strike("s2", "KESTREL OPTICS"))]
    told += [result("c", strike("s3", "Harbour Freight Lines"))]
    assert ids(*told) == [["s1", "s2"], ["s3"]]
    before = group_events(told)
    assert {(event.kind, *event.fields) for event in before} == {("strikes", "company", "date")}
    after = group_events([result("d", strike("s4", "Kestrel Optics"))], before, types=(Strike,))
    assert sorted(event.record_ids for event in after) == [("s1", "s2", "s4"), ("s3",)]


def test_the_same_results_again_change_nothing():
    told = [result("a", meeting("m1", date="2024-03-12")), result("b", meeting("m2", date="2024-03-12"))]
    before = group_events(told)
    assert [e.to_json() for e in group_events(told, before)] == [e.to_json() for e in before]
    assert [e.to_json() for e in group_events([*told, *told])] == [e.to_json() for e in before]


def test_new_results_join_and_the_ids_stay():
    before = group_events([result("b", meeting("m2", date="2024-03-12"))])
    earlier = result("a", meeting("m1", date="2024-03-12", status="planned"), published="2024-03-01")
    other = result("c", meeting("m3", date="2024-05-01"), published="2024-05-02")
    after = list(group_events([earlier, other], before))
    assert [e.id for e in after][:1] == [e.id for e in before]
    assert after[0].record_ids == ("m1", "m2")
    assert (after[0].first_told, after[0].sources[0].document) == ("2024-03-01", "a")
    assert after[1].record_ids == ("m3",)


def test_a_record_given_anew_takes_the_place_of_the_one_before():
    (before,) = group_events([result("a", meeting("m1", date="2024-03-12"))])
    (after,) = group_events([result("a", meeting("m1", date="2024-03-12", verdict="flagged"))], [before])
    assert (after.id, after.flagged) == (before.id, 1)


def test_a_record_that_its_article_no_longer_has_leaves_its_event():
    joint = [result("a", meeting("m1", date="2024-03-12")), result("b", meeting("m2", date="2024-03-12"))]
    alone, other = meeting("m3", date="2024-05-01"), meeting("m4", VARGA, FINLAND, date="2024-06-01")
    before = list(group_events([*joint, result("c", alone, other)]))
    assert [e.record_ids for e in before] == [("m1", "m2"), ("m3",), ("m4",)]

    rejected = result("b").model_copy(update={"records": {"meetings": ()}})
    after = list(group_events([rejected, result("c", other)], before))
    assert [(e.id, e.record_ids) for e in after] == [(before[0].id, ("m1",)), (before[2].id, ("m4",))]
    assert (after[0].independent_sources, after[0].why, after[1]) == (1, (), before[2])


@pytest.mark.parametrize(
    "other", [result("a", text="Another text."), result("b"), result("a", allegation("a1", "Finland spied."))]
)
def test_other_texts_and_other_types_of_records_remove_none(other):
    (before,) = group_events([result("a", meeting("m1", date="2024-03-12"))])
    named = other.model_copy(update={"records": other.records or {"meetings": ()}})
    assert before in list(group_events([named], [before]))


def test_the_order_of_the_results_does_not_matter():
    told = [result(f"d{n}", meeting(f"m{n}", date=f"2024-03-{12 + n % 2 * 9}")) for n in range(6)]
    assert [e.to_json() for e in group_events(told)] == [e.to_json() for e in group_events(told[::-1])]


def test_nothing_gives_nothing():
    assert list(group_events([])) == []
    assert list(group_events([result("a")])) == []


def test_a_capped_block_is_told(monkeypatch):
    monkeypatch.setattr(sys.modules[group_events.__module__], "CAP", 4)
    monkeypatch.setattr(sys.modules[group_events.__module__], "NEIGHBOURS", 2)
    found = group_events([result(f"d{n}", meeting(f"m{n}", date="2024-03-12")) for n in range(8)])
    assert found.compared
    assert found.not_compared
    assert len(found.groups) == 1  # the neighbours hold together


def test_what_hangs_together_beyond_measure_is_grouped_so_many_at_a_time(monkeypatch):
    monkeypatch.setattr(sys.modules[group_events.__module__], "LARGEST", 4)
    told = [result(f"d{n}", meeting(f"m{n}", date="2024-03-12")) for n in range(9)]
    told += [result("e", meeting("other", date="2024-03-19"))]
    assert ids(*told) == [[f"m{n}" for n in range(9)], ["other"]]


def test_records_of_one_id_in_one_article_are_all_there_and_stay_apart():
    first, second = meeting("m1", date="2024-03-12"), meeting("m1", NORWAY, FINLAND, date="2024-06-01")
    claim = allegation("m1", "Finland spied on the radar station at Vardo.")
    before = group_events([result("a", first, second, claim)])
    assert sorted(event.headline for event in before) == sorted([first.headline, second.headline, claim.headline])
    assert len({own for event in before for own in event.record_ids}) == 3
    after = group_events([result("a", second, first, claim)], before)
    assert [event.to_json() for event in after] == [event.to_json() for event in before]


def test_one_record_given_twice_in_one_article_is_one():
    (told,) = group_events([result("a", meeting("m1"), meeting("m1"))])
    assert len(told.members) == 1
