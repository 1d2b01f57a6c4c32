"""The server of the page: on loopback, for who holds the token, and for no page of another site.

No cookies: the token reaches the page in the part of the address that browsers keep to themselves, and each request
for data has it in a header. The page's policy lets nothing run or load but its own files.
"""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import uvicorn
from pydantic import ValidationError
from pydantic_core import from_json
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from communique.errors import CommuniqueError, ConfigurationError
from communique.review.correction import corrected, sentences_of
from communique.review.decision import JUDGES, Decision, StaleDecisionError, fingerprint_of, key_of, stated
from communique.review.item import item, row
from communique.review.queue import Entry, Queue
from communique.schemas import Record
from communique.schemas.stored import json_line
from communique.sinks.remarks import GROUPS, VERDICTS, remarks_of

LOOPBACK = "127.0.0.1"
TOKEN = "x-communique-token"  # noqa: S105 - a header's name
MOST = 1_000_000
"""Bytes of a request."""
PAGE = 50
"""Records of a page of the list."""
_FILES = {
    "": ("review", "page/review.html", "text/html"),
    "report.css": ("sinks", "templates/report.css", "text/css"),
    "review.css": ("review", "page/review.css", "text/css"),
    "elements.js": ("sinks", "templates/js/elements.js", "text/javascript"),
    "document.js": ("sinks", "templates/js/document.js", "text/javascript"),
    "review.js": ("review", "page/review.js", "text/javascript"),
}
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


class Guard(BaseHTTPMiddleware):
    """Refuses other hosts (a name that leads here), pages of other sites, and requests for data without the token."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        super().__init__(app)
        self._token, self._hosts = token.encode(), {f"{LOOPBACK}:{port}", f"localhost:{port}"}

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Answer, or refuse."""
        head = request.headers
        origin, given = head.get("origin"), head.get(TOKEN, "").encode("utf-8", "replace")
        if head.get("host") not in self._hosts:
            response: Response = _refusal(421, "another host")
        elif origin is not None and origin.removeprefix("http://") not in self._hosts:
            response = _refusal(403, "a page of another site")
        elif request.scope["path"].startswith("/api/") and not secrets.compare_digest(given, self._token):
            response = _refusal(401, "open the address that communique review printed")
        else:
            response = await call_next(request)
        response.headers.update(_HEADERS)
        return response


class Review:
    """What the page may ask of a queue, and decide.

    Args:
        queue: The queue.
        reviewer: Who decides.
    """

    def __init__(self, queue: Queue, reviewer: str) -> None:
        self._queue, self._reviewer, self._guard = queue, reviewer, threading.Lock()

    def app(self, token: str, port: int) -> Starlette:
        """Return the application for a token and a port."""
        routes = [Route(f"/{name}", _static(*place)) for name, place in _FILES.items()]
        asks = {self.state: "GET", self.list: "GET", self.item: "GET", self.decide: "POST", self.check: "POST"}
        routes += [Route(f"/api/{ask.__name__}", self._route(ask), methods=[way]) for ask, way in asks.items()]
        return Starlette(routes=routes, middleware=[Middleware(Guard, token=token, port=port)])

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
        return {"rows": [row(e, self._queue) for e in found[:PAGE]], "more": len(found) > PAGE}

    def item(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return a record, and the keys of those before and after it in the list `show`."""
        entry, order = self._entry(given), {key: n for n, key in enumerate(self._queue.entries)}
        here, around = order[entry.key], [e.key for e in self._queue.shown(str(given.get("show")))]
        before = next((key for key in reversed(around) if order[key] < here), None)
        after = next((key for key in around if order[key] > here), None)
        return {**item(entry, self._queue), "before": before, "after": after, "number": here + 1}

    def check(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the checks say of an edited record, before it is decided on."""
        new = self._corrected(self._entry(given), given)
        return {"objections": [[r.label, r.text] for r in remarks_of(c for c in new.checks if c.severity == "flag")]}

    def decide(self, given: dict[str, Any]) -> dict[str, Any]:
        """Keep a decision; return its id."""
        entry, verb = self._entry(given), given.get("decision")
        found: dict[str, Any] = {"by": self._reviewer, "document": entry.document, "decision": verb, "kind": entry.kind}
        found |= {"comment": str(given.get("comment") or "")[:10_000], "key": entry.key, "record": entry.record}
        if verb == "missing":
            found |= self._missing(entry, given)
        elif verb == "undo":
            found |= {"undoes": str(given.get("undoes")), "key": self._key_of(entry, str(given.get("undoes")))}
        elif given.get("fingerprint") != entry.fingerprint:
            raise StaleDecisionError("the record has changed in the results meanwhile")
        else:
            found |= {"fingerprint": entry.fingerprint, "original": stated(self._queue.record(entry)[1])}
        if verb == "correct":
            new = self._corrected(entry, given)
            found["edited"] = stated(new)
            if fingerprint_of(new) == entry.fingerprint:
                raise ConfigurationError("nothing is changed", hint="accept the record instead")
        decision = Decision.model_validate(found)
        self._queue.decisions.add(decision, saw=str(given.get("saw")) if verb in JUDGES else None)
        return {"id": decision.id}

    def _corrected(self, entry: Entry, given: dict[str, Any]) -> Record:
        summary, record = self._queue.record(entry)
        edited = given.get("edited")
        if not isinstance(edited, dict):
            raise ConfigurationError("the record is not a JSON object")
        return corrected(record, edited, summary)

    def _missing(self, entry: Entry, given: dict[str, Any]) -> dict[str, Any]:
        known, kind = sentences_of(self._queue.record(entry)[0]), given.get("kind")
        marks = [known[n] for n in given.get("sentences") or () if n in known]
        if not marks or kind not in self._queue.kinds:
            raise ConfigurationError("no sentence is marked" if not marks else "there is no such type of record")
        return {"sentences": marks, "kind": kind, "record": "", "key": key_of(entry.document, "")}

    def _key_of(self, entry: Entry, decision: str) -> str:
        decisions = self._queue.decisions
        for key in (entry.key, key_of(entry.document, "")):
            if any(d.id == decision for d in decisions.standing(key)):
                return key
        raise StaleDecisionError("it was taken back already")

    def _entry(self, given: dict[str, Any]) -> Entry:
        try:
            return self._queue.entries[str(given.get("key"))]
        except KeyError:
            raise StaleDecisionError("the record is no longer in the results") from None

    def _answer(self, ask: Callable[[dict[str, Any]], dict[str, Any]], given: dict[str, Any]) -> Response:
        notice = ""
        with self._guard:
            try:
                self._queue.refresh()
            except CommuniqueError as error:
                notice = str(error)  # what was read before stays
            try:
                found, status = ask(given), 200
            except StaleDecisionError as error:
                found, status = {"error": error.message, "stale": True}, 409
            except (CommuniqueError, ValidationError, ValueError, TypeError) as error:
                told = error.message if isinstance(error, CommuniqueError) else "the request can't be understood"
                found, status = {"error": told}, 422
            found |= {"notice": notice}
        return Response(json_line(found), status, media_type="application/json")

    def _route(self, ask: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
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
            return await run_in_threadpool(self._answer, ask, given)

        return answer


def serve(app: Starlette, port: socket.socket) -> None:
    """Serve until the process is interrupted."""
    settings = uvicorn.Config(app, log_level="warning", ws="none", access_log=False, timeout_graceful_shutdown=2)
    uvicorn.Server(settings).run(sockets=[port])


def _refusal(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status)


def _static(room: str, path: str, media_type: str) -> Callable[[Request], Response]:
    content = (files(f"communique.{room}") / path).read_bytes()
    return lambda _request: Response(content, media_type=media_type)
