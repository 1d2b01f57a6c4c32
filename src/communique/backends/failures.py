"""What the SDK, instructor and the wire raise, as errors of ours: host, status and error code, never key or article.

What the server says goes to the log, at debug, without the article's words.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json

from communique.backends.refusals import Refusal, error_of
from communique.errors import (
    BackendError,
    CassetteMissError,
    CommuniqueError,
    DeadlineError,
    MalformedResponseError,
    PermanentBackendError,
    TransientBackendError,
)
from communique.prompts.prompt import Prompt

_MISS = "CannotOverwriteExistingCassetteException"  # of vcrpy, a test tool that is not imported
_TIMEOUTS = frozenset({"APITimeoutError", "TimeoutException", "TimeoutError"})
_UNREACHED = frozenset({"APIConnectionError", "TransportError", "ConnectionError"})
"""By name: no SDK is imported to know its errors, and httpx and httpx2 have the same ones."""
_AIOHTTP_UNREACHED = frozenset({"ClientConnectionError"})  # aiohttp's, which the SDK's transport takes for a timeout
_PLAINLY = {"ConnectionRefusedError": "connection refused", "gaierror": "host name not found"}
_LINE = 300
_PIECE, _KEY_LIKE = 5, 16
"""Characters of what may be a piece of the article's word, and of what may be a key, if it isn't letters only."""
_WORD = re.compile(r"\w+")
_PART = re.compile(r"\\(u[0-9a-f]{4}|.)|\w+", re.IGNORECASE)
"""A word, or an escaped character: a word stands behind that and not with it."""


def translate(error: BaseException, host: str, model: str, keys: str, proxy: str = "") -> CommuniqueError:
    """Return our error for whatever went wrong in a call."""
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, CommuniqueError):
            return cause
        if type(cause).__name__ == _MISS:
            hint = "record it again: make record, in your own project pytest --record-mode=rewrite"
            return CassetteMissError("the cassette doesn't contain this request", hint=hint)
        if (refusal := _refusal(cause)) is not None:
            return error_of(refusal, host, model, keys)
    last = type(chain[-1]).__name__
    unreached = any(_is_a(c, _AIOHTTP_UNREACHED) and not _is_a(c, _TIMEOUTS) for c in chain)
    for cause in chain:
        wrong_version = "WRONG_VERSION_NUMBER" in str(getattr(cause, "reason", ""))
        if wrong_version or isinstance(cause, ssl.SSLCertVerificationError):
            hint = "check the server's certificate, or the URL"
            return PermanentBackendError(f"no secure connection to {host}", hint=hint)
        if _is_a(cause, _TIMEOUTS) and not unreached:
            return DeadlineError(f"no complete answer from {host} in time")
        if type(cause).__name__ in {"ValidationError", "JSONDecodeError"}:
            return MalformedResponseError("the answer doesn't have the requested structure")
    if any(_is_a(cause, _UNREACHED) for cause in chain):
        through = f" through the proxy {proxy}" if proxy else ""
        return TransientBackendError(f"no connection to {host}{through}", hint=_PLAINLY.get(last, last))
    return BackendError(f"the call to {host} failed: {last}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    queue: list[BaseException] = [error]
    while queue:
        current = queue.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        # httpcore2 raises its errors `from None`, with what happened as their argument
        queue.extend(arg for arg in current.args if isinstance(arg, BaseException))
        if isinstance(current, BaseExceptionGroup):
            queue.extend(current.exceptions)
        following = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
        if following is not None:
            queue.append(following)


def refusal_of(error: BaseException) -> Refusal | None:
    """Return how the server, or the SDK before it, refuses what is in a request; None for any other error."""
    for cause in _causes(error):
        if (refusal := _refusal(cause)) is not None:
            return refusal if refusal.status in {400, 422} else None
        if isinstance(cause, TypeError) and "keyword argument" in str(cause):
            return Refusal(400, {"message": str(cause)})
    return None


def reason_of(error: BaseException, prompt: Prompt) -> str:
    """Return what a server says of its refusal, for the log; "" if it says nothing.

    Only words of our own instructions and words that the article doesn't have: it may repeat the article. Nothing is
    returned about keys.
    """
    found = next(filter(None, map(_refusal, _causes(error))), None)
    if found is None or not found.tellable:
        return ""
    ours, theirs = (
        " ".join(m.content for m in part).lower()
        for part in (prompt.messages[: prompt.static_messages], prompt.messages[prompt.static_messages :])
    )
    known, read = set(_WORD.findall(ours)), set(_WORD.findall(theirs))

    def kept(part: re.Match[str]) -> str:
        word = part.group().lower()
        like_a_key = len(word) >= _KEY_LIKE and not word.replace("_", "").isalpha()
        strange = not word.isascii() or word.startswith("\\") or like_a_key
        repeated = word in read or (len(word) >= _PIECE and word in theirs)
        return "…" if word not in known and (strange or repeated) else part.group()

    return _PART.sub(kept, " ".join(found.text.split()))[:_LINE]


def _refusal(error: BaseException) -> Refusal | None:
    """Read an SDK's error with an HTTP status; None for any other.

    The SDKs agree on `status_code` and differ in the rest; Google's has `code` and a message instead.
    """
    google = any(kind.__module__.startswith("google.genai") for kind in type(error).__mro__)
    status = getattr(error, "status_code", None)
    if status is None and google:
        status = getattr(error, "code", None)
    if not isinstance(status, int):
        return None
    response = getattr(error, "response", None) or getattr(error, "raw_response", None)
    headers = getattr(error, "headers", None) or getattr(response, "headers", None) or {}
    body: Any = getattr(error, "message" if google else "body", None)
    if isinstance(body, (str, bytes)):
        body = _read(body)
    if isinstance(body, list) and len(body) == 1:  # as Gemini's endpoint for OpenAI's protocol sends it
        body = body[0]
    inner = body.get("error") if isinstance(body, dict) else None
    if isinstance(inner, (dict, str)):
        body = {"message": inner} if isinstance(inner, str) else inner
    return Refusal(status, body if isinstance(body, dict) else {}, isinstance(body, str), headers)


def _read(body: str | bytes) -> Any:
    """Return the JSON that a body is; its text as a message where it is a line, and as it is where it is a page."""
    try:
        return from_json(body)
    except ValueError:
        text = (body if isinstance(body, str) else body.decode("utf-8", "replace")).strip()
    return text if "<" in text or len(text) > _LINE else {"message": text}


def _is_a(error: BaseException, names: frozenset[str]) -> bool:
    return any(kind.__name__ in names for kind in type(error).__mro__)
