"""`communique extract` as a user meets it: mistakes cost one line, results go to standard output."""

import contextlib
import io
import json
import runpy
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from communique import VerifiedSummary
from communique.cli.app import run
from communique.cli.extract import _filed
from communique.schemas import DocumentInfo
from communique.schemas.json_schema import output_schema
from communique.testing import FakeServer, Fault

TEXT = "Envoys meet\nOdo Brask met Ilya Tarn in Szohod on Friday, state radio said. Both spoke of timber.\n"
ANSWER = {
    "meetings": [
        {"evidence": [2], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"], "place": "Szohod", "when": "on Friday"}
    ],
    "allegations": [],
    "sanctions_concerns": [],
}  # fmt: skip


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text(TEXT, "utf-8")
    return str(path)


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(ANSWER), "utf-8")
    return f"scripted/{path}"


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    for name in ("OPENAI_API_KEY", "COMMUNIQUE_API_KEY", "OPENAI_BASE_URL", "COMMUNIQUE_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def refused(capsys, *arguments):
    """Run, and return the one line that says what is wrong."""
    code = run(["extract", *arguments])
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert line.startswith("communique: ")
    return line


def test_a_missing_file(capsys, tmp_path, model):
    assert "there is no file" in refused(capsys, str(tmp_path / "nope.txt"), "--model", model)


def test_a_folder_gives_each_article_in_order_and_says_what_it_could_not_read(capsys, tmp_path, model):
    folder = tmp_path / "articles"
    (folder / "deep").mkdir(parents=True)
    for name in ("b.txt", "deep/c.md", "a.txt"):
        (folder / name).write_text(f"{name}\n{TEXT}", "utf-8")
    (folder / "b.empty.txt").write_bytes(b"")
    assert run(["extract", str(folder), "--model", model, "--format", "jsonl"]) == 3
    said = capsys.readouterr()
    names = [Path(json.loads(line)["document"]["source"]).name for line in said.out.splitlines()]
    assert names == ["a.txt", "b.txt", "c.md"]
    failed, closing = said.err.splitlines()
    assert failed.startswith(f"communique: {folder / 'b.empty.txt'}: ")
    assert "3 documents" in closing
    assert "1 failed" in closing


def test_an_empty_folder_is_one_line(capsys, tmp_path, model):
    (tmp_path / "none").mkdir()
    assert f"there is no article in {tmp_path / 'none'}" in refused(capsys, str(tmp_path / "none"), "--model", model)


def test_one_named_file_of_several_that_cannot_be_read_costs_only_itself(capsys, article, model, tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    named = [article, str(tmp_path / "empty.txt"), article]
    assert run(["extract", *named, "--model", model, "--format", "jsonl"]) == 3
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    failed, closing = said.err.splitlines()
    assert failed.startswith(f"communique: {tmp_path / 'empty.txt'}: ")
    assert "1 failed" in closing
    assert "there is no file" in refused(capsys, article, str(tmp_path / "nope.txt"), "--model", model)


def test_the_hint_about_a_table_of_articles_is_a_command_that_works(capsys, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("rows.jsonl").write_text(2 * '{"text": "It rained."}\n', "utf-8")
    line = refused(capsys, "rows.jsonl", "--model", model)
    assert "rows.jsonl contains several articles" in line
    command = shlex.split(line[line.index("(") + 1 : -1])
    assert command[0] == "communique"
    assert run([*command[1:], "--model", model, "--quiet"]) == 0


def test_a_request_has_as_long_as_the_command_says(capsys, article):
    with FakeServer(latency=0.4) as server:
        ask = ["extract", article, "--base-url", server.url, "--model", "m1", "--no-judge"]
        assert run([*ask, "--timeout", "0.1"]) == 3
        assert "no complete answer" in capsys.readouterr().err
        assert run([*ask, "--timeout", "60"]) == 0


@pytest.mark.parametrize("content", [b"", b" \n\t\n", "\ufeff\u200b".encode()])
def test_an_empty_file(capsys, tmp_path, model, content):
    (tmp_path / "empty.txt").write_bytes(content)
    line = refused(capsys, str(tmp_path / "empty.txt"), "--model", model)
    assert "empty.txt" in line
    assert "no text" in line


def test_a_binary_file(capsys, tmp_path, model):
    (tmp_path / "blob.txt").write_bytes(bytes(range(256)) * 4)
    assert "not text" in refused(capsys, str(tmp_path / "blob.txt"), "--model", model)


def test_an_unknown_model_is_answered_with_the_nearest(capsys, article):
    assert "did you mean 'local'?" in refused(capsys, article, "--model", "locl")


def test_an_unknown_record_is_answered_with_the_nearest(capsys, article, model):
    assert "did you mean 'meeting'?" in refused(capsys, article, "--model", model, "--record", "meting")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("nowhere:Strike", "nowhere:Strike"),
        ("json:JSONDecoder", "JSONDecoder is not a record type"),
        ("json:Nope", "there is no record 'Nope'"),
    ],
)
def test_a_record_that_cannot_be_imported(capsys, article, model, record, said):
    assert said in refused(capsys, article, "--model", model, "--record", record)


def test_a_remote_model_without_a_key(capsys, article):
    line = refused(capsys, article, "--model", "openai/gpt-5-mini")
    assert "API key" in line
    assert "OPENAI_API_KEY" in line


def test_a_language_that_is_no_code(capsys, article, model):
    assert "'english' is no language code" in refused(capsys, article, "--model", model, "--language", "english")


@pytest.mark.parametrize("date", ["yesterday", "2023-13-01", "13.12.2023", ""])
def test_a_date_of_publication_that_is_none(capsys, article, model, date):
    assert "--published" in refused(capsys, article, "--model", model, "--published", date)


def test_a_script_that_is_not_there_or_is_no_object(capsys, article, tmp_path):
    assert "read a script" in refused(capsys, article, "--model", f"scripted/{tmp_path / 'none.json'}")
    (tmp_path / "list.json").write_text("[]")
    assert "not a JSON object" in refused(capsys, article, "--model", f"scripted/{tmp_path / 'list.json'}")


@pytest.mark.parametrize("wrong", [["--format", "xml"], ["--repair-rounds", "-1"], ["--colour"]])
def test_a_wrong_option(capsys, article, model, wrong):
    refused(capsys, article, "--model", model, *wrong)


def test_no_article_at_all(capsys):
    assert "articles" in refused(capsys).lower()


def test_json_is_one_object_that_the_schema_allows(capsys, article, model):
    assert run(["extract", article, "--model", model]) == 0
    said = capsys.readouterr()
    data = json.loads(said.out)
    jsonschema.Draft202012Validator(output_schema()).validate(data)
    assert [m["place"]["name"] for m in data["meetings"]] == ["Szohod"]
    (evidence,) = data["sentences"]
    assert data["meetings"][0]["evidence"] == [evidence["sentence"]]
    assert TEXT[evidence["start"] : evidence["end"]] == evidence["exact"]
    assert "published" not in data["document"]
    assert VerifiedSummary.from_json(data).to_dict() == data
    assert said.err.startswith("1 document: 1 record")
    assert len(said.err.splitlines()) == 1


def test_full_json_is_the_complete_object(capsys, article, model):
    assert run(["extract", article, "--model", model]) == 0
    lean = json.loads(capsys.readouterr().out)
    for output_format in ("json", "jsonl"):
        assert run(["extract", article, "--model", model, "--full", "-f", output_format]) == 0
        data = json.loads(capsys.readouterr().out)
        jsonschema.Draft202012Validator(output_schema(full=True)).validate(data)
        assert data["document"]["published"] is None
        summary = VerifiedSummary.from_json(data)
        assert summary.model_dump(mode="json") == data
        assert summary.to_dict()["meetings"] == lean["meetings"]


def test_the_schema_is_that_of_the_output_that_it_is_asked_for(capsys):
    assert run(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == output_schema()
    assert run(["schema", "--full"]) == 0
    assert json.loads(capsys.readouterr().out) == output_schema(full=True)


def test_offsets_stand_on_one_line(capsys, article, model):
    assert run(["extract", article, "--model", model]) == 0
    assert '"participants[0].name": [' in capsys.readouterr().out


def test_several_articles_are_a_json_list_in_order(capsys, article, model, tmp_path):
    (tmp_path / "second.txt").write_text(TEXT + "It rained.\n", "utf-8")
    assert run(["extract", article, str(tmp_path / "second.txt"), "--model", model]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [d["document"]["source"] for d in data] == [article, str(tmp_path / "second.txt")]


def test_jsonl_is_one_line_a_document_that_the_schema_allows(capsys, article, model):
    assert run(["extract", article, article, "--model", model, "--format", "jsonl"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    for line in lines:
        jsonschema.Draft202012Validator(output_schema()).validate(json.loads(line))


def test_text_shows_the_record_with_its_sentence(capsys, article, model):
    assert run(["extract", article, "--model", model, "--format", "text"]) == 0
    out = capsys.readouterr().out
    assert "MEETING 1" in out
    assert "[2] Odo Brask met Ilya Tarn in Szohod on Friday, state radio said." in out


def test_a_file_takes_any_format_by_its_ending_or_by_name(capsys, article, model, tmp_path):
    assert run(["extract", article, "--model", model, "-o", str(tmp_path / "x.db"), "--keep-text"]) == 0
    assert run(["extract", article, "--model", model, "-o", str(tmp_path / "named"), "--format", "sqlite"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert f"wrote {tmp_path / 'x.db'}" in said.err
    with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as db:
        assert db.execute("SELECT status, place FROM meetings").fetchall() == [("held", "Szohod")]
        assert db.execute("SELECT count(*) FROM sentences").fetchone() == (3,)
    with contextlib.closing(sqlite3.connect(tmp_path / "named")) as db:
        assert db.execute("SELECT count(*) FROM sentences").fetchone() == (1,)


def test_what_it_writes_into_the_folder_is_no_article_of_the_next_time(capsys, article, model, tmp_path):
    (tmp_path / "in").mkdir()
    Path(article).rename(tmp_path / "in" / "a.txt")
    written, answers = tmp_path / "in" / "res.jsonl", tmp_path / "in" / "answers.jsonl"
    for _ in range(2):
        made = ["extract", str(tmp_path / "in"), "-m", model, "-o", str(written), "--answers", str(answers)]
        assert run(made) == 0, capsys.readouterr().err
        assert len(written.read_text("utf-8").splitlines()) == 1


def test_a_format_that_needs_a_file_or_is_none(capsys, article, model, tmp_path):
    assert "name a file with -o" in refused(capsys, article, "--model", model, "--format", "sqlite")
    assert "did you mean 'sqlite'" in refused(capsys, article, "--model", model, "--format", "sqlit")
    assert "written over the article" in refused(capsys, article, "--model", model, "-o", article)
    none = str(tmp_path / "none" / "x.db")
    assert run(["extract", article, "--model", model, "-o", none]) == 6
    assert "there is no folder" in capsys.readouterr().err


def test_what_was_read_before_an_error_is_kept_in_the_file(tmp_path):
    def broken(path, *read):
        with _filed(str(path), None, (), full=False) as add:
            for name in read:
                add(VerifiedSummary(document=DocumentInfo(id=name, sha256="0")))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken(tmp_path / "kept.jsonl", "one")
    with pytest.raises(RuntimeError):
        broken(tmp_path / "none.jsonl")

    assert [p.name for p in tmp_path.iterdir()] == ["kept.jsonl"]
    assert len((tmp_path / "kept.jsonl").read_text("utf-8").splitlines()) == 1


def test_the_date_of_publication_resolves_the_day(capsys, article, model):
    assert run(["extract", article, "--model", model, "--published", "2023-12-13"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["document"]["published"] == "2023-12-13"
    assert data["meetings"][0]["derived"]["date"] == "2023-12-08"


def test_the_text_is_kept_only_on_demand(capsys, article, model):
    run(["extract", article, "--model", model])
    assert "text" not in json.loads(capsys.readouterr().out)["document"]
    run(["extract", article, "--model", model, "--keep-text"])
    data = json.loads(capsys.readouterr().out)
    assert data["document"]["text"] == TEXT
    jsonschema.Draft202012Validator(output_schema()).validate(data)


def test_only_the_records_asked_for_are_given(capsys, article, model):
    assert run(["extract", article, "--model", model, "--record", "meeting"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert "meetings" in data
    assert "allegations" not in data


def test_the_encoding_that_the_hint_asks_for_can_be_named(capsys, model, tmp_path):
    path = tmp_path / "old.txt"
    path.write_bytes(TEXT.replace("o", "ö").encode("cp1252"))
    assert "--encoding" in refused(capsys, str(path), "--model", model)
    assert run(["extract", str(path), "--model", model, "--encoding", "cp1252", "--keep-text"]) == 0
    assert "Szöhöd" in json.loads(capsys.readouterr().out)["document"]["text"]


def test_an_encoding_that_there_is_not(capsys, article, model):
    assert "klingon" in refused(capsys, article, "--model", model, "--encoding", "klingon")


def test_the_columns_of_a_row_can_be_named(capsys, model, tmp_path):
    path = tmp_path / "one.jsonl"
    row = {"body": TEXT, "key": "n7", "head": "Envoys", "day": "2023-12-13", "link": "https://example.org/7"}
    path.write_text(json.dumps(row) + "\n", "utf-8")
    assert "--text-field" in refused(capsys, str(path), "--model", model)
    named = [
        "--text-field",
        "body",
        "--id-field",
        "key",
        "--title-field",
        "head",
        "--date-field",
        "day",
        "--url-field",
        "link",
    ]
    assert run(["extract", str(path), "--model", model, *named, "--outlet", "The Example", "--language", "en"]) == 0
    found = json.loads(capsys.readouterr().out)["document"]
    assert (found["id"], found["title"], found["published"]) == ("n7", "Envoys", "2023-12-13")
    assert (found["outlet"], found["language"], found["source"]) == (
        "The Example",
        "en",
        "https://example.org/7",
    )


def test_a_text_over_the_limit_is_refused(capsys, article, model):
    assert "20" in refused(capsys, article, "--model", model, "--max-chars", "20")


def test_the_closing_line_counts_verdicts_and_what_was_left_out(capsys, tmp_path, article):
    answer = tmp_path / "two.json"
    meeting = ANSWER["meetings"][0]
    invented = meeting | {"participants": ["Odo Brask", "Jan Moos"], "when": None}
    answer.write_text(json.dumps(ANSWER | {"meetings": [meeting, invented]}), "utf-8")

    assert run(["extract", article, "--model", f"scripted/{answer}", "--repair-rounds", "0"]) == 0

    said = capsys.readouterr()
    records = json.loads(said.out)["meetings"]
    assert sorted(r["verdict"] for r in records) == ["flagged", "supported"]
    assert said.err.startswith("1 document: 2 records (1 supported, 1 to check, 1 left out), 0 rejected; ")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-16"])
@pytest.mark.parametrize("output", ["json", "text"])
def test_no_encoding_of_standard_output_loses_the_result(model, tmp_path, encoding, output, monkeypatch, capsys):
    article = tmp_path / "named.txt"
    article.write_text("Łukasz Wójcik met Ole Vang in Gdańsk → Lund 😀.", "utf-8")
    stdout = io.TextIOWrapper(io.BytesIO(), encoding)  # as Python makes it
    monkeypatch.setattr("sys.stdout", stdout)

    assert run(["extract", str(article), "--model", model, "--format", output, "--keep-text"]) == 0

    assert "bug" not in capsys.readouterr().err
    stdout.flush()
    said = stdout.buffer.getvalue().decode(encoding)
    if output != "text":
        assert json.loads(said)["document"]["text"] == article.read_text("utf-8")


def test_one_article_that_fails_costs_no_other_its_answer(capsys, article, tmp_path):
    (tmp_path / "second.txt").write_text("It rained.", "utf-8")
    with FakeServer(lambda _body: ANSWER) as server:
        server.fail("moderation", when=lambda body: "It rained" in json.dumps(body))
        files = [article, str(tmp_path / "second.txt"), article]
        assert run(["extract", *files, "--base-url", server.url, "--model", "m1"]) == 3
    said = capsys.readouterr()
    assert [found["document"]["source"] for found in json.loads(said.out)] == [article, article]
    assert f"{tmp_path / 'second.txt'}: " in said.err
    assert "the filter of" in said.err


def test_a_model_that_thinks_for_4000_tokens_gives_a_record(capsys, article, tmp_path):
    command = ["--base-url", "", "--model", "m1", "--no-judge"]
    with FakeServer(lambda _body: ANSWER, thinking=4000) as server:
        command[1] = server.url
        assert run(["extract", article, *command]) == 0
        said = capsys.readouterr()
        assert run(["batch", article, "-o", str(tmp_path / "out.jsonl"), *command, "--effort", "low"]) == 0
        assert server.arrivals[-1].body["reasoning_effort"] == "low"
    found = json.loads(said.out)
    assert [m["status"] for m in found["meetings"]] == ["held"]
    assert found["provenance"]["usage"]["reasoning_tokens"] == 8000  # the first answer was thinking alone
    assert "out (8,000 for reasoning)" in said.err
    capsys.readouterr()
    for more in ([], ["--report"]):
        assert run(["status", str(tmp_path / "out.jsonl"), *more]) == 0
        assert "out (4,000 for reasoning)" in capsys.readouterr().out


def test_every_answer_of_the_model_is_kept_as_it_came_where_that_is_asked_for(capsys, article, tmp_path):
    kept = tmp_path / "answers.jsonl"
    with FakeServer(lambda _body: ANSWER) as server:
        command = ["--base-url", server.url, "--model", "m1", "--no-judge", "--answers", str(kept), "-q"]
        assert run(["extract", article, *command]) == 0
        assert run(["batch", article, "-o", str(tmp_path / "out.jsonl"), *command]) == 0
    first, second = map(json.loads, kept.read_text("utf-8").splitlines())
    assert (first["purpose"], first["model"]) == ("extract", "m1")
    assert json.loads(first["answer"]) == ANSWER
    assert first["usage"]["output_tokens"] > 0
    assert second["answer"] == first["answer"]


@pytest.mark.parametrize(
    ("verb", "same"),
    [
        ("extract", "article"),
        ("extract", "out.jsonl"),
        ("batch", "article"),
        ("batch", "out.jsonl"),
        ("batch", "out.failed.jsonl"),
        ("batch", "out.jsonl.journal.db"),
        ("batch", "out.jsonl.journal.db.lock"),
    ],
)
def test_answers_are_not_kept_in_a_file_that_the_run_reads_or_writes(capsys, article, tmp_path, verb, same):
    before, output = Path(article).read_bytes(), str(tmp_path / "out.jsonl")
    with FakeServer(lambda _body: ANSWER) as server:
        command = [verb, article, "-o", output, "--base-url", server.url, "--model", "m1"]
        kept = article if same == "article" else str(tmp_path / same)
        assert run([*command, "--answers", kept]) == 2
        assert server.arrivals == []
    assert "would be written over another file of this run" in capsys.readouterr().err
    assert Path(article).read_bytes() == before


def test_answers_that_cannot_be_kept_cost_nothing(capsys, article, tmp_path):
    with FakeServer(lambda _body: ANSWER) as server:
        command = [
            "extract",
            article,
            "--base-url",
            server.url,
            "--model",
            "m1",
            "--answers",
            str(tmp_path / "no/a.jsonl"),
        ]
        assert run(command) == 2
        assert server.arrivals == []
    assert "can't be written" in capsys.readouterr().err


def test_a_refused_key_ends_it_after_what_was_paid_for(capsys, article, tmp_path):
    (tmp_path / "second.txt").write_text("It rained.", "utf-8")
    with FakeServer(lambda _body: ANSWER) as server:
        server.fail(Fault(401), when=lambda body: "It rained" in json.dumps(body))
        files = [article, str(tmp_path / "second.txt"), article]
        assert run(["extract", *files, "--base-url", server.url, "--model", "m1"]) == 4
    (found,) = json.loads(capsys.readouterr().out)
    assert found["document"]["source"] == article


def test_a_closed_pipe_ends_as_a_closed_pipe_does(article, model):
    extract = [sys.executable, "-m", "communique", "extract", *[str(article)] * 60]
    command = shlex.join([*extract, "--model", str(model), "--format", "jsonl"])
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -c 10 >/dev/null; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "141"
    assert "Traceback" not in done.stderr


def test_a_fake_server_stops_in_silence():
    code = (
        "from communique import Extractor\nfrom communique.testing import FakeServer, Fault\n"
        "with FakeServer() as s:\n    Extractor('m', base_url=s.url).extract('It rained.')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("more", [[], ["--full"]])
def test_ci_s_validation_passes_on_the_output_with_its_schema(capsys, article, model, tmp_path, more, monkeypatch):
    for name, asked in (("result", ["extract", article, "--model", model]), ("schema", ["schema"])):
        assert run([*asked, *more]) == 0
        (tmp_path / f"{name}.json").write_text(capsys.readouterr().out, "utf-8")
    script = Path(__file__).parents[2] / ".ci" / "validate.py"
    files = [str(tmp_path / "result.json"), str(tmp_path / "schema.json"), article]
    monkeypatch.setattr("sys.argv", [str(script), *files])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(script), run_name="__main__")
    said = capsys.readouterr().out
    assert (ended.value.code, said.splitlines()[-1]) == (0, "5 passed, 0 failed"), said
