"""MessageBatchServer: batches of messages on loopback, as Anthropic keeps them, beside `/v1/messages`."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from openai_batches import BatchServer, Ending, KeptBatch, Response

from communique.testing import Fault
from communique.testing.chat_wires import MESSAGES, Answer, anthropic_message, content_of, error_of

MAX_REQUESTS = 100_000
MAX_BYTES = 256 * 1024 * 1024
_PATH = f"/v1{MESSAGES}"
_KEY = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_REST = {"completed": {}, "expired": {"type": "expired"}, "cancelled": {"type": "canceled"}}


class MessageBatchServer(BatchServer):
    """Keeps batches of messages like Anthropic, in memory. Use it as a context manager.

    There are no files: a batch holds its requests. Attributes are those of `BatchServer`; `line_fault` gives the type of
    an error (`{"code": "overloaded_error", "message": "..."}`), `{"code": "expired"}`, `{"code": "canceled"}`, or {} for
    no line. A batch doesn't end as `failed`: it is refused when it is created.

    Args:
        answer: Gives the content (an object or a string) for a request; an empty answer of the asked shape if None.
        key: The only key that is accepted; any if None.
        looks: How often a batch is looked at, or listed, before it has ended.
        thinking: Tokens for which the model thinks before it answers; they count against the limit of an answer.
    """

    def __init__(
        self, answer: Answer | None = None, *, key: str | None = None, looks: int = 1, thinking: int = 0
    ) -> None:
        super().__init__(
            answer, key=key, looks=looks, max_requests=MAX_REQUESTS, max_bytes=MAX_BYTES, thinking=thinking
        )
        self._results: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        """Base URL for a client of Anthropic's, without /v1."""
        return super().url.removesuffix("/v1")

    def respond(self, method: str, target: str, headers: Any, raw: bytes) -> Response:
        """Answer one request: status, headers, body."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        self.calls.append((method, path))
        refused = self._refused(method, path, headers)
        if refused is not None:
            return _failed(refused[0], json.loads(refused[2])["error"]["code"] or "api_error")
        if (method, path) == ("POST", _PATH):
            self.live += 1
            return _sent(self._message(json.loads(raw)))
        kind, _, rest = path.removeprefix(f"{_PATH}/").partition("/")
        if kind != "batches":
            return _failed(404, "not_found_error")
        if not rest:
            return self._take(raw) if method == "POST" else self._list(query)
        batch_id, _, what = rest.partition("/")
        return self._of_batch(batch_id, what)

    def _of_batch(self, batch_id: str, what: str) -> Response:
        batch = self.batches.get(batch_id)
        if batch is None or (what == "results" and batch_id not in self._results):
            return _failed(404, "not_found_error")
        if what == "results":
            return 200, {"content-type": "application/x-jsonl"}, self._results[batch_id]
        if what == "cancel":
            batch.shown["processing_status"] = "canceling"
            batch.ending, batch.looks = Ending("cancelled", batch.ending.answered / 2), self.looks
        else:
            self._look_at(batch)
        return _sent(batch.shown, {"retry-after": self.retry_after} if self.retry_after else {})

    def _take(self, raw: bytes) -> Response:
        """Create a batch."""
        if len(raw) > self.max_bytes:
            return _failed(413, "request_too_large")
        lines = json.loads(raw)["requests"]
        keys = [line["custom_id"] for line in lines]
        wrong = len(set(keys)) < len(keys) or not all(_KEY.fullmatch(key) for key in keys)
        if wrong or not 0 < len(lines) <= self.max_requests:
            return _failed(400, "invalid_request_error")
        now, batch_id = datetime.now(UTC), f"msgbatch_{len(self.batches) + 1}"
        shown = {
            "id": batch_id,
            "type": "message_batch",
            "processing_status": "in_progress",
            "request_counts": _counts(len(lines), []),
            "created_at": now.isoformat(),
            "expires_at": (now + timedelta(days=1)).isoformat(),
            "ended_at": None,
            "results_url": None,
        }
        self.batches[batch_id] = KeptBatch(shown, lines, Ending(*(self.endings.pop(0) if self.endings else ())))
        return _sent(shown)

    def _list(self, query: dict[str, list[str]]) -> Response:
        for batch in self.batches.values():
            self._look_at(batch)
        shown = [batch.shown for batch in reversed(self.batches.values())]
        after, limit = query.get("after_id", [""])[0], int(query.get("limit", ["20"])[0])
        start = next((i + 1 for i, item in enumerate(shown) if item["id"] == after), 0)
        page = shown[start : start + limit]
        first, last = (page[0]["id"], page[-1]["id"]) if page else (None, None)
        return _sent({"data": page, "has_more": start + limit < len(shown), "first_id": first, "last_id": last})

    def _look_at(self, batch: KeptBatch) -> None:
        batch.looks += 1
        if batch.finished or batch.looks <= self.looks:
            return
        batch.finished = True
        self._end(batch)

    def _end(self, batch: KeptBatch) -> None:
        written, kinds = list(self.strange_lines), []
        share = round(len(batch.lines) * batch.ending.answered)
        for number, line in enumerate(batch.lines):
            fault = self.line_fault(line)
            fault = _REST[batch.ending.status] if fault is None and number >= share else fault
            result = self._result(line, fault)
            kinds.append(result.get("type", "errored"))
            if result:
                written.append(json.dumps({"custom_id": line["custom_id"], "result": result}))
        written.reverse()  # the order of answers is not promised
        batch_id = batch.shown["id"]
        self._results[batch_id] = "".join(f"{text}\n" for text in written).encode()
        batch.shown |= {
            "processing_status": "ended",
            "request_counts": _counts(0, kinds),
            "ended_at": datetime.now(UTC).isoformat(),
            "results_url": f"{self.url}{_PATH}/batches/{batch_id}/results",
        }

    def _result(self, line: dict[str, Any], fault: dict[str, Any] | None) -> dict[str, Any]:
        if fault is None:
            self.answered[line["custom_id"]] += 1
            return {"type": "succeeded", "message": self._message(line["params"])}
        if "code" not in fault:
            return fault
        if fault["code"] in {"expired", "canceled"}:
            return {"type": fault["code"]}
        error = {"type": fault["code"], "message": fault.get("message", fault["code"])}
        return {"type": "errored", "error": {"type": "error", "error": error, "request_id": None}}

    def _message(self, body: dict[str, Any]) -> dict[str, Any]:
        return anthropic_message(body, content_of(self.answer(body)), Fault(), self.thinking)


def _counts(processing: int, kinds: list[str]) -> dict[str, int]:
    counted = {kind: kinds.count(kind) for kind in ("succeeded", "errored", "canceled", "expired")}
    return {"processing": processing, **counted}


def _sent(value: Any, headers: dict[str, str] | None = None) -> Response:
    return 200, headers or {}, json.dumps(value).encode()


def _failed(status: int, code: str) -> Response:
    return status, {}, json.dumps(error_of(MESSAGES, Fault(status, code=code))).encode()
