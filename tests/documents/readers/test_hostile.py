"""Hostile files: each ends within 20 s and 1 GB, and its neighbours come out as they do without it."""

import importlib.util
import json
import resource
import sys
from pathlib import Path

import pytest

from communique.documents import Document
from communique.documents.readers import Skipped, sandbox

_spec = importlib.util.spec_from_file_location("hostile_files", Path(__file__).with_name("hostile_files.py"))
corpus = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(corpus)

STORY = (
    "<html><head><title>Talks</title></head><body><article><h1>Talks</h1>"
    + "".join(
        f"<p>On day {n} the minister met the envoy in Quito, and both agreed to go on with the talks.</p>"
        for n in range(4)
    )
    + "</article></body></html>"
)


def most():
    """Return the most that this process or one of its children has had in memory; a child begins with what it had."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def told(found):
    return [json.dumps(f.model_dump(mode="json")) if isinstance(f, Document) else f.reason for f in found]


@pytest.mark.slow
@pytest.mark.parametrize("suffixes", [{".html"}, {suffix for suffix, _, _ in corpus.FILES.values()} - {".html"}])
def test_hostile_files_end_as_decided_and_leave_their_neighbours(write, read, tmp_path, suffixes):
    """The worker is ended at last, so that the kernel tells what it used. One that took 20 s would be `extract_timeout`."""
    sandbox.close_all()
    bound = max(1 << 20, most() + (1 << 18))  # KiB: 1 GiB, or what earlier tests took and 256 MiB
    write("a.html", STORY)
    write("c.html", STORY.replace("Quito", "Lima"))
    expected = told(read(tmp_path))
    for name, (suffix, outcome, made) in corpus.FILES.items():
        if suffix not in suffixes:
            continue
        path = write(f"b{suffix}", made())
        first, *middle, last = read(tmp_path)
        path.unlink()
        assert told([first, last]) == expected, name
        assert [f.reason if isinstance(f, Skipped) else "read" for f in middle] == [outcome], name
        assert all(f.detail and "\n" not in f.detail for f in middle if isinstance(f, Skipped)), name
    sandbox.close_all()
    if sys.platform == "linux":
        assert most() < bound


def test_a_page_that_takes_too_long_is_skipped_with_the_reason(write, read):
    for name in "abc":
        write(f"{name}.html", STORY if name != "b" else corpus.PAGES["tags_of_many_attributes"] * 20)
    found = read(write("a.html", STORY).parent, seconds=2)
    assert [getattr(f, "reason", "read") for f in found] == ["read", "extract_timeout", "read"]


@pytest.mark.parametrize(
    "name",
    ["a.html.gz", "a.txt.gz", "a.pdf.gz", "a.eml.gz", "a.rss.gz", "a.jsonl.gz", "a.csv.gz", "a.mbox.gz"],
)
def test_a_gzip_bomb_is_skipped_whatever_it_claims_to_be(write, read, name):
    found = read(write(name, corpus.gzip_bomb()))
    assert isinstance(found[-1], Skipped)
    assert found[-1].reason in {"bomb", "missing_column", "bad_row"}


@pytest.mark.parametrize(
    "name",
    ["a.txt", "a.html", "a.jsonl", "a.csv", "a.mbox", "a.rss", "a.xml", "a.pdf", "a.docx", "a.warc"],
)
def test_one_line_of_eight_megabytes_makes_no_document_too_long(write, read, name):
    for found in read(write(name, b"text\n" + b"x" * 8_000_000)):
        assert isinstance(found, Skipped) or len(found.text) <= 5_000_000


@pytest.mark.parametrize(
    "name",
    [
        "a.txt",
        "a.html",
        "a.jsonl",
        "a.csv",
        "a.eml",
        "a.mbox",
        "a.rss",
        "a.pdf",
        "a.docx",
        "a.warc",
        "a.parquet",
    ],
)
@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + b"\0" * 99,
        b"\x7fELF" + bytes(range(256)),
        b"\0" * 2000,
        b"\xff\xd8\xff\xe0JFIF",
    ],
)
def test_binary_bytes_make_no_document_under_any_name(write, read, name, content):
    found = read(write(name, content))
    assert found
    assert all(isinstance(f, Skipped) for f in found)


@pytest.mark.parametrize(
    "ident",
    [
        "../../etc/cron.d/x",
        "/etc/passwd",
        "a\0b",
        "-rf",
        "CON",
        "x" * 5000,
        "\x1b[31mred\x1b[0m",
        "\u202eevil",
    ],
)
def test_an_id_is_never_a_path_and_holds_no_controls(write, read, tmp_path, ident):
    before = sorted(p.name for p in tmp_path.parent.rglob("*"))
    (found,) = read(write("a.jsonl", json.dumps({"text": "Ito met Peña.", "id": ident})))
    assert found.id.isprintable()
    assert len(found.id) <= 2000
    assert sorted(p.name for p in tmp_path.parent.rglob("*")) == sorted([*before, "a.jsonl"])


def test_a_file_name_with_controls_is_shown_without_them(write, only):
    found = only(write("a\x1b[31m\u202e.txt", "Ito met Peña."))
    assert found.source.isprintable()
