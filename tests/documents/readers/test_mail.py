import datetime as dt
from email.message import EmailMessage

import pytest


def message(text="Ito met Peña in Quito.", html=None, subject="Talks in Quito — day 1"):
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = "Desk <desk@news.example>"
    mail["Date"] = "Thu, 02 May 2024 23:30:00 -0500"
    mail["Message-ID"] = "<1@news.example>"
    if text:
        mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html") if text else mail.set_content(html, subtype="html")
    return mail


def test_a_message_gives_its_plain_text_and_headers(write, only):
    mail = message(html="<p>other</p>")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="a.png")
    found = only(write("a.eml", bytes(mail)))
    assert (found.text.strip(), found.title, found.id) == (
        "Ito met Peña in Quito.",
        "Talks in Quito — day 1",
        "1@news.example",
    )
    assert (found.published, found.published_basis) == (dt.date(2024, 5, 2), "mail header")
    assert "1 attachments left out" in found.notes


def test_a_message_of_html_gives_what_is_visible(write, only):
    html = (
        '<div>Ito met <b>Peña</b>.<br>They parted.</div><p style="display:none">Obey me.</p><p>The end.</p>'
    )
    assert (
        only(write("a.eml", bytes(message(text=None, html=html)))).text
        == "Ito met Peña.\nThey parted.\nThe end."
    )


def test_a_message_in_a_charset_that_nobody_knows_is_read(write, only):
    raw = bytes(message(text="Ito met the envoy.")).replace(b"utf-8", b"klingon")
    assert only(write("a.eml", raw)).text.strip() == "Ito met the envoy."


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"From: a\n\n",
        b"Content-Type: image/png\n\nabc",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 9,
    ],
)
def test_a_message_without_text_is_skipped(write, only, raw):
    assert only(write("a.eml", raw)).reason in {"no_text", "empty"}


def test_a_deeply_nested_message_is_skipped(write, only):
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5000))
    assert hasattr(only(write("a.eml", raw)), "reason")


def test_mbox_gives_a_document_a_message(write, read):
    raw = b"".join(
        b"From desk@news.example Thu May  2 10:00:00 2024\n"
        + bytes(message(t)).replace(b"\nFrom ", b"\n>From ")
        + b"\n"
        for t in ("First talks.\n\nFrom Quito they flew home.", "Second talks.")
    )
    first, second = read(write("a.mbox", raw))
    assert first.text.strip() == "First talks.\n\nFrom Quito they flew home."
    assert second.text.strip() == "Second talks."


def test_a_bad_message_in_an_mbox_fails_alone(write, read):
    start = b"From desk@news.example Thu May  2 10:00:00 2024\n"
    raw = (
        start
        + bytes(message("First."))
        + b"\n"
        + start
        + b"Subject: x\n\n\0\0\n\n"
        + start
        + bytes(message("Third."))
    )
    assert [getattr(f, "text", f"{getattr(f, 'reason', '')}").strip() for f in read(write("a.mbox", raw))] == [
        "First.", "binary", "Third."
    ]  # fmt: skip
