"""The derived layer on whole records, and on the founding article."""

import json
import os
from pathlib import Path
from typing import Annotated

import pytest

from communique.documents import Document
from communique.grounding.derive import derive
from communique.schemas import (
    STANDARD_RECORDS,
    Actor,
    Allegation,
    Evidence,
    Meeting,
    Place,
    Record,
    Response,
    SanctionsConcern,
    StatedDate,
    StatedPlace,
)

TEXT = "The ministers of Ruritania and Georgia met on Friday. The Central Border Agency said so on Tuesday."
SHARED = Path(os.environ.get("COMMUNIQUE_SHARED") or Path(__file__).parents[2].parent / "shared") / "founding"


def document(published="2023-12-13", language="en"):
    return Document.from_text(TEXT, published=published, language=language)


def one(record, **options):
    (found,) = derive([record], document(**options))
    return found


def meeting(status="held", **more):
    return Meeting(status=status, participants=more.pop("participants", [{"name": "Ana Kvari"}]), **more)


def test_order_and_number_of_records_are_kept():
    records = [meeting(), Allegation(claim="x"), meeting("planned")]
    assert [type(r) for r in derive(records, document())] == [Meeting, Allegation, Meeting]
    assert derive([], document()) == ()


@pytest.mark.parametrize(
    ("actor", "kind", "code"),
    [
        (Actor(name="the U.S."), "country", "us"),
        (Actor(name="Pyongyang", kind="country"), "country", "kp"),
        (Actor(name="Oleg Orlov", kind="person", country="Russian"), "person", "ru"),
        (Actor(name="Senior Russian officials", kind="group"), "group", "ru"),
        (Actor(name="South Korean Ministry of Unification", kind="public_body"), "public_body", "kr"),
        (Actor(name="Jordan Peters", kind="person"), "person", None),
        (Actor(name="Jordan Peters"), None, None),
        (Actor(name="Iran International", kind="media"), "media", None),
        (Actor(name="Russians"), None, "ru"),
        (Actor(name="Ana Kvari", kind="person", country="Atlantis"), "person", None),
    ],
)
def test_an_actor_gets_its_country(actor, kind, code):
    found = one(Allegation(claim="x", accused=(actor,))).accused[0]
    assert (found.kind, found.country_code) == (kind, code)


def test_a_place_gets_its_country_from_either_field():
    assert one(meeting(place=Place(name="Zugdidi", country="Georgia"))).place.country_code == "ge"
    assert one(meeting(place=Place(name="Pyongyang"))).place.country_code == "kp"
    assert one(meeting(place=Place(name="Springfield"))).place.country_code is None


def test_the_languages_own_words_are_known():
    found = one(Allegation(claim="x", accused=[{"name": "Nordkorea"}]), language="de")
    assert found.accused[0].country_code == "kp"


def test_actors_inside_responses_are_reached():
    record = Allegation(claim="x", responses=[Response(type="denial", responders=[{"name": "Moscow"}])])
    assert one(record).responses[0].responders[0].country_code == "ru"


@pytest.mark.parametrize(
    ("status", "words", "date", "basis"),
    [
        ("held", "on Friday", "2023-12-08", '"on Friday" before publication 2023-12-13'),
        ("planned", "on Friday", "2023-12-15", '"on Friday" after publication 2023-12-13'),
        ("held", "on Wednesday", "2023-12-13", '"on Wednesday" on the day of publication 2023-12-13'),
        ("proposed", "later this month", "2023-12", '"later this month" around publication 2023-12-13'),
        ("cancelled", "last week", "2023-12-04/2023-12-10", '"last week" before publication 2023-12-13'),
    ],
)
def test_the_status_says_on_which_side_of_publication_an_event_lies(status, words, date, basis):
    derived = one(meeting(status, when=words)).derived
    assert (derived.date, derived.date_basis) == (date, basis)
    assert derived.date_rule
    assert derived.precision


def test_a_cancelled_meetings_friday_stays_open():
    derived = one(meeting("cancelled", when="on Friday")).derived
    assert derived.date is None
    assert "before or after publication" in derived.date_note


def test_a_report_is_not_the_event():
    record = meeting(
        attributions=[{"source": [{"name": "Central Border Agency"}], "cue": "said", "when": "on Tuesday"}]
    )
    found = one(record)
    assert found.attributions[0].date == "2023-12-12"
    assert found.derived.date is None
    assert found.derived.not_after == "2023-12-12"
    assert found.derived.date_basis == 'meeting date not stated; CBA reported it "on Tuesday" = 2023-12-12'


def test_a_held_meeting_without_any_time_is_bounded_by_publication():
    derived = one(meeting()).derived
    assert (derived.date, derived.not_after) == (None, "2023-12-13")
    assert derived.date_basis == "meeting date not stated; published 2023-12-13"


def test_a_planned_meeting_is_bounded_by_nothing():
    assert one(meeting("planned")).derived.not_after is None


def test_words_no_rule_reads_are_noted_and_bounded():
    derived = one(meeting(when="after the storm")).derived
    assert derived.date is None
    assert derived.not_after == "2023-12-13"
    assert "no rule" in derived.date_note


def test_without_publication_date_there_is_no_date_at_all():
    for record in (meeting(when="on Friday"), meeting()):
        derived = one(record, published=None).derived
        assert derived.date is derived.not_after is derived.date_basis is None
        assert derived.date_note == "no publication date given; nothing resolved"


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        ([], "none_reported"),
        (["denial"], "denied"),
        (["admission"], "admitted"),
        (["denial", "admission"], "contested"),
        (["denial", "counter_accusation"], "contested"),
        (["justification"], "contested"),
        (["no_comment"], "none_reported"),
    ],
)
def test_responses_give_the_status(kinds, status):
    record = Allegation(claim="x", responses=[Response(type=k, responders=["Moscow"]) for k in kinds])
    assert one(record).derived.response_status == status


def test_a_meeting_has_no_response_status():
    assert one(meeting()).derived.response_status is None


def test_programmes_come_from_the_regimes_words_only():
    named = SanctionsConcern(concern="x", stage="potential", subjects=["North Korea"], regime=["U.N. sanctions"])
    unnamed = named.model_copy(update={"regime": ()})
    assert [p.key for p in one(named).derived.programs] == ["UN-SC1718"]
    assert one(unnamed).derived.programs == ()


class Launch(Record):
    """A rocket is launched."""

    day: Annotated[str | None, StatedDate()] = None
    site: Annotated[str | None, StatedPlace()] = None
    builders: tuple[Actor, ...] = ()


def test_a_record_type_of_ones_own_is_derived_by_its_markers():
    found = one(Launch(day="on Friday", site="Kourou", builders=("France",)))
    assert found.derived.date == "2023-12-08"
    assert found.builders[0].country_code == "fr"
    assert found.derived.group_key.startswith("launches")
    assert found.id.startswith("cmq-")


@pytest.mark.parametrize("odd", ["", " ", "\x00", "?" * 5000, "🙂", "ﷺ", "0", "9999-99-99", "February 31, 0000"])
def test_odd_words_never_raise(odd):
    record = meeting(when=odd, participants=[{"name": odd or "x", "country": odd}], place=Place(name=odd or "x"))
    assert one(record).derived.date is None


def founding(published):
    text = (SHARED / "000_a0d7f57b0fdca075.txt").read_text(encoding="utf-8")
    article = Document.from_text(text, published=published)
    draft = json.loads((SHARED / "expected_llm_layer.json").read_text(encoding="utf-8"))

    def filled(value):
        if isinstance(value, dict):
            return {k: [quoted(n) for n in v] if k == "evidence" else filled(v) for k, v in value.items()}
        return [filled(v) for v in value] if isinstance(value, list) else value

    def quoted(number):
        sentence = article.sentence(number)
        return Evidence(sentence=number, exact=sentence.text, start=sentence.start, end=sentence.end).model_dump()

    return {
        kind.plural: [
            r.model_dump(mode="json")
            for r in derive([kind.model_validate(filled(d)) for d in draft[kind.plural]], article)
        ]
        for kind in STANDARD_RECORDS
    }


def differences(expected, found, path):
    if isinstance(expected, dict):
        return [d for k, v in expected.items() for d in differences(v, found.get(k, "missing"), f"{path}.{k}")]
    if isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return [path]
        return [d for i, v in enumerate(expected) for d in differences(v, found[i], f"{path}[{i}]")]
    return [] if expected == found else [f"{path}: {expected!r} != {found!r}"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the founding article is not here (set COMMUNIQUE_SHARED)")
@pytest.mark.parametrize(
    ("published", "name"),
    [(None, "expected_output.json"), ("2023-12-13", "expected_output_published_2023-12-13.json")],
)
def test_the_founding_article_comes_out_as_expected(published, name):
    expected = json.loads((SHARED / name).read_text(encoding="utf-8"))
    found = founding(published)
    assert [d for key in found for d in differences(expected[key], found[key], key)] == []
