import json
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest

from communique.cli.results import convert, view
from communique.errors import ConfigurationError, OutputError, UnknownNameError, UnreadableDocumentError
from communique.plugins import names
from communique.sinks import FanOut, read_results, sink_named

FORMATS = [
    "annotations",
    "csv",
    "ftm",
    "html",
    "json",
    "jsonl",
    "jsonld",
    "markdown",
    "parquet",
    "plover",
    "sqlite",
    "text",
    "xlsx",
]


@pytest.fixture
def stored(tmp_path, results):
    path = tmp_path / "results.jsonl"
    with FanOut([(sink_named("jsonl"), path)]) as out:
        for document, summary in results:
            out.write(summary, document.text)
    return path


def test_every_sink_is_an_entry_point_and_converts_in_one_pass(tmp_path, stored):
    assert set(FORMATS) <= set(names("sinks"))
    folder = tmp_path / "all"
    folder.mkdir()

    assert convert(str(stored), to=FORMATS, output=[str(folder / f"x{sink_named(n).suffix}") for n in FORMATS]) == 0

    assert len(list(folder.iterdir())) == len(FORMATS) + 4
    assert list(read_results(folder / "x.jsonl")) == list(read_results(stored))


def test_the_ending_of_the_file_chooses_the_format(tmp_path, stored):
    convert(str(stored), output=[str(tmp_path / "x.ftm.json"), str(tmp_path / "x.json")])

    assert json.loads((tmp_path / "x.ftm.json").read_text(encoding="utf-8").splitlines()[0])["schema"] == "Article"
    assert len(json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))) == 3


def test_it_says_on_standard_error_which_files_it_wrote(tmp_path, stored, capfd):
    convert(str(stored), output=[str(tmp_path / "x.csv"), str(tmp_path / "x.md")])

    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("wrote ")
    assert {Path(name) for name in err.removeprefix("wrote ").strip().split(", ")} == set(tmp_path.glob("x.*"))


def test_without_a_file_it_prints(stored, capfdbinary):
    convert(str(stored), to=["markdown"])

    assert capfdbinary.readouterr().out.startswith(b"# Harbour talks end without a deal\n")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, ConfigurationError, "no format is given"),
        ({"to": ["csv"]}, ConfigurationError, "several files"),
        ({"to": ["csv", "json"], "output": ["x.csv"]}, ConfigurationError, "2 formats for 1 files"),
        ({"to": ["ftn"], "output": ["x"]}, UnknownNameError, "did you mean 'ftm'"),
        ({"output": ["x.docx"]}, UnknownNameError, "no sink writes files like 'x.docx'"),
        ({"to": ["json"], "output": ["no/folder/x.json"]}, OutputError, "there is no folder"),
    ],
)
def test_a_mistake_is_one_line(stored, options, error, message):
    with pytest.raises(error, match=message) as caught:
        convert(str(stored), **options)

    assert "\n" not in str(caught.value)


def test_results_are_not_written_over_themselves(stored):
    before = stored.read_bytes()

    with pytest.raises(ConfigurationError, match="over itself"):
        convert(str(stored), output=[str(stored)])

    assert stored.read_bytes() == before


def test_a_bad_line_leaves_no_output(tmp_path, stored):
    stored.write_bytes(stored.read_bytes() + b'{"cut')

    with pytest.raises(UnreadableDocumentError, match="line 4"):
        convert(str(stored), output=[str(tmp_path / "x.json")])

    assert [p.name for p in tmp_path.iterdir()] == ["results.jsonl"]


def test_view_writes_the_page_and_opens_it(stored, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)

    assert view(str(stored)) == 0

    page = stored.with_suffix(".report.html")
    assert opened == [page.as_uri()]
    assert capsys.readouterr().out == f"{page}\n"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_view_can_leave_the_page_closed(tmp_path, stored, monkeypatch):
    monkeypatch.setattr(webbrowser, "open", lambda _: pytest.fail("opened"))

    view(str(stored), output=str(tmp_path / "page.html"), no_open=True)

    assert (tmp_path / "page.html").exists()


def test_neither_loads_a_library_of_models(tmp_path, stored):
    code = (
        f"import sys\nfrom communique.cli.results import convert\nconvert({str(stored)!r},"
        f" output=[{str(tmp_path / 'x.html')!r}, {str(tmp_path / 'x.ftm.json')!r}])\nprint(sorted({{'openai',"
        " 'instructor', 'httpx2', 'tenacity', 'xllamacpp', 'huggingface_hub'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == "[]"
