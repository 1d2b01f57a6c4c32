"""What a rule is: the same for ours and for a user's own check; and the reasons of looking things up, without a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar, Generic, Literal, Protocol, TypeVar, get_args, runtime_checkable

from communique.documents import Document
from communique.grounding.article import Article, article_of
from communique.schemas import Actor, Check, Record
from communique.schemas.markers import fields_with_parts

Severity = Literal["note", "flag", "reject"]


@dataclass(frozen=True, slots=True)
class Reason:
    """What a rule says, for people; `docs/reference/reasons.md` and `communique show rules` list them.

    Attributes:
        id: Name in the output.
        severity: What it does to the verdict, unless the policy says otherwise.
        message: One sentence for an analyst.
        accepts: An example that it lets pass.
        rejects: An example that it speaks against.
    """

    id: str
    severity: Severity
    message: str
    accepts: str = ""
    rejects: str = ""


@runtime_checkable
class RecordCheck(Protocol):
    """Looks at one record beside its document, its evidence and support filled in. A plain function will do.

    It yields a `Check` for what it finds: with severity `flag` the record is flagged, with `reject` it becomes a
    rejection, with `note` nothing changes.
    """

    def __call__(self, record: Record, document: Document, /) -> Iterable[Check]:
        """Yield what is to be said of the record; nothing where the check doesn't concern it."""
        ...


_Kind = TypeVar("_Kind", bound=Record)


class Rule(Generic[_Kind]):
    """Base of our own rules: a `RecordCheck` with a reason, for one kind of record or for any."""

    reason: ClassVar[Reason]
    kinds: ClassVar[tuple[type[Record], ...]] = (Record,)
    """Record types that the rule is about, as its base says: `Rule[Meeting]`, `Rule[Meeting | Allegation]`."""
    fields: ClassVar[tuple[str, ...]] = ()
    """Fields of which a record type must have one; any record type will do if empty."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # Python keeps the nearest base's `Rule[…]` there; mypy doesn't know of it.
        (kind,) = get_args(cls.__orig_bases__[0])  # type: ignore[attr-defined]
        cls.kinds = get_args(kind) or (kind,)

    def concerns(self, kind: type[Record]) -> bool:
        """Tell whether the rule has something to say of a record type."""
        return issubclass(kind, self.kinds) and (
            not self.fields or any(name in kind.model_fields for name in self.fields)
        )

    def __call__(self, record: _Kind, document: Document, /) -> Iterable[Check]:
        """Yield what speaks against the record."""
        return self.look(record, article_of(document))

    def look(self, record: _Kind, article: Article) -> Iterable[Check]:
        """Do the same with the article's index at hand."""
        raise NotImplementedError

    def contradicted(
        self, field: str, detail: str, sentences: Sequence[int] = (), proposal: str | None = None
    ) -> Check:
        """Return a check: words say otherwise."""
        return self._check("contradicted", field, detail, sentences, proposal)

    def unsupported(self, field: str, detail: str, sentences: Sequence[int] = (), proposal: str | None = None) -> Check:
        """Return a check: what would show it was looked for and is not there."""
        return self._check("unsupported", field, detail, sentences, proposal)

    def _check(
        self,
        outcome: Literal["contradicted", "unsupported"],
        field: str,
        detail: str,
        sentences: Sequence[int],
        proposal: str | None,
    ) -> Check:
        return Check(
            field=field,
            outcome=outcome,
            reason=self.reason.id,
            severity=self.reason.severity,
            detail=detail,
            sentences=tuple(sentences),
            proposal=proposal,
        )


def name_of(check: RecordCheck) -> str:
    """Return the name of a check: its reason's id, its `name`, else that of its function or class."""
    reason = getattr(check, "reason", None)
    if isinstance(reason, Reason):
        return reason.id
    own = getattr(check, "name", None) or getattr(check, "__name__", None)
    return str(own or type(check).__name__)


def cited(record: Record) -> tuple[int, ...]:
    """Return the numbers of the cited sentences."""
    return tuple(map(attrgetter("sentence"), record.evidence))


def actors_of(record: Record) -> Iterator[tuple[str, Actor]]:
    """Yield the actors in the record's roles with their paths; not those of its parts."""
    values = record.__dict__
    for name in fields_with_parts(type(record)):
        value = values.get(name)
        if value and isinstance(value, (tuple, list)) and isinstance(value[0], Actor):
            for index, actor in enumerate(value):
                yield f"{name}[{index}]", actor
        elif isinstance(value, Actor):
            yield name, value


LOOKED_FOR: tuple[Reason, ...] = (
    Reason("malformed", "reject", "The model's output doesn't have the structure of this record type."),
    Reason("unreadable", "flag", "The model's value for this field has the wrong type; it was left out."),
    Reason("not_asked_for", "note", "The model returned a field that was not requested; it was left out."),
    Reason("no_evidence", "reject", "The record cites no sentence that can be used as evidence."),
    Reason("no_such_sentence", "flag", "The model cited a sentence number that doesn't exist in the article."),
    Reason(
        "cites_link", "flag", "The model cited a line that only links to another story; such a line is not evidence."
    ),
    Reason("heading_only", "note", "Only headings are cited, and a heading simplifies what the text says."),
    Reason("nobody_left", "reject", "None of the names in the record's main roles is in the article."),
    Reason(
        "not_in_article",
        "flag",
        "This name is not in the article; it was left out.",
        accepts="“Eva Holt” where the article says “Eva Holt”",
        rejects="“Ewa Holt” where the article says “Eva Holt”",
    ),
    Reason(
        "example_leak",
        "flag",
        "This name comes from the examples in the prompt, not from the article; it was left out.",
    ),
    Reason(
        "pieced_together", "note", "The words of this name are near the cited sentences, but not together as one name."
    ),
    Reason(
        "elsewhere_in_article",
        "flag",
        "The name is in the article, but not in or near the cited sentences, and no word there refers to it.",
    ),
    Reason("place_not_in_article", "flag", "This place is not in the article; it was left out."),
    Reason("time_not_in_article", "flag", "These time words are not in the article; they were left out."),
    Reason("time_elsewhere", "note", "The time words are not in or near the cited sentences."),
    Reason("words_not_in_article", "note", "These words are not in the article; they were left out."),
    Reason("words_elsewhere", "note", "The copied words are not in or near the cited sentences."),
    Reason("number_not_in_evidence", "flag", "This number is not in the cited sentences; it was left out."),
    Reason(
        "unsupported_words",
        "note",
        "The sentence that the model wrote contains names or numbers that are not in the evidence.",
    ),
    Reason(
        "no_words_for_language",
        "note",
        "There are no word lists for this language, so only names, times and quoted words were checked.",
    ),
    Reason("judge_cites_others", "flag", "The judge finds this in sentences that the record doesn't cite."),
    Reason(
        "judge_disagrees",
        "flag",
        "The judge, a model that read the whole article, considers this unlikely to be what the article says.",
    ),
    Reason(
        "denial_added",
        "note",
        "The model gave no denial, but a rule found one right after the claim, and it names the accused.",
    ),
    Reason("told_again", "note", "The model returned this record more than once; the drafts were merged."),
    Reason("told_otherwise", "note", "Another draft of the same record has a different value."),
    Reason("check_failed", "flag", "A custom check raised an exception or returned something that is not a check."),
)
