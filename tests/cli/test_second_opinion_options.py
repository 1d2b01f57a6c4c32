"""The options of a second opinion on the command line."""

import json

import pytest

from communique.cli.app import run
from communique.evaluation import Calibration
from communique.evaluation.calibration import Logistic
from communique.testing import FakeServer

ARTICLE = "Minister Anna Novak met envoy Bela Kiss in Vienna on Monday."
ANSWER = {
    "meetings": [{"evidence": [1], "status": "held", "participants": ["Anna Novak", "Bela Kiss"]}],
    "allegations": [],
    "sanctions_concerns": [],
}


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "answer.json").write_text(json.dumps(ANSWER), encoding="utf-8")
    return path


@pytest.fixture
def server():
    with FakeServer(opinion=lambda _passage, _question: 0.4) as running:
        yield running


def extracted(capsys, article, *options):
    code = run(["extract", str(article), "-m", f"scripted/{article.parent}/answer.json", *options])
    out, err = capsys.readouterr()
    return code, json.loads(out) if code == 0 else err


@pytest.mark.parametrize(
    ("options", "verdict", "opinion"),
    [
        ([], "flagged", "review"),
        (["--accept", "0.4"], "verified", "accept"),
        (["--review", "0.6"], "flagged", "reject"),
        (["--accept", "0.1"], "verified", "accept"),
    ],
)
def test_thresholds_are_the_user_s(capsys, article, server, options, verdict, opinion):
    code, found = extracted(capsys, article, "--check-with", f"systemone:{server.url}", *options)
    assert code == 0
    (meeting,) = found["meetings"]
    assert meeting["verdict"] == verdict
    assert {o["verdict"] for o in meeting["opinions"]} == {opinion}


def test_denied_records_can_be_rejected(capsys, article, server):
    options = ["--check-with", f"decisions:{server.url}", "--review", "0.5", "--reject-denied"]
    _, found = extracted(capsys, article, *options)
    assert found["meetings"] == []
    assert [r["reason"] for r in found["rejections"]] == ["second_opinion_denies"]


def test_a_calibration_file_is_applied(capsys, article, server, tmp_path):
    Calibration({"*": Logistic(1.0, 3.0)}).save(tmp_path / "c.json")
    options = ["--check-with", f"{server.url}#m", "--calibration", str(tmp_path / "c.json")]
    _, found = extracted(capsys, article, *options)
    assert {(o["calibrated"], o["verdict"]) for o in found["meetings"][0]["opinions"]} == {(True, "accept")}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--accept", "0.5"], "--accept does nothing without --check-with"),
        (["--reject-denied"], "--reject-denied does nothing without --check-with"),
        (["--check-with", "oracle"], "names no second model"),
        (["--check-with", "systemone:http://127.0.0.1:9/v1", "--calibration", "none.json"], "no calibration"),
        (
            ["--check-with", "systemone:http://127.0.0.1:9/v1", "--accept", "0.2", "--review", "0.6"],
            "thresholds",
        ),
    ],
)
def test_options_that_make_no_sense_are_refused_in_one_line(capsys, article, options, message):
    code, err = extracted(capsys, article, *options)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1


def test_a_second_model_that_can_not_be_reached_costs_no_record(capsys, article):
    code, found = extracted(capsys, article, "--check-with", "systemone:http://127.0.0.1:9/v1")
    assert code == 0
    assert found["meetings"][0]["verdict"] == "verified"
    assert found["meetings"][0]["opinions"] == []
    assert found["provenance"]["warnings"][0].startswith("no_second_opinion: no connection to 127.0.0.1:9")


def test_a_batch_takes_the_same_options(capsys, article, server, tmp_path):
    options = ["--check-with", f"systemone:{server.url}", "--accept", "0.3", "-q"]
    code = run(
        [
            "batch",
            str(article),
            "-o",
            str(tmp_path / "o.jsonl"),
            "-m",
            f"scripted/{tmp_path}/answer.json",
            *options,
        ]
    )
    assert code == 0
    row = json.loads((tmp_path / "o.jsonl").read_text("utf-8"))
    assert {o["verdict"] for o in row["meetings"][0]["opinions"]} == {"accept"}
