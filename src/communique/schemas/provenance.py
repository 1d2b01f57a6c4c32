"""Where a result comes from: the document, how it was read, and what that cost."""

from __future__ import annotations

from collections.abc import Iterable
from operator import add, sub

from communique.schemas.record import Part


class Usage(Part):
    """Tokens of one or more calls, as the server counts them.

    Attributes:
        input_tokens: Prompt tokens, cached ones included.
        output_tokens: Answer tokens.
        cached_tokens: Prompt tokens that the server took from its cache.
        reasoning_tokens: Tokens of the answers that went into reasoning, where the server says so. They are among the
            answer tokens.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0

    @property
    def counts(self) -> tuple[int, ...]:
        """The four numbers, as errors carry them and the journal keeps them."""
        return self.input_tokens, self.output_tokens, self.cached_tokens, self.reasoning_tokens

    @classmethod
    def of(cls, counts: Iterable[int]) -> Usage:
        """Return the usage of those numbers; those that are left out at the end are 0."""
        return cls(**dict(zip(cls.model_fields, counts, strict=False)))

    @property
    def answers_told(self) -> str:
        """The answer tokens for people: `520 out`, or `4,520 out (4,000 for reasoning)`."""
        thought = f" ({self.reasoning_tokens:,} for reasoning)" if self.reasoning_tokens else ""
        return f"{self.output_tokens:,} out{thought}"

    def __add__(self, other: Usage) -> Usage:
        return Usage.of(map(add, self.counts, other.counts))

    def __sub__(self, other: Usage) -> Usage:
        return Usage.of(map(sub, self.counts, other.counts))


class DocumentInfo(Part):
    """Which document it was.

    Attributes:
        id: Stable id, from the hash of the text unless the source gives one.
        sha256: Of the text (UTF-8) that the offsets count in.
        title: As given or found, or None.
        published: ISO date of publication, or None.
        published_basis: Where that date comes from: given, page metadata, WARC header, feed entry.
        chars: Code points of the text.
        source: File name or URL.
        language: ISO 639-1 code.
        outlet: Publisher, where the source names it.
        notes: What was done to the text before it was read, such as dropped control characters.
        text: The text itself, where the run was asked to keep it; left out of the JSON otherwise.
    """

    id: str
    sha256: str
    title: str | None = None
    published: str | None = None
    published_basis: str | None = None
    chars: int = 0
    source: str | None = None
    language: str | None = None
    outlet: str | None = None
    notes: tuple[str, ...] = ()
    text: str | None = None


class Provenance(Part):
    """How the summary came about.

    Attributes:
        communique: Version of the library.
        backend: Name of the backend.
        model: Model as the server reports it.
        prompt: Fingerprint of the prompt (SHA-256, first 16 hex digits).
        policy: Name, version and digest of the policy that made the verdicts: `strong/1 0f3a...`.
        judge: Model that judged the records, or "" where none did.
        usage: Tokens of all calls.
        seconds: Wall time of all calls.
        attempts: Calls made, repair rounds included.
        windows: Windows that the document was read in.
        warnings: What a reader should know, such as `unusually_empty`.
    """

    communique: str = ""
    backend: str = ""
    model: str = ""
    prompt: str = ""
    policy: str = ""
    judge: str = ""
    usage: Usage = Usage()
    seconds: float = 0.0
    attempts: int = 0
    windows: int = 1
    warnings: tuple[str, ...] = ()
