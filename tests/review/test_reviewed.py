"""What follows from decisions: reviewed results, counts, gold, figures, and the commands that give them."""

import json
import sqlite3
from contextlib import closing
from unittest.mock import Mock

import pytest

from communique.cli.app import run
from communique.errors import ConfigurationError, UnreadableDocumentError
from communique.evaluation import evaluate, held_out_ids
from communique.evaluation.counts import wilson
from communique.review import Decision, DecisionsFile, Queue, decisions_path, figures, reviewed, write_gold
from communique.review.decision import fingerprint_of, key_of, stated
from communique.review.outcome import corrected
from communique.schemas import VerifiedSummary
from communique.sinks import read_results


def decide(queue, entry, verb, by="ana", **more):
    _, record = queue.record(entry)
    queue.decisions.add(
        Decision(by=by, decision=verb, key=entry.key, document=entry.document, record=entry.record, kind=entry.kind,
                 fingerprint=entry.fingerprint, original=stated(record), **more)
    )  # fmt: skip


def edited(queue, entry, **changes):
    return {**stated(queue.record(entry)[1]), **changes}


@pytest.fixture
def entries(queue):
    return list(queue.entries.values())


def records(path, decisions):
    return {r.id: r for s in read_results(path) for r in reviewed(s, decisions).all_records()}


def test_riskier_records_come_first(queue):
    rank = {"flagged": 0, "draft": 1, "supported": 2, "verified": 3}
    ranks = [rank[e.verdict] for e in queue.entries.values()]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) > 1


def test_corrected_records_replace_rejected_ones_leave_and_others_are_marked(queue, entries, results):
    meetings = [e for e in entries if e.kind == "meetings"]
    decide(queue, meetings[0], "accept", comment="as the transcript has it")
    decide(queue, meetings[1], "correct", edited=edited(queue, meetings[1], when="on Sunday", place=None))
    decide(queue, meetings[2], "reject", comment="it is the same as above")
    found = records(results, queue.decisions)

    assert found[meetings[0].record].checks[-1].reason == "accepted_in_review"
    assert "as the transcript has it" in found[meetings[0].record].checks[-1].detail
    new = found[meetings[1].record]
    assert (new.when, new.place, new.id) == ("on Sunday", None, meetings[1].record)
    marks = {c.field: (c.was, c.proposal) for c in new.checks if c.reason == "corrected_in_review"}
    assert marks.keys() == {"when", "place"}
    assert marks["when"] == ("on Monday", "on Sunday")
    assert meetings[2].record not in found
    rejected = [r for s in read_results(results) for r in reviewed(s, queue.decisions).rejections]
    assert [(r.kind, r.reason) for r in rejected] == [("meetings", "rejected_in_review")]
    assert "it is the same as above" in rejected[0].detail
    others = [r for i, r in found.items() if i not in {m.record for m in meetings[:3]}]
    assert others
    assert all(r.checks[-1].reason == "not_reviewed" for r in others)


def test_an_accepted_record_is_no_longer_flagged_and_an_undecided_one_is(queue, results, tmp_path, capsys):
    flagged, *others = queue.entries.values()
    assert flagged.verdict == "flagged"
    verified = next(entry for entry in others if entry.verdict == "verified")
    for entry in (flagged, verified):
        decide(queue, entry, "accept")
    found = records(results, queue.decisions)

    before = queue.record(flagged)[1]
    after = found.pop(flagged.record)
    assert (after.verdict, after.flags) == ("supported", ())
    assert [c.reason for c in after.checks] == [*(c.reason for c in before.checks), "accepted_in_review"]
    assert found.pop(verified.record).verdict == "verified"
    assert found
    assert all(r.verdict == "flagged" and r.flags[-1].reason == "not_reviewed" for r in found.values())

    database = tmp_path / "after.db"
    assert run(["convert", str(results), "--reviewed", str(decisions_path(results)), "-o", str(database)]) == 0
    with closing(sqlite3.connect(database)) as opened:
        assert {i for (i,) in opened.execute("SELECT id FROM flagged_records")} == set(found)
    assert run(["convert", str(results), "--reviewed", str(decisions_path(results)), "-t", "text"]) == 0
    assert "1 verified, 2 to check" in capsys.readouterr().out


@pytest.mark.parametrize("full", [True, False])
def test_a_second_pass_over_reviewed_results_changes_nothing(queue, entries, tmp_path, full):
    meetings = [e for e in entries if e.kind == "meetings"]
    decide(queue, meetings[0], "accept")
    decide(queue, meetings[1], "correct", edited=edited(queue, meetings[1], when="on Sunday", place=None))
    decide(queue, meetings[2], "reject")
    once = [reviewed(summary, queue.decisions) for summary in read_results(queue.results)]
    after = tmp_path / "after.jsonl"
    after.write_text("".join(json.dumps(s.to_dict(full=full)) + "\n" for s in once), "utf-8")
    again = Queue(after, queue.decisions)
    assert [again.counts()[state] for state in ("accepted", "corrected", "again")] == [1, 1, 0]
    for summary in read_results(after):
        assert reviewed(summary, queue.decisions) == summary


def test_a_record_that_comes_as_a_person_wanted_it_is_accepted(queue, entries, results):
    meeting = next(e for e in entries if e.kind == "meetings")
    decide(queue, meeting, "correct", edited=edited(queue, meeting, when="on Sunday"))
    summary, record = queue.record(meeting)
    better = summary.model_copy(update={"records": {"meetings": (record.model_copy(update={"when": "on Sunday"}),)}})
    (found,) = reviewed(better, queue.decisions).all_records()
    assert [c.reason for c in found.checks if c.reason.endswith("_in_review")] == ["accepted_in_review"]
    assert "Corrected by ana" in found.checks[-1].detail
    decide(queue, meeting, "accept", by="bo")  # of the first form, and later
    (found,) = reviewed(better, queue.decisions).all_records()
    assert "Decided by bo" in found.flags[-1].detail


def test_who_decides_later_takes_the_flag_back(queue, entries, results):
    once = [reviewed(summary, queue.decisions) for summary in read_results(results)]
    assert all(r.verdict == "flagged" for s in once for r in s.all_records())
    for entry in entries:
        decide(queue, entry, "accept")
    for summary in once:
        for record in reviewed(summary, queue.decisions).all_records():
            assert (record.verdict, record.checks[-1].reason, record.flags) == ("supported", "accepted_in_review", ())


@pytest.mark.parametrize("keep_text", [True, False])
def test_a_correction_keeps_the_forms_of_names_and_the_page(tmp_path, invented, write_results, keep_text):
    path = write_results(tmp_path / "out.jsonl", invented.summaries(1), keep_text=keep_text)
    queue = Queue(path, DecisionsFile(decisions_path(path)))
    summary, record = queue.record(next(e for e in queue.entries.values() if e.kind == "meetings"))
    first, *others = record.participants
    named = record.model_copy(
        update={
            "participants": (first.model_copy(update={"aliases": ("Her Excellency",)}), *others),
            "evidence": tuple(e.model_copy(update={"page": 3}) for e in record.evidence),
        }
    )
    new = corrected(named, {**stated(named), "status": "planned"}, summary)
    assert [(p.name, p.aliases) for p in new.participants] == [(p.name, p.aliases) for p in named.participants]
    assert new.evidence == named.evidence
    other = {**stated(named)["participants"][0], "name": "Somebody Else"}
    assert corrected(named, {**stated(named), "participants": [other]}, summary).participants[0].aliases == ()


def test_a_name_that_a_person_gives_has_its_forms_in_the_article(tmp_path, invented, write_results):
    path = write_results(tmp_path / "out.jsonl", invented.summaries(1))
    queue = Queue(path, DecisionsFile(decisions_path(path)))
    summary, record = queue.record(next(e for e in queue.entries.values() if e.kind == "meetings"))
    text = "Talks\n\nTilda Brask met Ole Vang (OV) in Lund. Brask left early."
    summary = summary.model_copy(update={"document": summary.document.model_copy(update={"text": text})})
    people = [{"name": "Tilda Brask"}, {"name": "Ole Vang"}]
    new = corrected(record, {**stated(record), "participants": people, "evidence": [2]}, summary)
    assert [p.aliases for p in new.participants] == [("Brask",), ("OV",)]


@pytest.mark.parametrize("name", ["after.txt", "after.md", "after.html"])
def test_what_a_person_rejected_is_not_told_as_rejected_by_the_checks(queue, entries, results, tmp_path, name):
    decide(queue, entries[0], "reject", comment="it is the same as above")
    command = ["convert", str(results), "--reviewed", str(decisions_path(results)), "-o", str(tmp_path / name)]
    assert run(command) == 0
    told = (tmp_path / name).read_text("utf-8")
    assert "Rejected by ana" in told
    assert "rejected by the checks" not in told.lower()


def test_a_report_tells_who_accepted_and_who_corrected_what(queue, results, tmp_path):
    first, second = [e for e in queue.entries.values() if e.kind == "meetings"][:2]
    decide(queue, first, "accept", comment="as the transcript has it")
    decide(queue, second, "correct", by="bo", edited=edited(queue, second, when="on Sunday"))
    page = tmp_path / "after.html"
    assert run(["convert", str(results), "--reviewed", str(decisions_path(results)), "-o", str(page)]) == 0
    told = page.read_text("utf-8")
    day = queue.decisions.of(first.key)[0].at[:10]
    assert f'"reviewed":[["The record","Accepted by ana on {day}: as the transcript has it."]]' in told
    assert f"on Sunday instead of on Monday. Corrected by bo on {day}." in told


@pytest.mark.parametrize("evidence", [5, "1", [{}], [[1]], [99], [True, "x"], None])
def test_hostile_corrections_of_a_decisions_file_are_told(queue, entries, results, evidence):
    decide(queue, entries[0], "correct", edited=edited(queue, entries[0], evidence=evidence))
    check = records(results, queue.decisions)[entries[0].record].checks[-1]
    assert check.reason == "not_reviewed"
    assert "The correction no longer fits: Evidence" in check.detail


def test_gold_keeps_its_id_whatever_a_decision_names_its_type(queue, entries, tmp_path):
    for entry in entries:
        decide(queue, entry, "accept")
    missing = {"decision": "missing", "key": key_of(entries[0].document, ""), "document": entries[0].document}
    queue.decisions.add(Decision(by="ana", kind="id", sentences=queue.record(entries[0])[1].evidence, **missing))
    write_gold(queue, tmp_path)
    gold = [json.loads(p.read_text("utf-8"))["id"] for p in tmp_path.glob("*.json") if ".meta" not in p.name]
    assert gold
    assert all(isinstance(found, str) for found in gold)


def test_a_huge_record_is_reviewed_and_a_lone_surrogate_is_told(tmp_path, invented, write_results):
    path = write_results(tmp_path / "out.jsonl", invented.summaries(1))
    text = path.read_text("utf-8")
    path.write_text(text.replace("on Monday", "on Mon" + "d" * 1_000_000), "utf-8")
    queue = Queue(path, DecisionsFile(decisions_path(path)))
    for entry in queue.entries.values():
        decide(queue, entry, "accept")
    assert all(DecisionsFile(decisions_path(path)).of(key) for key in queue.entries)
    path.write_text(text.replace("on Monday", "on \\ud800"), "utf-8")
    with pytest.raises(UnreadableDocumentError, match="line 1"):
        queue.refresh()


def test_reviewed_results_can_be_written_and_read_lean_and_full(queue, entries, results):
    decide(queue, entries[0], "accept")
    for summary in read_results(results):
        after = reviewed(summary, queue.decisions)
        for full in (True, False):
            again = VerifiedSummary.from_json(json.loads(after.to_json(full=full)))
            assert [[c.reason for c in r.checks] for r in again.all_records()] == [
                [c.reason for c in r.checks if full or c.severity != "note" or c.reason.endswith("_in_review")]
                for r in after.all_records()
            ]


def test_a_decision_outlives_a_run_that_fills_in_other_things(queue, entries):
    record = queue.record(entries[0])[1]
    again = record.model_copy(update={"verdict": "verified", "checks": (), "support": (), "judgements": ()})
    assert fingerprint_of(again) == fingerprint_of(record)
    assert fingerprint_of(record.model_copy(update={"evidence": ()})) != fingerprint_of(record)


def test_an_article_that_changed_is_asked_again_and_one_that_came_back_is_not(queue, entries, results):
    decide(queue, entries[0], "accept")
    first, old = results.read_bytes(), entries[0]
    results.write_bytes(first.replace(old.document.encode(), b"0" * 64))
    queue.refresh()
    changed = next(e for e in queue.entries.values() if e.record == old.record)
    assert (queue.standing(changed).state, queue.standing(changed).why) == ("again", "the article has changed since")
    results.write_bytes(first)
    queue.refresh()
    assert queue.standing(queue.entries[old.key]).state == "accepted"


def test_two_texts_of_one_id_are_no_change_of_one_of_them(tmp_path, invented, write_results):
    both = [(d, s.model_copy(update={"records": {"meetings": s.meetings[:1]}})) for d, s in invented.summaries(2)]
    same = [m.model_copy(update={"id": "cmq-one"}) for _, s in both for m in s.meetings]
    both = [(d, s.model_copy(update={"records": {"meetings": (m,)}})) for (d, s), m in zip(both, same, strict=True)]
    path = write_results(tmp_path / "out.jsonl", both)
    queue = Queue(path, DecisionsFile(decisions_path(path)))
    one, other = queue.entries.values()
    decide(queue, one, "accept")
    assert [queue.standing(e).state for e in (one, other)] == ["accepted", "undecided"]


def test_a_second_thought_is_no_conflict_and_another_person_is(queue, entries):
    decide(queue, entries[0], "accept")
    decide(queue, entries[0], "reject")
    assert not queue.standing(entries[0]).conflict
    decide(queue, entries[0], "accept", by="bo")
    assert queue.standing(entries[0]).conflict
    assert queue.standing(entries[0]).state == "accepted"
    assert queue.counts()["conflicts"] == 1


def test_a_correction_without_the_text_is_a_draft_and_cites_only_what_is_known(tmp_path, invented, write_results):
    path = write_results(tmp_path / "out.jsonl", invented.summaries(1), keep_text=False)
    queue = Queue(path, DecisionsFile(decisions_path(path)))
    entry = next(e for e in queue.entries.values() if e.kind == "meetings")
    summary, record = queue.record(entry)
    new = corrected(record, {**stated(record), "when": "on Sunday"}, summary)
    assert (new.verdict, new.checks, new.when) == ("draft", (), "on Sunday")
    assert new.evidence == record.evidence
    with pytest.raises(ConfigurationError, match="no sentence 6"):
        corrected(record, {**stated(record), "evidence": [6]}, summary)


def test_gold_of_decided_articles_scores_the_results_that_it_was_made_of(queue, results, tmp_path):
    by_document = {}
    for entry in queue.entries.values():
        by_document.setdefault(entry.document, []).append(entry)
    decided = list(by_document.values())[:-1]
    for entry in [e for group in decided for e in group]:
        decide(queue, entry, "accept")
    wrong = decided[0][0]
    decide(queue, wrong, "reject")
    sentence = queue.record(wrong)[1].evidence[0]
    missing = {"decision": "missing", "key": key_of(wrong.document, ""), "document": wrong.document, "kind": "meetings"}
    queue.decisions.add(Decision(by="ana", sentences=(sentence,), **missing))
    told = write_gold(queue, tmp_path / "gold")

    assert told == {"written": len(decided), "undecided": 1, "unnamed": 0, "taken": 0}
    scores = evaluate(tmp_path / "gold", results)
    tallies = [t.pairings[k].tally for t in scores.documents for k in t.pairings]
    total = sum(len(group) for group in decided)
    assert sum(t.predicted for t in tallies) == total
    assert sum(t.fp for t in tallies) in {0, 1}  # the missing meeting may be in the sentence of the rejected one
    unseen, seen = held_out_ids(tmp_path / "gold")
    assert not unseen & seen


def test_gold_of_accepted_records_has_their_dates(queue, entries, results, tmp_path):
    for entry in entries:
        decide(queue, entry, "accept")
    assert any(queue.record(entry)[1].derived.date for entry in entries)
    write_gold(queue, tmp_path / "gold")
    found = evaluate(tmp_path / "gold", results).slots["when"]
    assert found.tp
    assert (found.fp, found.fn) == (0, 0)


def test_figures_state_their_error_and_records_of_one_article_count_together(queue):
    for number, entry in enumerate(queue.entries.values()):
        decide(queue, entry, "reject" if number == 0 else "accept")
    rows = {row["of"]: row for row in figures(queue)}
    whole = rows["all"]
    assert whole["decided"] == len(queue.entries)
    assert whole["rejected"] == 1
    assert whole["low"] < whole["precision"] < whole["high"]
    narrow = wilson(whole["precision"], whole["decided"])
    assert whole["high"] - whole["low"] > narrow[1] - narrow[0]


def test_the_gate_the_status_and_convert(queue, results, tmp_path, capsys):
    assert run(["review", str(results), "--require-all"]) == 3
    assert run(["status", str(results), "--review", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["undecided"] == len(queue.entries)
    for entry in queue.entries.values():
        decide(queue, entry, "reject" if entry.kind == "meetings" else "accept")
    decisions = str(decisions_path(results))
    assert run(["review", str(results), "--require-all"]) == 0
    assert "rejected 4" in capsys.readouterr().err
    assert run(["review", str(results), "--figures"]) == 0
    assert "accepted" in capsys.readouterr().out
    assert run(["convert", str(results), "--reviewed", decisions, "-o", str(tmp_path / "after.jsonl")]) == 0
    after = list(read_results(tmp_path / "after.jsonl"))
    assert not any(s.meetings for s in after)
    assert sum(len(s.rejections) for s in after) == 4
    assert run(["convert", str(results), "--reviewed", str(tmp_path / "none"), "-t", "jsonl"]) == 2
    assert run(["review", str(tmp_path / "none")]) == 2
    assert run(["review", str(results), "--figures", "--require-all"]) == 2
    assert run(["status", str(results), "--review", "--report"]) == 2
    assert "give one of --report and --review" in capsys.readouterr().err


def test_the_results_are_no_file_for_decisions(results, tmp_path, capsys):
    kept = results.read_bytes()
    (tmp_path / "link").symlink_to(results)
    for path in (results, tmp_path / "link"):
        assert run(["review", str(results), "--decisions", str(path), "--figures"]) == 2
        assert "would be written over the results" in capsys.readouterr().err
    assert results.read_bytes() == kept


def test_a_reviewer_needs_a_name_that_can_be_kept(results, capsys, monkeypatch):
    assert run(["review", str(results), "--no-open", "--reviewer", "J\udcf6rg"]) == 2
    assert "the reviewer's name is not UTF-8 (give --reviewer NAME)" in capsys.readouterr().err
    for error in (KeyError("getpwuid(): uid not found: 4242"), OSError("No username set in the environment")):
        monkeypatch.setattr("getpass.getuser", Mock(side_effect=error))
        assert run(["review", str(results), "--no-open"]) == 2
        assert "this user has no login name (give --reviewer NAME)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        (("x", "x", "X", "y"), {"written": 2, "taken": 2}),  # "X" is "x" on some systems
        (("x", "x.meta", "x.META", "meta"), {"written": 2, "unnamed": 2}),
        (("ж" * 101, "a" * 201, "ж" * 100, "a" * 199 + "\n"), {"written": 1, "unnamed": 3}),
    ],
)
def test_gold_overwrites_nothing_and_counts_what_is_left_out(tmp_path, invented, write_results, ids, told):
    both = [
        (None, s.model_copy(update={"document": d.info(keep_text=True).model_copy(update={"id": own})}))
        for own, (d, s) in zip(ids, invented.summaries(4), strict=True)
    ]
    path = write_results(tmp_path / "out.jsonl", both)
    queue = Queue(path, DecisionsFile(decisions_path(path)))
    for entry in queue.entries.values():
        decide(queue, entry, "accept")
    found = write_gold(queue, tmp_path / "gold")
    assert {name: count for name, count in found.items() if count} == told
    assert len(list((tmp_path / "gold").iterdir())) == 3 * told["written"]
    assert (tmp_path / "gold" / f"{ids[0]}.txt").is_file() == ("ж" not in ids[0])
    if "x" in ids:
        assert (tmp_path / "gold" / "x.txt").read_text("utf-8") == queue.summary(0).document.text
        assert json.loads((tmp_path / "gold" / "x.meta.json").read_text("utf-8"))["id"] == "x"


def test_gold_that_is_there_already_and_differs_stays_and_is_told(queue, results, tmp_path, capsys):
    gold = tmp_path / "gold"
    *first, last = {entry.document for entry in queue.entries.values()}
    for entry in queue.entries.values():
        if entry.document in first:
            decide(queue, entry, "accept")
    assert write_gold(queue, gold) == {"written": len(first), "undecided": 1, "unnamed": 0, "taken": 0}
    edited_by_hand, *others = (p for p in sorted(gold.glob("*.json")) if ".meta" not in p.name)
    edited_by_hand.write_text('{"meetings": [{"evidence": ["completed by hand"]}]}', "utf-8")
    before = {path: path.read_bytes() for path in gold.iterdir()}
    for entry in queue.entries.values():
        if entry.document == last:
            decide(queue, entry, "accept")

    assert run(["review", str(results), "--gold", str(gold)]) == 0
    assert "1 with other gold in the folder, which stays (delete it, or name another folder)" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in before} == before
    assert len(list(gold.iterdir())) == len(before) + 3
    assert write_gold(queue, gold) == {"written": len(first), "undecided": 0, "unnamed": 0, "taken": 1}
    assert others
