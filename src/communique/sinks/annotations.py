"""W3C Web Annotations: every record tied to its sentences, for Hypothesis, Recogito and other annotation tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from communique.schemas import Evidence, Support, VerifiedSummary
from communique.sinks.cards import card_of
from communique.sinks.identifiers import record_key, safe_id, safe_link
from communique.sinks.record_roles import responses
from communique.sinks.remarks import VERDICTS, path_label
from communique.sinks.sink import JsonListSink

_HEAD = (
    '{"@context":"http://www.w3.org/ns/anno.jsonld","id":"urn:communique:annotations","type":"AnnotationPage","items":['
)
CONTEXT = 32
"""Code points of prefix and suffix, as Hypothesis takes them."""


def annotations_of(summary: VerifiedSummary, text: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield an annotation per record, with a target per sentence, one per response, and one per value that the article has.

    Args:
        summary: The checked summary.
        text: The article, for prefix and suffix; without it the selectors have the exact words and offsets only.
    """
    source = safe_link(summary.document.source) or f"urn:communique:document:{safe_id(summary.document.id)}"
    for kind, group in summary.records.items():
        for record in group:
            card = card_of(kind, record)
            key = record_key(record, source)
            tags = [card.label, *card.badges, VERDICTS[card.verdict][0]]
            yield _annotation(key, card.headline, tags, _targets(source, record.evidence, text))
            for number, answer in enumerate(responses(record), 1):
                said = f"{answer.type}: {', '.join(a.name for a in answer.responders)}"
                targets = _targets(source, answer.evidence, text)
                yield _annotation(f"{key}:response:{number}", said, [answer.type], targets)
            for number, found in enumerate(record.support, 1):
                exact = "" if text is None else text[found.start : found.end]
                target = {"source": source, "selector": list(_selectors(exact, found, text))}
                tags = [found.field, found.where, found.by]
                yield _annotation(f"{key}:support:{number}", path_label(found.field), tags, [target])


def _annotation(key: str, comment: str, tags: list[str], targets: list[dict[str, Any]]) -> dict[str, Any]:
    bodies = [{"type": "TextualBody", "value": comment, "format": "text/plain", "purpose": "describing"}]
    bodies += [{"type": "TextualBody", "value": tag, "purpose": "tagging"} for tag in tags]
    return {
        "id": f"urn:communique:annotation:{key}",
        "type": "Annotation",
        "motivation": "describing",
        "body": bodies,
        "target": targets,
    }


def _targets(source: str, evidence: Iterable[Evidence], text: str | None) -> list[dict[str, Any]]:
    targets = ({"source": source, "selector": list(_selectors(e.exact, e, text))} for e in evidence)
    return list(targets) or [{"source": source}]


def _selectors(exact: str, place: Evidence | Support, text: str | None) -> Iterator[dict[str, Any]]:
    if exact:
        quote: dict[str, Any] = {"type": "TextQuoteSelector", "exact": exact}
        if text is not None:
            quote["prefix"] = text[max(0, place.start - CONTEXT) : place.start]
            quote["suffix"] = text[place.end : place.end + CONTEXT]
        yield quote
    yield {"type": "TextPositionSelector", "start": place.start, "end": place.end}


class AnnotationsSink(JsonListSink):
    """One AnnotationPage with all annotations."""

    name: ClassVar[str] = "annotations"
    suffix: ClassVar[str] = ".annotations.jsonld"
    head: ClassVar[str] = _HEAD
    tail: ClassVar[str] = "\n]}\n"

    def items(self, summary: VerifiedSummary, text: str | None) -> Iterator[Any]:
        return annotations_of(summary, text)
