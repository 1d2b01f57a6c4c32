"""Every error communique raises, in one place.

    CommuniqueError
      ConfigurationError         UnknownNameError  MissingExtraError  MissingKeyError
      DocumentError              UnreadableDocumentError  EmptyDocumentError  DocumentTooLongError
      BackendError
        TransientBackendError    (may be tried again)  ThrottledError
        PermanentBackendError    (stops the run)  AuthenticationError  UnknownModelError  QuotaError
                                 EngineStoppedError
        RequestRefusedError      (this document only)  EngineError
        CassetteMissError
      ResponseError              MalformedResponseError  TruncatedResponseError  RefusalError
                                 ContentFilterError  ResponseTooLargeError  PromptCutError
                                 ContextExceededError  (a DocumentTooLongError, too)
      BudgetExceededError  RunStoppedError
      JournalError               JournalLockedError  JournalMismatchError
      OutputError

A rejected *record* is not an error: it is a value (`communique.schemas.Rejection`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CommuniqueError(Exception):
    """Base of all errors of this library.

    Args:
        message: One line that says what is wrong and where.
        hint: One line that says what to do about it, or "".
        document_id: The document that was being read, if there was one.
    """

    reason = "error"
    """Machine-readable name of the cause; the journal and the manifest store it."""

    attempts = 0
    """Number of requests made, if known."""

    tokens: tuple[int, ...] = (0, 0, 0, 0)
    """Tokens of those requests, as the server counts them: of the prompts, of the answers, of the prompts from its
    cache, of the answers for reasoning."""

    def __init__(self, message: str, *, hint: str = "", document_id: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.document_id = document_id

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigurationError(CommuniqueError):
    """The call or the settings can't work, whatever the document."""

    reason = "configuration"


class UnknownNameError(ConfigurationError):
    """No record type, model, reader, sink or backend has that name."""

    reason = "unknown_name"

    @classmethod
    def of(cls, kind: str, name: str, known: Iterable[str], otherwise: str = "") -> UnknownNameError:
        """Build the error with the nearest known name as its hint, or with another one where none is near."""
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else otherwise or f"known: {', '.join(names) or 'none'}"
        return cls(f"there is no {kind} {name!r}", hint=hint)


class MissingExtraError(ConfigurationError):
    """An optional dependency is not installed."""

    reason = "missing_extra"

    @classmethod
    def of(cls, what: str, extra: str) -> MissingExtraError:
        """Build the error that names the extra to install."""
        return cls(f"{what} needs the extra {extra!r}", hint=f"pip install 'communique[{extra}]'")


class MissingKeyError(ConfigurationError):
    """A remote model was requested, but there is no API key in the environment."""

    reason = "missing_key"


class DocumentError(CommuniqueError):
    """A document can't be used."""

    reason = "document"


class UnreadableDocumentError(DocumentError):
    """The input is missing, is a directory, is binary or can't be decoded."""

    reason = "unreadable"


class EmptyDocumentError(DocumentError):
    """The input contains no text."""

    reason = "empty"


class DocumentTooLongError(DocumentError):
    """The input is longer than the limit."""

    reason = "too_long"


class BackendError(CommuniqueError):
    """The model or its server did not give an answer."""

    reason = "backend"


class TransientBackendError(BackendError):
    """A temporary failure: the same request may succeed later.

    Args:
        retry_after: Seconds the server asks us to wait, or None.
    """

    reason = "server_error"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        document_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint, document_id=document_id)
        self.retry_after = retry_after


class ThrottledError(TransientBackendError):
    """The server asks for fewer requests (429, or 503 with Retry-After)."""

    reason = "throttled"


class DeadlineError(TransientBackendError):
    """There was no complete answer before the deadline."""

    reason = "timeout"


class PermanentBackendError(BackendError):
    """Neither a retry nor another document would help: the run stops."""

    reason = "permanent"


class AuthenticationError(PermanentBackendError):
    """The server refuses the API key."""

    reason = "key_refused"


class UnknownModelError(PermanentBackendError):
    """The server doesn't have the model."""

    reason = "unknown_model"


class QuotaError(PermanentBackendError):
    """The account has no quota or credit left."""

    reason = "no_quota"


class EngineStoppedError(PermanentBackendError):
    """The local model's process doesn't start, or dies on every request."""

    reason = "engine"


class EngineError(BackendError):
    """The local model's process died twice on this request; others may succeed."""

    reason = "engine"


class RequestRefusedError(BackendError):
    """The server refuses this request (400, 413, 422); others may succeed."""

    reason = "bad_request"


class CassetteMissError(BackendError):
    """A test made a request that its cassette doesn't contain."""

    reason = "cassette_miss"


class ResponseError(CommuniqueError):
    """The model answered, but the answer can't be used.

    Args:
        raw: The last raw answer, cut to 2,000 characters.
    """

    reason = "response"

    def __init__(self, message: str, *, hint: str = "", document_id: str | None = None, raw: str = "") -> None:
        super().__init__(message, hint=hint, document_id=document_id)
        self.raw = raw[:2000]


class MalformedResponseError(ResponseError):
    """The answer is not JSON, or doesn't have the requested structure."""

    reason = "schema"


class TruncatedResponseError(ResponseError):
    """The answer was cut off at the token limit."""

    reason = "length"


class ContextExceededError(TruncatedResponseError, DocumentTooLongError):
    """The prompt is longer than the model's context: smaller windows may fit."""

    reason = "too_long"


class RefusalError(ResponseError):
    """The model declined to answer."""

    reason = "refusal"


class ContentFilterError(ResponseError):
    """The provider's filter withheld the answer."""

    reason = "content_filter"


class ResponseTooLargeError(ResponseError):
    """The answer is larger than the limit."""

    reason = "response_too_large"


class PromptCutError(ResponseError):
    """The server read only a part of the prompt, and did not say so."""

    reason = "prompt_cut"


class BudgetExceededError(CommuniqueError):
    """The budget of the run is used up."""

    reason = "budget"


class RunStoppedError(CommuniqueError):
    """The run accepts no more requests; the document has not been read."""

    reason = "stopped"


class JournalError(CommuniqueError):
    """The journal can't be read or written."""

    reason = "journal"


class JournalLockedError(JournalError):
    """Another run holds the journal."""

    reason = "locked"


class JournalMismatchError(JournalError):
    """The journal was written by another version or with another configuration."""

    reason = "mismatch"


class OutputError(CommuniqueError):
    """An output can't be written."""

    reason = "output"


STOPPING = (RunStoppedError, PermanentBackendError, BudgetExceededError, ConfigurationError, CassetteMissError)
"""Errors that end a run of many documents; every other one is about one document."""
