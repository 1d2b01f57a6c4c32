"""Paths of files are read, and a string that is one is no article."""

from pathlib import Path

import pytest

from communique import Document, Extractor, extract
from communique.backends.scripted import ScriptedBackend
from communique.errors import ConfigurationError, UnreadableDocumentError

NOTHING = {"meetings": [], "allegations": [], "sanctions_concerns": []}


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "article.html"
    path.write_text("<html lang='en'><body><article><p>Ministers met in Lund on Monday.</p></article></body></html>")
    return path


def test_a_file_is_read_by_its_format(article):
    document = Document.from_file(article, published="2024-05-14", language="en")

    assert "<p>" not in document.text
    assert "Ministers met in Lund on Monday." in document.text
    assert (str(document.published), document.language) == ("2024-05-14", "en")


def test_a_path_is_read_as_its_file(article):
    assert extract(article, model=ScriptedBackend([NOTHING])).document.source == str(article)


def test_a_string_that_is_a_path_is_refused_with_the_way_out(article):
    with (
        Extractor(ScriptedBackend([NOTHING])) as extractor,
        pytest.raises(ConfigurationError, match="is the path of a file") as raised,
    ):
        extractor.extract(str(article))
    assert "Document.from_file" in raised.value.hint


@pytest.mark.parametrize("text", ["met", "Ministers met.\nNobody spoke.", "a\0b", "x" * 5000, "会" * 120, "-"])
def test_other_strings_are_articles(text):
    assert extract(text, model=ScriptedBackend([NOTHING])).document.chars


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(UnreadableDocumentError, match="there is no file"):
        Document.from_file(tmp_path / "none.txt")
    with pytest.raises(UnreadableDocumentError, match="there is no file"):
        extract(Path("none.txt"), model=ScriptedBackend([NOTHING]))


@pytest.mark.parametrize("given", [None, b"They met.", 5])
def test_what_is_no_article_is_refused(given):
    with pytest.raises(ConfigurationError, match="is no article"):
        extract(given, model=ScriptedBackend([]))
