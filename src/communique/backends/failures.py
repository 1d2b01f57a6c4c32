"""What the SDK, instructor and the wire raise, as errors of ours.

No message holds the key, the article or the server's own text: only the host, the status and the error code.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from communique.backends.retry_after import retry_after
from communique.errors import (
    AuthenticationError,
    BackendError,
    CassetteMissError,
    CommuniqueError,
    DeadlineError,
    DocumentTooLongError,
    MalformedResponseError,
    PermanentBackendError,
    QuotaError,
    RequestRefusedError,
    ThrottledError,
    TransientBackendError,
    TruncatedResponseError,
    UnknownModelError,
)

_PASSING = {408, 409, 425, 500, 502, 503, 504, 529}
_TOO_LONG = re.compile(
    r"context[_ ](length|size|window)|maximum context|too many tokens|prompt is too long", re.IGNORECASE
)
_MISS = "CannotOverwriteExistingCassetteException"  # of vcrpy, a test tool that is not imported
_TIMEOUTS = frozenset({"APITimeoutError", "TimeoutException", "TimeoutError"})
_UNREACHED = frozenset({"APIConnectionError", "TransportError", "ConnectionError"})
"""By name: no SDK is imported to know its errors, and httpx and httpx2 have the same ones."""
_AIOHTTP_UNREACHED = frozenset({"ClientConnectionError"})
"""aiohttp's, which the SDK's transport takes for a timeout."""
_CODE = re.compile(r"[^\w.:-]+")

OPENAI_KEYS = ("OPENAI_API_KEY", "COMMUNIQUE_API_KEY")


@dataclass(frozen=True, slots=True)
class _Status:
    """An HTTP status of any SDK, in one form."""

    status: int
    code: str
    text: str
    param: str
    headers: Mapping[str, str]


def translate(
    error: BaseException,
    *,
    host: str,
    model: str,
    document_id: str | None = None,
    keys: tuple[str, ...] = OPENAI_KEYS,
) -> CommuniqueError:
    """Return our error for whatever went wrong in a call.

    Args:
        error: As caught; its causes are looked at too.
        host: Host of the endpoint, for the message.
        model: Model as asked for, for the message.
        document_id: The document that was asked about.
        keys: Environment variables that hold the key, for the message.
    """
    found = _translate(error, host, model, " or ".join(keys))
    if found.document_id is None:
        found.document_id = document_id
    return found


def _translate(error: BaseException, host: str, model: str, keys: str) -> CommuniqueError:  # noqa: PLR0911 - a table
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, CommuniqueError):
            return cause
        if type(cause).__name__ == _MISS:
            return CassetteMissError(
                "the cassette doesn't hold this request", hint="record it again: pytest --record-mode=rewrite"
            )
        status = _status(cause)
        if status is not None:
            return _of_status(status, host, model, keys)
    unreached = any(_is_a(c, _AIOHTTP_UNREACHED) and not _is_a(c, _TIMEOUTS) for c in chain)
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError) or "WRONG_VERSION_NUMBER" in str(
            getattr(cause, "reason", "")
        ):
            return PermanentBackendError(
                f"no secure connection to {host}", hint="check the server's certificate, or the URL"
            )
        if _is_a(cause, _TIMEOUTS) and not unreached:
            return DeadlineError(f"no whole answer from {host} in time")
        if type(cause).__name__ == "IncompleteOutputException":
            return TruncatedResponseError("the answer was cut off at the token limit")
        if type(cause).__name__ in {"ValidationError", "JSONDecodeError", "ResponseParsingError"}:
            return MalformedResponseError("the answer doesn't have the shape that was asked for")
    for cause in chain:
        if _is_a(cause, _UNREACHED):
            return TransientBackendError(f"no connection to {host}", hint=_short(chain[-1]))
    return BackendError(f"the call to {host} failed: {type(chain[-1]).__name__}")


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


def _of_status(error: _Status, host: str, model: str, keys: str) -> CommuniqueError:  # noqa: PLR0911 - a table
    status, code = error.status, error.code
    where = f"{host} (HTTP {status}{', ' + code if code else ''})"
    wait = retry_after(error.headers)
    if status in {401, 403}:
        return AuthenticationError(f"API key refused by {where}", hint=f"check {keys}")
    if (
        status == 402
        or (status == 429 and re.match(r"insufficient_quota|billing", code))
        or (status == 400 and "credit balance" in error.text)  # Anthropic's
    ):
        return QuotaError(
            f"no quota or credit left at {where}", hint="top up the account, then run the same command again"
        )
    if status == 404:
        if "model" in code or "model" in error.text:
            return UnknownModelError(f"{where} doesn't have the model {model!r}", hint="check --model")
        return PermanentBackendError(
            f"there is no chat endpoint at {where}", hint="check --base-url; it usually ends in /v1"
        )
    if status == 429 or (status in {503, 529} and wait is not None):
        return ThrottledError(f"too many requests for {where}", retry_after=wait)
    if status in _PASSING or status >= 500:
        if error.headers.get("x-should-retry") == "false":
            return BackendError(f"server error at {where}, and it asks not to try again")
        return TransientBackendError(f"server error at {where}", retry_after=wait)
    if "context_length" in code or _TOO_LONG.search(error.text):
        return DocumentTooLongError(
            f"the document is too long for the model {model!r}", hint="ask for smaller windows"
        )
    return RequestRefusedError(f"request refused by {where}")


def refused_parameter(error: BaseException) -> str:
    """Return the request parameter that the server doesn't take, or "" (400 and 422 only)."""
    for cause in _causes(error):
        status = _status(cause)
        if status is not None and status.status in {400, 422}:
            if status.param:
                return status.param
            known = ("max_completion_tokens", "max_tokens", "temperature")
            return next((p for p in known if p in status.text), "")
    return ""


def _status(error: BaseException) -> _Status | None:
    """Read an SDK's error with an HTTP status; None for any other.

    The SDKs agree on `status_code` and differ in the rest; Google's has `code` instead.
    """
    status = getattr(error, "status_code", None)
    if status is None and any(name.startswith("google.genai") for name in _modules(error)):
        status = getattr(error, "code", None)
    if not isinstance(status, int):
        return None
    response = getattr(error, "response", None) or getattr(error, "raw_response", None)
    headers = getattr(error, "headers", None) or getattr(response, "headers", None) or {}
    body: Any = getattr(error, "body", None)
    inner = body.get("error") if isinstance(body, dict) else None
    body = inner if isinstance(inner, dict) else body if isinstance(body, dict) else {}
    code = _CODE.sub("", str(body.get("code") or body.get("type") or ""))[:60]
    text = str(body.get("message") or getattr(error, "message", "") or "")[:2000]
    return _Status(status, code, text, str(body.get("param") or ""), headers)


def _modules(error: BaseException) -> list[str]:
    return [kind.__module__ for kind in type(error).__mro__]


def _is_a(error: BaseException, names: frozenset[str]) -> bool:
    return any(kind.__name__ in names for kind in type(error).__mro__)


def _short(error: BaseException) -> str:
    name = type(error).__name__
    return {"ConnectionRefusedError": "connection refused", "gaierror": "host name not found"}.get(name, name)
