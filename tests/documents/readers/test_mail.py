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


def test_a_date_that_is_none_is_noted(write, only):
    raw = bytes(message()).replace(b"Thu, 02 May 2024 23:30:00 -0500", b"some day in spring")
    found = only(write("a.eml", raw))
    assert found.published is None
    assert "not a date (mail header): 'some day in spring'" in found.notes


def test_a_message_of_html_gives_what_is_visible(write, only):
    html = '<div>Ito met <b>Peña</b>.<br>They parted.</div><p style="display:none">Obey me.</p><p>The end.</p>'
    assert only(write("a.eml", bytes(message(text=None, html=html)))).text == "Ito met Peña.\nThey parted.\nThe end."


def test_one_line_that_is_too_long_makes_no_document(write, only):
    """A hundredth of what is allowed without an option: the search for quotations takes a microsecond a character."""
    assert only(write("a.eml", b"text\n" + b"x" * 80_000), max_chars=50_000).reason == "too_long"


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
        start + bytes(message("First.")) + b"\n" + start + b"Subject: x\n\n\0\0\n\n" + start + bytes(message("Third."))
    )
    assert [getattr(f, "text", f"{getattr(f, 'reason', '')}").strip() for f in read(write("a.mbox", raw))] == [
        "First.", "binary", "Third."
    ]  # fmt: skip


RELEASE = (
    "The minister approved the new bridge on Friday and said that work on it begins in the autumn of next year at the"
    " latest. It is to open in 2031."
)
STUB = "Your program shows no HTML. Read this mail in your browser."
HEAD = "From: Press <press@bridges.example>\nSubject: Bridge approved\nDate: Sat, 14 Mar 2026 09:00:00 +0100\n"


def parts(kind, *several):
    body = "".join(f"--b\n{part}\n" for part in several)
    return f"{HEAD}MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=b\n\n{body}--b--\n"


def plain(text, more=""):
    return f"Content-Type: text/plain; charset=utf-8{more}\n\n{text}"


def html(text):
    return f"Content-Type: text/html; charset=utf-8\n\n<html><body><p>{text}</p></body></html>"


FOOTER = "____________________\npress mailing list\npress@lists.example"


@pytest.mark.parametrize(
    "raw",
    [
        parts("mixed", html(RELEASE), plain(FOOTER)),
        parts("mixed", plain(RELEASE), plain(FOOTER)),
        parts("alternative", plain(STUB), html(RELEASE)),
        parts("alternative", plain(""), html(RELEASE)),
        parts("alternative", plain("(HTML)"), html(RELEASE)),
        parts("alternative", plain(RELEASE), html(RELEASE)),
        parts("mixed", parts("alternative", plain(""), html(RELEASE)).partition("MIME-Version: 1.0\n")[2],
        plain(FOOTER)).replace("boundary=b", "boundary=a", 0),
        parts("mixed", plain("", "\nContent-Disposition: inline"), plain(RELEASE,
        "\nContent-Disposition: attachment; filename=r.txt")),
    ],
)  # fmt: skip
def test_the_part_that_holds_the_release_is_read(write, only, raw):
    if raw.count("boundary=b") > 1:  # one inside the other
        inner = raw.index("boundary=b", raw.index("boundary=b") + 1)
        end = raw.index("--b--", inner)
        raw = (
            raw[:inner]
            + raw[inner : end + 5].replace("boundary=b", "boundary=c").replace("--b", "--c")
            + raw[end + 5 :]
        )
    assert only(write("a.eml", raw)).text.strip() == RELEASE


def test_two_long_parts_are_both_read(write, only):
    second = "The towns on both banks said on Friday that they had heard nothing of it and want to see the plan."
    assert only(write("a.eml", parts("mixed", plain(RELEASE), plain(second)))).text.split("\n\n") == [
        RELEASE,
        second,
    ]


FORWARDED = (
    "From: Press <press@bridges.example>\nSubject: Bridge approved\nDate: Sat, 14 Mar 2026 09:00:00 +0100\nMessage-ID:"
    f" <7@x>\n\n{RELEASE}"
)


def test_a_cover_note_gives_the_message_that_it_forwards(write, only):
    raw = parts("mixed", plain("see below"), f"Content-Type: message/rfc822\n\n{FORWARDED}").replace(
        "Bridge approved", "Fwd: it", 1
    )
    found = only(write("a.eml", raw.replace("14 Mar", "16 Mar", 1).replace("<press", "<desk", 1)))
    assert (found.text.strip(), found.title, found.published, found.id) == (
        RELEASE,
        "Bridge approved",
        dt.date(2026, 3, 14),
        "7@x",
    )
    assert "forwarded by Press <desk@bridges.example>: 'see below'" in found.notes


def test_a_message_and_the_one_that_it_forwards_are_two(write, read):
    own = "The council of the town met on Sunday and said that it will go to court over the bridge this year."
    found = read(write("a.eml", parts("mixed", plain(own), f"Content-Type: message/rfc822\n\n{FORWARDED}")))
    assert [(f.text.strip(), f.source[-2:]) for f in found] == [(own, "ml"), (RELEASE, ":2")]


def test_the_messages_of_a_digest_are_its_documents(write, read):
    second = FORWARDED.replace("bridge", "tunnel").replace("7@x", "8@x")
    raw = parts("digest", f"\n{FORWARDED}", f"\n{second}")
    assert [f.id for f in read(write("a.eml", raw))] == ["7@x", "8@x"]


@pytest.mark.parametrize(
    "header",
    [
        "On Sat, 14 Mar 2026, Press Office wrote:",
        "Am 14.03.2026 um 09:00 schrieb Press Office:",
        "Le 14 mars 2026 à 09:00, Press Office <press@bridges.example> a écrit :",
    ],
)
def test_what_is_quoted_is_left_out_or_taken_for_itself(write, only, header):
    quoted = "\n".join(f"> {line}" for line in RELEASE.split(". "))
    own = "The council of the town met on Sunday and said that it will go to court over the bridge this year."
    found = only(write("a.eml", f"{HEAD.replace('14 Mar', '16 Mar')}\n{own}\n\n{header}\n{quoted}\n"))
    assert (found.text, found.published) == (own, dt.date(2026, 3, 16))
    assert "quotations of other messages left out" in found.notes
    found = only(write("b.eml", f"{HEAD.replace('14 Mar', '16 Mar')}\nThanks!\n\n{header}\n{quoted}\n"))
    assert found.text.startswith("The minister approved")
    assert found.published == dt.date(2026, 3, 14)
    assert any(note.endswith(": 'Thanks!'") for note in found.notes)


def test_a_quotation_in_html_is_left_out(write, only):
    quoted = f"{RELEASE}</p><blockquote type='cite'><p>Old news of the tunnel.</p></blockquote><p>"
    found = only(write("a.eml", f"{HEAD}{html(quoted)}"))
    assert found.text == RELEASE
    assert "quotations of other messages left out" in found.notes


def test_flowed_lines_are_joined_as_they_say(write, only):
    text = "The minister approved the \nbridge on \nFriday.\nShort line\n From here on \nit is hers."
    found = only(write("a.eml", f"{HEAD}Content-Type: text/plain; charset=utf-8; format=flowed\n\n{text}\n"))
    assert found.text.split("\n") == [
        "The minister approved the bridge on Friday.",
        "Short line",
        "From here on it is hers.",
    ]
    glued = text.replace("bridge on \nFri", "bridge on Fri \n").replace("\n day", " \nday")
    found = only(
        write("b.eml", f"{HEAD}Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\n{glued}\n")
    )
    assert "on Friday." in found.text


def test_cells_of_a_layout_do_not_run_into_each_other(write, only):
    content = (
        "<table><tr><td>Monday</td><td>Oslo</td></tr><tr><td><p>They met.</p><p>They"
        " parted.</p></td><td>Bergen</td></tr></table>"
    )
    found = only(write("a.eml", f"{HEAD}{html(content)}"))
    assert found.text.split("\n") == ["Monday\tOslo", "They met.", "They parted.", "Bergen"]


@pytest.mark.parametrize(
    ("charset", "encoding", "text"),
    [
        ("iso-8859-1", "cp1252", "The ministry’s “plan” – as it says – is Müller’s."),
        ("us-ascii", "cp1252", "The ministry’s “plan” – as it says – is Müller’s."),
        ("gb2312", "gb18030", "朱镕基总理会见了代表团。"),
        ("iso-8859-1", "utf-8", "Müller met Peña and Núñez in Zürich."),
        ("utf-8", "cp1252", "Müller met Peña and Núñez in Zürich."),
        ("iso-2022-jp", "iso-2022-jp", "大臣は代表団と会談した。"),
    ],
)
def test_text_is_read_as_mail_programs_read_what_it_is_called(write, only, charset, encoding, text):
    raw = f"{HEAD}Content-Type: text/plain; charset={charset}\n\n".encode() + text.encode(encoding)
    assert only(write("a.eml", raw)).text == text


@pytest.mark.parametrize("charset", ["us-ascii", "klingon"])
def test_text_that_is_not_what_it_is_called_is_refused_and_read_when_that_is_named(write, only, charset):
    text = "Министры встретились в Кито."
    path = write("a.eml", f"{HEAD}Content-Type: text/plain; charset={charset}\n\n".encode() + text.encode("cp1251"))
    assert only(path).reason == "wrong_encoding"
    assert only(path, encoding="cp1251").text == text
