"""OpenTelemetry: a span for every document and every question, events of the judge, and the metrics of a run.

Names that begin with `gen_ai.` are those of the GenAI semantic conventions 0.1 (status: development), which have a
repository of their own; those that begin with `communique.` are ours. Two metrics have their earlier names, too
(docs/deprecation.md). Prompts and answers are left out unless they are asked for.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from communique import __version__
from communique.engine.events import (
    Answered,
    Asked,
    Event,
    Failed,
    Rejected,
    Repaired,
    Stored,
    Verified,
)
from communique.errors import MissingExtraError
from communique.schemas import Usage

if TYPE_CHECKING:
    from opentelemetry._logs import LoggerProvider
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

Price = Callable[[str, Usage], float]
_PROVIDERS = {
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "google": "gcp.gen_ai",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "vertexai": "gcp.vertex_ai",
    "xai": "x_ai",
}
"""The conventions' names for providers; a backend that is not here keeps its own."""

_USAGE = {
    "input_tokens": "Tokens of prompts, cached ones included",
    "output_tokens": "Tokens of answers, reasoning included",
    "cache_read.input_tokens": "Tokens of prompts from the provider's cache",
    "reasoning.output_tokens": "Tokens of answers that went into reasoning",
}
"""By the last part of their metrics' names, in the order of `Usage.counts`."""
_TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]
_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
_SHARES = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0]


class Telemetry:
    """A listener for `communique.engine.Hooks` that makes spans and metrics.

    Args:
        tracer_provider: Where spans go; the process's own if None, which does nothing until an SDK is set up.
        meter_provider: The same for metrics.
        logger_provider: The same for events.
        content: Put prompts and answers into the spans; what the environment says if None (see `wants_content`).
        price: US dollars for the tokens of a model; without it, the cost is what a batch with `--price` counts.

    Raises:
        MissingExtraError: OpenTelemetry is not installed.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        logger_provider: LoggerProvider | None = None,
        content: bool | None = None,
        price: Price | None = None,
    ) -> None:
        with MissingExtraError.naming("telemetry", "otel"):
            from opentelemetry import _logs, metrics, trace
        self._trace = trace
        self._content = wants_content(os.environ) if content is None else content
        self._price = price
        self._tracer = trace.get_tracer("communique", __version__, tracer_provider)
        self._logger = _logs.get_logger("communique", __version__, logger_provider)
        meter = metrics.get_meter("communique", __version__, meter_provider)
        self._documents: dict[int, Span] = {}
        self._questions: dict[int, tuple[Span, dict[str, Any]]] = {}

        def histogram(name: str, unit: str, told: str, edges: list[Any]) -> Any:
            return meter.create_histogram(name, unit, told, explicit_bucket_boundaries_advisory=edges)

        self._tokens = histogram(
            "gen_ai.client.token.usage", "{token}", "Input and output tokens of a request", _TOKENS
        )
        self._durations = [
            histogram(f"gen_ai.client.{name}.duration", "s", "Wall time of a request, retries included", _SECONDS)
            for name in ("inference", "operation")
        ]
        self._usage = {
            name: meter.create_counter(f"gen_ai.client.inference.usage.{name}", "{token}", told)
            for name, told in _USAGE.items()
        }
        self._reading = histogram("communique.document.duration", "s", "Wall time of a document", _SECONDS)
        self._share = histogram(
            "communique.unflagged.share", "1", "Supported or verified records of a document's drafts", _SHARES
        )
        self._retries = meter.create_counter("communique.retries", "{request}", "Requests beyond the first")
        self._repairs = meter.create_counter("communique.repairs", "{question}", "Repair questions")
        self._cost = meter.create_counter("communique.cost", "{USD}", "US dollars")
        self._records = meter.create_counter("communique.records", "{record}", "Records by type and verdict")
        self._ended = meter.create_counter("communique.documents", "{document}", "Documents by outcome")
        self._stored = meter.create_counter("communique.stored", "{document}", "Documents stored in the journal")

    def __call__(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case Asked():
                self._on_asked(event)
            case Answered():
                self._on_answered(event)
            case Failed():
                self._on_failed(event)
            case Verified():
                self._on_verified(event)
            case Repaired():
                self._repairs.add(1)
            case Rejected(rejection=found):
                kind = {"communique.record.type": found.kind, "communique.reason": found.reason}
                self._records.add(1, {"communique.verdict": "rejected", **kind})
            case Stored():
                self._stored.add(1, {"communique.state": event.state, "communique.reason": event.reason})
                if self._price is None and event.cost:
                    self._cost.add(event.cost)

    def _on_asked(self, event: Asked) -> None:
        about: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": _PROVIDERS.get(event.backend, event.backend),
            "gen_ai.request.model": event.model,
            "communique.purpose": event.prompt.purpose,
        }
        more = {
            "gen_ai.request.max_tokens": event.prompt.max_tokens,
            "gen_ai.output.type": "json",
            "communique.prompt": event.prompt.fingerprint,
            "communique.complaints": event.prompt.complaints,
        }
        if event.prompt.effort is not None:
            more["gen_ai.request.reasoning.level"] = event.prompt.effort
        span = self._tracer.start_span(
            f"chat {event.model}",
            context=self._trace.set_span_in_context(self._document(event, 0.0)),
            kind=self._trace.SpanKind.CLIENT,
            attributes=about | more,
        )
        if self._content:
            turns = [_turn(m.role, m.content) for m in event.prompt.messages]
            span.set_attribute("gen_ai.input.messages", json.dumps(turns, ensure_ascii=False))
        self._questions[event.call] = span, about

    def _on_answered(self, event: Answered) -> None:
        said = event.answer
        model, usage, attempts = said.model, said.usage, said.attempts
        span, about = self._questions.pop(event.call, (self._trace.INVALID_SPAN, {}))
        about = {**about, "gen_ai.response.model": model}
        span.set_attributes({
            "gen_ai.response.model": model,
            "gen_ai.usage.input_tokens": usage.input_tokens,
            "gen_ai.usage.output_tokens": usage.output_tokens,
            "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
            "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
            "communique.attempts": attempts,
        })  # fmt: skip
        if self._content:
            turns = [{**_turn("assistant", said.text), "finish_reason": "stop"}]
            span.set_attribute("gen_ai.output.messages", json.dumps(turns, ensure_ascii=False))
        span.end()
        for duration in self._durations:
            duration.record(event.seconds, about)
        for name, count in zip(_USAGE, usage.counts, strict=True):
            self._usage[name].add(count, {**about, "gen_ai.token.modality": "text"})
        self._tokens.record(usage.input_tokens, {**about, "gen_ai.token.type": "input"})
        self._tokens.record(usage.output_tokens, {**about, "gen_ai.token.type": "output"})
        if attempts > 1:
            self._retries.add(attempts - 1, about)
        if self._price is not None:
            self._cost.add(self._price(model, usage), about)

    def _on_failed(self, event: Failed) -> None:
        if event.call is not None:
            span, about = self._questions.pop(event.call, (self._trace.INVALID_SPAN, {}))
            for duration in self._durations:
                duration.record(event.seconds, {**about, "error.type": event.reason})
        else:
            span = self._document(event, event.seconds)
            del self._documents[event.reading]
            self._ended.add(1, {"communique.state": "failed", "error.type": event.reason})
            self._reading.record(event.seconds, {"error.type": event.reason})
        span.set_attribute("error.type", event.reason)
        span.set_status(self._trace.StatusCode.ERROR, event.reason)  # a message might hold words of the article
        span.end()

    def _on_verified(self, event: Verified) -> None:
        summary = event.summary
        found = [(kind, r.verdict) for kind, group in summary.records.items() for r in group]
        counts = Counter(verdict for _, verdict in found)
        drafts = len(found) + len(summary.rejections)
        span = self._document(event, event.seconds)
        del self._documents[event.reading]
        span.set_attributes({
            "communique.records": len(found),
            **{f"communique.{verdict}": counts[verdict] for verdict in ("supported", "verified", "flagged")},
            "communique.rejections": len(summary.rejections),
            "communique.warnings": list(summary.provenance.warnings),
        })  # fmt: skip
        for record in summary.all_records():
            for judgement in record.judgements:
                self._logger.emit(
                    event_name="gen_ai.evaluation.result",
                    context=self._trace.set_span_in_context(span),
                    attributes={
                        "gen_ai.evaluation.name": "communique.judge",
                        "gen_ai.evaluation.score.value": judgement.probability,
                        "gen_ai.evaluation.score.label": record.verdict,
                        "gen_ai.response.model": judgement.model,
                        "communique.record.id": record.id,
                        "communique.record.type": type(record).plural,
                        "communique.record.field": judgement.field,
                    },
                )
        span.end()
        for kind, verdict in found:
            self._records.add(1, {"communique.verdict": verdict, "communique.record.type": kind})
        if drafts:
            self._share.record((counts["supported"] + counts["verified"]) / drafts)
        self._ended.add(1, {"communique.state": "read"})
        self._reading.record(event.seconds)

    def _document(self, event: Event, seconds: float) -> Span:
        """Return the span of a document; one that begins now, or began so many seconds ago, if there is none."""
        span = self._documents.get(event.reading)
        if span is None:
            began = time.time_ns() - int(seconds * 1e9)
            about = {"communique.document.id": event.document_id}
            span = self._tracer.start_span("read document", start_time=began, attributes=about)
            self._documents[event.reading] = span
        return span


def wants_content(variables: Mapping[str, str]) -> bool:
    """Tell whether prompts and answers go into the spans: by `COMMUNIQUE_OTEL_CONTENT`, or OpenTelemetry's variable."""
    standard = variables.get("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "").strip().lower()
    return is_on(variables.get("COMMUNIQUE_OTEL_CONTENT")) or standard in {"true", "span_only", "span_and_event"}


def is_on(value: str | None) -> bool:
    """Tell whether a variable is switched on."""
    return (value or "").strip().lower() in {"1", "true", "yes", "on"}


def _turn(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}
