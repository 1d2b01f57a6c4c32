"""Every error communique raises, in one place; docs/reference/errors.md draws their tree.

A rejected *record* is not an error: it is a value (`communique.schemas.Rejection`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any


class CommuniqueError(Exception):
    """Base of all errors of this library.

    Args:
        message: One line that says what is wrong and where.
        hint: One line that says what to do about it, or "".
    """

    reason = "error"
    """Machine-readable name of the cause; the journal and the manifest store it."""

    document_id: str | None = None
    """The document that was being read, if there was one."""

    attempts = 0
    """Number of requests made, if known."""

    tokens: tuple[int, ...] = (0, 0, 0, 0)
    """Tokens of those requests, as the server counts them: of the prompts, of the answers, of the prompts from its
    cache, of the answers for reasoning."""

    def __init_subclass__(cls, *, reason: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.reason = reason or cls.reason

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigurationError(CommuniqueError, reason="configuration"):
    """The call or the settings can't work, whatever the document."""


class UnknownNameError(ConfigurationError, reason="unknown_name"):
    """No record type, model, reader, sink or backend has that name."""

    @classmethod
    def of(cls, kind: str, name: str, known: Iterable[str], otherwise: str = "") -> UnknownNameError:
        """Build the error with the nearest known name as its hint, or with another one where none is near."""
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else otherwise or f"known: {', '.join(names) or 'none'}"
        return cls(f"there is no {kind} {name!r}", hint=hint)


class MissingExtraError(ConfigurationError, reason="missing_extra"):
    """An optional dependency is not installed."""

    @classmethod
    def of(cls, what: str, extra: str) -> MissingExtraError:
        """Build the error that names the extra to install."""
        return cls(f"{what} needs the extra {extra!r}", hint=f"pip install 'communique[{extra}]'")

    @classmethod
    @contextmanager
    def naming(cls, what: str, extra: str) -> Iterator[None]:
        """Raise the error that names the extra to install where the block imports what isn't installed."""
        try:
            yield
        except ModuleNotFoundError as error:
            raise cls.of(what, extra) from error


class MissingKeyError(ConfigurationError, reason="missing_key"):
    """A remote model was requested, but there is no API key in the environment."""


class DocumentError(CommuniqueError, reason="document"):
    """A document can't be used."""


class UnreadableDocumentError(DocumentError, reason="unreadable"):
    """The input is missing, is a directory, is binary or can't be decoded."""

    @classmethod
    @contextmanager
    def reading(cls, path: object) -> Iterator[None]:
        """Raise this error, with the path and why, where the system can't read the file in the block."""
        try:
            yield
        except OSError as error:
            raise cls(f"can't read {path}: {error.strerror or error}") from error


class EmptyDocumentError(DocumentError, reason="empty"):
    """The input contains no text."""


class DocumentTooLongError(DocumentError, reason="too_long"):
    """The input is longer than the limit."""


class BackendError(CommuniqueError, reason="backend"):
    """The model or its server did not give an answer."""


class TransientBackendError(BackendError, reason="server_error"):
    """A temporary failure: the same request may succeed later.

    Args:
        retry_after: Seconds the server asks us to wait, or None.
    """

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class ThrottledError(TransientBackendError, reason="throttled"):
    """The server asks for fewer requests (429, or 503 with Retry-After)."""


class DeadlineError(TransientBackendError, reason="timeout"):
    """There was no complete answer before the deadline."""


class PermanentBackendError(BackendError, reason="permanent"):
    """Neither a retry nor another document would help: the run stops."""


class AuthenticationError(PermanentBackendError, reason="key_refused"):
    """The server refuses the API key."""


class UnknownModelError(PermanentBackendError, reason="unknown_model"):
    """The server doesn't have the model."""


class QuotaError(PermanentBackendError, reason="no_quota"):
    """The account has no quota or credit left."""


class EngineStoppedError(PermanentBackendError, reason="engine"):
    """The local model's process doesn't start, or dies on every request."""


class EngineError(BackendError, reason="engine"):
    """The local model's process died twice on this request; others may succeed."""


class RequestRefusedError(BackendError, reason="bad_request"):
    """The server refuses this request (400, 413, 422); others may succeed."""


class CassetteMissError(BackendError, reason="cassette_miss"):
    """A test made a request that its cassette doesn't contain."""


class ResponseError(CommuniqueError, reason="response"):
    """The model answered, but the answer can't be used.

    Args:
        raw: The last raw answer, cut to 2,000 characters.
    """

    def __init__(self, message: str, *, hint: str = "", raw: str = "") -> None:
        super().__init__(message, hint=hint)
        self.raw = raw[:2000]


class MalformedResponseError(ResponseError, reason="schema"):
    """The answer is not JSON, or doesn't have the requested structure."""


class TruncatedResponseError(ResponseError, reason="length"):
    """The answer was cut off at the token limit."""


class ContextExceededError(TruncatedResponseError, DocumentTooLongError, reason="too_long"):
    """The prompt is longer than the model's context: smaller windows may fit."""


class RefusalError(ResponseError, reason="refusal"):
    """The model declined to answer."""


class ContentFilterError(ResponseError, reason="content_filter"):
    """The provider's filter withheld the answer."""


class ResponseTooLargeError(ResponseError, reason="response_too_large"):
    """The answer is larger than the limit."""


class PromptCutError(ResponseError, reason="prompt_cut"):
    """The server read only a part of the prompt, and did not say so."""


class BudgetExceededError(CommuniqueError, reason="budget"):
    """The budget of the run is used up."""


class RunStoppedError(CommuniqueError, reason="stopped"):
    """The run accepts no more requests; the document has not been read."""


class JournalError(CommuniqueError, reason="journal"):
    """The journal can't be read or written."""


class JournalLockedError(JournalError, reason="locked"):
    """Another run holds the journal."""


class JournalMismatchError(JournalError, reason="mismatch"):
    """The journal was written by another version or with another configuration."""


class OutputError(CommuniqueError, reason="output"):
    """An output can't be written."""


STOPPING = (RunStoppedError, PermanentBackendError, BudgetExceededError, ConfigurationError, CassetteMissError)
"""Errors that end a run of many documents; every other one is about one document."""
