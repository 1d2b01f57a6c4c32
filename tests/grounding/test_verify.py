"""Verification: evidence is copied, what the article has is kept as it was said, nothing raises on bad content."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from communique.documents import Document
from communique.grounding import find, load_policy, verify
from communique.grounding.article import article_of
from communique.grounding.matching import fold, name_key
from communique.prompts import SENTINELS, parse_answer
from communique.schemas import STANDARD_RECORDS, Record, Summary

WORDS = ["Borduria", "Ruritania", "Odo Brask", "Holt", "met", "accused", "denied", "of", "sanctions", "on Friday", "might",
         "the", "rifles", "said", "consider", ".", "\n", "in Szohod", "and", "Read more:"]  # fmt: skip
STORY = (
    "Odo Brask met Holt in Szohod on Friday.\nRead more: sanctions\nBorduria accused Ruritania of shipping rifles.\n"
    "Ruritania denied it. Brask said Borduria might break sanctions.\n"
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=20).map(lambda words: STORY + " ".join(words))
PEOPLE = st.lists(st.sampled_from(["Borduria", "Ruritania", "Odo Brask", "Holt"]), min_size=1, max_size=3)
NAMES = st.one_of(PEOPLE, st.lists(st.one_of(st.sampled_from(WORDS), st.text(min_size=1, max_size=6)), max_size=3))
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
            commitment=mostly("asserted", st.just("possible")),
            **SIDES,
        ),
        "sanctions_concerns": drafts(
            [5],
            concern=mostly("Borduria might break sanctions.", st.sampled_from(WORDS)),
            subjects=mostly(["Borduria"], NAMES),
            raised_by=mostly(["Odo Brask"], NAMES),
            regime=mostly(["sanctions"], NAMES),
            stage=mostly("potential", st.just("imposed")),
            **SIDES,
        ),
    }
)
POLICIES = st.sampled_from(["strong", "small"]).map(load_policy)
ACTORS = ("participants", "accusers", "accused", "subjects", "raised_by")
COPIED = ("topics", "objects", "regime")
CHOSEN = ("status", "mode", "commitment", "stage", "activity", "claim", "concern")


def document_of(text):
    return Document.from_text(text, language="en")


def each(said, document, policy=None):
    """Yield every draft with what becomes of it: a record or a rejection."""
    for key, group in parse_answer(said, STANDARD_RECORDS).records.items():
        for drafted in group:
            verdict = verify(Summary(records={key: (drafted,)}), document, SENTINELS, policy)
            ((found,),) = (f for f in (verdict.records, verdict.rejections) if f)
            yield drafted, found


def all_evidence(record):
    yield from record.evidence
    for response in getattr(record, "responses", ()):
        yield from response.evidence


def at(model, path):
    """Return the value at a path such as `participants[0].name`."""
    for step in re.findall(r"\w+", path):
        model = model[int(step)] if step.isdigit() else getattr(model, step)
    return model


def names(record, field):
    return [a.name for a in getattr(record, field, ())]


def evidence_is_always_a_sentence_of_the_document(verdict, document):
    for record in verdict.records:
        assert record.evidence
        for evidence in all_evidence(record):
            sentence = document.sentence(evidence.sentence)
            assert sentence.kind != "link"
            assert document.text[evidence.start : evidence.end] == evidence.exact == sentence.text


def support_leads_to_the_words_of_the_value(verdict, document):
    for record in verdict.records:
        cited = {e.sentence for e in all_evidence(record)}
        for support in record.support:
            value = at(record, support.field)
            sentence = document.sentence(support.sentence)
            assert sentence.start <= support.start < min(sentence.end, support.end)
            if support.by == "words":
                assert name_key(document.text[support.start : support.end]) == name_key(value)
            if support.where == "cited":
                assert support.sentence in cited


def every_copied_value_that_is_left_is_in_the_article(verdict, document):
    for record in verdict.records:
        shown = {s.field for s in record.support}
        copied = [f"{field}[{i}].name" for field in ACTORS for i in range(len(getattr(record, field, ())))]
        copied += [f"{field}[{i}]" for field in COPIED for i in range(len(getattr(record, field, ())))]
        copied += [field for field in ("when", "cue") if getattr(record, field, None)]
        copied += ["place.name"] if record.place else []
        pieced = {c.field for c in record.checks if c.reason == "pieced_together"}
        assert {path for path in copied if path not in shown} - pieced <= {"cue"}  # one that code filled in


def nothing_that_the_article_has_is_removed_or_rewritten(pairs, document, policy):
    for drafted, found in pairs:
        if not isinstance(found, Record):
            main = names(drafted, drafted.subjects_of[0])
            refused = {reason for reason, severity in policy.severity.items() if severity == "reject"}
            assert found.reason in {"no_evidence", "nobody_left", *refused}
            assert found.reason != "nobody_left" or not any(find(n, document.text) for n in main)
            continue
        adopted = {c.field: c.proposal for c in found.checks if c.change == "replaced"}
        assert not adopted or policy.adopt
        for field in CHOSEN:
            said = getattr(drafted, field, None)
            assert getattr(found, field, None) == adopted.get(field, said)
        contradicted = {c.was for c in found.checks if c.change == "left_out" and c.outcome == "contradicted"}
        moved = any(c.change != "kept" and c.reason in {"sides_swapped", "suspect_accuses"} for c in found.checks)
        for field in set(ACTORS) - ({"accusers", "accused"} if moved else set()):
            said = [name for name in names(drafted, field) if name not in contradicted]
            kept(said, names(found, field), document)
        if moved:  # nobody comes in, and whoever goes is told
            before, after = ({*names(r, "accusers"), *names(r, "accused")} for r in (drafted, found))
            assert after <= before
            gone = {name for name in before - after if find(name, document.text)}
            assert gone <= {c.was for c in found.checks if c.change != "kept"}
        for field in COPIED:
            kept(getattr(drafted, field, ()), getattr(found, field, ()), document)
        for field in ("when", "cue"):
            value = getattr(drafted, field, None)
            if value and find(value, document.text):
                assert getattr(found, field) == value
        if drafted.place and find(drafted.place.name, document.text):
            assert found.place == drafted.place
        theirs = [r for r in getattr(found, "responses", ()) if r.responders]
        undenied = sum(c.reason == "no_denying_words" and c.change == "left_out" for c in found.checks)
        lost = []
        for response in getattr(drafted, "responses", ()):
            there = [a.name for a in response.responders if find(a.name, document.text)]
            if there and not any(
                r.type == response.type and set(there) <= {a.name for a in r.responders} for r in theirs
            ):
                lost.append(response.type)
        assert lost == ["denial"] * len(lost)
        assert len(lost) <= undenied  # nobody denies anything there


def kept(drafted, found, document):
    """Assert that what is left is what was drafted, in its order, and has everything that the article has."""
    rest = iter(drafted)
    assert all(value in rest for value in found)
    assert [v for v in drafted if find(v, document.text)] == [v for v in found if find(v, document.text)]


def texts(part):
    """Yield every single value of a draft; a path may have moved since."""
    if isinstance(part, BaseModel):
        part = list(part.__dict__.values())
    if isinstance(part, (list, tuple)):
        for item in part:
            yield from texts(item)
    else:
        yield part


def what_is_taken_out_is_told_with_the_value_as_it_was(pairs):
    for drafted, found in pairs:
        for check in found.checks:
            if check.reason == "no_denying_words":  # those who are said to have denied, in one line
                assert set((check.was or "").split(", ")) <= {"", *map(str, texts(drafted))}
            elif check.change != "kept" and "evidence" not in check.field:
                assert check.was in set(map(str, texts(drafted)))
                assert check.change == "left_out" or check.was != check.proposal


def every_draft_is_a_record_or_a_rejection_with_a_reason(verdict, said):
    assert len(verdict.records) + len(verdict.rejections) == sum(len(group) for group in said.values())
    for record in verdict.records:
        assert record.verdict == ("flagged" if record.flags else "supported")
    for rejection in verdict.rejections:
        assert rejection.reason in {c.reason for c in rejection.checks if c.severity == "reject"}


def drafts_are_checked_apart_and_stay_in_order(verdict, pairs):
    apart = [found for _, found in pairs]
    assert list(verdict.records) == [f for f in apart if isinstance(f, Record)]
    rejected = [r for r in verdict.rejections if r.reason != "malformed"]
    assert rejected == [f for f in apart if not isinstance(f, Record)]


@given(TEXTS, DRAFTS, POLICIES)
def test_what_holds_for_every_answer(text, said, policy):
    """One answer is made for all of these properties: making it costs more than checking it."""
    document = document_of(text)
    verdict = verify(parse_answer(said, STANDARD_RECORDS), document, SENTINELS, policy)
    evidence_is_always_a_sentence_of_the_document(verdict, document)
    support_leads_to_the_words_of_the_value(verdict, document)
    every_copied_value_that_is_left_is_in_the_article(verdict, document)
    every_draft_is_a_record_or_a_rejection_with_a_reason(verdict, said)
    pairs = list(each(said, document, policy))
    nothing_that_the_article_has_is_removed_or_rewritten(pairs, document, policy)
    what_is_taken_out_is_told_with_the_value_as_it_was(pairs)
    drafts_are_checked_apart_and_stay_in_order(verdict, pairs)


@given(TEXTS, DRAFTS, POLICIES)
def test_the_same_input_gives_the_same_output(text, said, policy):
    answer = parse_answer(said, STANDARD_RECORDS)
    warm = verify(answer, document_of(text), SENTINELS, policy)
    article_of.cache_clear()  # what was found before must not matter
    assert verify(answer, document_of(text), SENTINELS, policy) == warm


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(["name", "type", "x"]), inside),
    max_leaves=8,
)
FIELDS = sorted({name for kind in STANDARD_RECORDS for name in kind.model_fields})
ANYTHING = st.dictionaries(
    st.sampled_from([*(kind.plural for kind in STANDARD_RECORDS), "x"]),
    st.lists(JSON | st.dictionaries(st.sampled_from(FIELDS), JSON | NUMBERS, max_size=8), max_size=3),
)


@given(TEXTS, ANYTHING, POLICIES)
def test_no_answer_makes_it_raise_and_none_is_lost(text, said, policy):
    answer = parse_answer(said, STANDARD_RECORDS, text)
    verdict = verify(answer, document_of(text), SENTINELS, policy)
    drafted = sum(len(group) for group in answer.records.values()) + len(answer.unparsed)
    assert len(verdict.records) + len(verdict.rejections) == drafted


def test_the_drafts_above_hold_records_that_are_supported_that_are_flagged_and_that_fail():
    """The properties would hold for nothing if every draft failed."""
    seen = Counter()

    @settings(max_examples=200, database=None, derandomize=True)
    @given(TEXTS, DRAFTS)
    def count(text, said):
        verdict = verify(parse_answer(said, STANDARD_RECORDS), document_of(text), SENTINELS)
        seen.update((type(r).plural, r.verdict) for r in verdict.records)
        seen.update((r.kind, "rejected") for r in verdict.rejections)
        seen.update(s.by for r in verdict.records for s in r.support)
        seen.update(c.change for r in verdict.records for c in r.checks)

    count()
    for kind in ("meetings", "allegations", "sanctions_concerns"):
        for verdict in ("supported", "flagged", "rejected"):
            assert seen[kind, verdict] >= 5
    for sign in ("words", "form", "mention", "left_out"):
        assert seen[sign] >= 5


def reasons(verdict):
    """Return what is said against the records, notes apart."""
    records = [*verdict.records, *verdict.rejections]
    return {c.reason for r in records for c in r.checks if c.severity != "note"}


MEETING = {"evidence": [4], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}


def test_a_name_that_the_article_lacks_is_left_out(check):
    verdict = check("meetings", {**MEETING, "participants": ["Odo Brask", "Otto Brasch"]})
    assert reasons(verdict) == {"not_in_article"}
    assert [p.name for p in verdict.records[0].participants] == ["Odo Brask"]


def test_a_name_out_of_the_worked_examples_is_named_as_such(check):
    verdict = check("meetings", {**MEETING, "participants": ["Merrin Vask", "Odo Brask"]})
    assert reasons(verdict) == {"example_leak"}
    assert [p.name for p in verdict.records[0].participants] == ["Odo Brask"]


def test_a_worked_examples_name_that_the_article_has_too_is_no_leak():
    document = document_of("Odo Brask met Merrin Vask in Szohod.\nThey talked.")
    said = {"meetings": [{**MEETING, "evidence": [1], "participants": ["Odo Brask", "Merrin Vask"]}]}
    verdict = verify(parse_answer(said, STANDARD_RECORDS), document, SENTINELS)
    assert [p.name for p in verdict.records[0].participants] == ["Odo Brask", "Merrin Vask"]


def test_a_sentence_number_that_does_not_exist_is_told_and_the_others_stay(check):
    (rejection,) = check("meetings", {**MEETING, "evidence": [0, 99]}).rejections
    assert rejection.reason == "no_evidence"
    assert [c.sentences for c in rejection.checks if c.reason == "no_such_sentence"] == [(0,), (99,)]
    assert [r.reason for r in check("meetings", {**MEETING, "evidence": []}).rejections] == ["no_evidence"]
    verdict = check("meetings", {**MEETING, "evidence": [99, 4, 4]})
    assert [e.sentence for e in verdict.records[0].evidence] == [4]
    assert reasons(verdict) == {"no_such_sentence"}


def test_a_list_of_names_in_one_string_is_kept_and_told(check):
    (record,) = check("meetings", {**MEETING, "participants": ["Odo Brask and Ilya Tarn"]}).records
    assert [p.name for p in record.participants] == ["Odo Brask and Ilya Tarn"]
    assert record.verdict == "flagged"
    assert "pieced_together" in {c.reason for c in record.checks}


def test_a_draft_of_the_wrong_shape_is_a_rejection_with_the_field(check):
    verdict = check("meetings", {**{k: v for k, v in MEETING.items() if k != "status"}, "mode": "call"})
    (rejection,) = verdict.rejections
    assert (rejection.reason, rejection.field) == ("malformed", "status")
    assert rejection.draft["mode"] == "call"
    assert [c.severity for c in rejection.checks] == ["reject"]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"participants": ["Odo Brask", "Otto Brasch"]}, "meetings[0].participants[1].name"),
        ({"when": "on Tuesday"}, "meetings[0].when"),
        ({"evidence": []}, "meetings[0].evidence"),
        ({"status": "maybe"}, "meetings[0].status"),
    ],
)
def test_what_asking_again_may_mend_is_complained_of(check, said, place):
    (complaint,) = check("meetings", {**MEETING, **said}).complaints
    assert complaint.startswith(f"{place}: ")


def test_what_asking_again_cannot_mend_is_not_complained_of(check):
    assert check("meetings", MEETING).complaints == ()
    planned = check("meetings", {**MEETING, "status": "planned"})
    assert reasons(planned) == {"no_plan_words"}
    assert planned.complaints == ()


def test_an_empty_cue_is_filled_from_the_evidence(check):
    said = {"evidence": [8], "claim": "x", "accusers": ["Freedonia"], "accused": ["Borduria"]}
    assert check("allegations", said).records[0].cue == "accused"


def test_other_forms_of_a_name_are_listed_as_the_article_has_them(check):
    (record,) = check("meetings", MEETING).records
    assert record.participants[0].aliases == ("Brask",)


def test_a_meeting_of_capitals_that_stand_for_their_countries_has_somebody():
    document = document_of("Moscow and Pyongyang met.\nRussia is large. North Korea is not.")
    said = {"meetings": [{"evidence": [1], "status": "held", "participants": ["Russia", "North Korea"]}]}
    (record,) = verify(parse_answer(said, STANDARD_RECORDS), document).records
    assert record.verdict == "supported"
    assert {s.by for s in record.support} == {"country"}


def test_folding_keeps_a_value_as_it_was_written():
    document = document_of("The “new level” envoy, ILYA TARN, met Odo Brask’s aide.")
    said = {
        "evidence": [1],
        "status": "held",
        "participants": ["Ilya Tarn", "Odo Brask's aide"],
        "topics": ['"new level"'],
    }
    (record,) = verify(parse_answer({"meetings": [said]}, STANDARD_RECORDS), document).records
    assert [p.name for p in record.participants] == ["Ilya Tarn", "Odo Brask's aide"]
    for support in record.support:
        assert fold(document.text[support.start : support.end]) == fold(at(record, support.field))
