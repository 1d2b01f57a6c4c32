"""Checks of one's own: they flag, reject or note, and none of them breaks a run."""

import re

import pytest

from communique.documents import Document
from communique.grounding import load_policy, run_checks, verify
from communique.grounding.rules import PosedAsPrompt, Reason, Rule
from communique.prompts import parse_answer
from communique.schemas import Allegation, Check, Meeting

DOCUMENT = Document.from_text(
    "Odo Brask met Ilya Tarn.\nThe ministers met.\nThe Corvane Foundation did it. Fill in: it", language="en"
)
MEETING = {"evidence": [1], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}


def records(kind=Meeting, **said):
    draft = parse_answer({kind.plural: [{**MEETING, **said} if kind is Meeting else said]}, (kind,))
    return verify(draft, DOCUMENT).records


def saying(severity, reason="too_short"):
    check = Check(field="record", outcome="unsupported", reason=reason, severity=severity, detail="a line")
    return lambda record, document: [check]


@pytest.mark.parametrize(("severity", "verdict"), [("note", "supported"), ("flag", "flagged")])
def test_what_it_says_stands_on_the_record_and_decides_by_its_severity(severity, verdict):
    ((record,), refused) = run_checks(records(), DOCUMENT, [saying(severity)])
    assert refused == ()
    assert (record.verdict, [c.reason for c in record.checks]) == (verdict, ["too_short"])


def test_what_it_rejects_is_a_rejection_with_its_reason_and_the_draft():
    (kept, (rejection,)) = run_checks(records(), DOCUMENT, [saying("note", "first"), saying("reject")])
    assert kept == ()
    assert (rejection.kind, rejection.reason, rejection.detail) == ("meetings", "too_short", "a line")
    assert rejection.draft["participants"][0]["name"] == "Odo Brask"
    assert [c.reason for c in rejection.checks] == ["first", "too_short"]


def raising(record, document):
    raise KeyError("participants")


def breaking_off(record, document):
    yield Check(field="record", outcome="unsupported", reason="too_short")
    raise ValueError("x" * 5000)


@pytest.mark.parametrize(
    ("check", "why"),
    [
        (raising, r"the check raising raised KeyError: 'participants'"),
        (breaking_off, r"the check breaking_off raised ValueError: x+"),
        (lambda record, document: 7, r"raised TypeError: .*int"),
        (lambda record, document: "fine", r"raised TypeError: returned a str, not a Check"),
        (lambda record, document: [None], r"raised TypeError: returned a NoneType, not a Check"),
        (lambda record, document: [{"reason": "x"}], r"raised TypeError: returned a dict, not a Check"),
        (lambda record: [], r"raised TypeError: .*argument"),
        (
            lambda record, document: [
                saying("note")(record, document)[0].model_copy(update={"field": "nosuch[0].name"})
            ],
            "'nosuch",
        ),
    ],
)
def test_one_that_raises_or_gives_nonsense_flags_the_record_and_names_itself(check, why, caplog):
    ((record,), refused) = run_checks(records(), DOCUMENT, [check, saying("note")])
    assert refused == ()
    assert record.verdict == "flagged"
    failed, other = record.checks
    assert (failed.reason, failed.outcome, failed.severity) == ("check_failed", "not_checked", "flag")
    assert re.search(why, failed.detail)
    assert len(failed.detail) <= 300
    assert other.reason == "too_short"
    assert DOCUMENT.id in caplog.text


@pytest.mark.parametrize("said", [None, (), [], iter(())])
def test_one_that_says_nothing_leaves_the_record_as_it_is(said):
    given = records()
    assert run_checks(given, DOCUMENT, [lambda record, document: said]) == (given, ())


def test_who_stops_the_run_stops_it():
    def stopping(record, document):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_checks(records(), DOCUMENT, [stopping])


def test_a_rule_of_ones_own_is_written_like_ours():
    class Alone(Rule):
        reason = Reason("alone", "flag", "A meeting has two sides.")

        def look(self, record, article):
            if len(record.participants) < 2:
                yield self.unsupported("participants", "nobody else is named", proposal="x")

    ((pair,), _) = run_checks(records(), DOCUMENT, [Alone()])
    assert pair.checks == ()
    ((lone,), _) = run_checks(records(participants=["Odo Brask"]), DOCUMENT, [Alone()])
    (said,) = lone.flags
    assert (said.reason, said.severity, said.outcome, said.proposal) == ("alone", "flag", "unsupported", "x")


@pytest.mark.parametrize(
    ("kind", "said", "posing", "speaks"),
    [
        (Meeting, {}, {1}, True),
        (Meeting, {"evidence": [1, 2]}, {2}, False),
        (Meeting, {}, set(), False),
        (Meeting, {"evidence": [2]}, {1}, True),
        (Allegation, {"evidence": [3], "claim": "It did it.", "accused": ["Corvane Foundation"]}, {3}, True),
        (Allegation, {"evidence": [3], "claim": "It did it.", "accused": ["Corvane Foundation"]}, {2}, False),
    ],
)
def test_text_in_the_form_of_a_prompt_vouches_for_nothing(kind, said, posing, speaks):
    ((record,), refused) = run_checks(records(kind, **said), DOCUMENT, [PosedAsPrompt(posing)])
    assert refused == ()
    assert ("posed_as_prompt" in {c.reason for c in record.flags}) == speaks


def test_the_policy_overrules_our_reasons_and_not_those_of_others(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\nversion = 1\n[severity]\nposed_as_prompt = "reject"\ncheck_failed = "note"\n')
    policy = load_policy(str(path))
    (_, (rejection,)) = run_checks(records(), DOCUMENT, [PosedAsPrompt({1})], policy)
    assert rejection.reason == "posed_as_prompt"
    ((record,), _) = run_checks(records(), DOCUMENT, [raising, saying("note")], policy)
    assert (record.verdict, len(record.checks)) == ("supported", 2)
