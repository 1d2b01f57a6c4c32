"""Changing fields by their paths: only what the path names changes, and a part without what it needs goes as a whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from communique.grounding.changes import OUT, changed, value_at
from communique.schemas import Allegation, Attribution, Meeting, Participant, Place, Response

MEETING = Meeting(
    status="held",
    participants=(
        Participant(name="Odo Brask", role="envoy"),
        Participant(name="Ilya Tarn"),
        Participant(name="Eva Holt"),
    ),
    place=Place(name="Szohod", country="Borduria"),
    when="on Monday",
    topics=("grain", "fish", "gold"),
    attributions=(Attribution(source=("Radio Zenda", "Klow Times"), cue="according to"),),
)
CLAIM = Allegation(
    claim="It stole.",
    accused=("Sylvania",),
    responses=(
        Response(type="denial", responders=("Sylvania",)),
        Response(type="other", responders=("Klow",)),
    ),
)


class Ship(BaseModel):
    name: str
    crew: int | None = None
    flags: frozenset[str] = frozenset()
    note: list[str] = []


def differing(a, b):
    return {name for name in type(a).model_fields if getattr(a, name) != getattr(b, name)}


@pytest.mark.parametrize(
    ("changes", "field", "left"),
    [
        ({"when": OUT}, "when", None),
        ({"when": "in May"}, "when", "in May"),
        ({"status": "planned"}, "status", "planned"),
        ({"mode": OUT}, "mode", "meeting"),
        ({"topics[1]": OUT}, "topics", ("grain", "gold")),
        ({"topics[0]": OUT, "topics[2]": OUT}, "topics", ("fish",)),
        ({"topics[1]": "coal"}, "topics", ("grain", "coal", "gold")),
        ({"topics": OUT}, "topics", ()),
        ({"place.country": OUT}, "place", Place(name="Szohod")),
        ({"place.name": OUT}, "place", None),
        ({"place.name": "Klow"}, "place", Place(name="Klow", country="Borduria")),
        ({"participants[1].name": OUT}, "participants", (MEETING.participants[0], MEETING.participants[2])),
        (
            {"participants[0].role": OUT},
            "participants",
            (Participant(name="Odo Brask"), *MEETING.participants[1:]),
        ),
        ({f"participants[{i}].name": OUT for i in range(3)}, "participants", ()),
        (
            {"attributions[0].source[0].name": OUT},
            "attributions",
            (Attribution(source=("Klow Times",), cue="according to"),),
        ),
        (
            {"attributions[0].source[0].name": OUT, "attributions[0].source[1].name": OUT},
            "attributions",
            (),
        ),
        ({"attributions[0].cue": OUT}, "attributions", ()),
    ],
)
def test_what_a_path_names_changes_and_nothing_else(changes, field, left):
    found = changed(MEETING, changes)
    assert getattr(found, field) == left
    assert differing(found, MEETING) == ({field} if left != getattr(MEETING, field) else set())


def test_a_part_keeps_what_is_not_named():
    assert changed(MEETING, {"place.country": OUT}).place == Place(name="Szohod")
    first, *rest = changed(MEETING, {"participants[0].role": OUT}).participants
    assert (first.name, first.role, rest) == ("Odo Brask", None, list(MEETING.participants[1:]))


def test_a_path_is_no_beginning_of_another_one():
    found = changed(MEETING, {"topics[1]": OUT, "topics[10]": OUT, "topic": OUT, "participants[0].names": OUT})
    assert found == MEETING.model_copy(update={"topics": ("grain", "gold")})


def test_a_response_goes_with_its_last_responder_and_the_others_stay():
    found = changed(CLAIM, {"responses[0].responders[0].name": OUT})
    assert found.responses == CLAIM.responses[1:]
    assert changed(CLAIM, {"responses[0]": OUT}).responses == CLAIM.responses[1:]


@pytest.mark.parametrize("changes", [{"status": OUT}, {"evidence": OUT, "status": OUT}])
def test_a_record_without_what_it_requires_is_out(changes):
    assert changed(MEETING, changes) is OUT


def test_any_model_can_be_changed():
    ship = Ship(name="Odo", crew=12, flags=frozenset({"Klow"}), note=["old", "grey"])
    assert changed(ship, {"crew": OUT, "note[0]": OUT}) == Ship(name="Odo", flags={"Klow"}, note=["grey"])
    assert changed(ship, {"flags[0]": OUT}).flags == frozenset()
    assert changed(ship, {"name": OUT}) is OUT


def test_nothing_to_change_gives_the_same_model():
    assert changed(MEETING, {}) is MEETING
    assert changed(MEETING, {"outcome[0]": OUT, "no_such_field": OUT}) == MEETING


@pytest.mark.parametrize(
    ("model", "path", "value"),
    [
        (MEETING, "when", "on Monday"),
        (MEETING, "participants[0].name", "Odo Brask"),
        (MEETING, "attributions[0].source[1].name", "Klow Times"),
        (MEETING, "topics[2]", "gold"),
        (MEETING, "topics[3]", None),
        (MEETING, "topics", None),
        (MEETING, "outcome", None),
        (MEETING, "place", None),
        (MEETING, "when.name", None),
        (MEETING, "record", None),
        (Ship(name="Odo", crew=12), "crew", "12"),
        (Ship(name="Odo", flags={"Klow"}), "flags[0]", "Klow"),
    ],
)
def test_a_single_value_is_given_as_text(model, path, value):
    assert value_at(model, path) == value


@given(st.sets(st.integers(0, 2)), st.sets(st.integers(0, 2)))
def test_what_is_left_is_what_was_not_taken_out(actors, topics):
    changes = {f"participants[{i}].name": OUT for i in actors} | {f"topics[{i}]": OUT for i in topics}
    found = changed(MEETING, changes)
    assert found.participants == tuple(a for i, a in enumerate(MEETING.participants) if i not in actors)
    assert found.topics == tuple(t for i, t in enumerate(MEETING.topics) if i not in topics)
