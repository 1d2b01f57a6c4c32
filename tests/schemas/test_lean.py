"""The lean form: what it has survives, what it leaves out takes its default, and it is read wherever a complete one is."""

import json
from enum import Enum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from communique.cli.results import convert, view
from communique.evaluation import evaluate
from communique.schemas import (
    Allegation,
    Check,
    DocumentInfo,
    Evidence,
    Judgement,
    Meeting,
    Provenance,
    Rejection,
    Response,
    Support,
    VerifiedSummary,
)
from communique.schemas.lean import lean_form
from communique.schemas.record_type import record_type
from communique.schemas.stored import json_text, loaded
from communique.sinks import FanOut, SinkOptions, read_results, sink_named

SENTENCE = "Ruritania accused Borduria of theft, which Borduria denied."
CITED = Evidence(sentence=1, exact=SENTENCE, start=0, end=len(SENTENCE))
CHECKS = (
    Check(field="accused[0].name", outcome="supported", reason="a_note", detail="Nothing to see."),
    Check(field="claim", outcome="contradicted", reason="doubt_words", severity="flag", detail="d", sentences=(1,)),
    Check(field="when", outcome="unsupported", reason="not_in_article", change="left_out", was="in May"),
    Check(
        field="commitment", outcome="contradicted", reason="r", proposal="asserted", change="replaced", was="possible"
    ),
)


def claim(**more):
    return Allegation(
        id="cmq-1",
        verdict="flagged",
        claim="Borduria stole.",
        accusers=("Ruritania",),
        accused=("Borduria",),
        responses=(Response(type="denial", responders=("Borduria",), evidence=(CITED,)),),
        evidence=(CITED,),
        checks=CHECKS,
        support=(
            Support(field="accusers[0].name", where="cited", start=0, end=9, sentence=1),
            Support(field="accused[0].name", where="article", by="form", start=90, end=98, sentence=3),
        ),
        judgements=tuple(Judgement(statement=f"s{p}", probability=p, model="owl") for p in (0.9, 0.2)),
        **more,
    )


def summary(*records, **more):
    groups = {kind.plural: tuple(r for r in records if type(r) is kind) for kind in map(type, records)}
    return VerifiedSummary(document=DocumentInfo(id="d", sha256="0"), records={"meetings": (), **groups}, **more)


def test_a_lean_record_is_its_headline_its_fields_its_evidence_and_what_a_person_should_know():
    whole = summary(claim()).to_dict()
    (found,) = whole["allegations"]

    assert whole["sentences"] == [{"sentence": 1, "start": 0, "end": len(SENTENCE), "exact": SENTENCE}]
    assert list(found)[:3] == ["headline", "id", "verdict"]
    assert found == {
        "headline": "Ruritania accuses Borduria: “Borduria stole.” Borduria denies it.",
        "id": "cmq-1",
        "verdict": "flagged",
        "claim": "Borduria stole.",
        "activity": "other",
        "commitment": "unspecified",
        "accusers": [{"name": "Ruritania"}],
        "accused": [{"name": "Borduria"}],
        "responses": [{"type": "denial", "responders": [{"name": "Borduria"}], "evidence": [1]}],
        "evidence": [1],
        "support": {"accusers[0].name": [0, 9], "accused[0].name": [90, 98]},
        "checks": [
            {"field": "claim", "outcome": "contradicted", "reason": "doubt_words", "severity": "flag", "detail": "d"},
            {"field": "when", "outcome": "unsupported", "reason": "not_in_article", "change": "left_out", "was": "in May"},
            {
                "field": "commitment", "outcome": "contradicted", "reason": "r", "proposal": "asserted",
                "change": "replaced", "was": "possible",
            },
        ],
        "judgements": 0.2,
    }  # fmt: skip


def test_a_result_keeps_its_lists_of_records_and_of_rejections_even_where_they_are_empty():
    assert summary().to_dict() == {
        "schema_version": "2.0",
        "document": {"id": "d", "sha256": "0"},
        "meetings": [],
        "sentences": [],
        "rejections": [],
        "provenance": {},
    }


def test_every_rejection_stays_with_its_draft_as_it_was_said():
    draft = {"participants": [], "place": None}
    rejections = (
        Rejection(kind="meetings", reason="no_party", field="participants", sentences=(2,), draft=draft, checks=CHECKS),
        Rejection(kind="allegations", reason="shape"),
    )
    first, second = summary(rejections=rejections).to_dict()["rejections"]

    assert (first["draft"], first["sentences"], len(first["checks"])) == (draft, [2], 3)
    assert second == {"kind": "allegations", "reason": "shape"}


def test_what_lean_has_survives_and_what_it_leaves_out_takes_its_default():
    before = summary(claim(), Meeting(status="held", participants=(), verdict="supported"))
    after = VerifiedSummary.from_json(before.to_dict())

    assert after.to_dict() == before.to_dict()
    assert [r.headline for r in after.all_records()] == [r.headline for r in before.all_records()]
    (record,) = after.allegations
    assert record.evidence == (CITED,)
    assert [(s.field, s.start, s.end, s.where, s.sentence) for s in record.support] == [
        ("accusers[0].name", 0, 9, "cited", 1),
        ("accused[0].name", 90, 98, "article", 0),
    ]
    assert [c.reason for c in record.flags] == ["doubt_words"]
    assert [(j.probability, j.statement) for j in record.judgements] == [(0.2, record.headline)]
    assert (record.activity, record.commitment, after.brief) == ("other", "unspecified", ())


def test_the_complete_form_is_what_model_dump_gives_and_comes_back_equal():
    before = summary(claim())

    assert before.to_dict(full=True) == before.model_dump(mode="json")
    assert json.loads(before.to_json(full=True)) == json.loads(before.model_dump_json())
    assert VerifiedSummary.from_json(before.to_dict(full=True)) == before


def test_a_lean_result_made_lean_again_is_the_same():
    data = summary(claim()).to_dict()
    assert lean_form(data, [Allegation]) == data


def test_a_stored_record_is_read_in_both_forms():
    before = summary(claim())
    for full in (False, True):
        (data,) = before.to_dict(full=full)["allegations"]
        assert loaded(Allegation, data).claim == "Borduria stole."


def test_json_is_one_line_or_indented_ones_with_offsets_side_by_side():
    lean = summary(claim()).to_json(indent=2)

    assert "\n" not in summary(claim()).to_json()
    assert '"accusers[0].name": [0, 9]' in lean
    assert json.loads(lean) == json.loads(summary(claim()).to_json()) == summary(claim()).to_dict()


@pytest.mark.parametrize(
    "value", [[1, -2.5, 1e30], ["[\n 1,\n 2\n]", "[1,\n2]"], [[], [1], [[1, 2], [3]]], {"a": [True, None]}]
)
def test_indented_json_says_what_it_is_given(value):
    assert json.loads(json_text(value, 2)) == value


def test_a_lone_surrogate_is_written():
    record = Meeting(status="held", participants=("Ada",), when="\ud800")
    assert json.loads(summary(record).to_json().encode())["meetings"][0]["when"] == "\ud800"


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    lives: int = 9


class Cage(BaseModel):
    size: int = 3
    bars: list[str] = Field(default_factory=list)


class Sighting(BaseModel):
    """Somebody sees an animal."""

    animal: Annotated[Cat | Dog, Field(discriminator="kind")]
    others: list[Cat | Dog] = []
    cage: Cage = Cage()
    cages: list[Cage | None] = []
    legs: int | None = 4
    loud: bool = True
    ratio: float = 1.0
    colour: Colour = Colour.RED
    notes: tuple[str, ...] = ("none",)
    table: dict[str, int] = {}


@pytest.mark.parametrize(
    "values",
    [
        {"animal": Cat()},
        {"animal": Dog(lives=1), "others": [Dog(), Cat()]},
        {"animal": Dog(), "cage": Cage(size=0, bars=["a"]), "cages": [None, Cage(), Cage(size=0)]},
        {"animal": Dog(), "legs": None, "loud": False, "ratio": 0.0, "colour": Colour.BLUE, "notes": ()},
        {"animal": Dog(), "legs": 0, "table": {"a": 0}},
    ],
)
def test_fields_of_an_own_type_come_back_whatever_their_defaults_are(values):
    kind = record_type(Sighting)
    record = kind(**values)
    data = summary(record).to_dict()

    assert VerifiedSummary.from_json(json.loads(json.dumps(data)), [kind]).records["sightings"] == (record,)


@pytest.mark.parametrize(
    "damage", [{"support": {"a": 1}}, {"support": 3}, {"judgements": "x"}, {"judgements": 7}, {"judgements": True}]
)
def test_a_damaged_lean_record_is_refused(damage):
    data = summary(claim()).to_dict()
    data["allegations"][0] |= damage

    with pytest.raises(ValueError, match=r"support|judgements"):
        VerifiedSummary.from_json(data)


def test_evaluation_reads_both_forms_alike():
    before = summary(claim())
    lean, full = before.to_dict(), before.to_dict(full=True)
    assert evaluate([full], [lean]).to_json() == evaluate([full], [full]).to_json()
    assert evaluate([full], [lean]).micro.state_accuracy == 1.0


@pytest.fixture
def files(tmp_path):
    """One lean file, one complete one, one with both and a result of version 1."""
    before = summary(claim(), provenance=Provenance(model="m"))
    for name, full in (("lean", False), ("full", True)):
        with FanOut([(sink_named("jsonl"), tmp_path / f"{name}.jsonl")], SinkOptions(full=full)) as out:
            out.write(before)
    old = before.to_dict(full=True) | {"schema_version": "1.0"}
    lines = [(tmp_path / f"{name}.jsonl").read_text("utf-8") for name in ("lean", "full")]
    (tmp_path / "mixed.jsonl").write_text("".join([*lines, json.dumps(old) + "\n", *lines]), "utf-8")
    return tmp_path


def test_forms_and_versions_are_read_mixed_in_one_file(files):
    found = list(read_results(files / "mixed.jsonl"))

    assert [s.allegations[0].headline for s in found] == [claim().headline] * 5


@pytest.mark.parametrize("to", ["csv", "text", "markdown", "jsonld", "ftm", "plover"])
def test_a_lean_file_is_converted_as_the_complete_one_is(files, to):
    made = {}
    for name in ("lean", "full"):
        assert convert(str(files / f"{name}.jsonl"), to=[to], output=[str(files / f"{name}.out")]) == 0
        made[name] = {p.name.removeprefix(name): p.read_text("utf-8") for p in files.glob(f"{name}*.out")}
    for there, text in made["full"].items():
        lines = text.splitlines()
        if to in {
            "text",
            "markdown",
        }:  # the numbers of the sentences that a check rests on, and what the judge was asked
            lines = [line for line in lines if "Judge" not in line and "sure" not in line and "probability" not in line]
        for line in lines:
            told = line.replace("; see sentence 1", "").replace(" (see sentence 1)", "")
            assert told in made["lean"][there], line


def test_the_report_shows_both(files):
    for name in ("lean", "full", "mixed"):
        assert view(str(files / f"{name}.jsonl"), no_open=True) == 0
        assert "Borduria stole." in (files / f"{name}.report.html").read_text("utf-8")


def test_converting_to_json_gives_the_form_that_is_asked_for(files):
    for full in (False, True):
        for to in ("json", "jsonl"):
            out = files / f"{full}.{to}"
            assert convert(str(files / "full.jsonl"), output=[str(out)], full=full) == 0
            rows = json.loads(out.read_text("utf-8")) if to == "json" else [json.loads(out.read_text("utf-8"))]
            assert rows == [json.loads((files / f"{'full' if full else 'lean'}.jsonl").read_text("utf-8"))]


def test_a_sentence_is_stored_once_however_many_records_cite_it():
    second = Evidence(sentence=2, exact="It rained.", start=60, end=70, page=3)
    meeting = Meeting(status="held", participants=("Ruritania", "Borduria"), evidence=(second, CITED))
    before = summary(claim(), meeting)
    found = before.to_dict()

    assert [s["sentence"] for s in found["sentences"]] == [1, 2]
    assert found["sentences"][1] == {"sentence": 2, "start": 60, "end": 70, "exact": "It rained.", "page": 3}
    assert json.dumps(found).count(SENTENCE) == 1
    assert VerifiedSummary.from_json(found).meetings[0].evidence == (second, CITED)
    assert lean_form(found, (Meeting, Allegation)) == found


def test_a_quotation_that_is_not_the_sentence_stays_with_its_record():
    part = Evidence(sentence=1, exact="Ruritania", start=0, end=9)
    found = summary(claim(), Meeting(status="held", participants=(), evidence=(part,))).to_dict()

    assert found["meetings"][0]["evidence"] == [1]  # the first that cites it
    assert found["allegations"][0]["evidence"] == [{"sentence": 1, "start": 0, "end": len(SENTENCE), "exact": SENTENCE}]
    assert VerifiedSummary.from_json(found).meetings[0].evidence == (part,)


def test_a_record_of_an_unknown_type_keeps_the_sentences_that_its_parts_point_to():
    found = summary(claim()).to_dict()
    found["claims_of_old"] = found.pop("allegations")
    (kept,) = VerifiedSummary.from_json(found).records["claims_of_old"]

    assert kept.evidence == (CITED,)
    assert kept.responses[0]["evidence"][0]["exact"] == SENTENCE


@pytest.mark.parametrize("listed", [3, {"1": SENTENCE}, [SENTENCE], [{"exact": SENTENCE}]])
def test_sentences_that_are_none_are_refused(listed):
    with pytest.raises(ValueError, match="sentences"):
        VerifiedSummary.from_json({**summary(claim()).to_dict(), "sentences": listed})


@pytest.mark.parametrize("full", [False, True])
def test_pydantic_reads_back_what_was_written(full):
    text = summary(claim()).to_json(full=full)

    read = VerifiedSummary.model_validate_json(text)
    assert read == VerifiedSummary.from_json(text) == VerifiedSummary.from_json(text.encode())
    assert read == VerifiedSummary.model_validate(json.loads(text))
    assert read.to_json(full=full) == text


@pytest.mark.parametrize("text", ["[1]", "{}", "no JSON", '{"document": {"id": "d"}, "meetings": 5}'])
def test_what_is_no_summary_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        VerifiedSummary.from_json(text)


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_schema_that_pydantic_gives_has_the_keys_of_the_files(mode):
    properties = VerifiedSummary.model_json_schema(mode=mode)["properties"]
    assert set(summary(claim()).to_dict(full=True)) <= set(properties) | {"document"}
