"""Own records reach every output, come back, and are scored; even those that use all of our names in another sense."""

import csv
import json
import zipfile
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import BaseModel, Field

from communique import Extractor, Mentioned, Quoted, Record, StatedNumber
from communique.backends.scripted import ScriptedBackend
from communique.cli.app import run
from communique.evaluation import evaluate, render_differences
from communique.evaluation.counts import Found
from communique.plugins import names
from communique.schemas import Column, Identity
from communique.schemas.record_type import record_type
from communique.sinks import FanOut, SinkOptions, read_results, sink_named

TEXT = "Minister quits\n\nIlse Tarn resigned as minister of mines on Friday after 12 years, two aides said."


class Colour(Enum):
    red = "red"


class Resignation(Record):
    """Somebody gives up an office."""

    who: Annotated[str, Mentioned(), Identity(), Column("person"), Field(description="Who goes.")]
    office: Annotated[str | None, Quoted()] = None
    years: Annotated[int | None, StatedNumber()] = None


class Everything(BaseModel):
    """Every name that our own types use, with another type."""

    participants: list[str] = []
    accusers: str = ""
    accused: list[int] = []
    raised_by: int = 0
    subjects: float = 0.0
    counterparties: bool = False
    place: str = ""
    when: int = 0
    status: str = ""
    stage: int = 0
    mode: int = 0
    activity: str = ""
    commitment: Colour | None = None
    cue: int = 0
    regime: str = ""
    objects: set[str] = set()
    topics: str = ""
    outcome: int = 0
    responses: list[str] = []
    attributions: int = 0
    claim: int = 0
    concern: Decimal | None = None
    name: str = ""
    kind: int = 0
    role: int = 0
    country: int = 0
    country_code: str = ""
    date: int = 0
    document_id: str = ""
    text: str = ""
    reason: str = ""
    fields: str = ""


EVERYTHING = {
    "evidence": [2],
    "participants": ["Ilse Tarn", "aides"], "accusers": "Ilse Tarn", "accused": [1], "raised_by": 3, "subjects": 1.5,
    "counterparties": True, "place": "mines", "when": 4, "status": "odd", "stage": 9, "mode": 2, "activity": "nothing",
    "commitment": "red", "cue": 7, "regime": "x", "objects": ["a", "b"], "topics": "t", "outcome": 5,
    "responses": ["no"], "attributions": 8, "claim": 6, "concern": "1.50", "name": "N", "kind": 1, "role": 2, "country": 3,
    "country_code": "zz", "date": 20, "document_id": "d", "text": "t", "reason": "r", "fields": "f",
}  # fmt: skip


def summary_of(*pairs: tuple[Any, dict]):
    answer: dict[str, list] = {}
    for kind, said in pairs:
        answer.setdefault(record_type(kind).plural, []).append(said)
    kinds = list(dict.fromkeys(kind for kind, _ in pairs))
    return Extractor(ScriptedBackend(lambda _: answer), records=kinds).extract(TEXT)


@pytest.fixture
def summary():
    resigned = {"evidence": [2], "who": "Ilse Tarn", "office": "minister of mines", "years": 12}
    return summary_of((Resignation, resigned), (Everything, EVERYTHING))


def test_a_record_with_all_of_our_names_is_read(summary):
    (found,) = summary.of(Everything)
    assert found.objects == {"a", "b"}
    assert found.concern == Decimal("1.50")
    assert {c.reason for c in found.checks} == {"unverified"}


def content_of(path: Path) -> bytes:
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"".join(map(archive.read, archive.namelist()))


@pytest.mark.parametrize("name", names("sinks"))
def test_every_output_takes_own_records(name, summary, tmp_path):
    pytest.importorskip({"html": "jinja2", "parquet": "pyarrow", "xlsx": "xlsxwriter"}.get(name, "json"))
    sink = sink_named(name)
    path = tmp_path / f"out{sink.suffix}"
    kinds = (Resignation, record_type(Everything))
    with FanOut([(sink, path)], SinkOptions(record_types=kinds)) as out:
        out.write(summary, TEXT)

    if name == "plover":
        return  # events of PLOVER's own kinds only: it has none for a stranger's record, and must not raise
    written = b"".join(content_of(p) for p in tmp_path.iterdir())
    assert b"Ilse Tarn" in written
    assert b"resigned as minister" in written


def test_columns_are_the_type_s_own_under_the_names_that_markers_give(summary, tmp_path):
    with FanOut([(sink_named("csv"), tmp_path / "o.csv")], SinkOptions(record_types=(Resignation,))) as out:
        out.write(summary)

    with (tmp_path / "o.resignations.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["person"], row["office"], row["years"], row["verdict"]) == (
        "Ilse Tarn",
        "minister of mines",
        "12",
        "supported",
    )
    assert not (tmp_path / "o.meetings.csv").exists()


def test_results_come_back_as_the_type_that_is_named(summary, tmp_path):
    path = tmp_path / "o.jsonl"
    path.write_text(summary.model_dump_json() + "\n", encoding="utf-8")

    (back,) = read_results(path, [record_type(Everything), Resignation])
    assert back.records == summary.records
    (unnamed,) = read_results(path)
    assert unnamed.records["resignations"][0].model_extra["years"] == 12


RECORD_FILE = '''
from typing import Annotated
from communique import Mentioned, Quoted, Record
from communique.schemas import Identity

class Departure(Record):
    """Somebody gives up an office."""
    who: Annotated[str, Mentioned(), Identity()]
    office: Annotated[str | None, Quoted()] = None
'''


def test_every_verb_takes_a_record_from_a_file_beside_the_user(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("departures_of_mine.py").write_text(RECORD_FILE)
    Path("a.txt").write_text(TEXT)
    said = {"departures": [{"evidence": [2], "who": "Ilse Tarn", "office": "minister of mines"}]}
    Path("answer.json").write_text(json.dumps(said))
    record = ["--record", "departures_of_mine:Departure"]

    assert run(["batch", "a.txt", "-o", "o.jsonl", "-m", "scripted/answer.json", "-q", *record]) == 0
    assert run(["convert", "o.jsonl", "-o", "o.csv", *record]) == 0
    assert run(["view", "o.jsonl", "--no-open", *record]) == 0
    assert run(["schema", *record]) == 0
    gold = {"id": "a", "departures": [{"who": "Ilse Tarn", "office": "minister of finance"}]}
    Path("gold.jsonl").write_text(json.dumps(gold) + "\n")
    capsys.readouterr()
    assert run(["evaluate", "gold.jsonl", "o.jsonl", "--json", *record]) == 0

    score = json.loads(capsys.readouterr().out)["types"]["departures"]
    assert score["F1"] == 1.0
    assert score["slots"]["who"]["tp"] == 1
    assert (score["slots"]["office"]["fp"], score["slots"]["office"]["fn"]) == (1, 1)
    assert "who" in Path("o.departures.csv").read_text().splitlines()[0]
    assert "Ilse Tarn" in Path("o.report.html").read_text()


def test_a_type_that_changes_between_runs_of_one_journal_is_named_and_nothing_is_mixed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(TEXT)
    Path("answer.json").write_text(json.dumps({"departures": [{"evidence": [2], "who": "Ilse Tarn"}]}))
    Path("leavers_one.py").write_text(RECORD_FILE)
    Path("leavers_two.py").write_text(RECORD_FILE.replace("str | None, Quoted()", "str | None, Mentioned()"))
    batch = ["batch", "a.txt", "-o", "o.jsonl", "-m", "scripted/answer.json", "-q", "--record"]

    assert run([*batch, "leavers_one:Departure"]) == 0
    before = Path("o.jsonl").read_bytes()
    capsys.readouterr()
    assert run([*batch, "leavers_two:Departure"]) == 2
    assert "type of departures" in capsys.readouterr().err
    assert Path("o.jsonl").read_bytes() == before
    assert run([*batch, "leavers_two:Departure", "--new-run"]) == 0


class Award(Record):
    """A contract is given."""

    plural: ClassVar[str] = "awards"
    buyer: Annotated[str, Mentioned(), Identity()]
    sum: Annotated[float | None, StatedNumber()] = None
    losers: tuple[str, ...] = ()


def test_scores_pair_by_identity_then_compare_field_by_field():
    gold = [
        {
            "id": "1",
            "awards": [
                {"buyer": "Grenholm", "sum": 48.7, "losers": ["A", "B"]},
                {"buyer": "Lisse", "sum": 3, "optional": True},
            ],
        },
        {"id": "2", "awards": [{"buyer": "Port Ana", "sum": 7}]},
    ]
    said = [
        {
            "id": "1",
            "awards": [
                {"buyer": "the city of Grenholm", "sum": 48, "losers": ["B", "C"]},
                {"buyer": "Nobody", "sum": 1},
            ],
        },
    ]
    scores = evaluate(gold, said, records=[Award], bootstrap=20)

    awards = scores.of("awards")
    assert (awards.tp, awards.fp, awards.fn, awards.optional) == (1, 1, 1, 1)
    assert awards.slots["sum"] == Found(tp=0, fp=1, fn=1)
    assert awards.slots["losers"] == Found(tp=1, fp=1, fn=1)
    assert scores.slots["awards.losers"] == awards.slots["losers"]
    assert scores.intervals["awards"] is not None
    assert "FALSE  1 awards [buyer: Nobody]" in render_differences(scores)


def test_an_optional_record_costs_nothing_when_missed_and_is_right_when_found():
    gold = [{"id": "1", "awards": [{"buyer": "Lisse", "optional": True}]}]

    hit = evaluate(gold, [{"id": "1", "awards": [{"buyer": "Lisse"}]}], records=[Award]).of("awards")
    miss = evaluate(gold, [{"id": "1", "awards": []}], records=[Award]).of("awards")
    assert (hit.f1, hit.optional_found) == (1.0, 1)
    assert (miss.f1, miss.optional_found) == (1.0, 0)
