"""An item becomes a record: which words say nothing depends on the type, and a value that can't be read costs only itself."""

import datetime as dt
import enum
from decimal import Decimal
from typing import Annotated, Literal, NewType

import pytest
from pydantic import RootModel, field_validator, model_validator
from typing_extensions import TypeAliasType

from communique import Extractor, Mentioned, Plan, Quoted, Record, StatedNumber
from communique.backends.scripted import ScriptedBackend
from communique.prompts.answer import fitted
from communique.schemas.parts import Actor, Place
from communique.schemas.record import Part

Level = TypeAliasType("Level", Literal["none", "some"])
Word = NewType("Word", str)


class Cause(enum.Enum):
    unknown = "unknown"
    fire = "fire"


class Ship(Part):
    name: Annotated[str, Mentioned()]
    flag: Annotated[str | None, Quoted()] = None
    tons: int | None = None


class Names(RootModel[list[str]]):
    pass


class Sinking(Record):
    """A ship sinks."""

    ship: Ship
    cause: Cause = Cause.fire
    loss: Level
    crew: int | None = None
    owner: Annotated[str | None, Mentioned()] = None
    captain: Actor | None = None
    place: Place | None = None
    witnesses: list[Actor] = []  # noqa: RUF012 - Pydantic copies it
    cargo: tuple[str, ...] = ()
    others: Names = Names([])
    day: dt.date | None = None
    value: Decimal | None = None
    note: str | None
    hull: Word | None = None


WHOLE = {"evidence": [1], "ship": {"name": "Ida"}, "loss": "none", "note": None}


def record(text="", **said):
    found = fitted(Sinking, WHOLE | said, text)
    assert isinstance(found, Sinking), found
    return found


def notes(found):
    return [(c.field, c.outcome, c.reason) for c in found.checks]


def test_a_word_for_nothing_is_a_choice_where_the_list_has_it():
    found = record(cause="unknown", loss=" None ")

    assert (found.cause, found.loss, notes(found)) == (Cause.unknown, "none", [])


@pytest.mark.parametrize("field", ["crew", "owner", "captain", "place", "day", "value", "note", "hull"])
@pytest.mark.parametrize("word", ["none", "Unknown", "N/A", "", " null", None])
def test_elsewhere_it_says_nothing(field, word):
    found = record(**{field: word})

    assert (getattr(found, field), notes(found)) == (None, [])


def test_in_lists_and_parts_it_says_nothing_either():
    found = record(
        witnesses=["N/A", {"name": "Ole Vang", "role": "none"}, {"name": "unknown"}],
        cargo=["n/a", "coal", None],
        others=["unknown", "Eva"],
        place={"name": "unknown", "country": None},
        ship={"name": "Ida", "flag": "null", "tons": "n/a"},
    )

    assert [(w.name, w.role) for w in found.witnesses] == [("Ole Vang", None)]
    assert (found.cargo, found.others.root, found.place) == (("coal",), ["Eva"], None)
    assert (found.ship, notes(found)) == (Ship(name="Ida"), [])


def test_it_is_a_name_where_the_article_has_it_so():
    text = "Christopher Null, the owner of the Unknown, said none of them was hurt."
    found = record(text, owner="Null", ship={"name": "Unknown"}, witnesses=["Null", "None", "unknown"])

    assert (found.owner, found.ship.name, [w.name for w in found.witnesses]) == ("Null", "Unknown", ["Null"])


def test_a_person_named_null_is_supported_and_one_that_is_not_there_is_not():
    class Resignation(Record):
        """Somebody resigns."""

        who: Annotated[str, Mentioned()]

    said = {"resignations": [{"evidence": [1], "who": "Null"}]}
    extractor = Extractor(ScriptedBackend(lambda _: said), records=[Resignation])

    assert extractor.extract("Null resigned, a minister said.").of(Resignation)[0].verdict == "supported"
    assert extractor.extract("The minister resigned on Friday.").of(Resignation) == ()


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"crew": "1,200"}, "crew"),
        ({"day": "14 May 2024"}, "day"),
        ({"cause": "storm"}, "cause"),
        ({"value": [1]}, "value"),
        ({"ship": {"name": "Ida", "tons": "heavy"}}, "ship.tons"),
        ({"captain": {"role": "captain"}}, "captain"),
        ({"witnesses": [{"name": "Eva", "kind": "sailor"}]}, "witnesses[0].kind"),
        ({"witnesses": ["Eva", 7]}, "witnesses[1]"),
        ({"cargo": ["coal", {"of": "tin"}]}, "cargo[1]"),
        ({"others": [1]}, "others[0]"),
        ({"evidence": [1, "two"]}, "evidence[1]"),
    ],
)
def test_an_optional_value_that_cannot_be_read_costs_only_itself(said, path):
    found = record(**said)

    assert notes(found) == [(path, "unsupported", "unreadable")]
    assert found.ship.name == "Ida"


def test_what_is_left_out_is_told_with_the_words_that_were_said():
    (note,) = record(crew="some forty").checks

    assert note.detail.startswith('"some forty" can\'t be read: ')


def test_several_values_that_cannot_be_read_are_each_told():
    found = record(crew="x", day="y", witnesses=[1, "Eva", 2], ship={"name": "Ida", "tons": "z"})

    assert len(notes(found)) == 5
    assert [w.name for w in found.witnesses] == ["Eva"]


@pytest.mark.parametrize(
    ("said", "why"),
    [({"ship": {"tons": 7}}, "ship"), ({"loss": "much"}, "loss"), ({"loss": None}, "loss"), ({"ship": 3}, "ship")],
)  # fmt: skip
def test_a_required_value_that_cannot_be_read_costs_the_record(said, why):
    found = fitted(Sinking, WHOLE | said)

    assert isinstance(found, str)
    assert found.startswith(why)


def test_a_lone_value_is_a_list_of_one():
    found = record(cargo="coal", witnesses={"name": "Eva"}, others="Ole", evidence=1)

    assert (found.cargo, found.witnesses[0].name, found.others.root) == (("coal",), "Eva", ["Ole"])
    assert [e.sentence for e in found.evidence] == [1]


def test_a_key_that_was_not_asked_for_is_told_and_costs_nothing():
    found = record(confidence=0.9, ship={"name": "Ida", "mood": "calm"}, captain=None, colour=None)

    assert sorted(notes(found)) == [
        ("confidence", "unsupported", "not_asked_for"),
        ("ship.mood", "unsupported", "not_asked_for"),
    ]


def test_what_code_fills_in_a_part_is_not_taken_from_a_model():
    found = record(captain={"name": "Eva", "country_code": "xx", "aliases": ["Evita"]})

    assert (found.captain.country_code, found.captain.aliases, notes(found)) == (None, (), [])


def test_a_validator_of_the_whole_that_refuses_costs_the_record_and_one_of_an_optional_field_the_value():
    class Vote(Record):
        """A vote."""

        ayes: int | None = None
        noes: int = 0

        @field_validator("ayes")
        @classmethod
        def positive(cls, value):
            if value is not None and value < 0:
                raise ValueError("negative")
            return value

        @model_validator(mode="after")
        def decided(self):
            if self.noes > 99:
                raise ValueError("too many")
            return self

    assert fitted(Vote, {"evidence": [1], "ayes": -3}).ayes is None
    assert "too many" in fitted(Vote, {"evidence": [1], "noes": 100})


def test_it_is_asked_for_again_and_then_the_record_is_flagged():
    class Pledge(Record):
        """Aid is pledged."""

        donor: Annotated[str, Mentioned()]
        amount: Annotated[int | None, StatedNumber()] = None

    asked = []

    def answer(prompt):
        asked.append(prompt.messages[-1].content)
        amount = "1,200" if len(asked) % 2 else 1200
        return {"pledges": [{"evidence": [1], "donor": "Varnia", "amount": amount}]}

    def read(rounds):
        asked.clear()
        backend = ScriptedBackend(answer)
        summary = Extractor(backend, records=[Pledge], plan=Plan(repair_rounds=rounds)).extract(
            "Varnia pledged 1,200 tons."
        )
        return [(p.amount, p.verdict) for p in summary.of(Pledge)]

    assert read(1) == [(1200, "supported")]
    assert "pledges[0].amount" in asked[1]
    assert read(0) == [(None, "flagged")]


def test_a_required_value_that_the_article_lacks_is_asked_for_again_and_then_costs_the_record_with_its_reason():
    class Toll(Record):
        """People die."""

        dead: Annotated[int, StatedNumber()]

    def read(rounds):
        backend = ScriptedBackend([{"tolls": [{"evidence": [1], "dead": n}]} for n in (30, 3)])
        summary = Extractor(backend, records=[Toll], plan=Plan(repair_rounds=rounds)).extract(
            "The flood killed 3 people in Lund, the police said."
        )
        return [t.dead for t in summary.of(Toll)], [
            (r.field, r.reason, [c.was for c in r.checks]) for r in summary.rejections
        ]

    assert read(1) == ([3], [])
    assert read(0) == ([], [("dead", "number_not_in_evidence", ["30"])])


def test_a_required_part_that_loses_all_its_names_costs_the_record_with_the_reason_of_the_first():
    class Crew(Part):
        names: tuple[Annotated[str, Mentioned()], ...]

    class Rescue(Record):
        """A crew is rescued."""

        crew: Crew

    said = {"rescues": [{"evidence": [1], "crew": {"names": ["Ewa Brandt", "Kai Lomm"]}}]}
    summary = Extractor(ScriptedBackend(lambda _: said), records=[Rescue]).extract("A crew was rescued on Monday.")

    assert [(r.field, r.reason) for r in summary.rejections] == [("crew.names[0]", "not_in_article")]
