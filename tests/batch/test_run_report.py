"""The run report: what is in the journal, counted; the same figures for people and for machines."""

import json

import anyio
import pytest

from communique.backends import Completion
from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings, Bounds, arun_batch
from communique.batch.budget import Price
from communique.batch.journal_status import run_report
from communique.cli.app import run
from communique.engine import Plan
from communique.errors import RefusalError, UnreadableDocumentError
from communique.schemas import Usage

TEXT = "Talks in Lund\n\nOdo Brask met Ilya Tarn in Lund. They spoke for an hour about the ferry. Number {}."
GOOD = {"evidence": [2], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}
HALF = GOOD | {"participants": ["Odo Brask", "Jan Moos"], "status": "planned"}
NONE = GOOD | {"participants": ["Ewa Holt", "Jan Moos"]}
ANSWERS = {"0": [GOOD], "1": [HALF], "2": [NONE], "3": []}


class Paid(ScriptedBackend):
    def complete(self, prompt):
        answer = super().complete(prompt)
        usage = Usage(input_tokens=2000, output_tokens=100)
        return Completion(data=answer.data, text=answer.text, model="m", usage=usage, attempts=2)


@pytest.fixture
def output(tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(TEXT.format(number))
    (tmp_path / "5.txt").write_text("")

    def answer(prompt):
        number = prompt.messages[1].content.rpartition("Number ")[2][0]
        return RefusalError("no") if number == "4" else {"meetings": ANSWERS[number]}

    settings = BatchSettings(bounds=Bounds(price=Price(1.0, 2.0)))
    files = [str(tmp_path / f"{n}.txt") for n in range(6)]
    anyio.run(arun_batch, files, tmp_path / "o.jsonl", Paid(answer), Plan(repair_rounds=0), settings)
    return tmp_path / "o.jsonl"


def test_it_counts_documents_reasons_records_checks_and_money(output):
    report = run_report(output)

    assert report["counts"] == {"ok": 4, "failed": 1, "skipped": 1}
    assert report["reasons"] == {"empty": 1, "refusal": 1}
    assert report["records"]["meetings"] == {"flagged": 1, "supported": 1}
    assert report["documents_without_records"] == 2
    assert report["unflagged_share"] == round(1 / 3, 4)
    assert sum(report["rejections"].values()) == 1
    assert (report["flags"], report["left_out"]) == ({"no_plan_words": 1}, 1)
    assert report["cost"] == pytest.approx(4 * (2000 * 1.0 + 100 * 2.0) / 1e6)
    assert report["requests"] == {"total": 8, "documents_with_more_than_one": 4}
    assert report["read"] == 5


def test_the_slowest_documents_come_first(output):
    report = run_report(output, slowest=3)

    seconds = [row["seconds"] for row in report["slowest"]]
    assert len(seconds) == 3
    assert seconds == sorted(seconds, reverse=True)
    assert report["seconds"]["longest"] == seconds[0]
    assert report["seconds"]["median"] <= report["seconds"]["p95"] <= report["seconds"]["longest"]
    assert report["slowest"][0]["source"].endswith(".txt")


def test_the_figures_of_other_configurations_are_left_out(output):
    files = [str(output.parent / "3.txt")]
    settings = BatchSettings(new_run=True)
    anyio.run(arun_batch, files, output, Paid(lambda _: {}), Plan(repair_rounds=0, strict=True), settings)

    assert run_report(output)["read"] == 1


def test_results_of_documents_that_left_the_input_are_not_counted(output):
    files = [str(output.parent / f"{n}.txt") for n in (0, 3)]
    settings = BatchSettings(bounds=Bounds(price=Price(1.0, 2.0)))
    anyio.run(arun_batch, files, output, Paid(lambda _: {}), Plan(repair_rounds=0), settings)
    report = run_report(output)
    assert (report["read"], report["counts"]["ok"], len(report["slowest"])) == (2, 2, 2)
    assert report["records"]["meetings"] == {"supported": 1}


def test_an_output_without_a_price_has_no_cost(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT.format(1))
    anyio.run(arun_batch, [str(tmp_path / "a.txt")], tmp_path / "o.jsonl", Paid(lambda _: {}), Plan())

    report = run_report(tmp_path / "o.jsonl")
    assert (report["cost"], report["unflagged_share"]) == (None, None)


def test_status_prints_it_for_people_and_for_machines(output, capsys):
    assert run(["status", str(output), "--report"]) == 0
    text = capsys.readouterr().out
    assert run(["status", str(output), "--report", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)

    assert "documents   done 4, failed 1, skipped 1, left 0" in text
    assert "33.3% of the drafts supported or verified" in text
    assert "$0.0088" in text
    assert "empty 1, model declined to answer [refusal] 1" in text
    assert "[no_plan_words]" in text
    assert "requests    8; more than one for 4 documents" in text
    assert text.rstrip().endswith("finished")
    assert text.count(".txt") == len(data["slowest"]) == 5
    assert data == run_report(output)


def test_an_output_without_a_journal_is_an_error_of_one_line(tmp_path, capsys):
    with pytest.raises(UnreadableDocumentError):
        run_report(tmp_path / "o.jsonl")
    assert run(["status", str(tmp_path / "o.jsonl"), "--report"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
