import gzip
import io
import zlib

import pytest
from fastwarc.warc import WarcRecord, WarcRecordType

from communique.documents.readers import Skipped


def page(number):
    body = "".join(
        f"<p>Minister number {number} met the envoy in Quito on day {n}, and both agreed to go on with the talks.</p>"
        for n in range(4)
    )
    return (
        f"<html><head><title>Talks {number}</title></head><body><article><h1>Talks"
        f" {number}</h1>{body}</article></body></html>".encode()
    )


def record(
    number,
    payload=None,
    kind="text/html; charset=utf-8",
    status="200 OK",
    encoding="",
    record_type=WarcRecordType.response,
):
    made = WarcRecord()
    made.init_headers(record_type=record_type)
    made.headers["WARC-Target-URI"] = f"https://news.example/{number}"
    made.headers["WARC-Date"] = "2024-05-02T10:00:00Z"
    payload = page(number) if payload is None else payload
    if record_type == WarcRecordType.response:
        made.headers["Content-Type"] = "application/http; msgtype=response"
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{encoding}Content-Length: {len(payload)}\r\n\r\n"
        payload = head.encode() + payload
    else:
        made.headers["Content-Type"] = kind
    made.set_bytes_content(payload)
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def texts(found):
    return [f.reason if isinstance(f, Skipped) else f.title for f in found]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "one.warc.gz", "archive"])
def test_an_archive_gives_a_document_for_each_html_response(write, read, name):
    records = [
        record(0, b"software: x", "application/warc-fields", record_type=WarcRecordType.warcinfo),
        record(1),
        record(2, b"\x89PNG", "image/png"),
        record(
            3,
            b"GET / HTTP/1.1\r\n\r\n",
            "application/http; msgtype=request",
            record_type=WarcRecordType.request,
        ),
        record(4, b"Gone", status="404 Not Found"),
        record(5, gzip.compress(page(5)), encoding="Content-Encoding: gzip\r\n"),
        record(7, b"192.0.2.1", "text/dns").replace(b"application/http; msgtype=response", b"text/dns"),
        record(6, page(6), record_type=WarcRecordType.resource),
    ]
    raw = b"".join(records)
    if name == "a.warc.gz":
        raw = b"".join(gzip.compress(r) for r in records)
    elif name == "one.warc.gz":
        raw = gzip.compress(raw)
    found = read(write(name, raw))
    assert texts(found) == ["Talks 1", "http_status", "Talks 5", "Talks 6"]
    assert found[0].source == "https://news.example/1"
    assert (str(found[0].published), found[0].published_basis) == ("2024-05-02", "WARC header")
    assert found[1].source.endswith(":5")


def test_the_date_of_a_page_wins_over_that_of_its_record(write, only):
    dated = page(1).replace(b"<title>", b'<meta property="article:published_time" content="2023-01-02"><title>')
    found = only(write("a.warc", record(1, dated)))
    assert (str(found.published), found.published_basis) == ("2023-01-02", "page metadata")


def lie(raw, length):
    head, _, rest = raw.partition(b"\r\n\r\n")
    lines = [
        b"Content-Length: " + length if line.startswith(b"Content-Length") else line for line in head.split(b"\r\n")
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + rest


@pytest.mark.parametrize("length", [b"0", b"10", b"600", b"999999", b"99999999999999999999", b"-5", b"", b"1e3"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_record_with_a_lying_length_fails_alone(write, read, length, packed):
    records = [record(1), lie(record(2), length), record(3)]
    raw = b"".join(gzip.compress(r) for r in records) if packed else b"".join(records)
    before = [d.model_dump() for d in read(write("good.warc", record(1) + record(3)))]
    found = read(write("a.warc.gz" if packed else "a.warc", raw))
    assert texts(found) == ["Talks 1", "unreadable", "Talks 3"]
    assert [found[0].model_dump(), found[2].model_dump()] == before


def test_a_length_that_takes_in_the_next_record_is_told(write, read):
    swallowed = len(record(2)) + len(record(3))
    assert texts(read(write("a.warc", record(1) + lie(record(2), b"%d" % swallowed) + record(3) + record(4)))) == [
        "Talks 1", "unreadable", "Talks 3", "Talks 4"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (gzip.compress(record(2)[:-9] + b"0" * 30_000_000, 1), "bomb"),
        (gzip.compress(record(2))[:-40], "unreadable"),
        (gzip.compress(record(2))[:60] + b"\xff" * 60 + gzip.compress(record(2))[120:], "unreadable"),
        (
            gzip.compress(
                record(2, gzip.compress(b"<p>" + b"x" * 90_000_000, 1), encoding="Content-Encoding: gzip\r\n")
            ),
            "bomb",
        ),
        (gzip.compress(b"no record at all", mtime=0), "unreadable"),
        (gzip.compress(record(2, b"\0" * 50_000)), "binary"),
    ],
)
def test_a_bad_member_fails_alone(write, read, bad, reason):
    assert texts(read(write("a.warc.gz", gzip.compress(record(1)) + bad + gzip.compress(record(3))))) == [
        "Talks 1", reason, "Talks 3"
    ]  # fmt: skip


def chunked(raw):
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (raw[:100], raw[100:])) + b"0\r\n\r\n"


def raw_deflate(raw):
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(raw) + squeeze.flush()


@pytest.mark.parametrize("says", ["", "Transfer-Encoding: chunked\r\n"])
@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("", bytes),
        ("Content-Encoding: gzip\r\n", gzip.compress),
        ("Content-Encoding: deflate\r\n", zlib.compress),
        ("Content-Encoding: deflate\r\n", raw_deflate),
        ("Content-Encoding: br\r\n", lambda raw: pytest.importorskip("brotli").compress(raw)),
        ("Content-Encoding: gzip\r\n", bytes),
        ("Content-Encoding: br\r\n", bytes),
        ("Content-Encoding: zstd\r\n", bytes),
        ("Content-Encoding: deflate\r\n", bytes),
    ],
)
@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_page_is_unpacked_as_it_is_packed_whatever_its_header_says(write, only, says, encoding, pack, is_chunked):
    payload = pack(page(1))
    if is_chunked and says:
        payload = chunked(payload)
    found = only(write("a.warc", record(1, payload, encoding=says + encoding)))
    assert found.text.startswith("Minister number 1 met the envoy in Quito on day 0")


@pytest.mark.parametrize("version", [b"WARC/0.17", b"WARC/0.18", b"WARC/1.0", b"WARC/1.1"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_archives_of_every_version_are_read(write, read, version, pack):
    raw = b"".join(pack(record(n).replace(b"WARC/1.1", version, 1)) for n in (1, 2))
    assert version in (gzip.decompress(raw) if pack is gzip.compress else raw)
    assert texts(read(write("archive", raw))) == ["Talks 1", "Talks 2"]


@pytest.mark.parametrize("version", [b"WARC/0.18", b"WARC/1.1"])
def test_a_header_of_http_whose_lines_end_without_cr_ends_before_its_page(write, only, version):
    body = page(1).replace(b"<p>", b"\r\n\r\n<p>")
    raw = record(1, body).replace(b"WARC/1.1", version, 1)
    head, _, rest = raw.partition(b"HTTP/1.1 200 OK")
    http, _, _ = rest.partition(b"\r\n\r\n")
    bare = b"HTTP/1.1 200 OK" + http.replace(b"\r\n", b"\n") + b"\n\n" + body
    length = len(b"HTTP/1.1 200 OK" + http + b"\r\n\r\n" + body)
    raw = head.replace(b"Content-Length: %d" % length, b"Content-Length: %d" % len(bare)) + bare + b"\r\n\r\n"
    found = only(write("a.warc", raw))
    assert (found.title, found.text.count("Minister number 1")) == ("Talks 1", 4)


def test_an_arc_archive_is_told_for_what_it_is(write, only):
    raw = b"filedesc://a.arc 0.0.0.0 20240502100000 text/plain 76\n1 0 Example\n"
    assert "ARC archive" in only(write("a.arc", raw)).detail
    assert "ARC archive" in only(write("a.arc.gz", gzip.compress(raw))).detail
