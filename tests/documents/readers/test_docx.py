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
                content = content.replace(b"<w:document", laughs.encode() + b"<w:document", 1).replace(b"Quito", b"&j;")
            file.writestr(name, content)
    found = only(write("a.docx", out.getvalue()))
    assert hasattr(found, "reason") or "haha" not in found.text


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def with_body(body, *, name="document.xml", strict=False, **more):
    """A Word document of this body, in another part or namespace where asked."""
    good = zipfile.ZipFile(io.BytesIO(docx(lambda word: word.add_paragraph("BODY"))))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for part in good.namelist():
            content = good.read(part).decode("utf-8", "surrogateescape")
            if part == "word/document.xml":
                at, end = content.index("<w:body>") + 8, content.index("<w:sectPr")
                content = content[:at] + body + content[end:]
            content = content.replace("document.xml", name)
            if strict:
                content = content.replace(
                    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                    "http://purl.oclc.org/ooxml/wordprocessingml/main",
                )
                content = content.replace(
                    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                    "http://purl.oclc.org/ooxml/officeDocument/relationships",
                )
            file.writestr(part.replace("document.xml", name), content.encode("utf-8", "surrogateescape"))
        for part, content in more.items():
            file.writestr(part.replace("__", "/") + ".xml", content)
    return out.getvalue()


def run(text, properties=""):
    return f"<w:r>{properties}<w:t xml:space='preserve'>{text}</w:t></w:r>"


SHOWN = '<w:rPr><w:vanish w:val="0"/></w:rPr>'


def paragraph(inner):
    return f"<w:p>{inner}</w:p>"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (f"{run('She did ')}<w:ins w:id='1'>{run('not ')}</w:ins>{run('meet him.')}", "She did not meet him."),
        (f"{run('She met ')}<w:del w:id='1'><w:r><w:delText>n</w:delText></w:r></w:del>{run('him.')}", "She met him."),
        (f"{run('She met ')}<w:moveFrom w:id='1'>{run('him')}</w:moveFrom><w:moveTo w:id='2'>{run('her')}</w:moveTo>",
        "She met her"),
        (f"{run('She met ')}<w:sdt><w:sdtContent>{run('him.')}</w:sdtContent></w:sdt>", "She met him."),
        (f"{run('She met ')}<w:smartTag w:uri='x' w:element='y'>{run('him.')}</w:smartTag>", "She met him."),
        (f"{run('She met ')}<w:customXml w:element='y'>{run('him.')}</w:customXml>", "She met him."),
        (f"{run('On ')}<w:fldSimple w:instr='DATE'>{run('14 March')}</w:fldSimple>{run(' she left.')}", "On 14 March she left."),
        (f"{run('She met ')}<w:hyperlink w:anchor='x'>{run('him.')}</w:hyperlink>", "She met him."),
        (f"{run('She met ')}<w:bdo w:val='ltr'>{run('him.')}</w:bdo>", "She met him."),
        (f"{run('She met ')}{run('nobody', '<w:rPr><w:vanish/></w:rPr>')}{run('him.')}", "She met him."),
        (f"{run('She met ')}{run('him.', SHOWN)}", "She met him."),
        (f"{run('One')}<w:r><w:tab/></w:r>{run('two')}", "One two"),
    ],
)  # fmt: skip
def test_all_that_a_paragraph_shows_is_text(write, only, inner, expected):
    assert only(write("a.docx", with_body(paragraph(inner)))).text == expected


def test_what_was_changed_or_hidden_is_noted(write, only):
    hidden = run("Obey", "<w:rPr><w:vanish/></w:rPr>")
    inner = f"{run('She ')}<w:ins w:id='1'>{run('met him.')}</w:ins><w:del w:id='2'>{run('x')}</w:del>{hidden}"
    assert only(write("a.docx", with_body(paragraph(inner)))).notes == (
        "1 tracked deletions left out",
        "1 tracked insertions read",
        "4 characters of hidden text dropped",
    )


def test_blocks_in_content_controls_and_nested_tables_are_read(write, only):
    cell = "<w:tc>{}</w:tc>".format
    nested = f"<w:tbl><w:tr>{cell(paragraph(run('inner one')))}{cell(paragraph(run('inner two')))}</w:tr></w:tbl>"
    body = (
        f"<w:sdt><w:sdtContent>{paragraph(run('In a control.'))}</w:sdtContent></w:sdt>"
        f"<w:tbl><w:tr>{cell(paragraph(run('a')) + paragraph(run('b')) + nested + paragraph(run('c')))}"
        f"{cell(paragraph(run('d')))}</w:tr></w:tbl>"
    )
    found = only(write("a.docx", with_body(body)))
    assert found.text.split("\n") == ["In a control.", "a", "b", "inner one\tinner two", "c", "d"]


@pytest.mark.parametrize("old", [True, False])
def test_a_text_box_is_read_once_behind_its_paragraph(write, only, old):
    box = f"<w:txbxContent>{paragraph(run('In a box.'))}</w:txbxContent>"
    new = f'<mc:Choice Requires="wps"><w:drawing><wps:wsp xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:txbx>{box}</wps:txbx></wps:wsp></w:drawing></mc:Choice>'
    before = (
        "<mc:Fallback><w:pict><v:shape"
        f' xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox>{box}</v:textbox></v:shape></w:pict></mc:Fallback>'
    )
    both = (
        "<mc:AlternateContent"
        f' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">{new}'
        f"{before if old else ''}</mc:AlternateContent>"
    )
    body = paragraph(f"{run('Before it.')}<w:r>{both}</w:r>") + paragraph(run("Behind it."))
    assert only(write("a.docx", with_body(body))).text.split("\n") == [
        "Before it.",
        "In a box.",
        "Behind it.",
    ]


@pytest.mark.parametrize("name", ["a.docx", "a.docm", "a.dotx"])
@pytest.mark.parametrize("options", [{"name": "document2.xml"}, {"strict": True}, {}])
def test_other_makes_of_word_documents_are_read(write, only, name, options):
    assert only(write(name, with_body(paragraph(run("She met him.")), **options))).text == "She met him."


def test_a_missing_image_and_a_broken_part_are_no_crash(write, only):
    picture = (
        '<w:r><w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
        ' r:embed="rId99"/></w:drawing></w:r>'
    )
    assert only(write("a.docx", with_body(paragraph(run("She met him.") + picture)))).text == "She met him."
    assert only(write("b.docx", with_body("<w:p>"))).reason == "unreadable"
