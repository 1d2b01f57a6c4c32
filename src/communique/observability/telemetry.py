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
from communique.engine.events import Answered, Asked, Event, Failed, Rejected, Repaired, Stored, Verified
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
"""By the last part of their names, in the order of `Usage.counts`."""
_COUNTERS = {
    **{f"gen_ai.client.inference.usage.{name}": ("{token}", told) for name, told in _USAGE.items()},
    "communique.retries": ("{request}", "Requests beyond the first"),
    "communique.repairs": ("{question}", "Repair questions"),
    "communique.cost": ("{USD}", "US dollars"),
    "communique.records": ("{record}", "Records by type and verdict"),
    "communique.documents": ("{document}", "Documents by outcome"),
    "communique.stored": ("{document}", "Documents stored in the journal"),
}
_SECONDS = [0.01 * 2**n for n in range(14)]
_REQUEST = ("s", "Wall time of a request, retries included", _SECONDS)
_HISTOGRAMS: dict[str, tuple[str, str, list[Any]]] = {
    "gen_ai.client.token.usage": ("{token}", "Input and output tokens of a request", [4**n for n in range(14)]),
    "gen_ai.client.inference.duration": _REQUEST,
    "gen_ai.client.operation.duration": _REQUEST,
    "communique.document.duration": ("s", "Wall time of a document", _SECONDS),
    "communique.unflagged.share": (
        "1", "Supported or verified records of a document's drafts",
        [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0],
    ),
}  # fmt: skip


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
        self._documents: dict[int, Span] = {}
        self._questions: dict[int, tuple[Span, dict[str, Any]]] = {}
        meter = metrics.get_meter("communique", __version__, meter_provider)
        self._measure: dict[str, Callable[..., None]] = {
            name: meter.create_counter(name, unit, told).add for name, (unit, told) in _COUNTERS.items()
        }
        for name, (unit, told, edges) in _HISTOGRAMS.items():
            made = meter.create_histogram(name, unit, told, explicit_bucket_boundaries_advisory=edges)
            self._measure[name] = made.record

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
                self._measure["communique.repairs"](1)
            case Rejected(rejection=found):
                kind = {"communique.record.type": found.kind, "communique.reason": found.reason}
                self._measure["communique.records"](1, {"communique.verdict": "rejected", **kind})
            case Stored():
                about = {"communique.state": event.state, "communique.reason": event.reason}
                self._measure["communique.stored"](1, about)
                if self._price is None and event.cost:
                    self._measure["communique.cost"](event.cost)

    def _on_asked(self, event: Asked) -> None:
        prompt = event.prompt
        about: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": _PROVIDERS.get(event.backend, event.backend),
            "gen_ai.request.model": event.model,
            "communique.purpose": prompt.purpose,
        }
        more = {
            "gen_ai.request.max_tokens": prompt.max_tokens,
            "gen_ai.output.type": "json",
            "communique.prompt": prompt.fingerprint,
            "communique.complaints": prompt.complaints,
            **({} if prompt.effort is None else {"gen_ai.request.reasoning.level": prompt.effort}),
        }
        document = self._documents[event.reading] = self._document(event)
        span = self._tracer.start_span(
            f"chat {event.model}",
            context=self._trace.set_span_in_context(document),
            kind=self._trace.SpanKind.CLIENT,
            attributes=about | more,
        )
        if self._content:
            turns = [_turn(m.role, m.content) for m in prompt.messages]
            span.set_attribute("gen_ai.input.messages", json.dumps(turns, ensure_ascii=False))
        self._questions[event.call] = span, about

    def _on_answered(self, event: Answered) -> None:
        said, used = event.answer, dict(zip(_USAGE, event.answer.usage.counts, strict=True))
        model = {"gen_ai.response.model": said.model}
        span, about = self._question(event.call, event.seconds, model)
        span.set_attributes(model | {f"gen_ai.usage.{name}": count for name, count in used.items()})
        span.set_attribute("communique.attempts", said.attempts)
        if self._content:
            turns = [{**_turn("assistant", said.text), "finish_reason": "stop"}]
            span.set_attribute("gen_ai.output.messages", json.dumps(turns, ensure_ascii=False))
        span.end()
        for name, count in used.items():
            self._measure[f"gen_ai.client.inference.usage.{name}"](count, about | {"gen_ai.token.modality": "text"})
        for kind in ("input", "output"):
            self._measure["gen_ai.client.token.usage"](used[f"{kind}_tokens"], about | {"gen_ai.token.type": kind})
        if said.attempts > 1:
            self._measure["communique.retries"](said.attempts - 1, about)
        if self._price is not None:
            self._measure["communique.cost"](self._price(said.model, said.usage), about)

    def _on_failed(self, event: Failed) -> None:
        reason = {"error.type": event.reason}
        if event.call is not None:
            span, _ = self._question(event.call, event.seconds, reason)
        else:
            span = self._document(event, event.seconds)
            self._measure["communique.documents"](1, {"communique.state": "failed", **reason})
            self._measure["communique.document.duration"](event.seconds, reason)
        span.set_attributes(reason)
        span.set_status(self._trace.StatusCode.ERROR, event.reason)  # a message might hold words of the article
        span.end()

    def _on_verified(self, event: Verified) -> None:
        summary = event.summary
        found = [(kind, r.verdict) for kind, group in summary.records.items() for r in group]
        counts = Counter(verdict for _, verdict in found)
        span = self._document(event, event.seconds)
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
            self._measure["communique.records"](1, {"communique.verdict": verdict, "communique.record.type": kind})
        if drafts := len(found) + len(summary.rejections):
            self._measure["communique.unflagged.share"]((counts["supported"] + counts["verified"]) / drafts)
        self._measure["communique.documents"](1, {"communique.state": "read"})
        self._measure["communique.document.duration"](event.seconds)

    def _question(self, call: int, seconds: float, more: dict[str, Any]) -> tuple[Span, dict[str, Any]]:
        """Take the span of a question out, and what is known about it; measure how long it took."""
        span, about = self._questions.pop(call, (self._trace.INVALID_SPAN, {}))
        for name in ("inference", "operation"):
            self._measure[f"gen_ai.client.{name}.duration"](seconds, about | more)
        return span, about | more

    def _document(self, event: Event, seconds: float = 0.0) -> Span:
        """Take the span of a document out; if there is none, one that began so many seconds ago."""
        began = time.time_ns() - int(seconds * 1e9)
        about = {"communique.document.id": event.document_id}
        found = self._documents.pop(event.reading, None)
        return found or self._tracer.start_span("read document", start_time=began, attributes=about)


def wants_content(variables: Mapping[str, str]) -> bool:
    """Tell whether prompts and answers go into the spans: by `COMMUNIQUE_OTEL_CONTENT`, or OpenTelemetry's variable."""
    standard = variables.get("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "").strip().lower()
    return is_on(variables.get("COMMUNIQUE_OTEL_CONTENT")) or standard in {"true", "span_only", "span_and_event"}


def is_on(value: str | None) -> bool:
    """Tell whether a variable is switched on."""
    return (value or "").strip().lower() in {"1", "true", "yes", "on"}


def _turn(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}
