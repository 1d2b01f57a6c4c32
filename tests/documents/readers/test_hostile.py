"""Hostile files: each ends within 20 s of processor time and 1 GB, and its neighbours come out as they do without it."""

import gzip
import json
import resource
import sys

import pytest

from communique.documents import Document
from communique.documents.readers import Skipped, sandbox

STORY = (
    "<html><head><title>Talks</title></head><body><article><h1>Talks</h1>"
    + "".join(
        f"<p>On day {n} the minister met the envoy in Quito, and both agreed to go on with the talks.</p>"
        for n in range(4)
    )
    + "</article></body></html>"
)

PAGES = {
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">Hello</p>",
    "same_attribute": "<p " + "style='a:b' " * 50_000 + ">Hello</p>",
    "nested": "<div>" * 100_000 + "Hello",
    "nested_inline": "<b>" * 100_000 + "Hello",
    "nested_links": "<a href='x'>" * 100_000 + "Hello",
    "nested_tables": "<table><tr><td>" * 30_000 + "Hello",
    "angles": "<" * 200_000,
    "cells": "<table>" + ("<tr>" + "<td>1</td>" * 1000 + "</tr>") * 1000 + "</table>",
    "entities": "<p>" + "&amp;&#x26;&lt;" * 70_000 + "</p>",
    "comments": "<!--" * 100_000 + "Hello",
    "long_comment": "<!-- " + "-" * 2_000_000 + "Hello",
    "style": "<p style='" + "color:" * 200_000 + "'>Hello</p>",
    "sheet": "<style>" + "@media{" * 100_000 + "</style><p>Hello</p>",
    "open_rules": "<style>" + "a{b" * 100_000 + "</style><p>Hello</p>",
    "classes": "<p class='" + "related-" * 100_000 + "'>Hello</p>",
    "doctype": "<!doctype html " + "[" * 500_000,
    "json": "<script type='application/ld+json'>" + "[" * 400_000 + "</script><p>Hello</p>",
    "one_line": "<p>" + "word " * 2_000_000 + "</p>",
    "no_spaces": "<p>" + "x" * 10_000_000 + "</p>",
    "paragraphs": "<article>"
    + "<p>The minister met the envoy in Quito and they talked.</p>" * 100_000
    + "</article>",
    "dates": "<p>" + "2024-05-02 1/2/2024 May 2 " * 50_000 + "</p>",
    "urls": "<p>" + "<a href='http://169.254.169.254/latest'>x</a> " * 30_000 + "</p>",
    "meta": "<meta property='og:title' content='" + "x" * 3_000_000 + "'><p>Hello</p>",
    "charset": "<meta charset='" + "a" * 1_000_000 + "'><p>Hello</p>",
}


def cpu():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def told(found):
    return [json.dumps(f.model_dump(mode="json")) if isinstance(f, Document) else f.reason for f in found]


def bounded(read, path, **options):
    """Read, then end the worker so that its use is counted; return what was found."""
    before = cpu()
    found = read(path, **options)
    sandbox.close_all()
    assert cpu() - before < options.get("seconds", 20) + 5
    if sys.platform == "linux":
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1 << 20  # KiB: 1 GiB
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1 << 20
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_ends_and_leaves_its_neighbours(write, read, tmp_path, name):
    write("a.html", STORY)
    write("c.html", STORY.replace("Quito", "Lima"))
    expected = told(read(tmp_path))
    write("b.html", PAGES[name])
    first, _, last = bounded(read, tmp_path)
    assert told([first, last]) == expected


@pytest.mark.parametrize("name", ["attributes", "nested", "angles", "comments", "sheet", "json"])
def test_a_hostile_page_ends_quickly_under_a_short_limit(write, read, tmp_path, name):
    write("a.html", STORY)
    write("c.html", STORY)
    expected = told(read(tmp_path))
    write("b.html", PAGES[name])
    first, _, last = read(tmp_path, seconds=2)
    assert told([first, last]) == expected


def test_a_page_that_takes_too_long_is_skipped_with_the_reason(write, read, tmp_path):
    for name in "abc":
        write(f"{name}.html", STORY if name != "b" else PAGES["paragraphs"])
    found = read(tmp_path, seconds=0.5)
    assert [getattr(f, "reason", "read") for f in found] == ["read", "extract_timeout", "read"]


@pytest.mark.parametrize(
    "name",
    ["a.html.gz", "a.txt.gz", "a.pdf.gz", "a.eml.gz", "a.rss.gz", "a.jsonl.gz", "a.csv.gz", "a.mbox.gz"],
)
def test_a_gzip_bomb_is_skipped_whatever_it_claims_to_be(write, read, name):
    found = read(write(name, gzip.compress(b"0" * 60_000_000)))
    assert isinstance(found[-1], Skipped)
    assert found[-1].reason in {"bomb", "missing_column", "bad_row"}


@pytest.mark.parametrize(
    "name",
    ["a.txt", "a.html", "a.jsonl", "a.csv", "a.eml", "a.mbox", "a.rss", "a.xml", "a.pdf", "a.docx", "a.warc"],
)
def test_one_line_of_fifty_megabytes_makes_no_document_too_long(write, read, name):
    for found in read(write(name, b"text\n" + b"x" * 50_000_000)):
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
