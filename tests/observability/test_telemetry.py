"""Spans and metrics by the GenAI semantic conventions, read back from OpenTelemetry's in-memory exporters."""

import json

import pytest

from communique import Document, Extractor
from communique.backends import Completion
from communique.backends.scripted import ScriptedBackend
from communique.engine import Hooks, Stored
from communique.errors import RefusalError, TruncatedResponseError
from communique.observability import Telemetry, hooks_from_environment
from communique.schemas import Usage

pytest.importorskip("opentelemetry.sdk", reason="needs opentelemetry-sdk")

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

TEXT = "Talks in Lund\n\nOdo Brask met Ilya Tarn in Lund. They spoke for an hour about the ferry."
GOOD = {"meetings": [{"evidence": [2], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}]}
BAD = {"meetings": [{"evidence": [2], "status": "held", "participants": ["Ewa Holt", "Jan Moos"]}]}


class Counting(ScriptedBackend):
    """Answers as if over a network: with tokens, a model's full name, and three requests."""

    name = "openai"

    def complete(self, prompt):
        answer = super().complete(prompt)
        return Completion(
            data=answer.data,
            text=answer.text,
            model="gpt-5-mini-2025",
            usage=Usage(input_tokens=2000, output_tokens=50, cached_tokens=600, reasoning_tokens=40),
            attempts=3,
        )


class Seen:
    def __init__(self, **options):
        self.spans, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        tracers, self.meters, loggers = TracerProvider(), MeterProvider([self.reader]), LoggerProvider()
        self.events = InMemoryLogRecordExporter()
        loggers.add_log_record_processor(SimpleLogRecordProcessor(self.events))
        tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        self.tracers = tracers
        providers = {"tracer_provider": tracers, "meter_provider": self.meters, "logger_provider": loggers}
        self.telemetry = Telemetry(**providers, **options)

    def extract(self, answers, kind=Counting, text=TEXT):
        backend = kind(answers, model="gpt-5-mini")
        document = Document.from_text(text, id="d1")
        return Extractor(backend, hooks=Hooks([self.telemetry])).extract(document)

    def points(self, name):
        metrics = [
            m for r in self.reader.get_metrics_data().resource_metrics for s in r.scope_metrics for m in s.metrics
        ]
        (found,) = [m for m in metrics if m.name == name] or [None]
        return [] if found is None else list(found.data.data_points)


@pytest.fixture
def seen():
    return Seen(content=False)


def test_a_document_is_a_span_and_a_question_a_client_span_inside_it(seen):
    seen.extract([BAD, GOOD])

    first, second, document = seen.spans.get_finished_spans()
    assert document.name == "read document"
    assert {first.parent.span_id, second.parent.span_id} == {document.context.span_id}
    assert first.name == "chat gpt-5-mini"
    assert first.kind is SpanKind.CLIENT
    assert dict(first.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5-mini",
        "gen_ai.request.max_tokens": 4000,
        "gen_ai.output.type": "json",
        "gen_ai.response.model": "gpt-5-mini-2025",
        "gen_ai.usage.input_tokens": 2000,
        "gen_ai.usage.output_tokens": 50,
        "gen_ai.usage.cache_read.input_tokens": 600,
        "gen_ai.usage.reasoning.output_tokens": 40,
        "communique.purpose": "extract",
        "communique.prompt": first.attributes["communique.prompt"],
        "communique.complaints": 0,
        "communique.attempts": 3,
    }
    assert second.attributes["communique.purpose"] == "repair"
    assert second.attributes["communique.complaints"] == 3
    assert document.attributes["communique.document.id"] == "d1"
    counts = {n: document.attributes[f"communique.{n}"] for n in ("records", "supported", "verified", "flagged")}
    assert counts == {"records": 1, "supported": 1, "verified": 0, "flagged": 0}
    assert document.start_time <= first.start_time <= first.end_time <= document.end_time


def test_it_is_inside_the_span_of_the_caller(seen):
    with seen.tracers.get_tracer("caller").start_as_current_span("job") as job:
        seen.extract([GOOD])

    document = next(s for s in seen.spans.get_finished_spans() if s.name == "read document")
    assert document.parent.span_id == job.get_span_context().span_id


def test_content_is_off_by_default_and_no_word_of_the_article_leaves(seen, monkeypatch):
    for name in ("COMMUNIQUE_OTEL_CONTENT", "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"):
        monkeypatch.delenv(name, raising=False)
    by_default = Seen()
    for each in (seen, by_default):
        each.extract([BAD, BAD])
        with pytest.raises(RefusalError):
            each.extract([RefusalError("Odo Brask is a subject that I won't speak of")])
        spans = "".join(s.to_json() for s in each.spans.get_finished_spans())
        metrics = each.reader.get_metrics_data().to_json()
        for word in ("Brask", "Tarn", "Holt", "ferry"):
            assert word not in spans + metrics


@pytest.mark.parametrize(
    ("name", "value", "on"),
    [
        ("COMMUNIQUE_OTEL_CONTENT", "1", True),
        ("COMMUNIQUE_OTEL_CONTENT", "0", False),
        ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "SPAN_ONLY", True),
        ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true", True),
        ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "EVENT_ONLY", False),
        ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "NO_CONTENT", False),
    ],
)
def test_content_is_switched_on_by_a_variable(monkeypatch, name, value, on):
    for other in ("COMMUNIQUE_OTEL_CONTENT", "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, value)
    seen = Seen()
    seen.extract([GOOD])

    attributes = seen.spans.get_finished_spans()[0].attributes
    assert ("gen_ai.input.messages" in attributes) is on
    if on:
        turns = json.loads(attributes["gen_ai.input.messages"])
        assert [t["role"] for t in turns] == ["system", "user"]
        assert "Odo Brask" in turns[1]["parts"][0]["content"]
        (answer,) = json.loads(attributes["gen_ai.output.messages"])
        assert answer["role"] == "assistant"
        assert json.loads(answer["parts"][0]["content"]) == GOOD


def test_tokens_latency_retries_repairs_and_the_share_without_a_flag_are_measured(seen):
    seen.extract([BAD, GOOD])
    seen.extract([BAD, BAD])

    tokens = {
        (p.attributes["communique.purpose"], p.attributes["gen_ai.token.type"]): (p.sum, p.count)
        for p in seen.points("gen_ai.client.token.usage")
    }
    assert tokens == {
        (purpose, kind): (4000 if kind == "input" else 100, 2)
        for purpose in ("extract", "repair")
        for kind in ("input", "output")
    }
    used = {"input_tokens": 4000, "output_tokens": 100, "cache_read.input_tokens": 1200, "reasoning.output_tokens": 80}
    for name, count in used.items():
        points = seen.points(f"gen_ai.client.inference.usage.{name}")
        assert [p.value for p in points] == [count, count]
        assert {p.attributes["gen_ai.token.modality"] for p in points} == {"text"}
    for name in ("inference", "operation"):
        durations = seen.points(f"gen_ai.client.{name}.duration")
        assert [p.count for p in durations] == [2, 2]
        assert {p.attributes["gen_ai.provider.name"] for p in durations} == {"openai"}
        assert {p.attributes["gen_ai.response.model"] for p in durations} == {"gpt-5-mini-2025"}
    assert [p.value for p in seen.points("communique.retries")] == [4, 4]
    assert [p.value for p in seen.points("communique.repairs")] == [2]
    (share,) = seen.points("communique.unflagged.share")
    assert (share.count, share.sum) == (2, 1.0)
    records = {p.attributes["communique.verdict"]: p.value for p in seen.points("communique.records")}
    assert records == {"supported": 1, "rejected": 1}
    assert seen.points("communique.document.duration")[0].count == 2


def test_failures_end_their_spans_with_the_reason(seen):
    with pytest.raises(RefusalError):
        seen.extract([RefusalError("no")])
    seen.extract([BAD, TruncatedResponseError("cut")])

    question, document, _, repair, read = seen.spans.get_finished_spans()
    for span, reason in ((question, "refusal"), (document, "refusal"), (repair, "length")):
        assert span.attributes["error.type"] == reason
        assert span.status.status_code is StatusCode.ERROR
    assert read.status.status_code is StatusCode.UNSET
    for name in ("inference", "operation"):
        errors = [p.attributes.get("error.type") for p in seen.points(f"gen_ai.client.{name}.duration")]
        assert {"refusal", "length", None} == set(errors)
    ended = {p.attributes["communique.state"]: p.value for p in seen.points("communique.documents")}
    assert ended == {"failed": 1, "read": 1}
    assert seen.telemetry._documents == {}
    assert seen.telemetry._questions == {}


def test_a_document_without_a_question_has_a_span(seen):
    Extractor(ScriptedBackend([], narrows=True), hooks=Hooks([seen.telemetry])).extract("A heading only")

    (span,) = seen.spans.get_finished_spans()
    assert span.attributes["communique.records"] == 0


def test_cost_is_that_of_the_batch_or_that_of_a_price_and_never_both():
    batch, priced = Seen(), Seen(price=lambda model, usage: usage.input_tokens / 2000)
    stored = Stored("d1", 0, "ok", cost=0.25)
    for seen in (batch, priced):
        seen.extract([GOOD])
        seen.telemetry(stored)

    assert [p.value for p in batch.points("communique.cost")] == [0.25]
    assert [p.value for p in priced.points("communique.cost")] == [1.0]
    assert [p.value for p in batch.points("communique.stored")] == [1]


def test_the_environment_switches_it_on():
    assert hooks_from_environment(environment={}).listeners == []
    (listener,) = hooks_from_environment(environment={"COMMUNIQUE_OTEL": "1"}).listeners
    assert isinstance(listener, Telemetry)


def test_a_judge_is_told_apart_by_its_purpose_on_spans_and_metrics(seen):
    said = {"judgements": [{"statement": 1, "sentences": [2], "probability": 0.9}]}
    judge = Counting([said], model="owl-1")
    extractor = Extractor(Counting([GOOD], model="gpt-5-mini"), hooks=Hooks([seen.telemetry]), judge=judge)
    extractor.extract(Document.from_text(TEXT, id="d1"))

    reading, judging, document = seen.spans.get_finished_spans()
    assert [s.attributes["communique.purpose"] for s in (reading, judging)] == ["extract", "judge"]
    assert judging.name == "chat owl-1"
    assert judging.parent.span_id == document.context.span_id
    tokens = {
        p.attributes["communique.purpose"]: p.sum
        for p in seen.points("gen_ai.client.token.usage")
        if p.attributes["gen_ai.token.type"] == "input"
    }
    assert tokens == {"extract": 2000, "judge": 2000}
    (event,) = [found.log_record for found in seen.events.get_finished_logs()]
    assert (event.event_name, event.span_id) == ("gen_ai.evaluation.result", document.context.span_id)
    assert event.attributes["gen_ai.evaluation.score.value"] == 0.9
    assert event.attributes["communique.record.field"] == "record"
    assert "Brask" not in str(dict(event.attributes))
