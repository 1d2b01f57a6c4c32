"""The server of the page: on loopback, for who holds the token, and for no page of another site.

No cookies: the token reaches the page in the part of the address that browsers keep to themselves, and each request
for data has it in a header. The page's policy lets nothing run or load but its own files.
"""

from __future__ import annotations

import mimetypes
import secrets
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from pydantic import BaseModel
from pydantic_core import from_json
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from communique.errors import CommuniqueError, ConfigurationError
from communique.review.correction import CorrectionError, corrected, marked, sentences_of
from communique.review.decision import JUDGES, Decision, StaleDecisionError, fingerprint_of, key_of, stated
from communique.review.queue import Entry, Queue
from communique.schemas import Evidence, Record
from communique.schemas.annotation import choices, is_list, is_model, item_type, nullable, options
from communique.schemas.markers import stated_fields
from communique.schemas.stored import json_line
from communique.sinks.plain_text import visible
from communique.sinks.record_roles import responses
from communique.sinks.remarks import GROUPS, VERDICTS, field_label, remarks_of
from communique.sinks.report_content import cards_of, document_of, line, only_evidence, stretches

MOST = 1_000_000
"""Bytes of a request."""
PAGE = 50
"""Records of a page of the list."""
_DEEPEST = 3
"""How deep parts may lie in one another; deeper ones are edited as JSON."""
_FOLDERS = ("review/page", "sinks/templates", "sinks/templates/js")
"""Where the files of the page are."""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Review:
    """What the page may ask of a queue, and decide as a reviewer. One request at a time is answered."""

    def __init__(self, queue: Queue, reviewer: str) -> None:
        self._queue, self._reviewer = queue, reviewer

    def app(self, token: str, port: int) -> Starlette:
        """Return the application for a token and a port."""
        hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

        async def guard(request: Request, call_next: RequestResponseEndpoint) -> Response:
            """Refuse other hosts (a name that leads here), pages of other sites, and who asks for data without a token."""
            head = request.headers
            origin, given = head.get("origin"), head.get("x-communique-token", "").encode("utf-8", "replace")
            if head.get("host") not in hosts:
                response: Response = _refusal(421, "another host")
            elif origin is not None and origin.removeprefix("http://") not in hosts:
                response = _refusal(403, "a page of another site")
            elif request.scope["path"].startswith("/api/") and not secrets.compare_digest(given, token.encode()):
                response = _refusal(401, "open the address that communique review printed")
            else:
                response = await call_next(request)
            response.headers.update(_HEADERS)
            return response

        asks = {self.state: "GET", self.list: "GET", self.item: "GET", self.check: "POST", self.decide: "POST"}
        routes = [Route(f"/api/{ask.__name__}", self._answering(ask), methods=[way]) for ask, way in asks.items()]
        mimetypes.add_type("text/javascript", ".js")  # some systems have another one, which browsers refuse
        return Starlette(
            routes=[*routes, Mount("/", StaticFiles(packages=[("communique", f) for f in _FOLDERS], html=True))],
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=guard)],
            exception_handlers=dict.fromkeys((CommuniqueError, ValueError, TypeError), _failed),
        )

    def state(self, _given: dict[str, Any]) -> dict[str, Any]:
        """Return who decides, how far the review is, and which editions of results and decisions are shown."""
        queue = self._queue
        found: dict[str, Any] = {"results": queue.results.name, "reviewer": self._reviewer, "counts": queue.counts()}
        found |= {"edition": queue.edition, "decisions": queue.decisions.edition, "kinds": queue.kinds}
        return found | {"verdicts": VERDICTS, "groups": GROUPS}

    def list(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return a page of a list (`show` as `Queue.shown` takes it), from its entry number `start` on."""
        start = max(0, int(given.get("start") or 0))
        found = self._queue.shown(str(given.get("show")))[start : start + PAGE + 1]
        return {"rows": [_row(entry, self._queue) for entry in found[:PAGE]], "more": len(found) > PAGE}

    def item(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return a record, and the keys of those before and after it in the list `show`."""
        entry, around = self._entry(given), self._queue.shown(str(given.get("show")))
        before = next((e.key for e in reversed(around) if e.rank < entry.rank), None)
        after = next((e.key for e in around if e.rank > entry.rank), None)
        number = [*self._queue.entries].index(entry.key) + 1
        return {**_item(entry, self._queue), "before": before, "after": after, "number": number}

    def check(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the checks say of an edited record, before it is decided on."""
        flags = (check for check in self._corrected(given).checks if check.severity == "flag")
        return {"objections": [[remark.label, remark.text] for remark in remarks_of(flags)]}

    def decide(self, given: dict[str, Any]) -> dict[str, Any]:
        """Keep a decision; return its id."""
        entry, verb, decisions = self._entry(given), given.get("decision"), self._queue.decisions
        found: dict[str, Any] = {"by": self._reviewer, "document": entry.document, "decision": verb, "kind": entry.kind}
        found |= {"comment": str(given.get("comment") or "")[:10_000], "key": entry.key, "record": entry.record}
        whole = key_of(entry.document, "")
        if verb == "missing":
            known, kind = sentences_of(self._queue.record(entry)[0]), given.get("kind")
            marks = [known[n] for n in given.get("sentences") or () if n in known]
            if not marks or kind not in self._queue.kinds:
                raise ConfigurationError("no sentence is marked" if not marks else "there is no such type of record")
            found |= {"sentences": marks, "kind": kind, "record": "", "key": whole}
        elif verb == "undo":
            undone = [d for key in (entry.key, whole) for d in decisions.standing(key) if d.id == given.get("undoes")]
            if not undone:
                raise StaleDecisionError("it was taken back already")
            found |= {"undoes": undone[0].id, "key": undone[0].key}
        elif given.get("fingerprint") != entry.fingerprint:
            raise StaleDecisionError("the record has changed in the results meanwhile")
        else:
            found |= {"fingerprint": entry.fingerprint, "original": stated(self._queue.record(entry)[1])}
        if verb == "correct":
            new = self._corrected(given)
            found["edited"] = stated(new)
            if fingerprint_of(new) == entry.fingerprint:
                raise ConfigurationError("nothing is changed", hint="accept the record instead")
        decision = Decision.model_validate(found)
        decisions.add(decision, saw=str(given.get("saw")) if verb in JUDGES else None)
        return {"id": decision.id}

    def _corrected(self, given: dict[str, Any]) -> Record:
        summary, record = self._queue.record(self._entry(given))
        return corrected(record, dict(given.get("edited") or {}), summary)

    def _entry(self, given: dict[str, Any]) -> Entry:
        if entry := self._queue.entries.get(given.get("key", "")):
            return entry
        raise StaleDecisionError("the record is no longer in the results")

    def _answering(self, ask: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
        async def answer(request: Request) -> Response:
            given: Any = dict(request.query_params)
            if request.method == "POST":
                if not 0 <= int(request.headers.get("content-length") or MOST) < MOST:
                    return _refusal(413, "too long")
                try:
                    given = from_json(await request.body(), allow_inf_nan=False)
                except ValueError:
                    given = None
                if not isinstance(given, dict):
                    return _refusal(400, "not a JSON object")
            notice = ""
            try:
                self._queue.refresh()
            except CommuniqueError as error:
                notice = str(error)  # what was read before stays
            return Response(json_line({**ask(given), "notice": notice}), media_type="application/json")

        return answer


def serve(app: Starlette, port: socket.socket) -> None:
    """Serve until the process is interrupted."""
    settings = uvicorn.Config(app, log_level="warning", ws="none", access_log=False, timeout_graceful_shutdown=2)
    uvicorn.Server(settings).run(sockets=[port])


def _row(entry: Entry, queue: Queue) -> dict[str, Any]:
    standing = queue.standing(entry)
    return {**entry._asdict(), "kind": line(entry.kind), "state": standing.state, "conflict": standing.conflict}


def _item(entry: Entry, queue: Queue) -> dict[str, Any]:
    (summary, record), standing, decisions = queue.record(entry), queue.standing(entry), queue.decisions
    shown = marked(record, standing, summary) if standing.state in {"corrected", "again"} else record
    alone = summary.model_copy(update={"records": {entry.kind: (shown,)}, "rejections": ()})
    text, sentences, values = summary.document.text, sentences_of(summary), stated(shown)
    content = document_of(alone, [card for card, _ in cards_of(alone)], text, 0)
    cited = [("evidence", e) for e in shown.evidence]
    cited += [("denial" if r.type == "denial" else "answer", e) for r in responses(shown) for e in r.evidence]
    roles = {n: of for of, e in reversed(cited) for n, s in sentences.items() if e.start < s.end and s.start < e.end}
    parts = stretches(text, sentences.values()) if text else only_evidence(sentences.values())
    known = _fields(type(record))
    numbered = [(visible(piece), numbers[0] if numbers else 0) for piece, numbers in parts]
    return {
        **_row(entry, queue),
        "version": decisions.version(entry.key),
        "why": standing.why,
        "history": [_told(decision) for decision in decisions.standing(entry.key)],
        "missing": [_told(decision) for decision in decisions.missing(entry.document)],
        "card": {**content["cards"][0], "beside": []},
        "document": {name: content[name] for name in ("title", "link", "facts", "warnings", "kept")},
        "pieces": [(piece, number, roles.get(number, "")) for piece, number in numbered],
        "stated": values,
        "fields": [known.get(name) or _field(name, _type(value), None) for name, value in values.items()],
    }


def _fields(kind: type[BaseModel], deep: int = 1) -> dict[str, dict[str, Any]]:
    """Return, by name, how each field that a person may state is edited."""
    names = [*(name for name, _ in stated_fields(kind)), *({"evidence"} & kind.model_fields.keys())]
    infos = ((name, kind.model_fields[name]) for name in names)
    return {name: _field(name, info.annotation, info.default, deep) for name, info in infos}


def _field(name: str, annotation: Any, default: Any, deep: int = 1) -> dict[str, Any]:
    """Return how a field is edited: as `parts` with own `fields`, `words`, `lines`, `numbers` of sentences, or `json`."""
    of = [*options(annotation)]
    many = len(of) == 1 and is_list(of[0])
    of = [*options(item_type(of[0]))] if many else of
    one = of[0] if len(of) == 1 else None
    values = [value for value in choices(one) if value is not None]
    empty = None if nullable(annotation) else [] if many else default if isinstance(default, str) else ""
    found = {"name": name, "label": field_label(name), "many": many, "empty": empty, "kind": "json"}
    if name == "evidence" and one is Evidence:
        found["kind"] = "numbers"
    elif one is not None and is_model(one) and deep < _DEEPEST:
        found |= {"kind": "parts", "fields": [*_fields(one, deep + 1).values()]}
    elif one is str or {*map(type, values)} == {str}:
        found |= {"kind": "lines" if many else "words", "choices": [] if many else values}
    return found


def _type(value: Any) -> Any:
    """Return the type of a value whose record's type isn't known."""
    return (list[str] if isinstance(value, list) and {*map(type, value)} == {str} else type(value)) | None


def _told(decision: Decision) -> dict[str, Any]:
    words = {name: line(getattr(decision, name)) for name in ("id", "by", "at", "decision", "kind", "comment")}
    return {**words, "fingerprint": decision.fingerprint, "sentences": [e.sentence for e in decision.sentences]}


def _failed(_request: Request, error: Exception) -> Response:
    stale = isinstance(error, StaleDecisionError)
    said = error.message if isinstance(error, CommuniqueError) else "the request can't be understood"
    path = error.path if isinstance(error, CorrectionError) else ()
    return JSONResponse({"error": said, "stale": stale, "path": path}, 409 if stale else 422)


def _refusal(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status)
