"""The journal: what it holds is safe; what it can't hold is said."""

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from communique import errors
from communique.batch.journal import Journal
from communique.batch.journal_file import is_remote, salvage
from communique.batch.journal_status import journal_status, sqlite_uri
from communique.batch.outcome import Occurrence, Outcome
from communique.schemas import Usage

CONFIG = {"model": "m1", "prompt": "p1"}  # as in conftest.py


def key(number):
    return number.to_bytes(32, "big")


def ok(number, payload="{}"):
    return Outcome(key(number), "ok", payload=payload, id=f"d{number}", usage=Usage(input_tokens=10, output_tokens=2))


def failed(number, reason="schema"):
    return Outcome(key(number), "failed", reason, id=f"d{number}")


def places(*numbers):
    return [Occurrence(i, f"d{n}", "in", key(n)) for i, n in enumerate(numbers)]


def test_what_is_recorded_is_there_after_reopening(journal):
    journal.record([ok(1), failed(2)], places(1, 2, 3))
    journal.close()
    again = Journal(journal.path, CONFIG)
    assert [again.has(key(n)) for n in (1, 2, 3)] == [True, True, False]
    assert [(r["state"], r["reason"]) for r in again.rows()] == [("ok", ""), ("failed", "schema"), (None, None)]
    assert again.counts() == {"ok": 1, "failed": 1, "left": 1}
    again.close()


def test_it_is_durable_by_its_settings(journal):
    assert journal._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert journal._db.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_a_result_and_its_places_are_one_transaction(journal):
    with pytest.raises(errors.JournalError):
        journal.record([ok(1)], [Occurrence(0, "d1", "in", None)])
    assert not journal.has(key(1))


def test_lone_surrogates_and_nul_in_ids_and_names_are_stored_and_cost_no_result(journal):
    outcome = Outcome(key(1), "failed", "schema", "\ud800", id="d\ud800\0", source="\udcff.txt")
    journal.record([outcome, ok(2)], [Occurrence(0, "d\ud800\0", "\udcff.txt", key(1)), *places(1, 2)[1:]])
    journal.close()
    again = Journal(journal.path, CONFIG)
    assert next((r["id"], r["source"]) for r in again.rows()) == ("d?\0", "?.txt")
    assert again.counts() == {"failed": 1, "ok": 1}
    again.close()


def test_on_a_network_file_system_there_is_no_wal(tmp_path, monkeypatch):
    monkeypatch.setattr("communique.batch.journal_file.is_remote", lambda _folder: True)
    journal = Journal(tmp_path / "j.db", CONFIG)
    assert journal._db.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    journal.record([ok(1)], places(1))
    assert journal.counts() == {"ok": 1}
    journal.close()
    assert not list(tmp_path.glob("*-wal"))


def test_another_process_is_kept_out_and_told_who_holds_it(journal):
    code = (
        "from communique.batch.journal import Journal; from communique import errors; import sys\n"
        "try: Journal(__import__('pathlib').Path(sys.argv[1]), {})\n"
        "except errors.JournalLockedError as e: print(e)"
    )
    said = subprocess.run([sys.executable, "-c", code, str(journal.path)], capture_output=True, text=True, check=True)
    assert f"process {os.getpid()}" in said.stdout


def test_another_configuration_is_refused_by_name(journal):
    journal.close()
    with pytest.raises(errors.JournalMismatchError, match="model: 'm1' → 'm2'"):
        Journal(journal.path, CONFIG | {"model": "m2"})
    again = Journal(journal.path, CONFIG)
    again.close()


def test_a_new_run_starts_afresh_and_keeps_the_old_results(journal):
    journal.record([ok(1)], places(1))
    journal.close()
    other = Journal(journal.path, CONFIG | {"model": "m2"}, new_run=True)
    assert not other.has(key(1))
    other.close()
    back = Journal(journal.path, CONFIG, new_run=True)
    assert back.has(key(1))
    back.close()


def test_another_version_is_refused(journal):
    journal.set_meta(journal_version="99")
    journal.close()
    with pytest.raises(errors.JournalMismatchError, match="version 99"):
        Journal(journal.path, CONFIG)


def test_failures_are_forgotten_all_or_by_reason(journal):
    journal.record([ok(1), failed(2, "schema"), failed(3, "timeout")], places(1, 2, 3))
    journal.forget(reason="timeout")
    assert journal.counts() == {"ok": 1, "failed": 1, "left": 1}
    journal.forget(keys=[key(1), key(9)])
    assert journal.counts() == {"ok": 1, "failed": 1, "left": 1}
    journal.forget()
    assert journal.counts() == {"ok": 1, "left": 2}


def test_places_behind_the_end_are_dropped(journal):
    journal.record([], places(1, 2, 3))
    journal.end_input(1)
    assert sum(journal.counts().values()) == 1


def test_what_was_spent_is_remembered_per_configuration(journal):
    journal.record([ok(1)], spent=Usage(input_tokens=15, output_tokens=2))
    assert journal.spent() == Usage(input_tokens=15, output_tokens=2)


def test_a_torn_or_flipped_tail_costs_only_the_tail(journal, tmp_path):
    """Cut or flip the WAL at random places: what remains is a prefix of the commits."""
    for number in range(40):
        journal.record([ok(number, "x" * 500)])
    rng = random.Random(7)
    for trial in range(300):
        copy = tmp_path / f"t{trial}.db"
        shutil.copy(journal.path, copy)
        wal = bytearray((journal.path.parent / (journal.path.name + "-wal")).read_bytes())
        at = rng.randrange(32, len(wal))
        if trial % 2:
            wal = wal[:at]
        else:
            wal[at] ^= 0xFF
        (tmp_path / f"t{trial}.db-wal").write_bytes(wal)
        db = sqlite3.connect(copy)
        found = (
            {int.from_bytes(r[0], "big") for r in db.execute("SELECT doc_key FROM result")}
            if _has_tables(db)
            else set()
        )
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert found == set(range(len(found)))
        db.close()


def _has_tables(db):
    return db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'result'").fetchone()[0] == 1


def damage(path, size=4096, pages=1):
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2 // size * size
    raw[middle : middle + pages * size] = b"\xaa" * (pages * size)
    path.write_bytes(raw)


def test_a_damaged_journal_is_refused_and_not_overwritten(journal):
    journal.record([ok(n, "x" * 3000) for n in range(200)], places(*range(200)))
    journal.close()
    journal.path.write_bytes(b"not a database at all" * 1000)
    before = journal.path.read_bytes()
    with pytest.raises(errors.JournalError, match="damaged"):
        Journal(journal.path, CONFIG)
    assert journal.path.read_bytes() == before


def test_salvage_keeps_what_can_be_read(journal):
    journal.record([ok(n, "x" * 3000) for n in range(200)], places(*range(200)))
    journal.close()
    damage(journal.path)
    kept = salvage(journal.path)
    assert 100 <= kept <= 200
    again = Journal(journal.path, CONFIG)
    assert again.counts()["ok"] == kept
    again.close()
    assert journal.path.with_name(journal.path.name + ".damaged").exists()


def results_in(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT count(*) FROM result").fetchone()[0]


def test_salvage_refuses_another_version_and_leaves_it_where_it_is(journal):
    journal.record([ok(1)], places(1))
    journal.set_meta(journal_version="2")
    with journal.transaction() as db:
        db.execute("ALTER TABLE provider_batch DROP COLUMN detail")
        db.execute("INSERT INTO provider_batch VALUES ('b', 'fp', 'submitted', 'batch_1', 1, 0.0)")
    journal.close()
    for _ in range(2):
        with pytest.raises(errors.JournalMismatchError, match="version 2"):
            salvage(journal.path)
    with pytest.raises(errors.JournalMismatchError, match="version 2"):
        Journal(journal.path, CONFIG)
    assert not list(journal.path.parent.glob("*.damaged"))
    assert results_in(journal.path) == 1


def test_a_salvage_that_fails_leaves_the_journal_where_it_is(journal):
    journal.record([ok(1)], places(1))
    with journal.transaction() as db:
        db.execute("DELETE FROM meta")
        db.execute("ALTER TABLE provider_spent ADD COLUMN more INTEGER")
        db.execute("INSERT INTO provider_spent VALUES ('fp', 1, 1, 1, 1, 1)")
    journal.close()
    with pytest.raises(errors.JournalError, match="provider_spent"):
        salvage(journal.path)
    assert [p.name for p in journal.path.parent.glob(f"{journal.path.name}[.-]*")] == [f"{journal.path.name}.lock"]
    assert results_in(journal.path) == 1


def test_salvage_without_a_journal_says_so(tmp_path):
    with pytest.raises(errors.JournalError, match="no journal"):
        salvage(tmp_path / "none.db")


def test_a_remote_file_system_is_known(tmp_path):
    here = tmp_path.resolve()
    assert is_remote(tmp_path, f"server:/x {here} nfs4 rw 0 0\n/dev/sda / ext4 rw 0 0")
    assert not is_remote(tmp_path, f"server:/x {here}/deeper nfs4 rw 0 0\n/dev/sda / ext4 rw 0 0")
    assert not is_remote(tmp_path)


def test_status_reads_beside_a_run(journal):
    journal.record([ok(1), failed(2)], places(1, 2, 3), spent=Usage(input_tokens=5))
    output = journal.path.with_name("out.jsonl")
    found = journal_status(output)
    assert found["counts"] == {"ok": 1, "failed": 1, "left": 1}
    assert found["reasons"] == {"schema": 1}
    assert found["tokens"]["input"] == 5
    assert not found["finished"]


def test_status_of_nothing_says_so(tmp_path):
    with pytest.raises(errors.UnreadableDocumentError):
        journal_status(tmp_path / "none.jsonl")


def test_sqlite_is_given_a_windows_share_as_a_path():
    assert sqlite_uri(PureWindowsPath(r"\\server\share\a b.db")) == "file:////server/share/a%20b.db"
    assert sqlite_uri(PureWindowsPath(r"C:\news\a.db")) == "file:///C:/news/a.db"
    assert sqlite_uri(PurePosixPath("/news/a#1.db")) == "file:///news/a%231.db"
