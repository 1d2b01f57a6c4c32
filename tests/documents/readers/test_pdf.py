import io

import pytest
from pypdf import PdfReader, PdfWriter

from communique.documents.readers import Skipped


def pdf(*pages, trailer=b""):
    """Build a small PDF by hand: a page for each text, "" for one without."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * n) for n in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), kids),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, text in enumerate(pages):
        lines = b"".join(b"(%s) Tj 0 -14 Td " % line.encode() for line in text.split("\n"))
        stream = b"BT /F1 12 Tf 50 700 Td %s ET" % lines if text else b""
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
