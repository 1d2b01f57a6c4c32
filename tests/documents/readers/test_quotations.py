import datetime as dt

import pytest

ARTICLE = " ".join(
    f"The envoy of Tarn met the council of Norland on day {n} to talk about the port." for n in range(1, 9)
)
COMMENT = "The council of the town met on Sunday and said that it will go to court over the port this year, and the mayor agrees."
SIGNATURE = """Jane Doe
Senior Analyst, Financial Crime Compliance
Example Bank plc, 1 Example Street, London
Tel. +44 20 0000 0000 | jane.doe@example.com | www.example.com"""
DISCLAIMER = (
    "This message may be privileged. If it was not meant for you, please delete it and tell the sender at once."
)
COVERS = ["", "FYI", f"FYI\n\n{SIGNATURE}", f"FYI\n\n{SIGNATURE}\n\n{DISCLAIMER}", f"FYI\n\n-- \n{SIGNATURE}"]
GMAIL = "---------- Forwarded message ---------\nFrom: Press <press@tarn.example>\nDate: Thu, 2 May 2024 at 10:00\n"
OUTLOOK = "From: Press <press@tarn.example>\nSent: Thursday, May 2, 2024 10:00 AM\nTo: Jane Doe\nSubject: Talks\n"
FORMS = [
    f"{GMAIL}Subject: Talks\nTo: <jane.doe@example.com>\n",
    OUTLOOK,
    f"{'_' * 32}\n{OUTLOOK}",
    f"-----Original Message-----\n{OUTLOOK}",
    (
        "-------- Forwarded Message --------\nSubject: \tTalks\nDate: \tThu, 2 May 2024 10:00:00 +0100\nFrom: \tPress"
        " <press@tarn.example>\nTo: \tjane.doe@example.com\n"
    ),
    "Begin forwarded message:\n\nFrom: Press <press@tarn.example>\nSubject: Talks\nDate: 2 May 2024 at 10:00:00 BST\n",
    (
        "-----Ursprüngliche Nachricht-----\nVon: Press <press@tarn.example>\nGesendet: Donnerstag, 2. Mai 2024 10:00\nAn: Jane"
        " Doe\nBetreff: Talks\n"
    ),
]
HTML_HEADER = (
    "From: <b>Press</b> &lt;press@tarn.example&gt;<br>Date: Thu, 2 May 2024 at 10:00<br>Subject: Talks<br>To:"
    " &lt;jane.doe@example.com&gt;<br>"
)
HTML_SIGNATURE = SIGNATURE.replace("\n", "<br>")


def mail(text, kind="plain", to="Bob <bob@example.com>", subject="Fwd: Talks"):
    return (
        f"From: Jane Doe <jane.doe@example.com>\nTo: {to}\nSubject: {subject}\nDate: Mon, 06 May 2024 09:00:00 +0100\n"
        f"Message-ID: <9@example>\nMIME-Version: 1.0\nContent-Type: text/{kind}; charset=utf-8\n\n{text}\n"
    )


@pytest.mark.parametrize("cover", COVERS, ids=["none", "note", "signed", "disclaimer", "dashes"])
@pytest.mark.parametrize("form", FORMS, ids=["gmail", "outlook", "rule", "original", "thunderbird", "apple", "german"])
def test_a_cover_note_gives_the_message_that_it_forwards_in_its_text(write, only, form, cover):
    found = only(write("a.eml", mail(f"{cover}\n\n{form}\n{ARTICLE}")))
    assert (found.text, found.title, found.published) == (ARTICLE, "Talks", dt.date(2024, 5, 2))
    assert "author: Press <press@tarn.example>" in found.notes
    assert not cover or any(
        note.startswith("forwarded by Jane Doe <jane.doe@example.com>: 'FYI") for note in found.notes
    )


@pytest.mark.parametrize(
    "body",
    [
        (
            f'<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>{HTML_HEADER}</div>'
            f"<p>{ARTICLE}</p></div>"
        ),
        (
            f'<blockquote type="cite"><div>Begin forwarded message:</div><br><div>{HTML_HEADER}</div></blockquote>'
            f'<blockquote type="cite"><p>{ARTICLE}</p></blockquote>'
        ),
        f'<hr><div id="divRplyFwdMsg">{HTML_HEADER}</div><div>{ARTICLE}</div>',
        (
            "<div>-------- Forwarded Message --------<table><tr><th>Subject: </th><td>Talks</td></tr><tr><th>Date: </th>"
            "<td>Thu, 2 May 2024 10:00:00 +0100</td></tr><tr><th>From: </th><td>Press &lt;press@tarn.example&gt;</td></tr>"
            f"</table><p>{ARTICLE}</p></div>"
        ),
    ],
    ids=["gmail", "apple", "outlook", "thunderbird"],
)
@pytest.mark.parametrize("cover", ["", "<div>FYI</div>", f"<div>FYI</div><div>{HTML_SIGNATURE}</div>"])
def test_so_does_one_of_html(write, only, body, cover):
    found = only(write("a.eml", mail(f"<html><body>{cover}{body}</body></html>", "html")))
    assert (found.text, found.title, found.published) == (ARTICLE, "Talks", dt.date(2024, 5, 2))


def test_a_comment_and_the_message_that_it_forwards_are_two(write, read):
    own, inside = read(write("a.eml", mail(f"{COMMENT}\n\n{SIGNATURE}\n\n{FORMS[0]}\n{ARTICLE}")))
    assert (own.text, own.id, own.published) == (f"{COMMENT}\n\n{SIGNATURE}", "9@example", dt.date(2024, 5, 6))
    assert (inside.text, inside.published) == (ARTICLE, dt.date(2024, 5, 2))
    assert inside.id != own.id


def test_a_message_that_goes_back_to_whom_it_quotes_is_an_answer(write, only):
    found = only(
        write("a.eml", mail(f"{COMMENT}\n\n{OUTLOOK}\n{ARTICLE}", to="press@tarn.example", subject="RE: Talks"))
    )
    assert found.text == COMMENT
    assert "quotations of other messages left out" in found.notes


def test_what_is_forwarded_twice_is_found(write, only):
    outer = OUTLOOK.replace("Press <press@tarn.example>", "Ann <ann@example.com>").replace("May 2", "May 3")
    found = only(write("a.eml", mail(f"FYI\n\n{outer}\nSee below.\n\n{OUTLOOK}\n{ARTICLE}")))
    assert (found.text, found.published) == (ARTICLE, dt.date(2024, 5, 2))
    assert [note.partition(" <")[0] for note in found.notes] == [
        "forwarded by Jane Doe",
        "forwarded by Ann",
        "author: Press",
    ]


def test_an_answer_that_is_forwarded_comes_without_what_it_quotes(write, only):
    thread = OUTLOOK.replace("Jane Doe", "ann@example.com")
    older = f"From: Ann <ann@example.com>\nSent: Wednesday, May 1, 2024 9:00 AM\nTo: Press\nSubject: Talks\n\n{COMMENT}"
    found = only(write("a.eml", mail(f"FYI\n\n{thread}\n{ARTICLE}\n\n{older}")))
    assert (found.text, found.published) == (ARTICLE, dt.date(2024, 5, 2))
    assert "quotations of other messages left out" in found.notes


QUOTED = "On Thu, 2 May 2024 at 10:00, Press <press@tarn.example> wrote:\n> " + ARTICLE.replace(". ", ".\n> ")


@pytest.mark.parametrize("cover", ["Thanks!", f"Thanks!\n\n{SIGNATURE}"])
@pytest.mark.parametrize("quoted", [QUOTED, QUOTED.replace("Press <", "Press\n<"), QUOTED.replace("\n> ", "\n")])
def test_an_answer_of_few_words_gives_what_it_quotes_whoever_signs_it(write, only, cover, quoted):
    found = only(write("a.eml", mail(f"{cover}\n\n{quoted}", subject="Re: Talks")))
    assert (" ".join(found.text.split()), found.published) == (ARTICLE, dt.date(2024, 5, 2))


def test_an_answer_below_what_it_quotes_is_read(write, only):
    found = only(write("a.eml", mail(f"{QUOTED}\n\n{COMMENT}\n\n{SIGNATURE}", subject="Re: Talks")))
    assert (found.text, found.published) == (COMMENT, dt.date(2024, 5, 6))


def test_a_text_below_a_letterhead_is_no_signature(write, only):
    text = f"Press Office of Tarn\npress@tarn.example\n\n{ARTICLE} {ARTICLE}"
    assert only(write("a.eml", mail(f"{text}\n\n{QUOTED.replace(ARTICLE[:30], 'Old news')}"))).text == text


def test_html_that_only_quotes_is_read(write, only):
    quoted = f'<html><body><blockquote type="cite"><p>{ARTICLE}</p></blockquote></body></html>'
    assert only(write("a.eml", mail(quoted, "html"))).text == ARTICLE


def test_the_first_line_of_a_text_right_below_its_header_stays(write, only):
    assert only(write("a.eml", mail(f"FYI\n\n{OUTLOOK}{ARTICLE}"))).text == ARTICLE


def test_a_list_in_a_forwarded_message_is_no_signature(write, only):
    text = f"{ARTICLE}\n\n- the port of Tarn\n- the bridge\n\nThanks, said the envoy, and left."
    assert only(write("a.eml", mail(f"FYI\n\n{FORMS[0]}\n{text}"))).text == text
