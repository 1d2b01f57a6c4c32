"""`communique evaluate`, run as Typer runs them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from communique.cli.evaluate import evaluate
from communique.errors import ConfigurationError
from communique.evaluation import digest

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


def test_unseen_and_seen_articles_make_the_whole(run):
    counts = [
        json.loads(run("evaluate", GOLD, GOLD, "--json", "--split", s).stdout)["documents"] for s in ("seen", "unseen")
    ]
    assert counts == [11, 5]


def test_a_figure_below_its_floor_ends_with_an_exit_code_of_its_own(run, tmp_path):
    floors, row = tmp_path / "floors.json", {"gold_sha256": digest(GOLD), "most": {}}
    floors.write_text(json.dumps({**row, "least": {"micro.F1": 1.0}}), encoding="utf-8")
    assert run("evaluate", GOLD, GOLD, "--floors", floors).exit_code == 0
    floors.write_text(json.dumps({**row, "least": {"micro.required": 1000}}), encoding="utf-8")
    result = run("evaluate", GOLD, GOLD, "--floors", floors)
    assert result.exit_code == 3
    assert "micro.required is 57, below the floor 1000" in result.stderr


def test_a_mistake_is_an_error_of_ours(run, tmp_path):
    assert isinstance(run("evaluate", tmp_path, GOLD).exception, ConfigurationError)


def test_the_commands_load_nothing_heavy_before_they_run():
    code = "import sys, communique.cli.evaluate; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
