"""BatchServer: files and batches on loopback, as OpenAI's Batch API keeps them, beside `/v1/chat/completions`."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from communique.testing import Fault
from communique.testing.chat_wires import RESPONSES, Answer, content_of, empty_answer, error_of, head_of, openai_answer
from communique.testing.fake_server import LoopbackServer, key_of

Response = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""

_ENDPOINTS = ("/v1/chat/completions", f"/v1{RESPONSES}")
MAX_REQUESTS = 50_000
MAX_BYTES = 200_000_000

LineFault = dict[str, Any]
"""What stands in a line instead of an answer: `{"status": 400, "code": "..."}`, or `{"code": "batch_expired"}`; {}
drops it."""


class Ending(NamedTuple):
    """How a batch ends.

    Attributes:
        status: completed, expired, cancelled or failed.
        answered: Share of its requests that are answered.
        code: Why it failed as a whole.
    """

    status: str = "completed"
    answered: float = 1.0
    code: str = ""


@dataclass(slots=True)
class KeptBatch:
    """A batch and what becomes of it."""

    shown: dict[str, Any]
    lines: list[dict[str, Any]]
    ending: Ending = Ending()  # noqa: RUF009 - frozen
    looks: int = 0
    finished: bool = False


class BatchServer(LoopbackServer):
    """Keeps files and batches like OpenAI, in memory. Use it as a context manager.

    Args:
        answer: Gives the content (an object or a string) for a request; an empty answer of the asked shape if None.
        key: The only key that is accepted; any if None.
        looks: How often a batch is looked at before it has ended.
        max_requests: Most requests of a file.
        max_bytes: Most bytes of a file.
        thinking: Tokens for which the model thinks before it answers; they count against the limit of an answer.

    Attributes:
        calls: Method and path of all requests, in order.
        answered: How often each `custom_id` was answered: what a provider bills.
        live: Requests to the chat endpoint.
        endings: How the next batches end, each as the values of an `Ending`; those after them are completed.
        line_fault: Gives what stands in a line instead of an answer, or None.
        refuse: Method and path prefix to answer with a status and an error code:
            `refuse["POST", "/v1/batches"] = (500, "")`; with a third item, only so many times.
        retry_after: Sent with each look at a batch, if not "".
        strange_lines: Raw lines that are put into every output file.
    """

    def __init__(
        self,
        answer: Answer | None = None,
        *,
        key: str | None = None,
        looks: int = 1,
        max_requests: int = MAX_REQUESTS,
        max_bytes: int = MAX_BYTES,
        thinking: int = 0,
    ) -> None:
        super().__init__()
        self.answer = answer or empty_answer
        self.key = key
        self.looks = looks
        self.max_requests = max_requests
        self.max_bytes = max_bytes
        self.calls: list[tuple[str, str]] = []
        self.answered: Counter[str] = Counter()
        self.live = 0
        self.thinking = thinking
        self.endings: list[tuple[Any, ...]] = []
        self.line_fault: Callable[[dict[str, Any]], LineFault | None] = lambda _line: None
        self.refuse: dict[tuple[str, str], tuple[Any, ...]] = {}
        self.retry_after = ""
        self.strange_lines: list[str] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self.batches: dict[str, KeptBatch] = {}

    def count(self, method: str, path: str) -> int:
        """Return how many requests of a method went to a path below /v1."""
        return sum(call == (method, f"/v1{path}") for call in self.calls)

    async def _answer(
        self, method: str, target: str, headers: dict[str, str], raw: bytes, writer: asyncio.StreamWriter
    ) -> None:
        status, sent_headers, body = self.respond(method, target, headers, raw)
        writer.write(head_of(status, sent_headers, len(body)) + body)
        await writer.drain()

    def respond(self, method: str, target: str, headers: Any, raw: bytes) -> Response:
        """Answer one request: status, headers, body."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        self.calls.append((method, path))
        refused = self._refused(method, path, headers)
        if refused is not None:
            return refused
        kind, _, rest = path.removeprefix("/v1/").partition("/")
        if method == "POST" and path in _ENDPOINTS:
            self.live += 1
            return _sent(self._completion(path, json.loads(raw)))
        if kind == "files":
            return self._of_files(method, rest, query, raw)
        if kind == "batches":
            return self._of_batches(method, rest, query, raw)
        return _failed(404, "not_found")

    def _refused(self, method: str, path: str, headers: Any) -> Response | None:
        if self.key is not None and key_of(headers) != self.key:
            return _failed(401, "invalid_api_key")
        for (wanted, prefix), (status, code, *times) in list(self.refuse.items()):
            if method == wanted and path.startswith(prefix):
                if times and times[0] <= 1:
                    del self.refuse[wanted, prefix]
                elif times:
                    self.refuse[wanted, prefix] = (status, code, times[0] - 1)
                return _failed(status, code)
        return None

    def _of_files(self, method: str, rest: str, query: dict[str, list[str]], raw: bytes) -> Response:
        if method == "POST":
            name, content = _uploaded(raw)
            if len(content) > self.max_bytes:
                return _failed(413, "file_too_large")
            return _sent(self._shown(self._keep(name, content)))
        file_id, _, what = rest.partition("/")
        if not file_id:
            return _sent(_page([self._shown(f) for f in reversed(self.files)], query))
        if file_id not in self.files:
            return _failed(404, "file_not_found")
        if what == "content":
            return 200, {"content-type": "application/octet-stream"}, self.files[file_id][1]
        return _sent(self._shown(file_id))

    def _of_batches(self, method: str, rest: str, query: dict[str, list[str]], raw: bytes) -> Response:
        batch_id, _, what = rest.partition("/")
        if method == "POST" and not batch_id:
            return self._create(json.loads(raw))
        if not batch_id:
            return _sent(_page([b.shown for b in reversed(self.batches.values())], query))
        batch = self.batches.get(batch_id)
        if batch is None:
            return _failed(404, "batch_not_found")
        if method == "POST" and what == "cancel":
            batch.ending, batch.looks = Ending("cancelled", batch.ending.answered / 2), self.looks
        self._look_at(batch)
        return _sent(batch.shown, {"retry-after": self.retry_after} if self.retry_after else {})

    def _create(self, asked: dict[str, Any]) -> Response:
        file_id = asked.get("input_file_id", "")
        if file_id not in self.files:
            return _failed(400, "invalid_input_file")
        lines, code = self._checked(self.files[file_id][1], asked["endpoint"])
        number = len(self.batches) + 1
        shown = {
            "id": f"batch_{number}",
            "object": "batch",
            "endpoint": asked["endpoint"],
            "completion_window": asked["completion_window"],
            "input_file_id": file_id,
            "status": "validating",
            "created_at": int(time.time()),
            "metadata": asked.get("metadata"),
            "request_counts": {"total": len(lines), "completed": 0, "failed": 0},
        }
        ending = Ending("failed", 0.0, code) if code else Ending(*(self.endings.pop(0) if self.endings else ()))
        self.batches[shown["id"]] = KeptBatch(shown, lines, ending)
        return _sent(shown)

    def _checked(self, content: bytes, endpoint: str) -> tuple[list[dict[str, Any]], str]:
        try:
            lines = [json.loads(line) for line in content.split(b"\n") if line]
            ids = [line["custom_id"] for line in lines]
            wrong = any(line["method"] != "POST" or line["url"] != endpoint for line in lines)
        except (ValueError, KeyError, TypeError):
            return [], "invalid_json_line"
        if not lines:
            return [], "empty_file"
        if len(lines) > self.max_requests:
            return lines, "too_many_requests"
        if len(set(ids)) < len(ids):
            return lines, "duplicate_custom_id"
        if wrong or any(len(i) > 64 for i in ids) or len({line["body"]["model"] for line in lines}) > 1:
            return lines, "invalid_request"
        return lines, ""

    def _look_at(self, batch: KeptBatch) -> None:
        batch.looks += 1
        if batch.finished:
            return
        if batch.looks <= self.looks:
            batch.shown["status"] = "in_progress"
            return
        batch.finished = True
        batch.shown["status"] = batch.ending.status
        if batch.ending.status == "failed":
            error = {"code": batch.ending.code, "message": batch.ending.code, "line": None, "param": None}
            batch.shown["errors"] = {"object": "list", "data": [error]}
            return
        self._end(batch)

    def _end(self, batch: KeptBatch) -> None:
        good, bad = list(self.strange_lines), []
        share = round(len(batch.lines) * batch.ending.answered)
        for number, line in enumerate(batch.lines):
            fault = self.line_fault(line)
            if fault is None and number >= share:
                fault = {"code": f"batch_{batch.ending.status}"} if batch.ending.status != "completed" else {}
            if fault is None:
                self.answered[line["custom_id"]] += 1
                good.append(_line_of(line, 200, self._completion(line["url"], line["body"])))
            elif fault:
                bad.append(_faulty_line(line, fault))
        good.reverse()  # the order of answers is not promised
        counts = {"total": len(batch.lines), "completed": len(good), "failed": len(bad)}
        batch.shown["request_counts"] = counts
        for name, written in (("output_file_id", good), ("error_file_id", bad)):
            if written:
                content = "".join(f"{text}\n" for text in written).encode()
                batch.shown[name] = self._keep(f"{batch.shown['id']}_{name}.jsonl", content)

    def _completion(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return openai_answer(path, body, content_of(self.answer(body)), Fault(), self.thinking)

    def _keep(self, name: str, content: bytes) -> str:
        file_id = f"file-{len(self.files) + 1}"
        self.files[file_id] = (name, content)
        return file_id

    def _shown(self, file_id: str) -> dict[str, Any]:
        name, content = self.files[file_id]
        shown = {"id": file_id, "object": "file", "bytes": len(content), "filename": name, "purpose": "batch"}
        return shown | {"created_at": int(time.time()), "status": "processed"}


def _sent(value: Any, headers: dict[str, str] | None = None) -> Response:
    return 200, headers or {}, json.dumps(value).encode()


def _failed(status: int, code: str) -> Response:
    return status, {}, json.dumps(error_of("", Fault(status, code=code))).encode()


def _page(items: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
    after, limit = query.get("after", [""])[0], int(query.get("limit", ["20"])[0])
    start = next((i + 1 for i, item in enumerate(items) if item["id"] == after), 0)
    shown = items[start : start + limit]
    return {"object": "list", "data": shown, "has_more": start + limit < len(items)}


def _uploaded(raw: bytes) -> tuple[str, bytes]:
    """Return name and content of the file in a multipart body."""
    boundary = raw[: raw.index(b"\r\n")]
    for part in raw.split(boundary):
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'filename="([^"]*)"', head)
        if name is not None:
            return name.group(1).decode(), content.removesuffix(b"\r\n")
    return "", b""


def _line_of(request: dict[str, Any], status: int, body: dict[str, Any]) -> str:
    response = {"status_code": status, "request_id": "req", "body": body}
    return json.dumps({"id": "x", "custom_id": request["custom_id"], "response": response, "error": None})


def _faulty_line(request: dict[str, Any], fault: dict[str, Any]) -> str:
    """Return a line of a file of errors: of HTTP, if the fault has a status, else of the batch."""
    error = {"code": fault.get("code"), "message": fault.get("code"), "param": fault.get("param")}
    if "status" in fault:
        return _line_of(request, fault["status"], {"error": error})
    return json.dumps({"id": "x", "custom_id": request["custom_id"], "response": None, "error": error})
