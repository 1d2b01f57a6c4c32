import io

import pytest
from pypdf import PdfReader, PdfWriter

from communique.documents.readers import Skipped


def pdf(*pages, trailer=b""):
    """Build a small PDF by hand: a page for each text, "" for one without; or for pieces of text with their places."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * n) for n in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), kids),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, text in enumerate(pages):
        pieces = [(50, 700, text)] if isinstance(text, str) else text
        stream = b"".join(
            b"BT /F1 12 Tf %d %d Td %s ET "
            % (x, y, b"".join(b"(%s) Tj 0 -14 Td " % line.replace(")", r"\)").encode() for line in piece.split("\n")))
            for x, y, piece in pieces
            if piece
        )
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
            % (5 + 2 * number)
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
    out = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % p for p in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1, table, len(objects) + 1, trailer, len(out)
    )  # fmt: skip


def encrypted(password):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Ito met the envoy in Quito."))))
    writer.encrypt(password, owner_password="owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["a.pdf", "a.txt"])
def test_a_pdf_gives_its_text_and_where_its_pages_begin(write, only, name):
    found = only(write(name, pdf("Ito met the envoy.\nThey spoke.", "They parted.", "The end.")))
    assert found.text.split() == [
        "Ito",
        "met",
        "the",
        "envoy.",
        "They",
        "spoke.",
        "They",
        "parted.",
        "The",
        "end.",
    ]
    assert [found.page_of(found.text.index(w)) for w in ("Ito", "spoke", "parted", "end")] == [1, 1, 2, 3]


def test_a_blank_page_is_noted_and_keeps_its_number(write, only):
    found = only(write("a.pdf", pdf("Ito met the envoy.", "", "They parted.")))
    assert found.page_of(found.text.index("parted")) == 3
    assert found.notes == ("1 of 3 pages without text; communique does no OCR",)


def test_a_pdf_without_text_says_that_ocr_is_not_done(write, only):
    found = only(write("a.pdf", pdf("", "")))
    assert isinstance(found, Skipped)
    assert (found.reason, found.detail) == (
        "no_text",
        "the PDF has no text layer; communique does no OCR, so run that first",
    )


def test_an_encrypted_pdf_is_skipped_and_one_with_an_empty_password_read(write, only):
    assert only(write("a.pdf", encrypted("secret"))).reason == "encrypted"
    assert only(write("b.pdf", encrypted(""))).text == "Ito met the envoy in Quito."


RECURSIVE = pdf("x").replace(b"/Kids[4 0 R]", b"/Kids[2 0 R]")


@pytest.mark.parametrize(
    "content", [b"%PDF-1.4\n", b"%PDF-1.7" + b"\xff" * 900, pdf("Ito met the envoy.")[:200], RECURSIVE]
)
def test_a_damaged_or_recursive_pdf_is_skipped(write, only, content):
    assert isinstance(only(write("a.pdf", content), seconds=5), Skipped)


def test_only_the_first_pages_of_a_very_long_pdf_are_read(write, only):
    found = only(write("a.pdf", pdf(*["Page."] * 501)))
    assert len(found.pages) == 500
    assert found.notes == ("only the first 500 of 501 pages were read",)


def test_scripts_and_attachments_of_a_pdf_are_not_text(write, only):
    action = b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>"
    assert only(write("a.pdf", pdf("Ito met.").replace(b"<</Type/Catalog/Pages 2 0 R>>", action))).text == "Ito met."


WRAPPED = """The ministers of both states met the envoy in Quito on Tuesday and said that the talks on fish-
ing rights in the long channel would go on, whatever the term of the present council may be. A long-
term plan is not yet at hand.
They parted late."""


def test_the_lines_of_a_paragraph_are_joined_and_its_words_made_whole(write, only):
    found = only(write("a.pdf", pdf(f"Talks go on\n\n{WRAPPED}")))
    assert [(s.kind, s.text) for s in found.sentences] == [
        ("heading", "Talks go on"),
        ("body", ("The ministers of both states met the envoy in Quito on Tuesday and said that the talks on fishing rights"
         " in the long channel would go on, whatever the term of the present council may be.")),
        ("body", "A long-term plan is not yet at hand."),
        ("body", "They parted late."),
    ]  # fmt: skip


def test_the_rows_of_a_table_stay_apart(write, only):
    rows = (
        "Borduria{0}12 of 40 members{0}in favour of it\nFreedonia{0}31 of 38 members{0}in favour of it\nSyldavia{0}2 of"
        " 19 members{0}in favour of it"
    )
    found = only(write("a.pdf", pdf(rows.format(" " * 12))))
    assert found.text.count("\n") == 2


@pytest.mark.parametrize("title", ["Microsoft Word - 2024-05-14 talks.doc", "untitled", "talks_final.indd", " "])
def test_the_name_of_a_file_is_no_title(write, only, title):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(f"Talks go on\n\n{WRAPPED}"))))
    writer.add_metadata({"/Title": title})
    out = io.BytesIO()
    writer.write(out)
    assert only(write("a.pdf", out.getvalue())).title == "Talks go on"


def test_a_page_whose_letters_nobody_knows_is_noted(write, only):
    strange = pdf("Ito met.", "Words").replace(b"(Words)", b"<0102030405060708>")
    assert only(write("a.pdf", strange)).notes == (
        "1 of 2 pages without text; communique does no OCR",
        "1 of 2 pages left out, because their fonts don't map to letters",
    )


FIRST = """The council of Norland met the envoy of Tarn in the old town hall on Tuesday to talk
about the port. It sold the boats of the union through Tarn, which Norland"""
SECOND = """denies. The mayor said that she had never heard of the boats and that the union had
sold them itself in May of last year."""
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
WHOLE = f"{FIRST} {SECOND}".replace("\n", " ")


def body(found):
    return " ".join(s.text for s in found.sentences)


def test_a_sentence_goes_on_over_the_end_of_a_page(write, only):
    found = only(write("a.pdf", pdf(FIRST, SECOND)))
    assert body(found) == WHOLE
    assert "which Norland denies." in found.text
    assert [found.page_of(found.text.index(w)) for w in ("which Norland", "denies", "mayor")] == [1, 2, 2]


def test_a_sentence_goes_on_over_the_end_of_a_column(write, only):
    one = "The council met in the old town\nhall on Tuesday and heard the\nenvoy of Tarn, who spoke of nego-"
    two = "tiations on the port of the town\nthat the union of Norland did not\nwant to see again in this year."
    found = only(write("a.pdf", pdf([(50, 200, one), (320, 700, two)])))
    assert len(found.sentences) == 1
    assert "spoke of negotiations on the port" in found.text


@pytest.mark.parametrize("second", ["The mayor left.", "a) the mayor, who left", "Talks go on"])
def test_what_is_no_rest_of_a_sentence_begins_a_paragraph(write, only, second):
    assert f"Norland\n\n{second}" in only(write("a.pdf", pdf(FIRST, second))).text


def test_running_heads_and_page_numbers_are_left_out(write, only):
    def page(number, text):
        return [(50, 700, text), (50, 780, "The Norland Courier"), (280, 20, f"Page {number} of 2")]

    found = only(write("a.pdf", pdf(page(1, f"Talks go on\n\n{FIRST}"), page(2, SECOND))))
    assert (found.title, body(found)) == ("Talks go on", f"Talks go on {WHOLE}")
    assert "4 lines left out that repeat at the edges of pages" in found.notes


def test_heads_of_left_and_right_pages_are_left_out(write, only):
    heads = ["The Norland Courier", "Talks in Tarn"]
    found = only(
        write(
            "a.pdf",
            pdf(*([(50, 700, f"On {day} the envoy met her."), (50, 780, heads[n % 2])] for n, day in enumerate(DAYS))),
        )
    )
    assert found.text.count("the envoy met her.") == 7
    assert not any(head in found.text for head in heads)


def test_a_headline_stays_where_it_is_the_running_head_of_the_other_pages(write, only):
    pages = [[(50, 700, "On Monday they met."), (50, 740, "Talks in Tarn")]]
    pages += [[(50, 700, f"On {day} they met again."), (50, 780, "Talks in Tarn")] for day in DAYS[1:4]]
    assert only(write("a.pdf", pdf(*pages))).text.count("Talks in Tarn") == 1
