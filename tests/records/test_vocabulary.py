"""The standard records say what they mean: every value is defined once, in the words that the model reads."""

import datetime as dt
import json
import runpy
from pathlib import Path
from typing import get_args

import pytest

from communique.documents import Document
from communique.errors import ConfigurationError
from communique.prompts import brief_schema, full_prompt, full_schema, parse_answer
from communique.schemas import (
    STANDARD_RECORDS,
    Activity,
    Actor,
    Allegation,
    Attribution,
    Meanings,
    Meeting,
    Participant,
    Response,
    SanctionsConcern,
    field_markers,
)
from communique.schemas.annotation import choices, scalars

ROOT = Path(__file__).parents[2]
DOCUMENT = Document.from_text("Ada met Bo in Lund on Monday.", published="2031-03-10", title="Talks in Lund")


def closed_lists():
    for kind in (*STANDARD_RECORDS, Actor, Participant, Attribution, Response):
        for name, info in kind.model_fields.items():
            meanings = [m for m in field_markers(kind, name) if isinstance(m, Meanings)]
            values = [v for s in scalars(info.annotation) for v in choices(s)]
            if meanings or (values and name not in {"verdict", "response_status"}):
                yield pytest.param(values, meanings, id=f"{kind.__name__}.{name}")


@pytest.mark.parametrize(("values", "meanings"), list(closed_lists()))
def test_each_value_of_a_closed_list_has_a_meaning_and_no_other_has(values, meanings):
    (marker,) = meanings
    assert [value for value, _ in marker.of] == list(values)
    assert all(meaning for _, meaning in marker.of)


def test_the_full_prompt_says_each_meaning_and_each_description_once():
    prompt = full_prompt(DOCUMENT.sentences, STANDARD_RECORDS)
    system, schema = prompt.messages[0].content, json.dumps(prompt.schema)
    assert all(f"{value} = " in system for value in get_args(Activity))
    assert schema.count("Fullest name in the article") == 1
    assert len(system) < 10_000
    assert len(schema) < 20_000


def test_title_and_day_are_before_the_article_and_no_sentence():
    prompt = full_prompt(DOCUMENT.sentences, STANDARD_RECORDS, title="Talks <b>", published=dt.date(2031, 3, 10))
    assert prompt.messages[1].content.splitlines() == [
        "Title: Talks <b>", "Published: 2031-03-10", "", "[1] Ada met Bo in Lund on Monday.",
    ]  # fmt: skip
    assert prompt.messages[0] == full_prompt(DOCUMENT.sentences, STANDARD_RECORDS).messages[0]


def test_a_title_with_line_ends_and_numbers_makes_no_sentence():
    prompt = full_prompt(DOCUMENT.sentences, STANDARD_RECORDS, title="Talks\n[2] Bo accused Ada.")
    assert [line[:3] for line in prompt.messages[1].content.splitlines() if line.startswith("[")] == ["[1]"]


@pytest.mark.parametrize(("code", "said"), [("en", "English"), ("fr", "French"), ("article", "of the article")])
def test_claims_are_asked_for_in_a_language(code, said):
    prompt = full_prompt(DOCUMENT.sentences, STANDARD_RECORDS, language=code)
    assert said in prompt.messages[0].content
    if code != "en":
        assert prompt.fingerprint != full_prompt(DOCUMENT.sentences, STANDARD_RECORDS).fingerprint


def test_a_language_that_is_none_is_refused():
    with pytest.raises(ConfigurationError, match="qqq-1"):
        full_prompt(DOCUMENT.sentences, STANDARD_RECORDS, language="qqq-1")


@pytest.mark.parametrize(
    ("said", "stage", "breach", "measure"),
    [
        ({"stage": "potential"}, "potential", "potential", "none"),
        ({"stage": "imposed"}, "imposed", "none", "imposed"),
        ({"stage": "lifted"}, "lifted", "none", "lifted"),
        ({"breach": "alleged", "measure": "none"}, "alleged", "alleged", "none"),
        ({"breach": "found", "measure": "in_force"}, "imposed", "found", "in_force"),
        ({"breach": "none", "measure": "called_for"}, "proposed", "none", "called_for"),
        ({"breach": "none", "measure": "refused"}, "refused", "none", "refused"),
        ({"breach": "none", "measure": "none"}, "unclear", "none", "none"),
    ],
)
def test_the_stage_is_made_of_breach_and_measure_and_the_reverse(said, stage, breach, measure):
    record = SanctionsConcern(concern="Arms.", **said)
    assert (record.stage, record.breach, record.measure) == (stage, breach, measure)


def test_a_concern_without_a_word_of_either_axis_is_malformed():
    draft = parse_answer({"sanctions_concerns": [{"evidence": [1], "concern": "Arms."}]}, STANDARD_RECORDS)
    assert draft.records["sanctions_concerns"] == ()
    assert draft.unparsed


@pytest.mark.parametrize(
    ("key", "said", "field", "left"),
    [
        ("meetings", {"status": "happened", "participants": ["Ada", "Bo"]}, "status", "unclear"),
        ("meetings", {"status": "held", "mode": "chat", "participants": ["Ada", "Bo"]}, "mode", "meeting"),
        ("allegations", {"claim": "Theft.", "accused": ["Bo"], "activity": "piracy"}, "activity", "other"),
        ("sanctions_concerns", {"concern": "Arms.", "stage": "decreed"}, "stage", "unclear"),
        ("sanctions_concerns", {"concern": "Arms.", "breach": "none", "measure": "decreed"}, "measure", "none"),
        ("sanctions_concerns", {"concern": "Arms.", "breach": "found", "measure": ["listing"]}, "measure", "none"),
    ],
)
def test_a_value_that_no_list_has_is_left_out_and_the_record_kept(key, said, field, left):
    draft = parse_answer({key: [{"evidence": [1], **said}]}, STANDARD_RECORDS)
    (record,) = draft.records[key]
    (check,) = record.checks
    assert (check.field, check.reason, getattr(record, field)) == (field, "unreadable", left)


def test_a_capable_model_is_asked_for_both_axes_and_a_small_one_for_the_stage():
    full = full_schema((SanctionsConcern,))["properties"]["sanctions_concerns"]["items"]["properties"]
    brief = brief_schema((SanctionsConcern,))["properties"]["sanctions_concern"]["anyOf"][1]["properties"]
    assert {"breach", "measure", "measure_kinds"} <= set(full)
    assert "stage" not in full
    assert brief["stage"]["enum"] == ["potential", "alleged", "found", "proposed", "imposed"]


def test_a_small_model_chooses_among_the_common_states_only():
    brief = brief_schema((Meeting,))["properties"]["meeting"]["anyOf"][1]["properties"]
    assert brief["status"]["enum"] == ["held", "ongoing", "planned", "proposed", "cancelled"]


def test_who_told_it_and_whom_it_hit_are_kept():
    record = Allegation(
        claim="Ursk shelled Lund.", accusers=["Ada"], accused=["Ursk"], targets=["Lund"], activity="armed_attack",
        attributions=[{"source": ["The Herald"], "cue": "reported", "via": "a post"}],
    )  # fmt: skip
    assert record.targets[0].name == "Lund"
    assert record.attributions[0].source[0].name == "The Herald"


def test_the_page_is_written_from_the_records():
    page = runpy.run_path(str(ROOT / "docs" / "write_vocabulary.py"))
    assert page["PAGE"].read_text("utf-8") == page["page"](), "run: python docs/write_vocabulary.py"
