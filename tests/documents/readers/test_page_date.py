import datetime as dt
import io
import json

import pytest
from fastwarc.warc import WarcRecord, WarcRecordType

TITLE = "Ruiz meets envoy of Freedonia"
TEXT = [
    "Foreign Minister Ana Ruiz met the envoy of Freedonia in Lisbon on Tuesday to discuss fishing rights in the north.",
    "Both sides agreed to meet again in June, a spokesman said after the talks, which lasted for more than four hours.",
    "The fishing union welcomed the talks and asked the ministry to publish the minutes of the meeting by next week.",
]
DAY = dt.date(2024, 5, 2)


def page(head="", top="", body="", end="", title=TITLE):
    text = "".join(f"<p>{line}</p>" for line in TEXT)
    return (
        f"<html lang='en'><head><title>{title}</title>{head}</head><body><header><a href='/'>The Daily Example</a></header>"
        f"<article><header><h1>{title}</h1>{top}</header>{text}{body}</article>{end}</body></html>"
    )


def linked(**values):
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **values})}</script>'


@pytest.mark.parametrize(
    "parts",
    [
        {"head": "<meta property='article:published_time' content='2024-05-02T10:00:00Z'>"},
        {"head": "<meta name='date' content='2 May 2024'>"},
        {"head": "<meta name='DC.date.issued' content='2024-05-03'><meta name='pubdate' content='20240502'>"},
        {"head": "<meta name='date' content='2024-05'><meta name='DC.date' content='2024-05-02'>"},
        {"head": linked(headline=TITLE, datePublished="2024-05-02T10:00:00+02:00")},
        {"head": "<link rel='canonical' href='https://www.news.example/ruiz/'>"
         + linked(headline="Other words", url="http://news.example/ruiz?x=1", datePublished="2024-05-02")},
        {"head": "<link rel='canonical' href='https://news.example/2024/05/02/ruiz'>"},
        {"top": "<time datetime='2024-05-02T10:00'>2 May</time>"},
        {"top": "<p>By Jo Bloggs, <time datetime='2024-05-02T10:00'>2 May</time></p>"},
        {"top": "<div>2 May 2024</div>"},
        {"top": "<p>Thursday, 2 May 2024</p>"},
        {"top": "<p class='byline'>By Jo Bloggs in Lisbon, published 2 May 2024 at 10:00</p>"},
        {"top": "<div class='date'>2024年5月2日 10:00</div>"},
        {"top": "<time datetime='2024-05-03'>3 May</time> <time datetime='2024-05-02'>2 May</time>"},
        {"top": "<time class='published updated' datetime='2024-05-02'>2 May</time>"},
        {"top": "<time class='published' datetime='2024-05-02'>2 May</time><time datetime='2024-05-01'>1 May</time>"},
        {"top": "<time datetime='2024-05-02'>2 May</time><time class='modified' datetime='2024-05-01'>1 May</time>"},
        {"head": "<meta itemprop='datePublished' content='2024-05-02'>"},
    ],
)  # fmt: skip
def test_a_whole_date_that_the_page_gives_itself_is_used(write, only, parts):
    found = only(write("a.html", page(**parts)))
    assert (found.published, found.published_basis) == (DAY, "page metadata")


@pytest.mark.parametrize(
    "parts",
    [
        {"head": "<meta name='date' content='2024-03'>"},
        {"head": "<meta property='article:published_time' content='2024-05'>"},
        {"head": "<meta name='date' content='03/04/2024'>"},
        {
            "head": linked(
                headline="Freedonia opens a port", url="https://news.example/port", datePublished="2023-01-12"
            )
        },
        {"head": linked(headline=TITLE, datePublished="2024-05")},
        {"head": "<meta property='article:modified_time' content='2024-05-04'>"},
        {"head": "<link rel='canonical' href='https://news.example/2024/05/ruiz'>"},
        {"top": "<time datetime='2024-05'>May 2024</time>"},
        {"top": "<time datetime='2024-W18'>this week</time>"},
        {"top": "<span class='date'>02.05.2024</span>"},
        {"top": "<p>The minister had promised the talks on 12 January 2023.</p>"},
        {"top": "<time class='updated' datetime='2024-05-04'>4 May</time>"},
        {"top": "<aside><time datetime='2021-02-03'>3 February 2021</time></aside>"},
        {"body": "<aside><time datetime='2021-02-03'>3 February 2021</time></aside>"},
        {"body": "<p>The hearing is on <time datetime='2030-01-01'>the first of January</time>.</p>"},
        {"body": "<div>The hearing is on <time datetime='2030-01-01'>the first of January</time>.</div>"},
        {"top": "</header><div>The hearing is on <time datetime='2030-01-01'>the first of January</time>.</div>"},
        {"body": "<article><h3>A port</h3><time datetime='2021-02-03'>3 February 2021</time></article>"},
        {"end": "<article><meta itemprop='datePublished' content='2021-02-03'><h3>A port</h3></article>"},
        {"end": "<footer>Last modified: 12 January 2023</footer>"},
        {"end": "<div class='date'>12 January 2023</div>"},
    ],
)
def test_parts_of_dates_and_dates_of_other_things_are_not_used(write, only, parts):
    assert only(write("a.html", page(**parts))).published is None


def test_a_date_that_is_not_whole_is_noted(write, only):
    found = only(write("a.html", page("<meta name='date' content='2024-03'>")))
    assert "not a date (page metadata): '2024-03'" in found.notes


def test_the_day_of_the_reader_above_the_headline_is_not_that_of_the_article(write, only):
    raw = page().replace("The Daily Example</a>", "The Daily Example</a><time datetime='2026-06-01'>Monday</time>")
    assert only(write("a.html", raw)).published is None


def archived(day, raw):
    record = WarcRecord()
    record.init_headers(record_type=WarcRecordType.response)
    record.headers["WARC-Target-URI"] = "https://news.example/ruiz"
    record.headers["Content-Type"] = "application/http; msgtype=response"
    record.headers["WARC-Date"] = f"{day}T12:00:00Z"
    record.set_bytes_content(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + raw.encode())
    out = io.BytesIO()
    record.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-04-30", (dt.date(2024, 4, 30), "page metadata")),
        ("2024-05-03T01:00:00+12:00", (dt.date(2024, 5, 3), "page metadata")),
        ("2024-05", (DAY, "WARC header")),
        ("2030-01-01", (DAY, "WARC header")),
    ],
)
def test_the_day_of_an_archive_stays_where_that_of_the_page_is_not_whole_or_later(write, only, written, expected):
    raw = page(f"<meta property='article:published_time' content='{written}'>")
    found = only(write("a.warc", archived("2024-05-02", raw)))
    assert (found.published, found.published_basis) == expected
    assert bool(found.notes) == (expected[1] == "WARC header")
