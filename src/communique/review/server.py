"""The server of the page: on loopback, for who holds the token, and for no page of another site.

No cookies: the token reaches the page in the part of the address that browsers keep to themselves, and each request
for data has it in a header. The page's policy lets nothing run or load but its own files.
"""

from __future__ import annotations

import mimetypes
import secrets
import socket
from contextlib import suppress
from typing import Any

import uvicorn
from pydantic_core import from_json
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from communique.errors import CommuniqueError, ConfigurationError
from communique.prompts.wire import full_schema
from communique.review.decision import JUDGES, Decision, StaleDecisionError, fingerprint_of, key_of, stated
from communique.review.outcome import CorrectionError, corrected, marked, sentences_of
from communique.review.queue import Entry, Queue
from communique.schemas.stored import json_line
from communique.sinks.cards import CardNote
from communique.sinks.html_report import beside, cards_of, document_of, line
from communique.sinks.remarks import GROUPS, LABELS, VERDICTS, numbered, remarks_of, words

MOST = 1_000_000  # bytes of a request
LISTED = 50  # records of the list that are shown, around the chosen one
_FOLDERS = ("review/page", "sinks/templates", "sinks/templates/js")  # of the page's files
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


def app(queue: Queue, reviewer: str, token: str, port: int) -> Starlette:
    """Return what answers the page of a queue to who holds the token; one request at a time."""
    hosts, asks = {f"127.0.0.1:{port}", f"localhost:{port}"}, {"/api/view": view, "/api/decide": decide}

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

    async def answer(request: Request) -> Response:
        if not 0 <= int(request.headers.get("content-length") or MOST) < MOST:
            return _refusal(413, "too long")
        if not isinstance(given := from_json(await request.body(), allow_inf_nan=False), dict):
            return _refusal(400, "not a JSON object")
        notice = ""
        try:
            queue.refresh()
        except CommuniqueError as error:
            notice = str(error)  # what was read before stays
        found = asks[request.scope["path"]](queue, reviewer, given)
        return Response(json_line({**found, "notice": notice}), media_type="application/json")

    mimetypes.add_type("text/javascript", ".js")  # some systems have another one, which browsers refuse
    page = Mount("/", StaticFiles(packages=[("communique", folder) for folder in _FOLDERS], html=True))
    return Starlette(
        routes=[*(Route(path, answer, methods=["POST"]) for path in asks), page],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=guard)],
        exception_handlers=dict.fromkeys((CommuniqueError, ValueError, TypeError), _failed),
    )


def serve(page: Starlette, port: socket.socket) -> None:
    """Serve until the process is interrupted."""
    settings = uvicorn.Config(page, log_level="warning", ws="none", access_log=False, timeout_graceful_shutdown=2)
    uvicorn.Server(settings).run(sockets=[port])


def view(queue: Queue, reviewer: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return all that the page shows; {} if nothing has changed since the edition that it has `seen`.

    That is how far the review is, the record `key`, or else the first of the list `show` (as `Queue.shown` takes it),
    and the part of the list around it.
    """
    edition = [queue.edition, queue.decisions.edition]
    if given.get("seen") == edition:
        return {}
    listed = queue.shown(str(given.get("show")))
    chosen = queue.entries.get(str(given.get("key"))) or next(iter(listed), None)
    before = [entry for entry in listed if chosen and entry.rank < chosen.rank]
    after = [entry.key for entry in listed[len(before) :] if entry != chosen]
    start = max(0, min(len(before) - LISTED // 2, len(listed) - LISTED))
    return {
        "results": queue.results.name,
        "reviewer": reviewer,
        "counts": queue.counts(),
        "progress": queue.progress(),
        "edition": edition,
        "kinds": queue.kinds,
        "verdicts": VERDICTS,
        "groups": GROUPS,
        "labels": LABELS,
        "rows": [_row(entry, queue) for entry in listed[start : start + LISTED]],
        "record": chosen and _record(chosen, queue),
        "before": before[-1].key if before else None,
        "after": after[0] if after else None,
    }


def decide(queue: Queue, reviewer: str, given: dict[str, Any]) -> dict[str, Any]:
    """Keep a decision; return its id, or else the `objections` of the checks to a correction that isn't `confirmed`."""
    if not (entry := queue.entries.get(str(given.get("key")))):
        raise StaleDecisionError("the record is no longer in the results")
    (summary, record), decisions, verb = queue.record(entry), queue.decisions, given.get("decision")
    found: dict[str, Any] = {"by": reviewer, "document": entry.document, "decision": verb, "kind": entry.kind}
    found |= {"comment": str(given.get("comment") or "")[:10_000], "key": entry.key, "record": entry.record}
    whole = key_of(entry.document, "")
    if verb == "missing":
        known, kind = sentences_of(summary), given.get("kind")
        marks = [known[n] for n in given.get("sentences") or () if n in known]
        if not marks or kind not in queue.kinds:
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
        found |= {"fingerprint": entry.fingerprint, "original": stated(record)}
    if verb == "correct":
        new = corrected(record, dict(given.get("edited") or {}), summary)
        if fingerprint_of(new) == entry.fingerprint:
            raise ConfigurationError("nothing is changed", hint="accept the record instead")
        flags = remarks_of(check for check in new.checks if check.severity == "flag")
        if flags and not given.get("confirmed"):
            return {"objections": [[remark.label, remark.text] for remark in flags]}
        found["edited"] = stated(new)
    decision = Decision.model_validate(found)
    decisions.add(decision, saw=str(given.get("saw")) if verb in JUDGES else None)
    return {"id": decision.id}


def _row(entry: Entry, queue: Queue) -> dict[str, Any]:
    standing = queue.standing(entry)
    return {**entry._asdict(), "kind": line(entry.kind), "state": standing.state, "conflict": standing.conflict}


def _record(entry: Entry, queue: Queue) -> dict[str, Any]:
    """Return a record beside its article, and how it is edited: the JSON Schema of each field that a person may state."""
    (summary, record), standing, decisions = queue.record(entry), queue.standing(entry), queue.decisions
    shown = marked(record, standing, summary) if standing.state in {"corrected", "again"} else record
    alone = summary.model_copy(update={"records": {entry.kind: (shown,)}, "rejections": ()})
    cards, sentences = cards_of(alone), sentences_of(summary).values()
    content = document_of(alone, cards, summary.document.text, 0, sentences)
    missing = decisions.missing(entry.document)
    content["cards"][0]["beside"] = beside(_note(d, entry) for d in (*decisions.standing(entry.key), *missing))
    schemas: dict[str, Any] = {}
    with suppress(ConfigurationError):  # a type that has none is edited by its values
        [records] = full_schema([type(record)])["properties"].values()
        schemas = records["items"]["properties"]
    return {
        **_row(entry, queue),
        "number": [*queue.entries].index(entry.key) + 1,
        "version": decisions.version(entry.key),
        "why": standing.why,
        "missing": [item.sentence for decision in missing for item in decision.sentences],
        "document": content,
        "stated": stated(shown),
        "schemas": schemas,
    }


def _note(decision: Decision, entry: Entry) -> CardNote:
    done = {"missing": f"missing: {words(decision.kind)}", "comment": "commented"} | JUDGES
    earlier = "an earlier form of the record" if decision.fingerprint not in {"", entry.fingerprint} else ""
    told = [numbered([item.sentence for item in decision.sentences]), decision.comment, earlier]
    text = "; ".join(filter(None, [*told, f"{decision.at[:16].replace('T', ' ')} UTC"]))
    return CardNote("Decisions", decision.by, done[decision.decision], "plain", text)


def _failed(_request: Request, error: Exception) -> Response:
    stale = isinstance(error, StaleDecisionError)
    said = error.message if isinstance(error, CommuniqueError) else "the request can't be understood"
    path = error.path if isinstance(error, CorrectionError) else ()
    return JSONResponse({"error": said, "stale": stale, "path": path}, 409 if stale else 422)


def _refusal(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status)
