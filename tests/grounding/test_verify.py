"""Verification: evidence is copied, names must stand, nothing raises on bad content."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from communique.documents import Document
from communique.grounding import Verifier, verify
from communique.grounding.denials import link_denials
from communique.prompts import SENTINELS, parse_answer
from communique.schemas import STANDARD_RECORDS, Actor, Evidence, Response

WORDS = ["Borduria", "Ruritania", "Odo Brask", "Holt", "met", "accused", "denied", "of", "sanctions", "on Friday", "might",
         "the", "rifles", "said", "consider", ".", "\n", "in Szohod", "and", "Read more:"]  # fmt: skip
STORY = (
    "Odo Brask met Holt in Szohod on Friday.\nRead more: sanctions\nBorduria accused Ruritania of shipping rifles.\n"
    "Ruritania denied it. Holt said Borduria might break sanctions.\n"
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=20).map(lambda words: STORY + " ".join(words))
PEOPLE = st.lists(st.sampled_from(["Borduria", "Ruritania", "Odo Brask", "Holt"]), min_size=1, max_size=3)
NAMES = st.one_of(
    PEOPLE, st.lists(st.one_of(st.sampled_from(WORDS), st.text(min_size=1, max_size=6)), max_size=3)
)
NUMBERS = st.lists(st.integers(-1, 9), max_size=3)


def mostly(true, *others):
    """Draw what the story says three times of four, else something else."""
    return st.one_of(st.just(true), st.just(true), st.just(true), *others)


def drafts(numbers, **fields):
    said = {"evidence": mostly(numbers, NUMBERS), **fields}
    return st.lists(st.fixed_dictionaries(said), max_size=2)


PLACES = st.sampled_from([None, "Szohod", "Paris"])
WHENS = st.sampled_from([None, "on Friday", "Friday", "in May"])
RESPONSE = st.fixed_dictionaries(
    {"type": st.just("denial"), "responders": mostly(["Ruritania"], NAMES), "evidence": mostly([4], NUMBERS)}
)
SIDES = {
    "place": mostly(None, PLACES),
    "when": mostly(None, WHENS),
    "responses": st.lists(RESPONSE, max_size=2),
}
DRAFTS = st.fixed_dictionaries(
    {
        "meetings": drafts(
            [1],
            status=mostly("held", st.just("planned")),
            participants=mostly(["Odo Brask", "Holt"], NAMES),
            topics=mostly([], NAMES),
            place=mostly("Szohod", PLACES),
            when=mostly("on Friday", WHENS),
        ),
        "allegations": drafts(
            [3],
            claim=mostly("Ruritania ships rifles.", st.sampled_from(WORDS)),
            accusers=mostly(["Borduria"], NAMES),
            accused=mostly(["Ruritania"], NAMES),
            objects=mostly(["rifles"], NAMES),
            cue=mostly("accused", st.sampled_from(WORDS)),
            **SIDES,
        ),
        "sanctions_concerns": drafts(
            [5],
            concern=mostly("Borduria might break sanctions.", st.sampled_from(WORDS)),
            subjects=mostly(["Borduria"], NAMES),
            raised_by=mostly(["Holt"], NAMES),
            regime=mostly(["sanctions"], NAMES),
            stage=mostly("potential", st.just("imposed")),
            **SIDES,
        ),
    }
)


def all_evidence(record):
    yield from record.evidence
    for response in getattr(record, "responses", ()):
        yield from response.evidence


@settings(max_examples=150, deadline=None)
@given(TEXTS, DRAFTS)
def test_evidence_is_always_a_sentence_of_the_document(text, draft):
    document = Document.from_text(text, language="en")
    for record in link_denials(
        verify(parse_answer(draft, STANDARD_RECORDS), document, SENTINELS).records, document
    ):
        assert record.evidence
        for evidence in all_evidence(record):
            assert isinstance(evidence, Evidence)
            sentence = document.sentence(evidence.sentence)
            assert sentence.kind != "link"
            assert document.text[evidence.start : evidence.end] == evidence.exact == sentence.text


@settings(max_examples=150, deadline=None)
@given(TEXTS, DRAFTS)
def test_no_verified_record_has_words_from_outside_its_evidence(text, draft):
    document = Document.from_text(text, language="en")
    for record in verify(parse_answer(draft, STANDARD_RECORDS), document, SENTINELS).records:
        cited = " ".join(e.exact for e in record.evidence).lower()
        copied = [record.when, getattr(record, "cue", None)]
        for name in ("topics", "objects", "regime"):
            copied += getattr(record, name, ())
        for words in filter(None, copied):
            assert " ".join(words.lower().split()) in " ".join(cited.split())
        for response in getattr(record, "responses", ()):
            assert isinstance(response, Response)
            assert response.evidence


@settings(max_examples=150, deadline=None)
@given(TEXTS, DRAFTS)
def test_every_kept_name_stands_in_the_article(text, draft):
    document = Document.from_text(text, language="en")
    for record in verify(parse_answer(draft, STANDARD_RECORDS), document, SENTINELS).records:
        for field in type(record).model_fields:
            for actor in getattr(record, field) if isinstance(getattr(record, field), tuple) else ():
                if isinstance(actor, Actor):
                    assert actor.name.lower() in document.text.lower()


@settings(max_examples=150, deadline=None)
@given(TEXTS, DRAFTS)
def test_every_draft_is_accounted_for(text, draft):
    document = Document.from_text(text, language="en")
    verdict = verify(parse_answer(draft, STANDARD_RECORDS), document, SENTINELS)
    assert len(verdict.records) + len(verdict.rejections) == sum(len(group) for group in draft.values())
    for record in verdict.records:
        assert record.verdict == ("flagged" if record.flags else "verified")
    for rejection in verdict.rejections:
        assert rejection.reason
        assert any(c.outcome == "failed" for c in rejection.checks)


def test_the_drafts_above_hold_records_that_verify_that_are_flagged_and_that_fail():
    """The properties would hold for nothing if every draft failed."""
    seen = Counter()

    @settings(max_examples=200, database=None, deadline=None, derandomize=True)
    @given(TEXTS, DRAFTS)
    def count(text, draft):
        document = Document.from_text(text, language="en")
        verdict = verify(parse_answer(draft, STANDARD_RECORDS), document, SENTINELS)
        seen.update((type(r).plural, r.verdict) for r in verdict.records)
        seen.update((r.kind, "rejected") for r in verdict.rejections)

    count()
    for kind in ("meetings", "allegations", "sanctions_concerns"):
        for verdict in ("verified", "flagged", "rejected"):
            assert seen[kind, verdict] >= 5


def failed(verdict):
    return {
        c.reason for r in (*verdict.records, *verdict.rejections) for c in r.checks if c.outcome == "failed"
    }


MEETING = {"evidence": [4], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}


def test_a_name_that_the_article_lacks_is_dropped(check):
    verdict = check("meetings", {**MEETING, "participants": ["Odo Brask", "Otto Brasch"]})
    assert failed(verdict) == {"not_in_article"}
    assert [p.name for p in verdict.records[0].participants] == ["Odo Brask"]
    assert "one_side_only" in {c.reason for c in verdict.records[0].flags}


def test_a_record_without_a_name_that_holds_is_rejected(check):
    verdict = check("meetings", {**MEETING, "participants": ["Otto Brasch", "they"]})
    assert not verdict.records
    assert failed(verdict) == {"not_in_article", "pronoun", "nobody_left"}


def test_a_name_out_of_the_worked_examples_is_named_as_such(check):
    verdict = check("meetings", {**MEETING, "participants": ["Merrin Vask", "Odo Brask"]})
    assert failed(verdict) == {"example_leak"}
    assert [p.name for p in verdict.records[0].participants] == ["Odo Brask"]


def test_a_worked_examples_name_that_the_article_has_too_is_no_leak():
    document = Document.from_text("Odo Brask met Merrin Vask in Szohod.\nThey talked.", language="en")
    draft = {"meetings": [{**MEETING, "evidence": [1], "participants": ["Odo Brask", "Merrin Vask"]}]}
    verdict = verify(parse_answer(draft, STANDARD_RECORDS), document, SENTINELS)
    assert [p.name for p in verdict.records[0].participants] == ["Odo Brask", "Merrin Vask"]


def test_sentence_numbers_that_do_not_exist_are_refused(check):
    assert failed(check("meetings", {**MEETING, "evidence": [0, 99]})) == {"no_such_sentence"}
    assert failed(check("meetings", {**MEETING, "evidence": []})) == {"no_evidence"}
    kept = check("meetings", {**MEETING, "evidence": [99, 4, 4]}).records
    assert [e.sentence for e in kept[0].evidence] == [4]


def test_a_place_that_the_article_lacks_is_dropped(check):
    verdict = check("meetings", {**MEETING, "place": "Klopstok"})
    assert failed(verdict) == {"not_in_article"}
    assert verdict.records[0].place is None


def test_a_list_of_names_in_one_string_is_split(check):
    verdict = check("meetings", {**MEETING, "participants": ["Odo Brask and Ilya Tarn"]})
    assert [p.name for p in verdict.records[0].participants] == ["Odo Brask", "Ilya Tarn"]


def test_a_draft_of_the_wrong_shape_is_a_rejection_with_the_field(check):
    verdict = check("meetings", {**MEETING, "status": "maybe"})
    (rejection,) = verdict.rejections
    assert (rejection.reason, rejection.field) == ("malformed", "status")
    assert rejection.draft["status"] == "maybe"


def test_numbers_and_names_of_the_models_own_are_flagged(check):
    said = {"evidence": [8], "accusers": ["Freedonia"], "accused": ["Borduria"], "cue": "accused"}
    fine = check("allegations", {**said, "claim": "Borduria supplied Ruritania with rifles."}).records[0]
    assert "unsupported_words" not in {c.reason for c in fine.flags}
    made_up = check(
        "allegations", {**said, "claim": "Borduria supplied the Kaiser with 500 rifles."}
    ).records[0]
    assert "unsupported_words" in {c.reason for c in made_up.flags}
    assert made_up.verdict == "flagged"


def test_a_sports_fixture_is_no_meeting():
    document = Document.from_text(
        "Borduria met Ruritania in the cup final on Friday.\nIt rained.", language="en"
    )
    draft = {"meetings": [{"evidence": [1], "status": "held", "participants": ["Borduria", "Ruritania"]}]}
    verdict = verify(parse_answer(draft, STANDARD_RECORDS), document)
    assert [r.reason for r in verdict.rejections] == ["sport_not_diplomacy"]


@pytest.mark.parametrize(
    ("sentence", "reasons"),
    [
        ("The new stand met all the building rules.", ["nobody_in_evidence"]),
        ("They met again on Monday.", []),  # the names stand elsewhere
        ("Ruritania's envoy had met no one else.", []),
    ],
)
def test_a_meeting_of_nobody_in_its_sentence_is_none(sentence, reasons):
    document = Document.from_text(f"Borduria spoke to Ruritania.\n{sentence}", language="en")
    draft = {"meetings": [{"evidence": [2], "status": "held", "participants": ["Borduria", "Ruritania"]}]}
    verdict = verify(parse_answer(draft, STANDARD_RECORDS), document)
    assert [r.reason for r in verdict.rejections] == reasons


@pytest.mark.parametrize(
    ("before", "after", "reasons"),
    [
        ("The goalkeeper fell.", "Borduria led by two goals.", ["sport_not_diplomacy"]),
        ("The goalkeeper fell.", "The envoys left.", []),
        (
            "Peace is one of their goals.",
            "They share many goals.",
            [],
        ),  # one word twice may mean something else
    ],
)
def test_a_fixture_told_among_words_of_sport_is_no_meeting(before, after, reasons):
    document = Document.from_text(f"{before}\nBorduria met Ruritania again.\n{after}", language="en")
    draft = {"meetings": [{"evidence": [2], "status": "held", "participants": ["Borduria", "Ruritania"]}]}
    verdict = verify(parse_answer(draft, STANDARD_RECORDS), document)
    assert [r.reason for r in verdict.rejections] == reasons


def test_planned_and_held_follow_the_words():
    document = Document.from_text("Borduria will meet Ruritania on Friday.\nIt rained.", language="en")
    draft = {"meetings": [{"evidence": [1], "status": "held", "participants": ["Borduria", "Ruritania"]}]}
    (record,) = verify(parse_answer(draft, STANDARD_RECORDS), document).records
    assert record.status == "planned"
    assert [c.reason for c in record.flags] == ["plan_words"]


def test_a_record_that_stayed_as_it_was_is_checked_once(article):
    draft = parse_answer({"meetings": [MEETING, {**MEETING, "place": "Szohod"}]}, STANDARD_RECORDS)
    verifier = Verifier(article, SENTINELS)
    first = verifier.verify(draft)
    assert verifier.verify(draft) == first == verify(draft, article, SENTINELS)
    assert verifier.checked == 2


def test_a_denial_is_checked_again_where_other_claims_have_come(article):
    arms = {"evidence": [8], "claim": "x", "accusers": ["Freedonia"], "accused": ["Borduria"]}
    denied = {**arms, "responses": [{"type": "denial", "responders": ["Borduria"], "evidence": [11]}]}
    other = {**arms, "evidence": [9, 10], "claim": "y"}
    verifier = Verifier(article, SENTINELS)
    alone = verifier.verify(parse_answer({"allegations": [denied]}, STANDARD_RECORDS))
    assert alone.records[0].responses
    both = verifier.verify(parse_answer({"allegations": [denied, other]}, STANDARD_RECORDS))
    assert [c.reason for c in both.records[0].flags] == ["answers_other_claim"]


def test_a_meeting_of_capitals_that_stand_for_their_countries_has_somebody():
    document = Document.from_text(
        "Moscow and Pyongyang met.\nRussia is large. North Korea is not.", language="en"
    )
    draft = {"meetings": [{"evidence": [1], "status": "held", "participants": ["Russia", "North Korea"]}]}
    (record,) = verify(parse_answer(draft, STANDARD_RECORDS), document).records
    assert record.verdict == "verified"
