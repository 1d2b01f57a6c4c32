"""`communique evaluate` and `communique calibrate`, run as Typer runs them."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from communique.cli.calibrate import calibrate
from communique.cli.evaluate import evaluate
from communique.errors import ConfigurationError, UnreadableDocumentError
from communique.evaluation import Calibration, Floors, digest

GOLD = Path(__file__).resolve().parents[1] / "gold"


@pytest.fixture
def run():
    app = typer.Typer()
    app.command("evaluate")(evaluate)
    app.command("calibrate")(calibrate)
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


def test_the_table_is_for_people(run):
    result = run("evaluate", GOLD, GOLD, "--per-document", "--show", "--bootstrap", 20)
    assert result.exit_code == 0
    for words in ("all (micro)", "denied_by", "95 % interval", "handball_final", "no differences"):
        assert words in result.stdout


def test_json_is_for_machines(run):
    found = json.loads(run("evaluate", GOLD, GOLD, "--json").stdout)
    assert found["micro"]["f1"] == found["allegations"]["f1"] == 1.0
    assert found["documents"] == 16


def test_unseen_and_seen_articles_make_the_whole(run):
    counts = [
        json.loads(run("evaluate", GOLD, GOLD, "--json", "--split", s).stdout)["documents"]
        for s in ("seen", "unseen")
    ]
    assert counts == [11, 5]


def test_a_figure_below_its_floor_ends_with_an_exit_code_of_its_own(run, tmp_path):
    floors = tmp_path / "floors.json"
    Floors(digest(GOLD), {"micro.F1": 1.0}).save(floors)
    assert run("evaluate", GOLD, GOLD, "--floors", floors).exit_code == 0
    Floors(digest(GOLD), {"micro.tp_req": 1000}).save(floors)
    result = run("evaluate", GOLD, GOLD, "--floors", floors)
    assert result.exit_code == 3
    assert "micro.tp_req is 57, below the floor 1000" in result.stderr


def test_a_mistake_is_an_error_of_ours(run, tmp_path):
    assert isinstance(run("evaluate", tmp_path, GOLD).exception, ConfigurationError)
    assert isinstance(run("calibrate", tmp_path / "none.jsonl").exception, UnreadableDocumentError)


@pytest.fixture
def observations(tmp_path):
    chance = random.Random(4)
    rows = []
    for i in range(200):
        truth = chance.random()
        right = chance.random() < truth
        rows.append(
            {
                "document": str(i % 9),
                "question": "record",
                "probability": min(1.0, truth**0.3),
                "right": right,
            }
        )
    rows.append({"document": "0", "question": "rare", "probability": 0.4, "right": True})
    path = tmp_path / "observations.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_calibrate_prints_before_and_after_and_writes_the_curves(run, observations, tmp_path, method):
    out = tmp_path / "c.json"
    result = run("calibrate", observations, "--out", out, "--method", method, "--model", "tiny")
    assert result.exit_code == 0
    assert result.stdout.count("reliability, ") == 2
    assert "rare" in result.stdout
    assert "pooled" in result.stdout
    calibration = Calibration.load(out)
    assert (calibration.model, calibration.method) == ("tiny", method)
    found = json.loads(run("calibrate", observations, "--json", "--method", method).stdout)
    assert found["all"]["ece_after"] < found["all"]["ece_before"] / 2
    assert sum(row["count"] for row in found["reliability_after"]) == 201


def test_one_document_gives_no_honest_figure_and_says_so(run, tmp_path):
    path = tmp_path / "o.jsonl"
    path.write_text(
        '{"document": "a", "question": "q", "probability": 0.5, "right": true}\n', encoding="utf-8"
    )
    result = run("calibrate", path)
    assert "no honest figure" in result.stdout
    assert "none: too few answers" in result.stdout


def test_the_commands_load_nothing_heavy_before_they_run():
    code = "import sys, communique.cli.evaluate, communique.cli.calibrate; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
