"""Flat rows: the columns of the CSV sink, whatever way a summary came."""

import csv
import re
from pathlib import Path

import pytest

from communique.schemas import (
    STANDARD_RECORDS,
    Check,
    DocumentInfo,
    Evidence,
    Meeting,
    Record,
    SanctionsConcern,
    VerifiedSummary,
)
from communique.schemas.rows import DOCUMENT_COLUMNS, layout_of
from communique.sinks import FanOut, SinkOptions, sink_named


class Flood(Record):
    """Water where it shouldn't be."""

    record_type: str
    date: str


@pytest.fixture
def summary():
    cited = (Evidence(sentence=2, exact="It happened.", start=5, end=17),)
    records = {
        "meetings": (
            Meeting(
                id="m",
                status="held",
                participants=("Ada", "Bo"),
                verdict="flagged",
                evidence=cited,
                checks=(Check(field="when", outcome="unsupported", reason="r", severity="flag"),),
            ),
        ),
        "sanctions_concerns": (SanctionsConcern(id="s", concern="=1+1", stage="potential"),),
        "floods": (Flood(id="f", record_type="river", date="May"),),
    }
    return VerifiedSummary(document=DocumentInfo(id="d", sha256="0", title="T"), records=records)


def test_there_is_a_row_for_each_record_in_order(summary):
    rows = summary.rows()

    assert [(r["id"], r["record_type"], r["document_title"]) for r in rows] == [
        ("m", "meetings", "T"),
        ("s", "sanctions_concerns", "T"),
        ("f", "floods", "T"),
    ]
    assert all(tuple(row)[: len(DOCUMENT_COLUMNS)] == DOCUMENT_COLUMNS for row in rows)
    assert (rows[0]["headline"], rows[0]["participants"], rows[0]["flags"]) == ("Ada and Bo met.", "Ada; Bo", "when: r")


def test_an_own_field_with_the_name_of_a_column_has_one_of_its_own(summary):
    row = summary.rows()[2]

    assert (row["record_type"], row["record_type_2"]) == ("floods", "river")
    assert (row["date"], row["date_2"]) == ("May", None)


def test_rows_are_the_same_after_reading_lean_json_back(summary):
    kinds = (Meeting, SanctionsConcern, Flood)
    assert VerifiedSummary.from_json(summary.to_dict(), kinds).rows() == summary.rows()


def test_csv_is_these_rows(summary, tmp_path):
    with FanOut([(sink_named("csv"), tmp_path / "out.csv")], SinkOptions(csv_raw=True)) as out:
        out.write(summary)
    for row in summary.rows():
        with (tmp_path / f"out.{row['record_type']}.csv").open(encoding="utf-8", newline="") as file:
            (found,) = csv.DictReader(file)
        assert found == {name: "" if value is None else str(value) for name, value in row.items()}


def test_the_reference_has_every_column_in_its_order():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "rows.md").read_text("utf-8")
    names = {}
    for line in page.splitlines():
        if line.startswith("| `"):
            first, second, *_ = (re.findall(r"`(\w+)`", cell) for cell in line.strip("|").split("|"))
            names[first[0]] = second if first[0] in {k.plural for k in STANDARD_RECORDS} else first
    types = {k.plural for k in STANDARD_RECORDS}
    for kind in STANDARD_RECORDS:
        document = [n for first, found in names.items() for n in found if first not in types and n in DOCUMENT_COLUMNS]
        common = [
            n for first, found in names.items() for n in found if first not in types and n not in DOCUMENT_COLUMNS
        ]
        assert [*document, "id", *names[kind.plural], *common] == list(layout_of(kind).columns)
