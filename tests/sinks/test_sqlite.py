"""The database of results: any SQL tool reads it, its keys hold, what was said is found in it."""

import contextlib
import json
import sqlite3
from datetime import date
from enum import Enum
from typing import Annotated, ClassVar

import pytest

from communique.errors import OutputError
from communique.schemas import (
    Actor,
    Allegation,
    Column,
    DocumentInfo,
    Evidence,
    Meeting,
    Participant,
    Place,
    Quoted,
    Record,
    Rejection,
    Response,
    VerifiedSummary,
)
from communique.sinks import FanOut, SinkOptions, sink_for, sink_named
from communique.sinks.sqlite_database import SqliteSink


def write(folder, pairs, **options):
    path = folder / "out.db"
    with FanOut([(sink_named("sqlite"), path)], SinkOptions(**options)) as out:
        for document, summary in pairs:
            out.write(summary, document.text if document else None)
    return path


@contextlib.contextmanager
def opened(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        yield db


def rows(path, query, *values):
    with opened(path) as db:
        return [dict(row) for row in db.execute(query, values)]


def sound(path):
    with opened(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchall()[0][0] == "ok"
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        for index in ("sentences_fts", "records_fts"):
            db.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")
        for (view,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
            db.execute(f'SELECT * FROM "{view}"').fetchall()


def only(record, key="things", **info):
    return VerifiedSummary(document=DocumentInfo(id="x", sha256="0", **info), records={key: (record,)})


def test_it_is_one_sound_file(tmp_path, results):
    path = write(tmp_path, results)

    assert [p.name for p in tmp_path.iterdir()] == ["out.db"]
    assert sink_for(path).name == "sqlite"
    sound(path)
    (kept,) = rows(path, "PRAGMA journal_mode")
    assert kept == {"journal_mode": "delete"}


def test_every_row_is_there(tmp_path, results):
    path = write(tmp_path, results)

    records = [r for _, s in results for r in s.all_records()]
    counts = {
        name: rows(path, f"SELECT count(*) AS n FROM {name}")[0]["n"]
        for name in ("documents", "records", "responses", "checks", "rejections", "sentences")
    }
    assert counts == {
        "documents": 3,
        "records": len(records),
        "responses": 2,
        "checks": 4,
        "rejections": 1,
        "sentences": sum(len(d.sentences) for d, _ in results),
    }
    stored = [json.loads(r["json"]) for r in rows(path, "SELECT json FROM records ORDER BY key")]
    assert stored == [r.model_dump(mode="json") for r in records]


def test_a_record_is_a_row_with_its_fields(tmp_path, results):
    path = write(tmp_path, results)

    (row,) = rows(path, "SELECT * FROM records WHERE id = 'cmq-a1'")
    assert (row["kind"], row["verdict"], row["headline"], row["commitment"], row["status"]) == (
        "allegations",
        "flagged",
        "Norlandia accuses Varland: “Varland shipped drone engines to the Isk militia.” Varland denies it.",
        "asserted",
        None,
    )
    assert (row["response_status"], json.loads(row["objects"])) == ("denied", ["drone engines"])
    (meeting,) = rows(path, "SELECT * FROM meetings WHERE id = 'cmq-m1'")
    assert (meeting["date"], meeting["status"], meeting["place"], meeting["when"], meeting["participants"]) == (
        "2031-03-04",
        "held",
        "Port Amsel",
        "on Tuesday",
        "Ilse Varga; Per Holm",
    )
    assert "stage" not in meeting


def test_actors_have_the_role_that_the_field_gives_them(tmp_path, results):
    path = write(tmp_path, results)

    found = rows(
        path,
        "SELECT a.role, a.name, a.kind, a.title, a.country_code, a.details FROM actors a JOIN records r"
        " ON r.key = a.record WHERE r.id IN ('cmq-m1', 'cmq-a1') ORDER BY a.key",
    )
    assert [(a["role"], a["name"]) for a in found] == [
        ("participants", "Ilse Varga"),
        ("participants", "Per Holm"),
        ("source", "The Amsel Post"),
        ("accusers", "Norlandia"),
        ("accused", "Varland"),
        ("counterparties", "Isk militia"),
        ("responders", "Varland"),
    ]
    query = "SELECT a.name, t.cue FROM attributions t JOIN actors a ON a.attribution = t.key"
    assert rows(path, query) == [{"name": "The Amsel Post", "cue": "said"}]
    assert (found[0]["title"], found[0]["kind"], json.loads(found[0]["details"])) == (
        "Trade minister",
        "person",
        {"capacity": "host"},
    )
    assert found[4]["country_code"] == "aq"


def test_the_view_of_denied_allegations_has_the_denial(tmp_path, results):
    path = write(tmp_path, results)

    assert [(r["allegation"], r["accused"], r["denied_by"], r["denial"]) for r in rows(
        path, "SELECT * FROM denied_allegations WHERE published < '2031-04'"
    )] == [
        (
            "Norlandia accuses Varland: “Varland shipped drone engines to the Isk militia.” Varland denies it.",
            "Varland",
            "Varland",
            "“It’s a fairy tale,” said a spokesman for Varland, rejecting the charge.",
        )
    ]  # fmt: skip


def test_what_is_to_check_and_who_takes_which_part_are_views(tmp_path, results):
    path = write(tmp_path, results)

    assert {(r["field"], r["reason"]) for r in rows(path, "SELECT * FROM flagged_records")} == {
        ("accusers[1].name", "not_in_article"),
        ("commitment", "doubt_words"),
        ("activity", "own_rule"),
    }
    (varland,) = rows(path, "SELECT * FROM actor_roles WHERE name = 'Varland' AND role = 'accused'")
    assert (varland["kind"], varland["records"], varland["country_code"]) == ("allegations", 1, "aq")
    assert rows(path, "SELECT * FROM country_records") == [
        {"country_code": "aq", "kind": "allegations", "verdict": "flagged", "records": 1}
    ]


def test_evidence_points_at_its_sentence(tmp_path, results):
    path = write(tmp_path, results)

    found = rows(path, "SELECT * FROM cited_sentences WHERE id = 'cmq-a1' ORDER BY sentence")
    assert [(r["sentence"], r["response"]) for r in found] == [(4, None), (5, "denial")]
    document, _ = results[0]
    for row in rows(path, 'SELECT text, "start", "end" FROM sentences WHERE document = 1'):
        assert document.text[row["start"] : row["end"]] == row["text"]
    (paged,) = rows(path, "SELECT page FROM sentences WHERE document = 1 AND number = 2")
    assert paged["page"] == 1


def test_full_text_search_finds_sentences_and_records(tmp_path, results):
    path = write(tmp_path, results)

    query = "SELECT s.number FROM sentences_fts f JOIN sentences s ON s.key = f.rowid WHERE sentences_fts MATCH ?"
    assert rows(path, query, "NEAR(grain transit)") == [{"number": 3}]
    assert rows(path, query, "النفط") == [{"number": 2}]
    query = (
        "SELECT r.id, snippet(records_fts, 0, '[', ']', '…', 4) AS shown FROM records_fts f"
        " JOIN records r ON r.key = f.rowid WHERE records_fts MATCH ? ORDER BY rank"
    )
    assert rows(path, query, "headline: drone") == [{"id": "cmq-a1", "shown": "…shipped [drone] engines to…"}]
    assert [r["id"] for r in rows(path, query, '"oil embargo"')] == ["cmq-s1"]
    assert [r["id"] for r in rows(path, query, "port fees")] == ["cmq-m1"]


def test_without_the_text_the_cited_sentences_are_there(tmp_path, results):
    path = write(tmp_path, [(None, results[0][1])])

    assert [r["number"] for r in rows(path, "SELECT number FROM sentences")] == [2, 3, 4, 5, 6]
    sound(path)


def test_keys_are_enforced_where_they_are_turned_on(tmp_path, results):
    path = write(tmp_path, results)

    with opened(path) as db:
        db.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            db.execute("INSERT INTO evidence (record, sentence, exact) VALUES (1, 999, '')")
        db.execute("DELETE FROM documents WHERE key = 1")
        left = {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("records", "rejections", "checks")}
    assert left == {"records": 3, "rejections": 0, "checks": 0}


class Colour(Enum):
    red = "red"


class Tender(Record):
    """A buyer asks for offers."""

    plural: ClassVar[str] = "documents"  # the name of a table

    buyer: Actor
    sellers: tuple[Participant, ...] = ()
    amount: int
    firm: bool = True
    share: float = 0.5
    due: date | None = None
    colour: Colour = Colour.red
    where: Place | None = None
    Status: Annotated[str | None, Quoted()] = None
    kind: str = ""
    order: Annotated[str, Column("group")] = ""
    extra: dict[str, int] = {}  # noqa: RUF012
    answer: tuple[Response, ...] = ()


TENDER = Tender(
    id="t1",
    buyer=Actor(name="Kelm", kind="public_body"),
    sellers=(Participant(name="Orbis Metals", capacity="visitor"),),
    amount=5,
    due=date(2031, 3, 1),
    where=Place(name="Sund", country_code="xx"),
    Status="open",
    kind="Kelm buys",
    order="first",
    extra={"a": 1},
    answer=(Response(type="other", responders=(Actor(name="Orbis Metals"),), evidence=(Evidence(sentence=2, exact="b"),)),),
    evidence=(Evidence(sentence=1, exact="a"),),
)  # fmt: skip


def test_a_users_record_has_columns_and_a_view_of_its_own(tmp_path):
    path = write(tmp_path, [(None, only(TENDER, "documents"))], record_types=(Meeting, Tender))

    sound(path)
    (row,) = rows(path, "SELECT * FROM type_documents")
    assert {name: row[name] for name in ("amount", "firm", "share", "due", "colour", "where", "where_country")} == {
        "amount": 5,
        "firm": 1,
        "share": 0.5,
        "due": "2031-03-01",
        "colour": "red",
        "where": "Sund",
        "where_country": "xx",
    }
    assert (row["Status_2"], row["kind_2"], row["group"], row["extra"], row["buyer"], row["sellers"]) == (
        "open",
        "Kelm buys",
        "first",
        '{"a":1}',
        "Kelm",
        "Orbis Metals",
    )
    assert rows(path, "SELECT count(*) AS n FROM evidence WHERE response IS NOT NULL") == [{"n": 1}]
    assert rows(path, "SELECT typeof(amount) AS t FROM records") == [{"t": "integer"}]
    assert rows(path, "SELECT headline FROM records_fts WHERE records_fts MATCH 'kelm'")


def test_a_type_that_nobody_named_gets_its_columns_when_it_comes(tmp_path, results):
    path = write(tmp_path, [*results, (None, only(TENDER, "tenders"))])

    sound(path)
    assert rows(path, "SELECT amount FROM records WHERE kind = 'tenders'") == [{"amount": 5}]


def test_a_record_of_a_type_that_is_not_installed_is_kept_and_found(tmp_path):
    data = only(TENDER, "tenders").model_dump(mode="json")

    path = write(tmp_path, [(None, VerifiedSummary.from_json(data))])

    sound(path)
    (row,) = rows(
        path, "SELECT json FROM records_fts f JOIN records r ON r.key = f.rowid WHERE records_fts MATCH 'sund'"
    )
    assert json.loads(row["json"])["amount"] == 5


def test_hostile_texts_are_only_text(tmp_path, payloads):
    texts = [*payloads.PAYLOADS, "'); DROP TABLE records; --", 'x" OR 1=1', "nul\0inside"]

    path = write(tmp_path, [(None, payloads.hostile(text)) for text in texts])

    sound(path)
    assert len(rows(path, "SELECT 1 FROM documents")) == len(texts)
    stored = {r["claim"] for r in rows(path, "SELECT claim FROM records WHERE kind = 'allegations'")}
    assert stored == set(texts)
    assert rows(path, "SELECT json_extract(json, '$.claim') AS c FROM records WHERE claim LIKE '%DROP%'")


def test_half_a_character_in_what_a_model_said_is_kept_as_an_escape(tmp_path):
    said = Rejection(kind="meetings", reason="shape", draft={"claim": "\ud800"})

    path = write(tmp_path, [(None, only(TENDER).model_copy(update={"rejections": (said,)}))])

    assert rows(path, "SELECT draft FROM rejections") == [{"draft": '{"claim":"\\ud800"}'}]


def test_numbers_wider_than_a_column_and_texts_that_disagree(tmp_path):
    wide = tuple(Evidence(sentence=n, exact=f"s{n}") for n in (10**30, 10**31, -(10**30), 1))
    record = Allegation(
        claim="c",
        evidence=wide,
        responses=(Response(type="denial", responders=(), evidence=(Evidence(sentence=1, exact="other"),)),),
    )

    path = write(
        tmp_path, [(None, only(record, "allegations")), (None, only(TENDER.model_copy(update={"amount": 2**80})))]
    )

    sound(path)
    assert [r["exact"] for r in rows(path, "SELECT exact FROM evidence WHERE record = 1 AND response IS NULL")] == [
        e.exact for e in wide
    ]
    assert rows(path, "SELECT text FROM sentences WHERE number = 1 AND document = 1") == [{"text": "s1"}]
    assert rows(path, "SELECT amount FROM records WHERE key = 2") == [{"amount": str(2**80)}]


def test_a_failure_leaves_the_old_file(tmp_path, results):
    path = write(tmp_path, results)
    before = path.read_bytes()

    def failing():
        yield results[0]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(tmp_path, failing())

    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["out.db"]


def test_what_sqlite_cannot_do_is_our_error(tmp_path, results, monkeypatch):
    monkeypatch.setattr(SqliteSink, "_document", lambda sink, _: sink._db.execute("SELECT nothing"))

    with pytest.raises(OutputError, match=r"the sink 'sqlite' raised OperationalError"):
        write(tmp_path, results)

    assert list(tmp_path.iterdir()) == []
