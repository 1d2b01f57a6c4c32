import io
import zipfile

import pytest
from docx import Document as Word


def docx(fill):
    word = Word()
    fill(word)
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def archive(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def story(word):
    word.core_properties.title = "Talks"
    word.add_paragraph("Ito met Peña in Quito.")
    row = word.add_table(1, 2).rows[0].cells
    row[0].text, row[1].text = "Ito", "Peña"
    word.add_paragraph("They parted.").add_run(" Obey me.").font.hidden = True


@pytest.mark.parametrize("name", ["a.docx", "a.txt", "word"])
def test_a_word_document_gives_paragraphs_and_tables_in_order(write, only, name):
    found = only(write(name, docx(story)))
    assert found.text.split("\n") == ["Ito met Peña in Quito.", "Ito\tPeña", "They parted."]
    assert found.title == "Talks"


def test_a_word_document_without_text_is_told(write, only):
    assert only(write("a.docx", docx(lambda _: None))).reason == "no_text"


def test_a_zip_bomb_is_refused_before_it_is_inflated(write, only):
    assert only(write("a.docx", archive(word__document_xml=b"0" * 200_000_000))).reason == "bomb"


def test_a_zip_whose_parts_overlap_is_refused(write, only):
    raw = archive(word__document_xml=b"<a>" + bytes(range(256)) * 9000)
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        (info,) = file.infolist()
    directory = raw[raw.index(b"PK\x01\x02") : raw.index(b"PK\x05\x06")]
    end = raw[raw.index(b"PK\x05\x06") :]
    many = directory * 200
    end = end[:8] + (200).to_bytes(2, "little") * 2 + len(many).to_bytes(4, "little") + end[16:]
    assert info.compress_size * 200 > len(raw)
    assert only(write("a.docx", raw[: raw.index(b"PK\x01\x02")] + many + end)).reason == "bomb"


def test_a_zip_that_is_no_word_document_is_binary(write, only):
    assert only(write("a.zip", archive(other_xml="<a/>"))).reason == "binary"


@pytest.mark.parametrize("content", [b"PK\x03\x04" + b"\xff" * 99, b"PK\x05\x06", b"", b"plain"])
def test_a_damaged_word_document_is_skipped(write, only, content):
    assert hasattr(only(write("a.docx", content)), "reason")


def test_entities_in_a_word_document_are_not_expanded(write, only):
    good = zipfile.ZipFile(io.BytesIO(docx(story)))
    laughs = (
        '<!DOCTYPE r [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
        + "]>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in good.namelist():
            content = good.read(name)
            if name == "word/document.xml":
                content = content.replace(b"<w:document", laughs.encode() + b"<w:document", 1).replace(
                    b"Quito", b"&j;"
                )
            file.writestr(name, content)
    found = only(write("a.docx", out.getvalue()))
    assert hasattr(found, "reason") or "haha" not in found.text
