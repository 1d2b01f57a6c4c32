"""What the SDK, instructor and the wire raise, as errors of ours.

No message holds the key, the article or the server's own text: only the host, the status and the error code.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from typing import Any

import openai

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
_CODE = re.compile(r"[^\w.:-]+")


def translate(
    error: BaseException, *, host: str, model: str, document_id: str | None = None
) -> CommuniqueError:
    """Return our error for whatever went wrong in a call.

    Args:
        error: As caught; its causes are looked at too.
        host: Host of the endpoint, for the message.
        model: Model as asked for, for the message.
        document_id: The document that was asked about.
    """
    found = _translate(error, host, model)
    if found.document_id is None:
        found.document_id = document_id
    return found


def _translate(error: BaseException, host: str, model: str) -> CommuniqueError:  # noqa: PLR0911 - a table
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, CommuniqueError):
            return cause
        if type(cause).__name__ == _MISS:
            return CassetteMissError(
                "the cassette doesn't hold this request", hint="record it again: pytest --record-mode=rewrite"
            )
        if isinstance(cause, openai.APIStatusError):
            return _of_status(cause, host, model)
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError) or "WRONG_VERSION_NUMBER" in str(
            getattr(cause, "reason", "")
        ):
            return PermanentBackendError(
                f"no secure connection to {host}", hint="check the server's certificate, or the URL"
            )
        if isinstance(cause, (openai.APITimeoutError, TimeoutError)):
            return DeadlineError(f"no whole answer from {host} in time")
        if type(cause).__name__ == "IncompleteOutputException":
            return TruncatedResponseError("the answer was cut off at the token limit")
        if type(cause).__name__ in {"ValidationError", "JSONDecodeError", "ResponseParsingError"}:
            return MalformedResponseError("the answer doesn't have the shape that was asked for")
    for cause in chain:
        if isinstance(cause, openai.APIConnectionError):
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


def _of_status(error: openai.APIStatusError, host: str, model: str) -> CommuniqueError:  # noqa: PLR0911 - a table
    status, code = error.status_code, _code(error)
    where = f"{host} (HTTP {status}{', ' + code if code else ''})"
    wait = retry_after(error.response.headers)
    if status in {401, 403}:
        return AuthenticationError(
            f"API key refused by {where}", hint="check OPENAI_API_KEY or COMMUNIQUE_API_KEY"
        )
    if status == 402 or (status == 429 and re.match(r"insufficient_quota|billing", code)):
        return QuotaError(
            f"no quota or credit left at {where}", hint="top up the account, then run the same command again"
        )
    if status == 404:
        if "model" in code or "model" in _text(error):
            return UnknownModelError(f"{where} doesn't have the model {model!r}", hint="check --model")
        return PermanentBackendError(
            f"there is no chat endpoint at {where}", hint="check --base-url; it usually ends in /v1"
        )
    if status == 429 or (status in {503, 529} and wait is not None):
        return ThrottledError(f"too many requests for {where}", retry_after=wait)
    if status in _PASSING or status >= 500:
        if error.response.headers.get("x-should-retry") == "false":
            return BackendError(f"server error at {where}, and it asks not to try again")
        return TransientBackendError(f"server error at {where}", retry_after=wait)
    if "context_length" in code or _TOO_LONG.search(_text(error)):
        return DocumentTooLongError(
            f"the document is too long for the model {model!r}", hint="ask for smaller windows"
        )
    return RequestRefusedError(f"request refused by {where}")


def refused_parameter(error: BaseException) -> str:
    """Return the request parameter that the server doesn't take, or "" (400 and 422 only)."""
    for cause in _causes(error):
        if isinstance(cause, openai.APIStatusError) and cause.status_code in {400, 422}:
            if cause.param:
                return str(cause.param)
            text = _text(cause)
            return next((p for p in ("max_completion_tokens", "max_tokens", "temperature") if p in text), "")
    return ""


def _code(error: openai.APIStatusError) -> str:
    body: Any = error.body if isinstance(error.body, dict) else {}
    raw = body.get("code") or body.get("type") or ""
    return _CODE.sub("", str(raw))[:60]


def _text(error: openai.APIStatusError) -> str:
    body: Any = error.body if isinstance(error.body, dict) else {}
    return str(body.get("message") or "")[:2000]


def _short(error: BaseException) -> str:
    name = type(error).__name__
    return {"ConnectionRefusedError": "connection refused", "gaierror": "host name not found"}.get(name, name)
