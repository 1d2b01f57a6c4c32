"""What a `BatchServer` puts on the wire: responses, pages, lines of answer files; and how it reads an upload."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Response = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""


class Listener(ThreadingHTTPServer):
    """Listens with room for many connections at once: one that is turned away is tried again, and counted as an attempt."""

    request_queue_size = 128
    daemon_threads = True


def sent(value: Any, headers: dict[str, str] | None = None) -> Response:
    """Return a good answer."""
    return 200, {"content-type": "application/json", **(headers or {})}, json.dumps(value).encode()


def failed(status: int, code: str) -> Response:
    """Return an error of OpenAI's shape."""
    error = {"message": code or "error", "type": "error", "param": None, "code": code or None}
    return status, {"content-type": "application/json"}, json.dumps({"error": error}).encode()


def page(items: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
    """Return a page of a list, as its query asks."""
    after, limit = query.get("after", [""])[0], int(query.get("limit", ["20"])[0])
    start = next((i + 1 for i, item in enumerate(items) if item["id"] == after), 0)
    shown = items[start : start + limit]
    return {"object": "list", "data": shown, "has_more": start + limit < len(items)}


def uploaded(raw: bytes) -> tuple[str, bytes]:
    """Return name and content of the file in a multipart body."""
    boundary = raw[: raw.index(b"\r\n")]
    for part in raw.split(boundary):
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'filename="([^"]*)"', head)
        if name is not None:
            return name.group(1).decode(), content.removesuffix(b"\r\n")
    return "", b""


def line_of(request: dict[str, Any], status: int, body: dict[str, Any]) -> str:
    """Return a line of a file of answers."""
    response = {"status_code": status, "request_id": "req", "body": body}
    return json.dumps({"id": "x", "custom_id": request["custom_id"], "response": response, "error": None})


def faulty_line(request: dict[str, Any], fault: dict[str, Any]) -> str:
    """Return a line of a file of errors: of HTTP, if the fault has a status, else of the batch."""
    error = {"code": fault.get("code"), "message": fault.get("code"), "param": fault.get("param")}
    if "status" in fault:
        return line_of(request, fault["status"], {"error": error})
    return json.dumps({"id": "x", "custom_id": request["custom_id"], "response": None, "error": error})


def handler(respond: Callable[[str, str, Any, bytes], Response]) -> type[BaseHTTPRequestHandler]:
    """Return a request handler that answers by a function of method, path, headers and body."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.headers.get("transfer-encoding") == "chunked":
                raw = self._chunks()
            status, headers, body = respond(self.command, self.path, self.headers, raw)
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body)), "connection": "close"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _chunks(self) -> bytes:
            found = b""
            while size := int(self.rfile.readline(), 16):
                found += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return found

        do_GET = do_POST = _do  # noqa: N815 - the names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base names it
            pass

    return Handler
