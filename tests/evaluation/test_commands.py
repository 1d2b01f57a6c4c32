"""`communique evaluate`, run as Typer runs them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from communique.cli.results import evaluate
from communique.errors import ConfigurationError

GOLD = Path(__file__).resolve().parents[1] / "gold"


@pytest.fixture
def run():
    app = typer.Typer()
    app.callback()(lambda: None)  # with one command alone, typer takes no name
    app.command("evaluate")(evaluate)
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


def test_the_table_is_for_people(run):
    result = run("evaluate", GOLD, GOLD, "--show", "--bootstrap", 20)
    assert result.exit_code == 0
    for words in ("all (micro)", "denied_by", "95 % interval", "no differences"):
        assert words in result.stdout


def test_json_is_for_machines(run):
    found = json.loads(run("evaluate", GOLD, GOLD, "--json").stdout)
    assert found["micro"]["F1"] == found["types"]["allegations"]["F1"] == 1.0
    assert found["documents"] == 16


def test_json_has_the_missed_and_the_false_records_on_demand(run, tmp_path):
    gold, given = tmp_path / "gold.jsonl", tmp_path / "given.jsonl"
    gold.write_text('{"id": "a", "meetings": [{"status": "held", "evidence": ["They met."]}]}\n')
    given.write_text('{"id": "a", "allegations": [{"claim": "Theft."}]}\n')
    found = json.loads(run("evaluate", gold, given, "--show", "--json").stdout)["differences"]
    assert [(one["tag"], one["document"], one["type"]) for one in found] == [
        ("missed", "a", "meetings"),
        ("false", "a", "allegations"),
    ]
    assert [one["record"] for one in found] == [{"status": "held", "evidence": ["They met."]}, {"claim": "Theft."}]
    assert "differences" not in json.loads(run("evaluate", gold, given, "--json").stdout)


def test_unseen_and_seen_articles_make_the_whole(run):
    counts = [
        json.loads(run("evaluate", GOLD, GOLD, "--json", "--split", s).stdout)["documents"] for s in ("seen", "unseen")
    ]
    assert counts == [11, 5]


def test_a_mistake_is_an_error_of_ours(run, tmp_path):
    assert isinstance(run("evaluate", tmp_path, GOLD).exception, ConfigurationError)


def test_the_commands_load_nothing_heavy_before_they_run():
    code = "import sys, communique.cli.results; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
