import contextlib
import os
from pathlib import Path

import pytest

from communique.errors import OutputError, UnknownNameError
from communique.plugins import names
from communique.sinks import FanOut, SinkOptions, read_results, sink_for, sink_named


def jsonl():
    return sink_named("jsonl")


def test_one_pass_feeds_many_sinks(tmp_path, summaries):
    with FanOut(
        [(sink_named(n), tmp_path / f"out.{n}") for n in ("jsonl", "json", "text")], SinkOptions(full=True)
    ) as out:
        for summary in summaries:
            out.write(summary)

    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.json", "out.jsonl", "out.text"]
    assert list(read_results(tmp_path / "out.json")) == list(read_results(tmp_path / "out.jsonl")) == summaries


def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path, summaries):
    path = tmp_path / "out.jsonl"
    path.write_text("old")

    def interrupted():
        with FanOut([(jsonl(), path)]) as out:
            out.write(summaries[0])
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()

    assert [p.name for p in tmp_path.iterdir()] == ["out.jsonl"]
    assert path.read_text() == "old"


def test_nothing_stands_under_the_name_before_the_end(tmp_path, summaries):
    path = tmp_path / "out.jsonl"

    with FanOut([(jsonl(), path)]) as out:
        out.write(summaries[0])
        assert not path.exists()

    assert path.exists()


def test_a_sink_that_cannot_open_leaves_nothing(tmp_path):
    class Broken:
        name, suffix = "broken", ".b"

        def open(self, path, options):
            raise PermissionError(13, "Permission denied")

        def write(self, summary, text=None): ...

        def close(self): ...

    with (
        pytest.raises(OutputError, match="Permission denied"),
        FanOut([(jsonl(), tmp_path / "a"), (Broken(), tmp_path / "b")]),
    ):
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_our_error_and_keeps_the_old_file(tmp_path, summaries):
    class Full:
        name, suffix = "full", ".f"

        def open(self, path, options):
            self.file = Path("/dev/full").open("w")  # noqa: SIM115

        def write(self, summary, text=None):
            self.file.write("x")

        def close(self):
            self.file.close()

    (tmp_path / "out").write_text("old")
    with (
        pytest.raises(OutputError, match="No space left on device"),
        FanOut([(Full(), tmp_path / "out")]) as out,
    ):
        out.write(summaries[0])

    assert (tmp_path / "out").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_symbolic_link_is_not_written_through(tmp_path, summaries):
    (tmp_path / "real").write_text("precious")
    (tmp_path / "link").symlink_to("real")

    with pytest.raises(OutputError, match="symbolic link"), FanOut([(jsonl(), tmp_path / "link")]):
        pass

    assert (tmp_path / "real").read_text() == "precious"


def test_a_link_put_there_during_the_run_is_not_written_through(tmp_path, summaries):
    (tmp_path / "real").write_text("precious")

    def linked():
        with FanOut([(jsonl(), tmp_path / "out")]) as out:
            out.write(summaries[0])
            (tmp_path / "out").symlink_to("real")

    with pytest.raises(OutputError, match="symbolic link"):
        linked()

    assert (tmp_path / "real").read_text() == "precious"


def test_a_folder_a_device_and_a_missing_folder_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(OutputError, match="is a folder"):
        FanOut([(jsonl(), tmp_path)])
    with pytest.raises(OutputError, match="not an ordinary file"), FanOut([(jsonl(), tmp_path / "pipe")]):
        pass
    with pytest.raises(OutputError, match="there is no folder"), FanOut([(jsonl(), tmp_path / "no" / "out")]):
        pass


def test_two_outputs_of_one_path_are_refused(tmp_path):
    with pytest.raises(OutputError, match="two outputs"):
        FanOut([(jsonl(), tmp_path / "out"), (sink_named("json"), tmp_path / "out")])


def test_files_have_the_usual_mode(tmp_path):
    old = os.umask(0o022)
    try:
        with FanOut([(jsonl(), tmp_path / "out")]):
            pass
    finally:
        os.umask(old)

    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(("path", "name"), [("a.jsonl", "jsonl"), ("a.b.JSON", "json"), ("a.txt", "text")])
def test_the_ending_of_a_path_finds_the_sink(path, name):
    assert sink_for(Path(path)).name == name


def test_an_unknown_ending_lists_the_sinks():
    with pytest.raises(UnknownNameError, match="jsonl"):
        sink_for(Path("a.xyz"))


def test_a_misspelt_sink_has_a_near_name():
    with pytest.raises(UnknownNameError, match="did you mean 'jsonl'"):
        sink_named("jsnl")


def test_options_have_safe_defaults():
    assert SinkOptions().csv_raw is False


@pytest.mark.parametrize("name", names("sinks"))
def test_every_sink_shows_its_files_only_when_they_are_whole(tmp_path, results, name):
    sink = sink_named(name)

    with FanOut([(sink, tmp_path / f"out{sink.suffix}")]) as out:
        for document, summary in results:
            out.write(summary, document.text)
            assert [p for p in tmp_path.iterdir() if not p.name.startswith(".")] == []

    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith("out.")] == []


@pytest.mark.parametrize("name", names("sinks"))
def test_a_run_that_ends_early_leaves_every_old_file_as_it_was(tmp_path, results, name):
    sink = sink_named(name)
    (tmp_path / f"out{sink.suffix}").write_text("old")
    (tmp_path / f"out.meetings{sink.suffix}").write_text("old")

    with (
        contextlib.suppress(ZeroDivisionError),
        FanOut([(sink, tmp_path / f"out{sink.suffix}")]) as out,
    ):
        out.write(results[0][1], results[0][0].text)
        raise ZeroDivisionError

    assert len(list(tmp_path.iterdir())) == 2
    assert {p.read_text() for p in tmp_path.iterdir()} == {"old"}


@pytest.mark.parametrize("ident", ["../../x", "/etc/passwd", "-rf", "CON", "x" * 5000, "a\0b"])
def test_an_id_is_never_a_path_in_any_output(tmp_path, results, ident):
    folder = tmp_path / "in" / "side"
    folder.mkdir(parents=True)
    document, summary = results[0]
    summary = summary.model_copy(update={"document": summary.document.model_copy(update={"id": ident})})
    sinks = [sink_named(name) for name in names("sinks")]

    with FanOut([(sink, folder / f"{sink.name}{sink.suffix}") for sink in sinks]) as out:
        out.write(summary, document.text)

    assert [p.name for p in tmp_path.rglob("*") if p.is_dir()] == ["in", "side"]
    assert all(p.name.split(".")[0] in names("sinks") for p in folder.iterdir())


def test_a_link_under_the_name_of_one_table_leaves_all_tables_as_they_were(tmp_path, summaries):
    (tmp_path / "real").write_text("precious")
    (tmp_path / "out.sanctions_concerns.csv").symlink_to("real")
    (tmp_path / "out.meetings.csv").write_text("old")

    def linked():
        with FanOut([(jsonl(), tmp_path / "a.jsonl"), (sink_named("csv"), tmp_path / "out.csv")]) as out:
            out.write(summaries[0])

    with pytest.raises(OutputError, match="symbolic link"):
        linked()

    assert (tmp_path / "real").read_text() == "precious"
    assert (tmp_path / "out.meetings.csv").read_text() == "old"
    assert not (tmp_path / "a.jsonl").exists()
