"""A model that somebody brings keeps its settings, comes back from its output, and is refused once if it can't be asked for."""

import concurrent.futures as futures
import datetime as dt
import enum
import json
import pickle
from typing import Annotated, ClassVar, Generic, Literal, NewType, TypeVar

import pytest
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    computed_field,
    model_validator,
)
from typing_extensions import TypeAliasType

from communique import Extractor, Mentioned, Plan, Record, VerifiedSummary
from communique.backends.scripted import ScriptedBackend
from communique.errors import ConfigurationError
from communique.prompts import brief_schema, full_schema
from communique.schemas.json_schema import output_schema
from communique.schemas.record_type import is_plain, record_type
from communique.sinks.csv_table import CsvSink
from communique.sinks.parquet import ParquetSink
from communique.sinks.sink import SinkOptions

TEXT = "Varnia gave 12 ships to Olmark on Monday."
T = TypeVar("T")


def read(kind, /, text=TEXT, **said):
    key = next(iter(full_schema((record_type(kind),))["properties"]))
    answer = {key: [{"evidence": [1], **said}]}
    return Extractor(ScriptedBackend(lambda _: answer), records=[kind]).extract(text)


def one(kind, /, **said):
    summary = read(kind, **said)
    assert summary.rejections == ()
    (record,) = summary.of(kind)
    again = VerifiedSummary.from_json(json.loads(json.dumps(summary.model_dump(mode="json"))), [kind])
    assert again.of(kind) == (record,)
    return record


def asked(kind):
    (records,) = full_schema((record_type(kind),))["properties"].values()
    return records["items"]["properties"]


class Counted(BaseModel):
    who: str
    letters: int = 0

    @model_validator(mode="after")
    def count(self):
        self.letters = len(self.who)
        return self


class Exact(BaseModel):
    model_config = ConfigDict(strict=True)
    who: str
    on: dt.date | None = None
    tags: tuple[str, ...] = ()


class Trimmed(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True, str_to_upper=True, extra="forbid", frozen=True)
    who: str


def test_a_validator_may_set_fields():
    assert one(Counted, who="Varnia").letters == 6


def test_a_strict_model_is_read_as_json_is():
    found = one(Exact, who="Varnia", on="2026-03-02", tags=["a"])

    assert (found.on, found.tags) == (dt.date(2026, 3, 2), ("a",))


def test_what_its_configuration_does_to_text_is_done():
    assert one(Trimmed, who="  Varnia ").who == "VARNIA"


class Money(BaseModel):
    giver: str = Field(alias="from")
    taker: str = Field(validation_alias=AliasChoices("to", "recipient"), serialization_alias="dest")


class Deal(BaseModel):
    model_config = ConfigDict(alias_generator=str.upper, serialize_by_alias=True)
    money: Money
    ships: int


@pytest.mark.parametrize(
    "said",
    [
        {"money": {"giver": "Varnia", "taker": "Olmark"}, "ships": 12},
        {"MONEY": {"from": "Varnia", "recipient": "Olmark"}, "SHIPS": 12},
    ],
)
def test_aliases_are_understood_and_names_are_asked_for_and_written(said):
    found = one(Deal, **said)
    out = read(Deal, **said).model_dump(mode="json")["deals"][0]

    assert (found.money.giver, found.money.taker, found.ships) == ("Varnia", "Olmark", 12)
    assert list(asked(Deal)["money"]["properties"]) == ["giver", "taker"]
    assert list(out) == [
        "headline",
        "evidence",
        "id",
        "verdict",
        "support",
        "checks",
        "judgements",
        "derived",
        "money",
        "ships",
    ]
    assert out["money"] == {"giver": "Varnia", "taker": "Olmark"}
    told = output_schema((record_type(Deal),))["$defs"]
    assert {"evidence", "money", "ships"} <= set(told["Deal"]["properties"])
    assert set(told["Money"]["properties"]) == {"giver", "taker"}
    plain = next(VerifiedSummary.from_json(read(Deal, **said).model_dump(mode="json")).all_records())
    assert (plain.verdict, plain.evidence[0].exact) == ("flagged", TEXT)


def test_ours_that_derives_with_an_alias_generator_keeps_our_names():
    class Gift(Record):
        """A gift."""

        model_config = ConfigDict(alias_generator=str.upper, serialize_by_alias=True)
        giver: Annotated[str, Mentioned()]

    assert one(Gift, giver="Varnia").verdict == "supported"
    assert "evidence" in read(Gift, GIVER="Varnia").of(Gift)[0].model_dump()


class Priced(BaseModel):
    model_config = ConfigDict(extra="forbid")
    unit: str

    @computed_field
    @property
    def shout(self) -> str:
        return self.unit.upper()


class Computing(Record):
    """It computes."""

    who: str
    goods: list[Priced] = []  # noqa: RUF012 - Pydantic copies it
    best: Priced | None = None

    @computed_field
    @property
    def upper(self) -> str:
        return self.who.upper()


def test_what_a_model_computes_is_written_and_comes_back():
    said = {"who": "Varnia", "goods": [{"unit": "ships"}], "best": {"unit": "ships"}}
    assert one(Computing, **said).upper == "VARNIA"
    out = read(Computing, **said).model_dump(mode="json")["computings"][0]
    assert (out["upper"], out["goods"][0]["shout"]) == ("VARNIA", "SHIPS")


class Evidence(BaseModel):
    kind: str


class Trial(BaseModel):
    exhibits: list[Evidence]
    trial: str = ""


def test_a_part_may_be_called_as_one_of_ours_or_as_what_holds_it():
    class Box(BaseModel):
        box: Literal["a"]

    outer = type("Box", (BaseModel,), {"__annotations__": {"box": Box}, "__module__": __name__})

    assert asked(Trial)["exhibits"]["items"]["properties"] == {"kind": {"type": "string"}}
    assert one(Trial, exhibits=[{"kind": "ships"}]).exhibits[0].kind == "ships"
    assert "box" in asked(outer)["box"]["properties"]


class Names(RootModel[list[str]]):
    pass


class Holder(BaseModel):
    names: Names
    more: list[Names] = []


def test_a_root_model_is_asked_for_as_what_it_holds():
    assert asked(Holder)["names"] == {"type": "array", "items": {"type": "string"}}
    found = one(Holder, names=["Varnia", "none"], more=[["Olmark"]])
    assert (found.names.root, found.more[0].root) == (["Varnia"], ["Olmark"])
    assert [c.field for c in found.flags] == ["names[0]", "more[0][0]"]


Tone = TypeAliasType("Tone", Literal["mild", "sharp"])
Tones = TypeAliasType("Tones", list[Tone] | None)
Grade = NewType("Grade", Literal["a", "b"])  # type: ignore[valid-newtype]


class Loop(RootModel[list["Loop"]]):
    pass


class Kind(str, enum.Enum):  # noqa: UP042 - as others write it
    a = "a"
    b = "b"


class Mixed(enum.Enum):
    one = 1
    word = "w"


class Choosing(BaseModel):
    kind: Kind
    level: Literal[1, 2]
    tone: Tone
    tones: Tones = None
    grade: Grade | None = None
    mixed: Mixed | Literal[True] = True
    either: Literal["x", None] = None  # noqa: PYI061 - as others write it


def test_every_closed_list_has_a_type_and_keeps_its_choices():
    text = {"type": "string", "enum": ["mild", "sharp"]}
    null = {"type": "null"}
    found = asked(Choosing)

    assert found["kind"] == {"type": "string", "enum": ["a", "b"]}
    assert found["level"] == {"type": "integer", "enum": [1, 2]}
    assert found["tone"] == text
    assert found["tones"] == {"anyOf": [{"type": "array", "items": text}, null]}
    assert found["grade"] == {"anyOf": [{"type": "string", "enum": ["a", "b"]}, null]}
    assert found["mixed"]["anyOf"] == [
        {"type": "integer", "enum": [1]},
        {"type": "string", "enum": ["w"]},
        {"type": "boolean", "enum": [True]},
    ]
    assert found["either"] == {"anyOf": [{"type": "string", "enum": ["x"]}, null]}
    record = one(Choosing, kind="b", level=2, tone="mild", tones=["sharp"], mixed="w")
    assert (record.kind, record.tones, record.mixed) == (Kind.b, ["sharp"], Mixed.word)


class Wrap(BaseModel, Generic[T]):
    value: T


class Rüge(BaseModel):
    """Jemand rügt."""

    größe: str
    straße: str | None = None


@pytest.mark.parametrize("shape", [full_schema, brief_schema])
def test_keys_are_of_letters_that_every_provider_takes(shape):
    def keys(schema):
        if isinstance(schema, dict):
            yield from schema.get("properties", ())
        for value in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
            yield from keys(value)

    found = list(keys(shape((record_type(Rüge), record_type(Wrap[int])))))
    assert all(key.isascii() and key.replace("_", "").isalnum() for key in found)
    assert {"grosse", "strasse"} <= set(found)


def test_an_answer_by_such_keys_comes_back_under_the_own_names():
    found = one(Rüge, grosse="12 ships", strasse="Monday")

    assert (found.größe, found.straße, record_type(Rüge).plural) == ("12 ships", "Monday", "rüges")
    assert record_type(Wrap[int]).plural == "wrap_ints"
    assert one(Wrap[int], value=12).value == 12


@pytest.mark.parametrize(
    ("annotation", "why"),
    [(Loop, "holds itself"), (enum.Enum("Odd", {"x": (1, 2)}), "no string, number"), (None, "only value is null")],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_refused_once(annotation, why):
    kind = type("Odd", (BaseModel,), {"__annotations__": {"field": annotation}, "__module__": __name__})

    with pytest.raises(ConfigurationError, match=why):
        Plan(records=(kind,))


@pytest.mark.parametrize(
    "body",
    [
        {"cues": lambda _self: 1},
        {"flags": property(lambda _self: 1)},
        {"__annotations__": {"essential": ClassVar[int]}, "essential": 3},
        {"evidence": lambda _self: 1},
        {"__annotations__": {"proof": str}, "proof": Field(alias="evidence")},
        {"__annotations__": {"名前": str}},
        {"__annotations__": {"größe": str, "grosse": str}},
        {"__annotations__": {"secret": str}, "secret": Field(exclude=True)},
    ],
)
def test_a_name_that_is_taken_or_that_no_provider_takes_is_refused_once(body):
    kind = type("Odd", (BaseModel,), {"__annotations__": {"who": str}, "__module__": __name__, **body})

    with pytest.raises(ConfigurationError, match="Odd"):
        Plan(records=(kind,))


def test_a_root_model_itself_is_refused():
    with pytest.raises(ConfigurationError, match="RootModel"):
        Plan(records=(Names,))


def test_settings_of_a_plain_model_are_settings():
    class Said(BaseModel):
        plural: ClassVar[str] = "sayings"
        cues: ClassVar = {"en": "said"}
        who: str

    assert record_type(Said).plural == "sayings"
    assert is_plain(record_type(Said))


def work(_):
    return read(Exact, who="Varnia")


def test_results_go_through_pickle_and_process_pools():
    done = work(0)  # one reading: two take different times
    assert pickle.loads(pickle.dumps(done)) == done
    assert pickle.loads(pickle.dumps(record_type(Exact))) is record_type(Exact)
    with futures.ProcessPoolExecutor(1) as pool:
        (found,) = pool.map(work, [0])
    assert found.of(Exact)[0].who == "Varnia"


class Grid(BaseModel):
    rows: list[list[str]]
    kind: Kind = Kind.a


class Count(BaseModel):
    n: int
    parts: list[int] = []


def test_lists_of_lists_are_written_to_csv(tmp_path):
    sink = CsvSink()
    sink.open(tmp_path / "out.csv", SinkOptions(record_types=(record_type(Grid),)))
    sink.write(read(Grid, rows=[["a"], ["b", "c"]]))
    sink.close()

    assert '[[""a""],[""b"",""c""]]' in (tmp_path / "out.grids.csv").read_text("utf-8")


def test_whole_numbers_of_any_size_are_written_to_parquet(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    sink = ParquetSink()
    sink.open(tmp_path / "out.parquet", SinkOptions(record_types=(record_type(Count),)))
    for number in (1, 10**20, -(10**30)):
        sink.write(read(Count, n=number, parts=[number]))
        sink._tables["counts"]._flush()  # each a row group of its own
    sink.close()

    rows = parquet.read_table(tmp_path / "out.counts.parquet").to_pylist()
    assert [int(row["n"]) for row in rows] == [1, 10**20, -(10**30)]
    assert [json.loads(row["parts"]) if isinstance(row["parts"], str) else row["parts"] for row in rows][1] == [10**20]
