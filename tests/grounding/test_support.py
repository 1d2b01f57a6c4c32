"""Support: where each value of a record is, and what is not there at all."""

import pytest

from communique.documents import Document
from communique.grounding import verify
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS, Actor, Record

TEXT = """\
Minister Ilya Tarn met the envoy of Klow, Odo Brask, in Szohod on Friday.
He said that the talks on grain went well.
Brask left in the evening.
The weather in the hills was wet, and the road to the pass was closed.
Farmers expect a late harvest.
Schools open an hour later.
A bridge is being repaired.
The river rose again.
Zenda accused Klow of hiding twelve tanks, and Klow denied it.
"""


def checked(key, said, text=TEXT, language="en"):
    document = Document.from_text(text, language=language)
    return document, verify(parse_answer({key: [said]}, STANDARD_RECORDS), document)


def meeting(**said):
    return checked("meetings", {"evidence": [1], "status": "held", "participants": ["Ilya Tarn", "Odo Brask"], **said})


def support(verdict):
    (record,) = verdict.records
    return {s.field: (s.where, s.by) for s in record.support}


def reasons(verdict):
    return {c.reason for r in (*verdict.records, *verdict.rejections) for c in r.checks}


def test_every_copied_value_has_its_place_and_offsets_are_those_of_the_text():
    document, verdict = meeting(place="Szohod", when="on Friday", topics=["the talks on grain"])
    assert support(verdict) == {
        "participants[0].name": ("cited", "words"),
        "participants[1].name": ("cited", "words"),
        "place.name": ("cited", "words"),
        "when": ("cited", "words"),
        "topics[0]": ("context", "words"),
    }
    (record,) = verdict.records
    assert record.verdict == "supported"
    found = {s.field: document.text[s.start : s.end] for s in record.support}
    assert found["place.name"] == "Szohod"
    assert found["topics[0]"] == "the talks on grain"
    assert all(
        document.sentence(s.sentence).start <= s.start < document.sentence(s.sentence).end for s in record.support
    )


def test_a_pronoun_stands_for_whom_the_sentence_before_names():
    _, verdict = meeting(evidence=[2], participants=["Ilya Tarn", "Odo Brask"])
    assert support(verdict)["participants[0].name"] == ("context", "mention")
    assert verdict.records[0].verdict == "supported"


@pytest.mark.parametrize(("between", "found"), [(1, "context"), (4, "article")])
def test_a_description_stands_for_who_is_named_in_the_next_sentences_not_later(between, found):
    text = "The minister met Odo Brask on Friday.\n" + "Rain fell.\n" * between + "Minister Ilya Tarn left.\n"
    _, verdict = checked(
        "meetings", {"evidence": [1], "status": "held", "participants": ["Ilya Tarn", "Odo Brask"]}, text
    )
    assert support(verdict)["participants[0].name"][0] == found


def test_who_speaks_may_be_named_between_the_cited_sentences():
    said = {"evidence": [1, 3], "claim": "Tanks.", "accusers": ["Zenda"], "accused": ["Klow"], "commitment": "asserted"}
    text = "Klow hid tanks in the hills.\nThe list is from Zenda.\nKlow sold others, according to the list.\n"
    _, verdict = checked("allegations", said, text)
    assert "elsewhere_in_article" not in reasons(verdict)


FAR = "Rain fell.\n" * 12
CLAIM = {"claim": "It stole.", "accusers": ["Zenda"], "accused": ["Klow"], "commitment": "asserted"}


def elsewhere(text, **said):
    """Tell whether a name of the claim that the last line makes is said to stand elsewhere."""
    _, verdict = checked("allegations", {**CLAIM, "evidence": [len(text.splitlines())], **said}, text)
    return "elsewhere_in_article" in reasons(verdict)


@pytest.mark.parametrize(("first", "far"), [("", False), ("Rain fell.\n", True)])
def test_whoever_the_first_sentence_names_is_meant_anywhere(first, far):
    assert elsewhere(f"{first}Klow is rich.\n{FAR}Gold was stolen, said Zenda.\n") == far


@pytest.mark.parametrize(("gap", "found"), [("", "context"), ("\n", "article")])
def test_a_pronoun_reaches_the_beginning_of_its_paragraph(gap, found):
    between = " ".join(f"{gap}The road was wet for {n} days." for n in range(3))
    text = f"Rain fell.\nKlow is rich. {between} It stole the gold, said Zenda."
    document, verdict = checked("allegations", {**CLAIM, "evidence": [6]}, text)
    assert len(document.sentences) == 6
    assert support(verdict)["accused[0].name"][0] == found


def test_a_quotation_of_somebody_named_just_before_is_about_the_claim():
    text = "Zenda spoke of Klow on Friday.\n“They took what is ours,” she said.\n"
    said = {**CLAIM, "evidence": [2]}
    assert "nobody_in_evidence" not in reasons(checked("allegations", said, text)[1])
    assert "nobody_in_evidence" in reasons(checked("allegations", said, text.replace("“", "").replace("”", ""))[1])


def test_a_name_that_is_only_far_away_is_kept_and_told():
    said = {"evidence": [9], "status": "held", "participants": ["Ilya Tarn", "Odo Brask"]}
    _, verdict = checked("meetings", said, f"Rain fell.\n{TEXT}")
    (record,) = verdict.records
    assert [a.name for a in record.participants] == ["Ilya Tarn", "Odo Brask"]
    assert record.verdict == "flagged"
    assert {"elsewhere_in_article", "nobody_in_evidence"} <= reasons(verdict)


@pytest.mark.parametrize(
    ("said", "field", "reason"),
    [
        ({"participants": ["Ilya Tarn", "Eva Holt"]}, "participants[1].name", "not_in_article"),
        ({"place": "Paris"}, "place.name", "place_not_in_article"),
        ({"when": "next Tuesday"}, "when", "time_not_in_article"),
    ],
)
def test_what_the_article_does_not_have_is_left_out_and_told(said, field, reason):
    _, verdict = meeting(**said)
    (record,) = verdict.records
    (check,) = record.flags
    assert (check.field, check.reason, check.change, record.verdict) == (field, reason, "left_out", "flagged")
    assert "Eva Holt" not in {a.name for a in record.participants}
    assert record.place is None
    assert record.when is None


def test_copied_words_that_are_nowhere_are_left_out_with_a_note():
    _, verdict = meeting(topics=["grain prices in Paris"], outcome="a treaty")
    (record,) = verdict.records
    assert (record.topics, record.outcome, record.verdict) == ((), None, "supported")
    assert [(c.reason, c.change, c.severity) for c in record.checks] == [
        ("words_not_in_article", "left_out", "note")
    ] * 2


def test_paths_of_support_are_those_of_what_is_left():
    _, verdict = meeting(participants=["Eva Holt", "Odo Brask"])
    assert support(verdict) == {"participants[0].name": ("cited", "words")}


def test_a_record_without_a_name_that_is_there_is_rejected():
    _, verdict = meeting(participants=["Eva Holt", "Marten Oskilde"])
    assert [r.reason for r in verdict.rejections] == ["nobody_left"]
    assert verdict.rejections[0].draft["participants"][0]["name"] == "Eva Holt"


def test_a_record_that_names_nobody_is_kept_with_a_note():
    said = {"evidence": [9], "claim": "Tanks were hidden.", "accusers": ["Zenda"], "commitment": "asserted"}
    _, verdict = checked("allegations", said)
    (record,) = verdict.records
    assert record.verdict == "supported"
    assert "nobody_named" in reasons(verdict)


@pytest.mark.parametrize("name", ["El Salvador", "Los Angeles County", "Das Gupta", "Le Pen", "Die Linke", "the Hague"])
@pytest.mark.parametrize("language", ["en", "es", "de", "fr"])
def test_names_are_never_rewritten(name, language):
    text = f"On Monday {name} met Odo Brask in Zenda.\nRain fell."
    said = {"evidence": [1], "status": "held", "participants": [name, "Odo Brask"]}
    _, verdict = checked("meetings", said, text, language)
    assert [a.name for a in verdict.records[0].participants] == [name, "Odo Brask"]


def test_without_word_lists_no_name_is_flagged_and_the_silence_is_no_pass():
    text = "Jina Odo Brask lilikuwa hapa.\n" + "Mvua ilinyesha sana leo mchana.\n" * 6 + "Zenda walikutana na Klow.\n"
    said = {"evidence": [8], "status": "planned", "participants": ["Odo Brask", "Klow"]}
    _, verdict = checked("meetings", said, text, "sw")
    (record,) = verdict.records
    assert record.verdict == "supported"
    assert {s.field: s.where for s in record.support}["participants[0].name"] == "article"


def test_a_field_of_fifty_thousand_characters_is_checked_in_bounded_steps():
    _, verdict = meeting(topics=["a" * 50_000, "a " * 25_000], participants=["Ilya Tarn", "Tarn " * 10_000])
    assert verdict.records[0].topics == ()


class Panel(Record):
    """A panel was held."""

    speakers: tuple[Actor, ...]
    hosts: tuple[Actor, ...] = ()


def test_a_required_list_whose_names_are_all_left_out_is_empty():
    document = Document.from_text(TEXT, language="en")
    said = {"evidence": [1], "speakers": ["Eva Holt"], "hosts": ["Ilya Tarn"]}
    (record,) = verify(parse_answer({"panels": [said]}, (Panel,)), document).records
    assert (record.speakers, [h.name for h in record.hosts], record.verdict) == ((), ["Ilya Tarn"], "flagged")
