"""Record types of one's own in the outputs: what is no sentence isn't shown as one, and an enumeration by its value."""

import csv
import json
from enum import Enum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel

from communique import Extractor, Mentioned, Record
from communique.backends.scripted import ScriptedBackend
from communique.grounding.changes import OUT, changed, value_at
from communique.review.decision import stated
from communique.schemas import DocumentInfo, Evidence, Part, VerifiedSummary, Worded, leaves
from communique.schemas.record_type import record_type
from communique.sinks import FanOut, sink_named
from communique.sinks.cards import card_of, origin_of
from communique.sinks.ftm import entities
from communique.sinks.html_report import cards_of
from communique.sinks.jsonld import nodes


class Resignation(BaseModel):
    """Somebody gives up an office."""

    who: str
    office: str | None = None


class Kind(str, Enum):  # noqa: UP042 - whose str() is its name, unlike that of StrEnum
    general = "general"
    wild = "wildcat"


class Level(Enum):
    low = 1
    high = 2


class Walkout(Record):
    """Workers stop working."""

    union: Annotated[str, Mentioned()]
    kind: Kind = Kind.general
    kinds: tuple[Kind, ...] = ()
    level: Level | None = None
    status: Kind | None = None
    sector: Literal["rail", "port"] | None = None


class Flag(Part):
    """A flag."""

    colours: Annotated[frozenset[str], Mentioned()] = frozenset()


class Parade(Record):
    """Flags are shown."""

    names: Annotated[set[str], Mentioned()]
    kinds: frozenset[Kind] = frozenset()
    flag: Flag | None = None


class Statement(Record):
    """Somebody says something."""

    who: str
    said: Annotated[str, Worded()]


EVIDENCE = (Evidence(sentence=2, exact="It is so.", start=7, end=16),)
RESIGNED = record_type(Resignation)(who="Ilse Varga", office="mayor of Amsel", evidence=EVIDENCE)
STRUCK = Walkout(
    union="Dockers", kind="wildcat", kinds=("wildcat", "general"), level=2, status="general", sector="port",
    evidence=EVIDENCE,
)  # fmt: skip


def summary_of(record):
    return VerifiedSummary(document=DocumentInfo(id="a", sha256="0"), records={type(record).plural: (record,)})


def facts_of(record):
    return {f.label: [v.text for v in f.values] for f in card_of(type(record).plural, record).facts}


def test_an_unmarked_field_is_not_shown_as_the_record_s_sentence():
    told, summary = "Resignation: who Ilse Varga; office mayor of Amsel", summary_of(RESIGNED)

    card, (_, claim), (_, note) = cards_of(summary)[0], nodes(summary), entities(summary)

    assert (card.headline, card.headline_origin, card.own_words) == (told, "rendered", "")
    assert facts_of(RESIGNED) == {"Who": ["Ilse Varga"], "Office": ["mayor of Amsel"]}
    assert claim["text"] == told
    assert note["properties"]["description"] == [told]


def test_a_field_that_is_marked_as_a_sentence_is():
    card = card_of("statements", Statement(who="Ilse Varga", said="The port is closed."))

    assert card.own_words == "The port is closed."
    assert [f.label for f in card.facts] == ["Who"]


def test_an_enumeration_is_shown_by_its_value():
    card = card_of("walkouts", STRUCK)

    assert card.own_words == ""
    assert card.headline == (
        "Walkout: union Dockers; kind wildcat; kinds wildcat, general; level 2; status general; sector port"
    )
    assert facts_of(STRUCK) == {
        "Union": ["Dockers"],
        "Kind": ["wildcat"],
        "Kinds": ["wildcat", "general"],
        "Level": ["2"],
        "Sector": ["port"],
    }
    assert card.badges == ("general",)


def test_an_empty_field_is_no_badge():
    assert card_of("walkouts", Walkout(union="Dockers")).badges == ()


@pytest.mark.parametrize("field", ["kind", "kinds", "level", "status", "sector"])
def test_a_value_of_an_enumeration_is_chosen(field):
    assert origin_of(Walkout, field) == "chosen"


def test_an_enumeration_is_its_value_in_a_table(tmp_path):
    with FanOut([(sink_named("csv"), tmp_path / "out.csv")]) as out:
        out.write(summary_of(STRUCK))

    with (tmp_path / "out.walkouts.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)

    found = {name: row[name] for name in ("union", "kind", "kinds", "level", "status", "sector")}
    assert found == {
        "union": "Dockers",
        "kind": "wildcat",
        "kinds": "wildcat; general",
        "level": "2",
        "status": "general",
        "sector": "port",
    }


NAMES = [f"Amsel{chr(97 + i)}" for i in range(20)]
SHUFFLED = NAMES[::-1][::2] + NAMES[::-1][1::2]
TEXT = f"Parade\n\nThe flags of {', '.join(SHUFFLED)} were shown."


def parade():
    draft = {"evidence": [2], "names": SHUFFLED, "kinds": ["wildcat", "general"], "flag": {"colours": SHUFFLED}}
    return Extractor(ScriptedBackend([{"parades": [draft]}]), records=[Parade]).extract(TEXT)


def test_a_set_has_the_same_order_in_every_run():
    """Of 20 texts, whose order in a set differs from run to run."""
    summary = parade()
    (record,) = summary.of(Parade)
    (told,) = summary.to_dict()["parades"]

    assert (told["names"], told["flag"]["colours"], told["kinds"]) == (NAMES, NAMES, ["general", "wildcat"])
    assert record.headline == f"Parade: names {', '.join(NAMES)}; kinds general, wildcat"
    assert stated(record) == {
        "names": NAMES, "kinds": ["general", "wildcat"], "flag": {"colours": NAMES}, "evidence": [2]
    }  # fmt: skip
    assert facts_of(record)["Names"] == NAMES
    (row,) = summary.rows()
    assert (row["names"], row["kinds"]) == ("; ".join(NAMES), "general; wildcat")
    assert json.loads(row["flag"]) == {"colours": NAMES}


def test_a_set_has_the_same_order_in_parquet(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    with FanOut([(sink_named("parquet"), tmp_path / "out.parquet")]) as out:
        out.write(parade())

    (row,) = parquet.read_table(tmp_path / "out.parades.parquet").to_pylist()
    assert (row["names"], row["flag"]) == (NAMES, {"colours": NAMES})


def test_a_path_into_a_set_leads_to_the_same_value_everywhere():
    (record,) = parade().of(Parade)

    places = {s.field: TEXT[s.start : s.end] for s in record.support}
    assert places == {f"{field}[{i}]": name for field in ("names", "flag.colours") for i, name in enumerate(NAMES)}
    assert {leaf.path: leaf.value for leaf in leaves(record, marked=Mentioned)} == places
    assert {path: value_at(record, path) for path in places} == places
    assert changed(record, {"names[3]": OUT}).names == {*NAMES} - {NAMES[3]}
