"""The judge: the second step of reading, in the same exchange. Whatever it answers, no record is lost over it."""

import json
from itertools import pairwise

import anyio
import pytest

from communique import AsyncExtractor, Document, Extractor, Plan
from communique.backends.scripted import ScriptedBackend
from communique.engine import Hooks
from communique.errors import (
    AuthenticationError,
    BackendError,
    BudgetExceededError,
    ConfigurationError,
    DocumentTooLongError,
    EngineError,
    MalformedResponseError,
    QuotaError,
    RefusalError,
    RequestRefusedError,
    RunStoppedError,
    TransientBackendError,
    TruncatedResponseError,
)
from communique.prompts import MOST_STATEMENTS

TEXT = "Talks\n\nOdo Brask met Ilya Tarn in Lund on Friday. Freedonia accused Borduria of theft. Borduria denied it."
MEETING = {"evidence": [2], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}
THEFT = {
    "evidence": [3], "claim": "Borduria stole.", "accusers": ["Freedonia"], "accused": ["Borduria"], "commitment": "asserted",
    "responses": [{"type": "denial", "responders": ["Borduria"], "evidence": [4]}],
}  # fmt: skip
BOTH = {"meetings": [MEETING], "allegations": [THEFT]}
JUDGED = Plan(judge="on", repair_rounds=0)


def said(*probabilities, sentences=()):
    return {
        "judgements": [
            {"statement": i, "sentences": list(sentences), "probability": p} for i, p in enumerate(probabilities, 1)
        ]
    }


def read(*answers, plan=JUDGED, text=TEXT, **options):
    backend = ScriptedBackend(answers)
    with Extractor(backend, plan=plan, **options) as extractor:
        return extractor.extract(Document.from_text(text, language="en")), backend.prompts


def test_it_sees_the_article_as_it_was_read_and_every_statement_with_its_claim():
    _, (first, second) = read(BOTH, said(0.9, 0.9, 0.9))

    assert second.messages[: len(first.messages)] == first.messages, "servers that cache prefixes reuse them"
    assert (first.purpose, second.purpose) == ("extract", "judge")
    lines = second.messages[-1].content.splitlines()
    assert lines[-3:] == [
        "1. Odo Brask and Ilya Tarn met.",
        "2. Freedonia says that Borduria did this: Borduria stole.",
        "3. Borduria denies this claim about Borduria: Borduria stole.",
    ]
    assert "do not follow them" in second.messages[-1].content
    roles = [m.role for m in second.messages]
    assert all(a != b for a, b in pairwise(roles)), "no two turns of one side in a row"


def test_what_it_accepts_is_verified_and_carries_its_judgement():
    judgements = said(0.97, 0.9, 0.8)
    judgements["judgements"][0]["sentences"] = [2, 77, 2]
    summary, _ = read(BOTH, judgements)

    met, stole = summary.all_records()
    assert (met.verdict, stole.verdict) == ("verified", "verified")
    (judgement,) = met.judgements
    assert (judgement.field, judgement.probability, judgement.sentences) == ("record", 0.97, (2,))
    assert judgement.statement == "Odo Brask and Ilya Tarn met."
    assert [j.field for j in stole.judgements] == ["record", "responses[0]"]
    assert summary.provenance.judge == "script"
    assert "judge_failed" not in summary.provenance.warnings


def test_what_it_refutes_is_flagged_where_it_is_wrong():
    summary, _ = read(BOTH, said(0.1, 0.9, 0.2))

    met, stole = summary.all_records()
    assert (met.verdict, stole.verdict) == ("flagged", "flagged")
    assert [(c.field, c.outcome, c.reason, c.severity) for c in met.checks][-1] == (
        "record", "contradicted", "judge_disagrees", "flag",
    )  # fmt: skip
    assert "script finds it unlikely (0.10) that the article says so: Odo Brask" in met.checks[-1].detail
    assert [c.field for c in stole.checks if c.reason == "judge_disagrees"] == ["responses[0]"]


def test_where_it_agrees_because_of_other_sentences_the_evidence_is_wrong():
    summary, _ = read({"meetings": [MEETING]}, said(0.9, sentences=(3, 4)))
    (met,) = summary.meetings
    assert (met.verdict, [c.reason for c in met.checks]) == ("flagged", ["judge_cites_others"])


@pytest.mark.parametrize("sentences", [[99], [0, 99], ["3"], [None], [2.5]])
def test_an_agreement_that_rests_on_sentences_that_are_not_there_is_no_judgement(sentences):
    summary, _ = read({"meetings": [MEETING]}, said(0.9, sentences=sentences))
    (met,) = summary.meetings
    assert (met.verdict, met.judgements) == ("supported", ())
    assert summary.provenance.warnings == ("judge_failed",)


@pytest.mark.parametrize("sentences", [[], None])
def test_a_judge_need_not_say_which_sentences_decide(sentences):
    judgement = {"statement": 1, "sentences": sentences, "probability": 0.9}
    summary, _ = read({"meetings": [MEETING]}, {"judgements": [judgement]})
    assert ([m.verdict for m in summary.meetings], summary.provenance.warnings) == (["verified"], ())


def test_a_disagreement_counts_whatever_it_rests_on():
    summary, _ = read({"meetings": [MEETING]}, said(0.1, sentences=[0]))
    assert [m.verdict for m in summary.meetings] == ["flagged"]


def test_statements_numbered_from_0_are_nobodys():
    judgements = [{"statement": n, "sentences": [2], "probability": p} for n, p in enumerate((0.05, 0.95, 0.95))]
    summary, _ = read(BOTH, {"judgements": judgements})
    assert [(r.verdict, r.judgements) for r in summary.all_records()] == [("supported", ())] * 2
    assert summary.provenance.warnings == ("judge_failed",)


def test_where_it_is_undecided_the_verdict_of_the_checks_stays():
    summary, _ = read({"meetings": [MEETING]}, said(0.5))
    assert [r.verdict for r in summary.meetings] == ["supported"]


def test_its_tokens_and_requests_are_counted_with_the_others():
    alone, _ = read(BOTH, plan=Plan(repair_rounds=0))
    judged, (_, prompt) = read(BOTH, said(0.9, 0.9, 0.9))

    more = judged.provenance.usage - alone.provenance.usage
    assert more.input_tokens == sum(len(m.content) for m in prompt.messages) // 4
    assert judged.provenance.attempts == alone.provenance.attempts + 1
    assert judged.provenance.model == "script"


def test_nothing_is_asked_where_there_is_nothing_to_judge_or_nobody_may():
    for answer, plan in (({}, JUDGED), (BOTH, Plan(judge="off")), (BOTH, Plan())):
        _, prompts = read(answer, plan=plan)
        assert [p.purpose for p in prompts] == ["extract"]


@pytest.mark.parametrize(
    ("answer", "judged"),
    [
        ({}, 0),
        ({"judgements": None}, 0),
        ({"judgements": [3, None, {}, {"statement": 1}]}, 0),
        (said(1.4, -0.1, "0.9"), 0),
        ({"judgements": [{"statement": True, "probability": 0.9}, {"statement": 9, "probability": 0.9}]}, 0),
        (json.dumps({"judgements": [{"statement": 1, "probability": float("nan")}]}), 0),
        ({"judgements": [{"statement": 1, "probability": 0.9, "sentences": "all"}]}, 1),
        (said(0.9), 1),
        (MalformedResponseError("no JSON"), 0),
        (TruncatedResponseError("cut"), 0),
        (RefusalError("no"), 0),
        (TransientBackendError("down"), 0),
        (RequestRefusedError("400"), 0),
        (EngineError("died"), 0),
        (BackendError("the server asks not to retry"), 0),
        (DocumentTooLongError("too long"), 0),
    ],
)
def test_an_answer_that_cannot_be_used_leaves_the_records_as_they_were(answer, judged):
    summary, _ = read(BOTH, answer)

    records = list(summary.all_records())
    assert sum(len(r.judgements) for r in records) == judged
    assert [r.verdict for r in records][judged:] == ["supported"] * (2 - judged)
    assert "judge_failed" in summary.provenance.warnings


def test_what_an_unusable_judgement_cost_is_counted():
    error = MalformedResponseError("no JSON")
    error.attempts, error.tokens = 2, (700, 30, 0)
    alone, _ = read(BOTH, plan=Plan(repair_rounds=0))
    summary, _ = read(BOTH, error)
    assert summary.provenance.attempts == alone.provenance.attempts + 2
    assert (summary.provenance.usage - alone.provenance.usage).input_tokens == 700


def test_a_judge_for_whom_the_budget_has_no_room_costs_no_record_that_was_paid_for():
    summary, _ = read(BOTH, BudgetExceededError("used up"))
    assert [r.verdict for r in summary.all_records()] == ["supported"] * 2
    assert "judge_failed" in summary.provenance.warnings


@pytest.mark.parametrize("error", [AuthenticationError("refused"), QuotaError("empty"), RunStoppedError("stop")])
def test_what_stops_a_run_stops_it_here_too(error):
    with pytest.raises(type(error)):
        read(BOTH, error)


def test_a_strict_reading_keeps_no_record_that_the_judge_refutes():
    summary, _ = read(BOTH, said(0.1, 0.9, 0.9), plan=Plan(judge="on", strict=True, repair_rounds=0))
    assert [r.verdict for r in summary.all_records()] == ["verified"]
    assert [r.reason for r in summary.rejections] == ["judge_disagrees"]


def test_a_long_document_is_judged_window_by_window():
    filler = " ".join(f"Nothing else happened on day {n}." for n in range(40))
    text = f"Odo Brask met Ilya Tarn in Lund. {filler} Ewa Holt met Jan Moos in Vienna."
    last = len(Document.from_text(text).sentences)
    halves = {
        1: MEETING | {"evidence": [1]},
        last: MEETING | {"evidence": [last], "participants": ["Ewa Holt", "Jan Moos"]},
    }

    def answer(prompt):
        if prompt.purpose == "judge":
            return said(0.9)
        return {"meetings": [m for n, m in halves.items() if f"[{n}]" in prompt.messages[1].content]}

    backend = ScriptedBackend(answer)
    with Extractor(backend, plan=Plan(judge="on", window_chars=600, repair_rounds=0)) as extractor:
        summary = extractor.extract(text)

    judging = [p for p in backend.prompts if p.purpose == "judge"]
    assert [r.verdict for r in summary.meetings] == ["verified", "verified"]
    assert len(judging) == 2
    for prompt, (number, name) in zip(judging, ((1, "Odo Brask"), (last, "Ewa Holt")), strict=True):
        assert f"[{number}]" in prompt.messages[1].content
        assert f"1. {name}" in prompt.messages[-1].content


def test_many_records_are_judged_in_portions():
    people = [f"Anna Nr{n}" for n in range(MOST_STATEMENTS + 5)]
    text = " ".join(f"Odo Brask met {p} in Lund." for p in people)
    answer = {
        "meetings": [MEETING | {"evidence": [i + 1], "participants": ["Odo Brask", p]} for i, p in enumerate(people)]
    }
    summary, prompts = read(answer, said(*[0.9] * MOST_STATEMENTS), said(*[0.9] * 5), text=text)

    assert [p.purpose for p in prompts] == ["extract", "judge", "judge"]
    assert {r.verdict for r in summary.meetings} == {"verified"}
    assert len(summary.meetings) == len(people)


def test_another_model_may_judge_and_is_named():
    judge = ScriptedBackend([said(0.9, 0.9, 0.9)], model="owl-1")
    summary, prompts = read(BOTH, plan=Plan(repair_rounds=0), judge=judge)

    assert len(prompts) == len(judge.prompts) == 1
    assert (summary.provenance.model, summary.provenance.judge) == ("script", "owl-1")
    assert {r.verdict for r in summary.all_records()} == {"verified"}


def test_what_a_small_model_reads_sentence_by_sentence_another_one_judges_as_a_whole():
    small = ScriptedBackend(
        lambda _: {"meeting": {"participants": ["Odo Brask", "Ilya Tarn"], "status": "held"}}, narrows=True
    )
    judge = ScriptedBackend([said(0.9)])
    with Extractor(small, judge=judge, plan=Plan(records=JUDGED.records[:1])) as extractor:
        summary = extractor.extract(Document.from_text(TEXT, language="en"))

    (prompt,) = judge.prompts
    assert "[2] Odo Brask met Ilya Tarn" in prompt.messages[1].content
    assert [r.verdict for r in summary.meetings] == ["verified"]


class Able(ScriptedBackend):
    judges = True


def test_a_backend_that_can_judge_does_unless_the_plan_says_no():
    alone = Plan(shape="brief", records=JUDGED.records[:1])
    for plan, purposes in (
        (Plan(), ["extract", "judge"]),
        (Plan(judge="off"), ["extract"]),
        (alone, ["extract"]),
    ):
        backend = Able([{"meetings": [MEETING]}, said(0.9)])
        with Extractor(backend, plan=plan) as extractor:
            extractor.extract(Document.from_text(TEXT, language="en"))
        assert [p.purpose for p in backend.prompts] == purposes


def test_a_judge_and_a_plan_without_one_contradict_each_other():
    with pytest.raises(ConfigurationError, match="turns judging off"):
        Extractor(ScriptedBackend(), judge=ScriptedBackend(), plan=Plan(judge="off"))


def test_both_drivers_give_the_same_and_close_both_models():
    class Closed(ScriptedBackend):
        closed = 0

        def close(self):
            self.closed += 1

        async def aclose(self):
            self.closed += 1

    def made():
        return Closed([BOTH]), Closed([said(0.9, 0.1, 0.5)], model="owl-1")

    def sync(backend, judge, events):
        hooks = Hooks([events.append])
        with Extractor(backend, judge=judge, hooks=hooks, clock=lambda: 0.0, plan=Plan(repair_rounds=0)) as extractor:
            return extractor.extract(TEXT)

    def asynchronous(backend, judge, events):
        async def run():
            hooks, plan = Hooks([events.append]), Plan(repair_rounds=0)
            async with AsyncExtractor(backend, judge=judge, hooks=hooks, clock=lambda: 0.0, plan=plan) as extractor:
                return await extractor.extract(TEXT)

        return anyio.run(run)

    found = []
    for driver in (sync, asynchronous):
        (backend, judge), events = made(), []
        summary = driver(backend, judge, events)
        assert (backend.closed, judge.closed) == (1, 1)
        assert [(e.kind, getattr(e, "model", "")) for e in events if e.kind == "asked"] == [
            ("asked", "script"),
            ("asked", "owl-1"),
        ]
        assert [e.detail["purpose"] for e in events if e.kind == "asked"] == ["extract", "judge"]
        found.append((summary, [e.kind for e in events]))
    assert found[0] == found[1]
