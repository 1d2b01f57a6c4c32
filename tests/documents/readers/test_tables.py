import datetime as dt
import json

import pytest

from communique.documents.readers import Skipped, read_article
from communique.errors import UnreadableDocumentError

ROWS = [
    {
        "text": "Ito met Peña in Quito.",
        "title": "Talks",
        "published": "2024-05-02",
        "id": "../../x",
        "url": "https://n.example/1",
    },
    {"text": "Они встретились снова."},
]


def jsonl(*rows):
    return "\n".join(r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows) + "\n"


def test_json_lines_give_a_document_a_line(write, read):
    first, second = read(write("a.jsonl", jsonl(*ROWS)))
    assert (first.text, first.title, first.id) == ("Ito met Peña in Quito.", "Talks", "../../x")
    assert (first.published, first.published_basis) == (dt.date(2024, 5, 2), "column published")
    assert first.source == "https://n.example/1"
    assert second.source.endswith("a.jsonl:2")


def test_named_fields_are_used(write, read):
    row = {
        "body": "Ito met Peña.",
        "head": "T",
        "on": "Thu, 02 May 2024 10:00:00 +0000",
        "key": 7,
        "web": "https://n.example",
    }
    options = {
        "text_field": "body",
        "title_field": "head",
        "date_field": "on",
        "id_field": "key",
        "url_field": "web",
    }
    (found,) = read(write("a.jsonl", jsonl(row)), **options)
    assert (found.text, found.title, found.id, found.source) == (
        "Ito met Peña.",
        "T",
        "7",
        "https://n.example",
    )
    assert (found.published, found.published_basis) == (dt.date(2024, 5, 2), "column on")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{not json", "bad_row"),
        ("[1, 2]", "bad_row"),
        ('{"title": "no text"}', "bad_row"),
        ('{"text": 5}', "bad_row"),
        ('{"text": null}', "empty"),
        ('{"text": NaN}', "empty"),
        ('{"text": " "}', "empty"),
        ('{"text": "NULL"}', "empty"),
        ('{"text": " nan "}', "empty"),
        ("[" * 100_000, "bad_row"),
        ('{"text": "a\0b"}', "binary"),
        ('{"text": ' + "9" * 5000 + "}", "bad_row"),
    ],
)
def test_a_bad_line_fails_alone(write, read, bad, reason):
    before, middle, after = read(write("a.jsonl", jsonl(ROWS[0], bad, ROWS[1])))
    assert isinstance(middle, Skipped)
    assert (middle.reason, middle.source[-2:]) == (reason, ":2")
    assert [before.text, after.text] == [r["text"] for r in ROWS]


def test_the_hint_for_a_bad_line_is_for_any_fault_of_it(write, read):
    with pytest.raises(UnreadableDocumentError, match="not JSON") as caught:
        read_article(write("a.jsonl", "{not json"))
    assert caught.value.hint == "mend the row; if the text has another key, set --text-field"


def test_json_that_is_not_a_row_a_line_is_no_article(write, only):
    found = only(write("a.json", json.dumps(ROWS)))
    assert (found.reason, found.detail) == ("unsupported", "no reader for .json")


def test_line_separators_inside_a_text_do_not_end_the_row(write, read):
    text = "One\u2028two\u2029three\x85four\x0bfive."
    (found,) = read(write("a.jsonl", jsonl({"text": text})))
    assert found.text == text.replace("\x0b", "")


def test_lone_surrogates_and_nul_escapes_are_cleaned(write, read):
    (found,) = read(
        write("a.jsonl", r'{"text": "Ito \ud800met\u0000 Peña.", "id": "\udfffa", "title": "T\u0000"}' + "\n")
    )
    assert (found.text, found.id, found.title) == ("Ito \ufffdmet Peña.", "\ufffda", "T")
    found.model_dump_json()


def test_invalid_utf8_in_a_line_is_replaced(write, read):
    (found,) = read(write("a.jsonl", b'{"text": "Ito met the envoy \xff in Quito."}\n'))
    assert found.text == "Ito met the envoy \ufffd in Quito."


def test_a_line_over_the_limit_fails_alone(write, read):
    path = write("a.jsonl", jsonl(ROWS[0], {"text": "x" * 50_000}, ROWS[1]))
    assert [getattr(f, "reason", "") for f in read(path, max_chars=1000)] == ["", "too_long", ""]


def test_a_date_that_is_none_is_noted(write, read):
    (found,) = read(write("a.jsonl", jsonl({"text": "Ito met Peña.", "date": "yesterday"})))
    assert found.published is None
    assert found.notes == ("not a date (column date): 'yesterday'",)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_gives_a_document_a_row(write, read, delimiter):
    rows = [
        ["id", "text", "date"],
        ["1", '"Ito said ""no""\nin Quito."', "2024-05-02"],
        ["2", "Они встретились.", ""],
    ]
    path = write("a.csv", "\ufeff" + "\r\n".join(delimiter.join(r) for r in rows))
    first, second = read(path)
    assert (first.text, first.id, str(first.published)) == ('Ito said "no"\nin Quito.', "1", "2024-05-02")
    assert (second.text, second.source[-2:]) == ("Они встретились.", ":2")


@pytest.mark.parametrize("bad", ["2,x,y,z", '2,"a"b,', "2,,", "2," + "x" * 9000])
def test_a_bad_csv_row_fails_alone(write, read, bad):
    found = read(write("a.csv", f"id,text,date\n1,Ito met Peña.,\n{bad}\n3,They parted.,\n"), max_chars=1000)
    assert [getattr(f, "text", None) for f in found] == ["Ito met Peña.", None, "They parted."]


def test_a_quote_that_never_ends_makes_no_document(write, read):
    first, second = read(write("a.csv", 'id,text\n1,Ito met Peña.\n2,"Never ends\n3,Next.\n'))
    assert first.text == "Ito met Peña."
    assert second.reason == "bad_row"


@pytest.mark.parametrize("options", [{"text_field": "body"}, {"date_field": "texd"}])
def test_a_column_that_is_not_there_is_told_with_the_nearest_name(write, only, options):
    found = only(write("a.csv", "id,text\n1,Ito met Peña.\n"), **options)
    assert found.reason == "missing_column"
    assert "text" in found.detail


def test_parquet_gives_a_document_a_row(write, read, tmp_path):
    pa = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    pq = pytest.importorskip("pyarrow.parquet")
    rows = [
        {"text": "Ito met Peña.", "date": dt.date(2024, 5, 2), "id": 1, "extra": [1]},
        {"text": None, "date": None, "id": 2, "extra": None},
        {"text": "They parted.", "date": None, "id": 3, "extra": None},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet", row_group_size=2)
    first, second, third = read(tmp_path / "a.parquet")
    assert (first.text, first.id, first.published, first.published_basis) == (
        "Ito met Peña.", "1", dt.date(2024, 5, 2), "column date"
    )  # fmt: skip
    assert (second.reason, second.detail) == ("empty", "'text' is null")
    assert (third.text, third.source[-2:]) == ("They parted.", ":3")
    (missing,) = read(tmp_path / "a.parquet", text_field="body")
    assert missing.reason == "missing_column"


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + b"\xff" * 500 + b"PAR1", b"", b"plain text"])
def test_damaged_parquet_is_skipped(write, only, content):
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    assert only(write("a.parquet", content)).reason == "unreadable"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("03/14/2026", "2026-03-14"),
        ("14.03.2026", "2026-03-14"),
        ("2026-03-14 10:00:00", "2026-03-14"),
        ("March 14 2026", "2026-03-14"),
        ("14 mars 2026", "2026-03-14"),
        ("1773446400", "2026-03-14"),
        ("1773446400000", "2026-03-14"),
        ("20260314", "2026-03-14"),
        ("Sat, 14 Mar 2026 23:30:00 -0500", "2026-03-14"),
        ("2026-03-14T23:30:00-05:00", "2026-03-14"),
        ("03/04/2026", None),
        ("2026-03", None),
        ("yesterday", None),
        ("14 March", None),
    ],
)
def test_a_date_is_read_where_it_is_one_day(write, read, written, day):
    (found,) = read(write("a.csv", f'date,text\n"{written}",They met.\n'))
    assert (found.published and found.published.isoformat()) == day
    assert bool(found.notes) == (day is None)


def test_a_table_in_an_old_encoding_is_refused_and_read_when_it_is_named(write, only):
    path = write("a.csv", "title,text\nEntretien,Le président a rencontré le ministre à Genève.\n".encode("cp1252"))
    assert only(path).reason == "wrong_encoding"
    assert "--encoding" in only(path).detail
    assert only(path, encoding="cp1252").text == "Le président a rencontré le ministre à Genève."


def test_a_bad_byte_in_a_table_is_noted_in_its_row(write, read):
    rows = "title,text\nÉtude,Déjà vu à Genève.\nNote,They met\x00 here.\n".encode().replace(b"\x00", b"\xff")
    first, second = read(write("a.csv", rows))
    assert (first.notes, second.notes) == ((), ("1 invalid bytes replaced",))
    assert second.text == "They met\ufffd here."


def test_a_bad_byte_in_a_line_of_json_is_noted(write, only):
    assert only(write("a.jsonl", b'{"text": "Ito met the envoy \xff in Quito."}\n')).notes == (
        "1 invalid utf-8 sequences replaced",
    )


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_first_line_may_name_the_delimiter(write, only, mark):
    assert (
        only(write("a.csv", f"{mark}sep=;\r\nid;title;text\r\n1;A;They met, and parted.\r\n")).text
        == "They met, and parted."
    )


def test_a_whole_number_that_became_a_fraction_is_an_id(write, only):
    assert only(write("a.jsonl", '{"text": "They met.", "id": 12.0, "date": NaN}')).id == "12"


@pytest.mark.parametrize("word", ["NULL", "nan", "NaN", "None", "N/A", "<NA>", r"\N"])
def test_a_word_for_no_value_is_none(write, read, word):
    rows = f"id,title,date,text\n1,{word},{word},They met.\n2,Talks,2024-05-02,{word}\n3,The None case,2024-05-02,None met.\n"
    first, second, third = read(write("a.csv", rows))
    assert (first.text, first.title, first.published, first.notes) == ("They met.", None, None, ())
    assert (second.reason, second.detail) == ("empty", f"'text' is {word}")
    assert (third.title, third.text) == ("The None case", "None met.")


def test_a_row_in_an_old_encoding_is_refused_wherever_it_stands(write, read):
    rows = "".join(f"Note {n},They met again on day {n} of the talks.\n" for n in range(200))
    old = "Заметка,Министры встретились в Кито.\n".encode("cp1251")
    *good, bad, last = read(write("a.csv", b"title,text\n" + rows.encode() + old + b"Note,They parted.\n"))
    assert [len(good), bad.reason, bad.source[-4:], last.text] == [200, "wrong_encoding", ":201", "They parted."]
    assert "--encoding" in bad.detail
    assert "Министры" in read(write("a.csv", b"title,text\n" + old), encoding="cp1251")[0].text
