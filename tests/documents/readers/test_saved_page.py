import datetime as dt
import io
import quopri
import sys

import pytest

from communique.documents.readers import open_documents, read_article
from communique.documents.readers.opening import reader_of

TEXT = [
    "Foreign Minister Ana Ruiz met the envoy of Freedonia in Lisbon on Tuesday to discuss fishing rights in the north.",
    "Both sides agreed to meet again in June, a spokesman said after the talks, which lasted for more than four hours — so far.",
    "The fishing union welcomed the talks and asked the ministry to publish the minutes of the meeting by next week.",
]
HEAD = (
    "<title>Ruiz meets envoy | The Daily Example</title><meta property='article:published_time' content='2024-05-02'>"
)
PAGE = (
    f"<html><head>{HEAD}</head><body><article><h1>Ruiz meets envoy</h1>{''.join(f'<p>{t}</p>' for t in TEXT)}</article>"
)


def saved(page=PAGE, head="From: <Saved by Blink>\nSnapshot-Content-Location: https://news.example/ruiz\n", frame=""):
    return (
        f"{head}Subject: =?utf-8?Q?Ruiz?=\nDate: Mon, 6 May 2024 10:00:00 -0000\nMIME-Version: 1.0\nContent-Type:"
        ' multipart/related;\n\ttype="text/html";\n\tboundary="b"\n\n\n--b\nContent-Type: text/html\nContent-ID: <f@x>\n'
        "Content-Transfer-Encoding: quoted-printable\nContent-Location: https://news.example/ruiz\n\n"
        f"{quopri.encodestring(page.encode()).decode()}\n{frame}--b\nContent-Type: image/png\n\nabc\n--b--\n"
    ).replace("\n", "\r\n")


@pytest.mark.parametrize("name", ["a.mhtml", "a.mht", "a.txt", "stream"])
@pytest.mark.parametrize(
    "head", ["From: <Saved by Blink>\nSnapshot-Content-Location: https://news.example/ruiz\n", "From: x\n"]
)
def test_a_saved_page_is_read_like_any_page(write, only, name, head):
    found = only(write(name, saved(head=head)))
    assert found.text.split("\n") == TEXT
    assert (found.title, found.source) == ("Ruiz meets envoy", "https://news.example/ruiz")
    assert (found.published, found.published_basis) == (dt.date(2024, 5, 2), "page metadata")
    assert found.notes == ()


def test_the_day_of_saving_is_no_date_of_publication_and_none_comes_after_it(write, only):
    assert only(write("a.mhtml", saved(PAGE.replace("2024-05-02", "2024-05")))).published is None
    found = only(write("a.mhtml", saved(PAGE.replace("2024-05-02", "2024-06-01"))))
    assert (found.published, found.notes) == (
        None,
        ("the page's date '2024-06-01' is after the day on which it was saved",),
    )


def test_frames_of_a_saved_page_are_counted(write, only):
    frame = "--b\nContent-Type: text/html\nContent-Location: cid:frame-1\n\n<p>Buy fish now.</p>\n"
    found = only(write("a.mhtml", saved(frame=frame)))
    assert "Buy fish" not in found.text
    assert "1 frames of the page left out" in found.notes


def test_a_saved_page_without_an_article_is_skipped(write, only):
    assert only(write("a.mhtml", saved("<html><body></body></html>"))).reason == "no_text"


MAIL = "Received: from a by b;\n Thu, 2 May 2024 10:00:00 +0000\nFrom: Desk <desk@news.example>\nSubject: Talks\n\n"


def test_a_message_on_standard_input_is_read_as_one(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{MAIL}{TEXT[0]}\n".encode())))
    found = read_article("-")
    assert (found.text.strip(), found.title) == (TEXT[0], "Talks")


def test_a_folder_of_mail_on_standard_input_is_read_as_one(monkeypatch):
    raw = "".join(f"From a@b.example Thu May  2 10:00:00 2024\n{MAIL}{text}\n\n" for text in TEXT)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw.encode())))
    assert [each.text.strip() for each in open_documents("-")] == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "From: the editors\nDate: 2 May 2024\n\nThe ministry met the envoy.",
        "Date: 2 May 2024\nMIME-Version: 1.0\nThe ministry met the envoy of Freedonia.",
        "From Lisbon, the envoy wrote in May 2024\nthat the talks go on.",
        "Message-ID: what it means\n\nThe number of a message is no name.",
    ],
)
def test_a_text_that_begins_with_a_field_is_a_text(text):
    assert reader_of(text.encode()) is None
