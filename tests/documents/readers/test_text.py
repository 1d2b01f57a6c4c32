import io
import sys

import pytest

from communique.documents import Document
from communique.documents.readers import ReadOptions, Skipped, open_documents, read_article
from communique.errors import (
    ConfigurationError,
    DocumentTooLongError,
    EmptyDocumentError,
    UnreadableDocumentError,
)

STORY = "Minister Ito met Minister Peña in Quito on Monday. Они встретились снова. 双方会晤。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_text_with_and_without_marks_is_decoded(write, encoding):
    assert read_article(write("a.txt", STORY.encode(encoding))).text == STORY


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["Министры встретились в Кито снова.", "双方 会晤。\n部长 会见 大使。", "Ito met Peña."]
)
def test_utf16_without_a_mark_is_found_in_every_script(write, text, encoding):
    assert read_article(write("a.txt", text.encode(encoding))).text == text


def test_invalid_utf8_is_replaced_and_counted(write):
    document = read_article(write("a.txt", b"Talks between ministers went on until \xff midnight, the envoy said." * 2))
    assert document.text.count("\ufffd") == 2
    assert document.notes == ("2 invalid utf-8 sequences replaced",)


def test_a_replacement_character_that_was_there_is_not_counted(write):
    document = read_article(write("a.txt", "The \ufffd envoy met".encode() + b"\xff the minister of trade for talks."))
    assert document.notes == ("1 invalid utf-8 sequences replaced",)


def test_a_text_in_another_encoding_is_refused_with_a_hint_and_read_when_named(write):
    path = write("a.txt", "Министры встретились в Кито".encode("cp1251"))
    with pytest.raises(UnreadableDocumentError, match=r"not valid utf-8.*--encoding"):
        read_article(path)
    assert read_article(path, ReadOptions(encoding="cp1251")).text == "Министры встретились в Кито"


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + b"x" * 50,
        b"\x7fELF\x02\x01\x01",
        b"one\0two three",
        bytes(range(1, 32)) * 9,
        b"MZ\x90\0\3",
    ],
)
def test_binary_named_txt_is_skipped_as_binary(write, content, only):
    found = only(write("a.txt", content))
    assert isinstance(found, Skipped)
    assert found.reason == "binary"


def test_a_missing_file_is_told_with_a_hint(tmp_path):
    with pytest.raises(UnreadableDocumentError, match=r"there is no file.*standard input"):
        read_article(tmp_path / "none.txt")


@pytest.mark.parametrize("name", ["An article given in place of a path. " * 300, "a\0b", "x" * 5000])
def test_a_name_that_no_file_can_have_is_a_missing_file(name):
    with pytest.raises(UnreadableDocumentError, match="there is no file"):
        read_article(name)
    with pytest.raises(UnreadableDocumentError, match=r"there is no file|no file matches"):
        open_documents([name])


def test_a_folder_is_not_an_article(tmp_path):
    with pytest.raises(UnreadableDocumentError, match=r"is a folder.*communique batch"):
        read_article(tmp_path)


@pytest.mark.parametrize("content", [b"", b" \n\t ", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told(write, content):
    with pytest.raises(EmptyDocumentError):
        read_article(write("a.txt", content))


def test_a_text_over_the_limit_is_told(write):
    path = write("a.txt", "é" * 101)
    with pytest.raises(DocumentTooLongError, match="101"):
        read_article(path, ReadOptions(max_chars=100))
    assert len(read_article(path, ReadOptions(max_chars=101)).text) == 101


def test_one_line_of_fifty_megabytes_is_too_long(write, only):
    assert only(write("a.txt", b"x" * 50_000_000)).reason == "too_long"


@pytest.mark.parametrize("options", [{"encoding": "klingon"}, {"encoding": "base64"}, {"published": "yesterday"}])
def test_an_option_that_cannot_work_is_refused(write, options):
    with pytest.raises(ConfigurationError):
        read_article(write("a.txt", STORY), ReadOptions(**options))


def test_a_given_date_is_kept_with_its_basis(write):
    document = read_article(write("2019-01-01.txt", STORY), ReadOptions(published="2024-05-31"))
    assert (str(document.published), document.published_basis) == ("2024-05-31", "given")


def test_a_file_name_never_gives_a_date(write):
    assert read_article(write("2019-01-01.txt", STORY)).published is None


def test_standard_input_is_one_article(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(STORY.encode())))
    document = read_article("-")
    assert (document.text, document.source) == (STORY, "standard input")


def test_a_gzip_file_is_inflated_and_a_bomb_is_skipped(write, only):
    import gzip

    assert read_article(write("a.txt.gz", gzip.compress(STORY.encode()))).text == STORY
    assert only(write("b.txt.gz", gzip.compress(b"0" * 20_000_000))).reason == "bomb"
    assert only(write("c.txt.gz", gzip.compress(STORY.encode())[:-12])).reason == "unreadable"


def test_folders_are_read_in_order_with_hidden_files_left_out(write, tmp_path):
    for name in ("b/2.txt", "a/1.md", ".git/x.txt", "c.txt", "d.meta"):
        write(name, f"The text of {name}.")
    found = list(open_documents(tmp_path))
    assert [f.text for f in found if isinstance(f, Document)] == [
        "The text of a/1.md.",
        "The text of b/2.txt.",
        "The text of c.txt.",
    ]
    assert [(f.source, f.reason) for f in found if isinstance(f, Skipped)] == [
        (str(tmp_path / "d.meta"), "unsupported")
    ]


def test_globs_are_sorted_and_one_without_a_match_is_told(write, tmp_path):
    for name in ("2.txt", "1.txt", "3.md"):
        write(name, f"The text of {name}.")
    found = list(open_documents([str(tmp_path / "*.txt"), tmp_path / "3.md"]))
    assert [f.source for f in found] == [str(tmp_path / n) for n in ("1.txt", "2.txt", "3.md")]
    with pytest.raises(UnreadableDocumentError, match="no file matches"):
        open_documents([str(tmp_path / "*.pdx")])


def test_a_file_that_was_named_is_read_as_text_whatever_its_suffix(write):
    assert read_article(write("article", STORY)).text == STORY
    assert read_article(write("article.story", STORY)).text == STORY


def test_a_bad_file_leaves_its_neighbours_as_they_are(write, tmp_path):
    write("a.txt", STORY)
    write("c.txt", "The envoys left Lima.")
    before = [f.model_dump() for f in open_documents(tmp_path)]
    write("b.txt", b"\x7fELF" + b"\0" * 100)
    found = list(open_documents(tmp_path))
    assert [type(f) for f in found] == [Document, Skipped, Document]
    assert [f.model_dump() for f in found if isinstance(f, Document)] == before


def test_a_text_in_an_old_encoding_is_refused_not_mutilated(write, only):
    text = "Le ministre a dit qu'il n'y avait pas de date pour le moment et que tout restait à faire. " * 3
    raw = (text + "Le président a été reçu à l'Élysée, et la délégation a quitté Genève.").encode("cp1252")
    assert only(write("a.txt", raw)).reason == "wrong_encoding"


@pytest.mark.parametrize(
    "text",
    ["Mr. Müller met the envoy of Norland on Tuesday.", "The ministry’s envoy met her.", "She met André on Tuesday."],
)
def test_one_letter_of_an_old_encoding_is_enough_to_refuse_it(write, only, text):
    raw = f"{'The talks went on. ' * 200}{text}".encode("cp1252")
    found = only(write("a.txt", raw))
    assert (found.reason, "--encoding cp1252" in found.detail) == ("wrong_encoding", True)
    assert only(write("a.txt", raw), encoding="cp1252").text.endswith(text)


def test_a_bad_letter_in_a_text_of_many_good_ones_is_replaced(write, only):
    raw = "Mr. Müller met Peña and Núñez in Zürich. ".encode() + "Müller left.".encode("cp1252")
    assert only(write("a.txt", raw)).notes == ("1 invalid utf-8 sequences replaced",)
