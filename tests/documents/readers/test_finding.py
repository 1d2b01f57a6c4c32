import subprocess
import sys

import pytest

from communique import plugins
from communique.documents.readers import Reader, Skipped, open_documents, read_article
from communique.documents.readers.opening import _SUFFIXES, _by_suffix, _load
from communique.errors import UnreadableDocumentError


def test_every_built_in_is_an_entry_point_with_the_suffixes_that_finding_knows():
    readers = {name: plugins.load("readers", name)() for name in plugins.names("readers")}
    assert {name: reader.suffixes for name, reader in readers.items() if name in _SUFFIXES} == _SUFFIXES
    assert all(isinstance(reader, Reader) for reader in readers.values())


class MarkReader:
    suffixes = (".mark", ".txt")

    def read(self, path, options):
        yield Skipped(str(path), "marked", "read by a stranger")


def test_a_strangers_reader_is_found_by_suffix_and_wins_over_ours(write, tmp_path, monkeypatch):
    names, load = plugins.names, plugins.load
    monkeypatch.setattr(plugins, "names", lambda group: [*names(group), "mark"])
    monkeypatch.setattr(plugins, "load", lambda group, name: MarkReader if name == "mark" else load(group, name))
    write("a.mark", "x")
    write("b.txt", "Ito met Peña.")
    write("c.md", "Ito met Peña.")
    for cache in (_by_suffix, _load):
        cache.cache_clear()
    try:
        assert [getattr(f, "reason", "read") for f in open_documents(tmp_path)] == [
            "marked",
            "marked",
            "read",
        ]
    finally:
        for cache in (_by_suffix, _load):
            cache.cache_clear()


def test_importing_the_readers_loads_no_parser():
    code = (
        "import sys, communique.documents.readers;print([m for m in ('lxml', 'trafilatura', 'pypdfium2', 'mammoth',"
        " 'fastwarc', 'feedparser', 'pyarrow') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_a_page_that_needs_an_extra_costs_no_other_file(write):
    folder = write("a.html", "<p>Ito met Peña.</p>").parent
    write("b.txt", "Ito met Peña.")
    code = (
        "import sys\n"
        "sys.modules['tinycss2'] = None\n"  # as where the extra is not installed
        "from communique.documents.readers import open_documents\n"
        "print([getattr(d, 'reason', 'read') for d in open_documents([sys.argv[1]])])"
    )
    told = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "['missing_extra', 'read']"


@pytest.mark.parametrize("name", ["stream", "a.txt"])
def test_json_lines_are_known_without_their_suffix(write, name):
    assert read_article(write(name, '{"id": "a", "text": "Ito met Peña."}\n')).text == "Ito met Peña."


@pytest.mark.parametrize("start", ["{\n", '[{"id": "a",\n'])
def test_other_json_is_refused_and_not_read_as_an_article(write, start):
    with pytest.raises(UnreadableDocumentError, match="stream:1: "):
        read_article(write("stream", f'{start}"text": "Ito met Peña."\n}}\n'))


def test_a_text_that_begins_with_a_brace_is_a_text(write):
    assert read_article(write("stream", "{Ito} met Peña.")).text == "{Ito} met Peña."
