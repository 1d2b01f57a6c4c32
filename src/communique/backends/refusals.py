"""A refusal of a server, told by what it says and not by the status alone: the key, the account, the model, the article.

Only what names the key, the account, the model or the address stops the run: else one article would block all behind
it. A run whose first requests are all refused stops all the same (`communique.batch.run`).
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from communique.errors import (
    AuthenticationError,
    BackendError,
    CommuniqueError,
    ContentFilterError,
    ContextExceededError,
    PermanentBackendError,
    QuotaError,
    RequestRefusedError,
    ThrottledError,
    TransientBackendError,
    UnknownModelError,
)

LONGEST_WAIT = 7 * 86_400.0  # seconds; a longer wish is taken as this

_any_case = partial(re.compile, flags=re.IGNORECASE)
_PASSING = {408, 409, 425, *range(500, 600)}
_TOO_LONG = _any_case(
    r"context[_ ](length|size|window)|exceed_context|context the overflows|maximum context|too many tokens"
    r"|string_above_max_length|(prompt|input|message|request)s? (is|are|was|were) too long"
    r"|token count.{0,40}exceed|max_new_tokens` must be <=|reduce the length"
)
_FILTERED = _any_case(
    r"content[_ -]?(filter|policy|management|moderation)|moderation|responsible[_ ]?ai|data[_ ]?inspection|guardrail"
    r"|usage polic|safety[_ ](system|filter|check|polic)|(inappropriate|prohibited|sensitive|harmful) (content|word)"
    r"|(input|prompt|content|message|request)\b(?s:.{0,40})\bflagged"
)
_KEY = _any_case(
    r"api[ _-]?key|credential|permission|unauthori[sz]ed|authori[sz]|authenticat|forbidden|access.{0,10}denied"
    r"|access token"
)
_WRONG_KEY = _any_case(r"api[ _-]?key[ _](is )?(not valid|invalid|expired)|(invalid|incorrect)[ _]api[ _]key")
_ACCOUNT = _any_case(r"account|organi[sz]ation|subscription|country|region|territory|deactivated|suspended")
_NO_CREDIT = _any_case(r"insufficient[_ ](quota|credit|balance|fund)|billing|credit balance|payment")
_NO_MODEL = _any_case(r"not exist|not found|n't exist|no such|unknown|invalid model|not a valid model")
_NO_MODEL_ID = _any_case(r"invalid model id|model_not_found")
_NO_PATH = _any_case(r"not found|\b(url|path|route)\b|unexpected endpoint|cannot post")
_NO_FORM = _any_case(r"response[_ ]format|json[_ ]schema|requested parameters")
_MODEL = _any_case(r"\bmodel|deployment")
_PARAMETER = re.compile(
    r"(?<!\w)(max_tokens|max_completion_tokens|max_output_tokens|temperature|seed|top_logprobs|prompt_cache_key"
    r"|reasoning_effort|effort|reasoning|thinking|output_config|output_format|schema|grammar)(?!\w)(\.\w+)*"
)
_TOO_LARGE = _any_case(r"too (large|high)|at most|maximum|exceed|<=|less than or equal")
_EFFORT = {"reasoning_effort", "effort", "reasoning", "thinking"}
_FORMAT = {"output_config", "output_format", "schema", "grammar"}
_SHOWN = re.compile(r"[^\w.:-]+")
_FORM = "the server may not support JSON Schema response formats"
_REASON = "with COMMUNIQUE_LOG=debug, the log has the server's reason"
_LINE = 300
_MEANT = (
    (429, _any_case(r"rate.?limit|too many requests|throttl|resource.?exhausted")),
    (402, _NO_CREDIT),
    (401, _KEY),
    (400, _any_case(r"invalid|bad.?request|unsupported|context")),
)
"""What an error means that names no status; else it is the server's fault."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status and what came with it, from whichever SDK."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)  # the error object; {} where there is none
    page: bool = False  # the body is no JSON object: the page of a proxy, a portal, a web server
    headers: Mapping[str, str] = field(default_factory=dict)  # of the response, looked up in lower case

    @property
    def code(self) -> str:
        """Error code or type, fit to be shown; "" where it only repeats the status."""
        shown = (_SHOWN.sub("", str(self.body.get(key) or ""))[:60] for key in ("code", "type"))
        return next((s for s in shown if s and s != str(self.status)), "")

    @property
    def param(self) -> str:
        """The request parameter that is at fault, or ""; `effort` and `output_config`, under whichever name."""
        said = self.body.get("param")
        # Where none is given, the one at fault is named first: "use max_completion_tokens instead" comes behind it.
        named = _PARAMETER.search(self.text)
        given = isinstance(said, str) and said.lower() not in {"none", "null"}
        parts = (str(said) if given else named.group() if named else "").split(".")
        return "effort" if _EFFORT & set(parts) else "output_config" if parts[0] in _FORMAT else parts[0]

    @property
    def tellable(self) -> bool:
        """Whether the log may have the text, without the article's words: not where it is about the key."""
        return bool(self.text) and self.status != 401 and not _KEY.search(self.words)

    @property
    def too_large(self) -> bool:
        """Whether it is the value of the parameter that is at fault, and a smaller one would do."""
        return bool(_TOO_LARGE.search(self.text))

    @property
    def text(self) -> str:
        """What the server says, never shown: it may hold the key or the article."""
        return str(self.body.get("message") or self.body.get("detail") or "")[:2000]

    @property
    def words(self) -> str:
        """Its codes and its text, for looking for words."""
        inner = self.body.get("innererror")
        inner_code = inner.get("code") if isinstance(inner, dict) else ""
        metadata = self.body.get("metadata")
        flagged = "moderation" if isinstance(metadata, dict) and "flagged_input" in metadata else ""
        said = (self.body.get("code"), self.body.get("type"), self.body.get("status"), inner_code, flagged)
        return " ".join([*(str(s) for s in said if s), self.text])


class ErrorInAnswer(Exception):  # noqa: N818 - it is read as the SDKs' own errors are
    """A server's error object where an answer should be: in one of status 200, as gateways send it, or in a batch.

    Without an HTTP status, it has the one that the object means.
    """

    def __init__(self, error: Any, status: int = 0, headers: Mapping[str, str] | None = None) -> None:
        super().__init__("an error in an answer")
        self.body = error if isinstance(error, dict) else {"message": str(error)}
        self.headers = headers or {}
        self.status_code = status or _status_meant(self.body)


def _status_meant(body: Mapping[str, Any]) -> int:
    for key in ("code", "status", "status_code"):
        said = str(body.get(key) or "")
        if said.isdigit() and 400 <= int(said) <= 599:
            return int(said)
    words = Refusal(200, body).words
    return next((status for status, meant in _MEANT if meant.search(words)), 500)


def error_of(refusal: Refusal, host: str, model: str, keys: str) -> CommuniqueError:  # noqa: PLR0911 - a table
    """Return our error for a refusal."""
    status, words = refusal.status, refusal.words
    where = f"{host} (HTTP {status}{', ' + refusal.code if refusal.code else ''})"
    wait = retry_after(refusal.headers)
    if status == 401 or (status in {400, 403} and _WRONG_KEY.search(words)):
        return AuthenticationError(f"API key refused by {where}", hint=f"check {keys}")
    if status == 402 or (status in {400, 403, 429} and _out_of_credit(refusal)):
        hint = "top up the account, then run the same command again"
        return QuotaError(f"no quota or credit left at {where}", hint=hint)
    if status == 407:
        return PermanentBackendError(f"the proxy in front of {where} requires a login", hint="check HTTPS_PROXY")
    if status == 429 or (status in {503, 529} and wait is not None):
        return ThrottledError(f"too many requests for {where}", retry_after=wait)
    if _TOO_LONG.search(words) and status not in {401, 403, 404}:
        return ContextExceededError(f"the document is too long for the model {model!r}", hint="use smaller windows")
    if status in _PASSING and refusal.headers.get("x-should-retry") == "false":
        return BackendError(f"server error at {where}; the server asks not to retry")
    if status in _PASSING:
        return TransientBackendError(f"server error at {where}", retry_after=wait)
    if _FILTERED.search(words):
        return ContentFilterError(f"the filter of {where} refused the article")
    if status == 403:
        return _forbidden(refusal, where, keys)
    unknown = status == 404 or _NO_MODEL_ID.search(words) or (_NO_MODEL.search(words) and model in refusal.text)
    if unknown and _MODEL.search(words):
        return UnknownModelError(f"{where} doesn't have the model {model!r}".removesuffix(" ''"), hint="check --model")
    if status == 404 and (not refusal.text or _NO_PATH.search(words)):
        hint = "check --base-url; it usually ends in /v1"
        return PermanentBackendError(f"there is no chat endpoint at {where}", hint=hint)
    kind = PermanentBackendError if status == 404 else RequestRefusedError
    form = _NO_FORM.search(f"{refusal.param} {words[:_LINE]}")  # a longer text may repeat the request
    return kind(f"request refused by {where}", hint=_FORM if form else _REASON * refusal.tellable)


def _out_of_credit(refusal: Refusal) -> bool:
    # in the codes, or in the text of a provider that has none for it: a throttled server may speak of billing, too
    codes = f"{refusal.body.get('code')} {refusal.body.get('type')}"
    return bool(_NO_CREDIT.search(codes if refusal.status == 429 else refusal.words))


def _forbidden(refusal: Refusal, where: str, keys: str) -> CommuniqueError:
    if refusal.page:
        hint = "a proxy or firewall is in between"
        return RequestRefusedError(f"a web page refuses the request at {where}", hint=hint)
    if _ACCOUNT.search(refusal.words):
        hint = "check the account's settings"
        return PermanentBackendError(f"the account is not allowed to do this at {where}", hint=hint)
    if not refusal.words or _KEY.search(refusal.words):
        return AuthenticationError(f"API key refused by {where}", hint=f"check {keys}")
    return RequestRefusedError(f"request refused by {where}", hint=_REASON * refusal.tellable)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the server asks us to wait, or None if it asks nothing that can be read.

    It says so in milliseconds, in seconds, or by a date. A date is taken against the response's own `Date`, so that a
    wrong clock on either side does no harm. What lies in the past is 0. Headers are looked up in lower case.
    """
    value, milliseconds = headers.get("retry-after"), _number(headers.get("retry-after-ms"))
    seconds = _number(value) if milliseconds is None else milliseconds / 1000
    if seconds is None and (until := _timestamp(value)) is not None:
        seconds = until - (_timestamp(headers.get("date")) or time.time())
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT)


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _timestamp(value: str | None) -> float | None:
    try:
        return parsedate_to_datetime(value or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
