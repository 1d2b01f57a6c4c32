"""What an event holds: every value with who gives it, contradictions, denials, copies, and why."""

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("datasketch")
pytest.importorskip("rigour")
sys.path.insert(0, str(Path(__file__).parent))

from made import FINLAND, VARGA, allegation, meeting, result

from communique.errors import UnreadableDocumentError
from communique.events import group_events, read_events
from communique.schemas import VerifiedSummary

LONG = " ".join(f"The harbour council heard witness number {n} speak of grain and fees." for n in range(12))


def only(*results):
    (event,) = group_events(results)
    return event


def test_held_in_one_and_cancelled_in_another_stand_side_by_side():
    told = only(
        result("a", meeting("m1", date="2024-03-12"), outlet="A"),
        result("b", meeting("m2", date="2024-03-12", status="cancelled"), outlet="B"),
    )
    (found,) = told.contradictions
    assert (found.field, found.over_time) == ("status", False)
    assert [(v.value, [c.document for c in v.told_by]) for v in found.values] == [("held", ["a"]), ("cancelled", ["b"])]
    assert told.independent_sources == 2


def test_planned_then_held_is_a_development():
    told = only(
        result("a", meeting("m1", date="2024-03-12", status="planned"), published="2024-03-05"),
        result("b", meeting("m2", date="2024-03-12"), published="2024-03-13"),
    )
    assert [(c.field, c.over_time) for c in told.contradictions] == [("status", True)]
    assert (told.first_told, told.last_told) == ("2024-03-05", "2024-03-13")
    assert told.headline.endswith("met.")


def test_numbers_of_one_thing_that_differ_are_shown():
    told = only(
        result("a", allegation("a1", "Finland shelled the port of Vardo and left 12 dead.", activity="killing")),
        result("b", allegation("a2", "Finland shelled the port of Vardo and left 15 dead.", activity="killing")),
    )
    numbers = next(c for c in told.contradictions if c.field == "numbers")
    assert [v.value for v in numbers.values] == ["12 dead", "15 dead"]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("1,200 people", "1200 people", []),
        ("1.200 people", "1200 people", []),
        ("1\u00a0200 people", "1200 people", []),
        ("1\u202f200 people", "1 200 people", []),
        ("1,50,000 people", "150,000 people", []),
        ("12,5 percent", "12.5 percent", []),
        ("1 200 people", "2 200 people", ["1 200 people", "2 200 people"]),
        ("1,200 people", "1,300 people", ["1,200 people", "1,300 people"]),
        ("1,234,56 people", "1200 people", ["1,234,56 people", "1200 people"]),
        ("of 2024 200 people", "of 2023 200 people", []),
    ],
)
def test_numbers_are_compared_by_what_they_mean(one, other, found):
    first, second = (f"Finland shelled the port of Vardo and hurt {number}." for number in (one, other))
    told = only(
        result("a", allegation("a1", first, activity="killing")),
        result("b", allegation("a2", second, activity="killing")),
    )
    assert [v.value for c in told.contradictions if c.field == "numbers" for v in c.values] == found


def test_denials_are_gathered_from_all():
    claim = "Finland spied on the radar station at Vardo."
    told = only(
        result("a", allegation("a1", claim)),
        result("b", allegation("a2", claim, denied_by=(FINLAND,))),
    )
    (answer,) = told.responses
    assert answer.value == {"type": "denial", "responders": ["Finland"], "cue": "denied"}
    assert [c.document for c in answer.told_by] == ["b"]


def test_copies_count_as_one_source_and_so_do_two_articles_of_one_outlet():
    told = only(
        result("a", meeting("m1", date="2024-03-12"), outlet="A", text=LONG),
        result("b", meeting("m2", date="2024-03-12"), outlet="B", text=LONG + " More soon."),
        result("c", meeting("m3", date="2024-03-12"), outlet="C", text="Varga and Holm sat down at noon. " * 9),
        result("d", meeting("m4", date="2024-03-12"), outlet="C", text="They parted. " * 30),
    )
    assert [(s.document, s.copy_of, s.copy_basis) for s in told.sources][:2] == [("a", None, None), ("b", "a", "text")]
    assert told.independent_sources == 2  # A's text, wherever it stands, and C


def test_the_source_records_are_untouched_and_each_says_why():
    record = meeting("m1", VARGA, FINLAND, date="2024-03-12")
    told = only(result("a", record), result("b", meeting("m2", date="2024-03-12")))
    assert VerifiedSummary.from_json(told.members[0]).meetings == (record,)
    assert {w.record for w in told.why} == {"m1", "m2"}
    assert set(told.why[0].parts) == {"subjects", "date", "activity"}


def test_flagged_records_take_part_and_are_marked():
    told = only(result("a", meeting("m1", verdict="flagged")), result("b", meeting("m2")))
    assert told.flagged == 1
    assert [c.flagged for c in told.fields["status"][0].told_by] == [True, False]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "x"', "line 1: no event: Invalid JSON"),
        ('{"document": {}}', "no event: id: Field required"),
        ('{"events_version": "9.0", "members": []}', "events_version: Input should be '1.0'"),
        ('{"events_version": "1.0", "members": [], "id": 7}', "line 1: no event: id"),
    ],
)
def test_a_broken_file_of_events_is_one_line(tmp_path, line, said):
    path = tmp_path / "events.jsonl"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(UnreadableDocumentError, match=said):
        list(read_events(path))


def test_events_are_read_back_as_they_were(tmp_path):
    path = tmp_path / "events.jsonl"
    event = only(result("a", meeting("m1")), result("b", meeting("m2")))
    path.write_text(event.to_json() + "\n", "utf-8")
    assert list(read_events(path)) == [event]
    assert json.loads(event.to_json())["events_version"] == "1.0"


def test_two_texts_of_one_id_are_one_source_unless_their_outlets_differ():
    def sources(first, second):
        told = only(
            result("a", meeting("m1", date="2024-03-12"), outlet=first, text="Varga met Holm."),
            result("a", meeting("m2", date="2024-03-12"), outlet=second, text="Holm received Varga."),
        )
        assert len(told.sources) == 2
        return told.independent_sources

    assert sources("Harbour Post", "Nordic Wire") == 2
    assert sources("Harbour Post", "Harbour Post") == 1
    assert sources(None, None) == 1


@pytest.mark.parametrize("never", ["yesterday", "9999999999", "2024-13-40"])
def test_a_publication_without_a_date_is_neither_the_first_nor_the_last(never):
    told = only(
        result("a", meeting("m1", date="2024-03-12"), published="2024-03-13"),
        result("b", meeting("m2", date="2024-03-12"), published="2024-03-15T08:00:00Z"),
        result("c", meeting("m3", date="2024-03-12"), published=never),
    )
    assert (told.first_told, told.last_told) == ("2024-03-13", "2024-03-15T08:00:00Z")
    undated = only(result("c", meeting("m3", date="2024-03-12"), published=never))
    assert (undated.first_told, undated.last_told) == (None, None)


def member(event):
    return event["members"][0]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda event: event["members"].append("no JSON"), "members.2: Input should be an object"),
        (lambda event: event["members"].clear(), "members: Tuple should have at least 1 item"),
        (lambda event: event["sources"].clear(), "sources: Tuple should have at least 1 item"),
        (lambda event: event["sources"][0].update(signature="text:?"), "sources.0.signature: "),
        (lambda event: event.update(reviewed_by="me"), "reviewed_by: Extra inputs are not permitted"),
        (lambda event: member(event).pop("document"), "member 1: not a result of communique"),
        (lambda event: member(event)["document"].pop("sha256"), "member 1: document.sha256: Field required"),
        (lambda event: member(event)["document"].update(by="me"), "member 1: document.by: Extra inputs"),
        (lambda event: member(event).update(meetings=7), "member 1: meetings: a list of records was expected"),
        (lambda event: member(event).update(meetings=[]), "member 1 isn't one of the meetings, with an id"),
        (lambda event: member(event).pop("meetings"), "member 1 isn't one of the meetings, with an id"),
        (lambda event: member(event)["meetings"][0].pop("id"), "member 1 isn't one of the meetings, with an id"),
        (lambda event: member(event)["meetings"][0].update(status=3), "member 1: status: Input should be"),
        (lambda event: member(event).update(schema_version="9.0"), "member 1: schema version 9.0"),
    ],
)
def test_an_event_that_was_edited_wrongly_is_one_line(tmp_path, edit, said):
    path = tmp_path / "events.jsonl"
    event = only(result("a", meeting("m1")), result("b", meeting("m2")))
    edited = json.loads(event.to_json())
    edit(edited)
    path.write_text(f"{event.to_json()}\n{json.dumps(edited)}\n", "utf-8")
    with pytest.raises(UnreadableDocumentError) as error:
        list(read_events(path))
    assert f"events.jsonl, line 2: no event: {said}" in str(error.value)
    assert "communique events" in error.value.hint
    assert "\n" not in str(error.value)
