"""`communique mcp`, asked by a real client: over standard input and output, and over HTTP on loopback."""

import contextlib
import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import anyio
import pytest

from communique.cli.app import run

if importlib.util.find_spec("mcp") is None:  # its import takes half a second: only where it is used
    pytest.skip("needs the extra mcp: pip install 'communique[mcp]'", allow_module_level=True)

TEXT = "Envoys meet\n\nOdo Brask met Ilya Tarn in Szohod on Friday, state radio said. Both spoke of timber.\n"
ANSWER = {
    "meetings": [
        {"evidence": [2], "status": "held", "participants": ["Odo Brask", "Ilya Tarn", "Mira Voss"], "when": "on Friday"}
    ],
    "allegations": [],
    "sanctions_concerns": [],
}  # fmt: skip
SECRET = "Zanzibarquill"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A script, and the results of a run over one article; no test changes them."""
    folder = tmp_path_factory.mktemp("mcp")
    (folder / "answer.json").write_text(json.dumps(ANSWER), "utf-8")
    (folder / "article.txt").write_text(TEXT, "utf-8")
    article, script = str(folder / "article.txt"), f"scripted/{folder / 'answer.json'}"
    made = ["extract", article, "-m", script, "-o", str(folder / "out.jsonl"), "--full", "--keep-text", "-q"]
    assert run(made) == 0
    return folder


def command(folder, *more):
    return [sys.executable, "-m", "communique", "mcp", "-m", f"scripted/{folder / 'answer.json'}", *more]


@contextlib.contextmanager
def over_stdio(folder, *more):
    """Give a transport, and the file of what the server says on standard error."""
    from mcp import StdioServerParameters, stdio_client

    first, *rest = command(folder, *more)
    with (folder / "said.txt").open("w+", encoding="utf-8") as said:
        yield (
            stdio_client(StdioServerParameters(command=first, args=rest, env=dict(os.environ)), errlog=said),
            folder / "said.txt",
        )


@contextlib.contextmanager
def over_http(folder, *more):
    """Give an address, and the file of what the server says on standard error."""
    path = folder / "said.txt"
    with path.open("w", encoding="utf-8") as said:
        process = subprocess.Popen(command(folder, "--http", "0", *more), stderr=subprocess.PIPE, text=True)
        try:
            line = process.stderr.readline()
            said.write(line)
            yield re.search(r"http://127\.0\.0\.1:\d+/mcp", line)[0], path
        finally:
            process.terminate()
            said.write(process.communicate()[1])


WRONG = [
    ("extract_records", {"text": " \n"}, "there is no text"),
    ("extract_records", {"text": TEXT, "published": "soon"}, "`published` is no date"),
    ("extract_records", {"text": TEXT, "published": SECRET}, "`published` is no date"),
    ("extract_records", {"text": [SECRET]}, "string"),
    ("extract_records", {"text": TEXT, "language": "../en"}, "language"),
    ("extract_records", {"title": "Envoys"}, "Field required"),
    ("find_records", {"kind": "meeting"}, "did you mean 'meetings'?"),
    ("find_records", {"limit": 1_000_000}, "less than or equal to 50"),
    ("explain_verdict", {"record": "../../article.txt"}, "there is no record '../../article.txt'"),
]


@pytest.fixture(scope="module", params=[over_stdio, over_http])
def talk(request, folder):
    """All that one server is asked, and what it says on standard error with the most detailed log."""
    (record,) = json.loads((folder / "out.jsonl").read_text("utf-8"))["meetings"]
    calls = {
        "long": ("extract_records", {"text": f"{SECRET} " * 80_000}),
        "secret": ("extract_records", {"text": TEXT.replace("timber", SECRET)}),
        "read": ("extract_records", {"text": TEXT, "published": "2024-05-14"}),
        "found": ("find_records", {"actor": "brask", "words": "SZOHOD radio", "kind": "meetings"}),
        "why": ("explain_verdict", {"record": record["id"]}),
    }
    calls |= {str(number): call[:2] for number, call in enumerate(WRONG)}

    async def ask(target):
        from mcp import Client

        async with Client(target) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            return names, {name: await client.call_tool(*call) for name, call in calls.items()}

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMUNIQUE_LOG", "DEBUG")
        with request.param(folder, "--results", str(folder / "out.jsonl")) as (target, said):
            names, answers = anyio.run(ask, target)
    return SimpleNamespace(names=names, answers=answers, said=said.read_text("utf-8"), record=record["id"])


def test_a_client_extracts_looks_up_and_asks_why(talk):
    read, found, why = (talk.answers[name] for name in ("read", "found", "why"))
    assert talk.names == ["extract_records", "find_records", "explain_verdict"]
    (meeting,) = read.structured_content["meetings"]
    assert meeting["derived"]["date"] == "2024-05-10"
    (sentence,) = read.structured_content["sentences"]
    assert meeting["evidence"] == [sentence["sentence"]]
    assert sentence["exact"] in TEXT
    assert json.loads(read.content[0].text) == read.structured_content
    assert found.structured_content["matched"] == 1
    assert found.structured_content["results"][0]["meetings"][0]["id"] == talk.record
    assert "text" not in found.structured_content["results"][0]["document"]
    told = why.structured_content
    assert told["verdict"] == "please check"
    (left_out,) = [check for check in told["checks"] if check["what"] == "Left out"]
    assert left_out["rule"] == "not_in_article"
    assert "Mira Voss" in left_out["says"]
    assert {"number": 2, "text": "Odo Brask met Ilya Tarn in Szohod on Friday, state radio said."} in told["sentences"]


def test_a_megabyte_is_refused_in_one_line_and_the_server_goes_on(talk):
    long = talk.answers["long"]
    assert long.is_error
    assert "the text has 1,120,000 characters, and at most 100,000 are read" in long.content[0].text
    assert SECRET not in long.content[0].text
    assert not talk.answers["secret"].is_error


def test_what_a_client_does_wrong_is_told(talk):
    for number, (_, _, told) in enumerate(WRONG):
        answer = talk.answers[str(number)]
        assert answer.is_error
        assert told in answer.content[0].text


def test_no_article_text_is_logged(talk):
    assert SECRET not in talk.said
    assert "DEBUG" in talk.said


@pytest.mark.parametrize(("arguments", "matched"), [
    ({}, 1),
    ({"verdict": "flagged"}, 1),
    ({"verdict": "verified"}, 0),
    ({"actor": "Tarn"}, 1),
    ({"actor": "Tar"}, 0),
    ({"words": "radio friday"}, 1),
    ({"words": "radio monday"}, 0),
    ({"kind": "allegations"}, 0),
])  # fmt: skip
def test_records_are_looked_up(folder, arguments, matched):
    from communique.mcp_server import Tools

    assert Tools(None, folder / "out.jsonl").find_records(**arguments)["matched"] == matched


def test_a_bug_is_told_by_its_type_and_place_only(folder, caplog):
    from mcp.server.mcpserver.exceptions import ToolError

    from communique.mcp_server import Tools

    class Broken:
        async def extract(self, document):
            raise KeyError(document.text)

    with pytest.raises(ToolError) as raised:
        anyio.run(Tools(Broken()).extract_records, SECRET)
    assert "KeyError in " in str(raised.value)
    assert "a bug in a tool: KeyError in " in caplog.text
    assert SECRET not in str(raised.value) + caplog.text


def test_without_a_model_only_the_results_can_be_asked_about(folder, monkeypatch, capsys):
    from communique.errors import MissingKeyError

    offered = []

    def no_model(base_url=None):
        raise MissingKeyError("no model is available")

    async def list_tools(server, port):
        port.close()
        offered.extend(tool.name for tool in await server.list_tools())

    monkeypatch.setattr("communique.backends.default_model", no_model)
    monkeypatch.setattr("communique.mcp_server.serve", list_tools)
    assert run(["mcp", "--http", "0"]) == 2
    assert run(["mcp", "--http", "0", "--results", str(folder / "out.jsonl")]) == 0
    assert offered == ["find_records", "explain_verdict"]
    assert "no model is available; only the results can be asked about" in capsys.readouterr().err


def test_wrong_arguments_end_in_one_line(folder, capsys):
    assert run(["mcp", "--results", str(folder / "nope.jsonl"), "-m", "local"]) == 2
    assert "there is no file" in capsys.readouterr().err
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["mcp", "--http", str(port), "-m", f"scripted/{folder / 'answer.json'}"]) == 2
    assert f"port {port} can't be used" in capsys.readouterr().err


def test_without_the_extra_one_line_says_what_to_install(folder, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "communique.mcp_server", None)
    assert run(["mcp", "-m", f"scripted/{Path(folder) / 'answer.json'}"]) == 2
    assert "pip install 'communique[mcp]'" in capsys.readouterr().err
