"""What a language folder holds. This is also the guide for whoever adds one: every field says what belongs into it.

A folder is named by its ISO 639-1 code. Every file is optional but `language.toml`; what is missing is not checked in
that language, and `communique show languages` says so.

    language.toml    the fields of `Language` up to `lists`
    phrases.toml     the phrase lists of `LISTS`: name = ["phrase", ...] (syntax: `communique.languages.lexicon`)
    roles.toml       verbs that have an accuser on one side and an accused on the other: [[verbs]] tables of `RoleVerb`
    time.toml        time words: meaning = [words] (see `communique.grounding.time_words`)
    countries.toml   code = "names | adjectives and people | capitals that stand for the government | parts of the country"
                     (forms parted by ";"; "~" at the end of a form takes the endings of [endings]); none = what names
                     no country, or several
    numbers.toml     [words] and [scales]: number words, and words such as "million" with their power of ten
    examples.toml    [[examples]] tables of `Example`: sentences, and what the lists must find in them. They are the tests
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

LISTS: dict[str, str] = {
    "meeting": "words that state a meeting, call, visit, summit or negotiation",
    "meeting_retold": "mentions that refer back to a meeting, without saying anything new",
    "accusation": "words that state an accusation or a wrong act",
    "sanctions": "sanctions, embargoes, asset freezes, export controls, designations, UN resolutions",
    "denial": "words with which somebody denies or rejects a claim",
    "not_denial": "phrases that contain a word of denial but deny no claim: denied entry, could not be confirmed",
    "untruth": "words of denial that may also tell what somebody is accused of: lies, disinformation, denying access",
    "negation": "words of negation: not, never, nobody",
    "doubt": "words that make a statement less than certain: may, likely, suspects, fears, reportedly",
    "strong_doubt": "words that make it a mere possibility: might, possibly, speculates",
    "planned": "words that put an event into the future: will, to be held, scheduled, next week",
    "past": "past forms of verbs that state a meeting: met, held, visited, took part",
    "cancelled": "cancelled, called off, postponed, suspended",
    "call": "by telephone or video",
    "sport": "words that occur only in sports news",
    "opinion": "words that state a view and not an act: considers, deems, regards",
    "imposed": "a measure that is taken or in force: imposed, froze, designated, blacklisted, sanctioned",
    "not_imposed": "phrases of `imposed` that only name sanctions: existing sanctions, Western sanctions",
    "proposed": "a measure that is demanded or considered: proposes, calls for, considers, threatens, draft",
    "refused": "a measure that is ruled out: will not impose, refuses to impose, no plans to impose",
    "eased": "a measure that ends: lifted, eased, suspended, waived, delisted",
    "breach": "a breach of sanctions: violates, evades, circumvents, in defiance of, busting",
    "pronoun": "words that stand for somebody named before: he, they, which, we",
    "suspect": "nouns for whoever is accused: the accused, defendant, suspect, perpetrator",
    "both": "phrases that stand for all parties named before: both sides, the two countries",
    "description": (
        "nouns that stand for somebody named before: minister, ministry, government, company, envoy, spokesman"
    ),
    "reporting": "words of saying and reporting: said, told, according to, announced",
    "anticipation": "words for what is expected beforehand: expects, hopes, plans to",
    "blanket": "phrases that take several claims together: all allegations, these accusations",
    "orders": "instructions to a language model: ignore previous instructions",
    "again": "words for another event of the same kind: again, another round",
    "collective": "nouns by which any officials of a country may be meant: officials, delegation, government, side",
    "link": (
        "beginnings of a line that points to another article: Read more; with a colon where one must follow: Related:"
    ),
}
"""Names of the phrase lists, and what belongs into each."""

_MEANING = re.compile(
    r"(today|easter)[+-]\d+|[on]?(\d{1,2}|#)|d\d{3}|last|this|next|early|mid|late|within|ago|hence|in|while|since|after|before"
    r"|day|week|weekend|month|quarter|half|year|decade|weekof|dayof|and|to|between|from|spring|summer|autumn|winter"
    r"|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
"""The words that a meaning in time.toml consists of; `communique.grounding.time_words` says what they mean."""
_PARTS = 4
_HIGHEST_SCALE = 15
_ABBREVIATION = re.compile(r"([^#_()]|\([^()]+\))*\.( (#|_|\([^()]+\)|[^\W_]+))*")


def _dotted(entry: str) -> str:
    if not _ABBREVIATION.fullmatch(entry):
        raise ValueError(f"{entry!r} is no abbreviation with its dot, such as `no.`, `no. #` or `p.m. (Monday|EST)`")
    return entry


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Inflection(_Closed):
    """How words change at their end.

    Attributes:
        whole: Endings that come behind a whole word.
        stripped: Endings that may go, and that may come in their place.
        changes: Sound changes at the end of a stem: (regular expression, what takes its place).
    """

    whole: tuple[str, ...] = ()
    stripped: tuple[str, ...] = ()
    changes: tuple[tuple[str, str], ...] = ()

    @field_validator("whole", "stripped", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("changes")
    @classmethod
    def _expressions(cls, value: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        for expression, new in value:
            try:
                re.sub(expression, new, "")
            except re.error as error:
                raise ValueError(f"{expression!r} is not a regular expression: {error}") from None
        return value


class RoleVerb(_Closed):
    """A verb of accusation and the places of its sides.

    "X accused Y of Z": verb `accus*`, link `of`; X stands before the verb, Y between verb and link.
    "Y was accused by X": passive `accused by`; Y stands before, X behind.
    "X ने Y पर Z का आरोप लगाया" (Hindi, the verb last): verb `आरोप लगाया`, agent `ने`, link `पर`; X stands before the agent.

    Attributes:
        verb: Forms of the verb in the active voice.
        link: Words that end the accused and begin the act.
        passive: Forms behind which the accuser stands; the accused stands before them.
        agent: Words that end the accuser, in a language that has the verb behind both sides.
        act: Word endings one of which must follow the link (a gerund, an infinitive), where the link alone is unsafe.
        object_first: How a sentence begins in which the accused stands before the verb: "Dem Minister warf Klow vor".
    """

    verb: tuple[str, ...] = ()
    link: tuple[str, ...] = ()
    passive: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()
    act: tuple[str, ...] = ()
    object_first: tuple[str, ...] = ()


class Example(_Closed):
    """A sentence that shows what the lists find.

    Attributes:
        text: The sentence; of one's own making.
        finds: Lists that must have a hit in it.
        lacks: Lists that must have none.
        names: (name, form in the sentence): the name must be found in the sentence by that form.
        foreign: Names that must not be found.
        dates: (time words, EDTF date), with `published` as the day of publication.
        published: ISO date.
        tense: Whether the event lies before or after publication.
        countries: (words, ISO 3166-1 code).
        sentences: How many sentences the text is split into.
    """

    text: str
    finds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    foreign: tuple[str, ...] = ()
    dates: tuple[tuple[str, str], ...] = ()
    published: str | None = None
    tense: Literal["past", "future"] | None = None
    countries: tuple[tuple[str, str], ...] = ()
    sentences: int | None = None


class Language(_Closed):
    """All that is known of one language.

    Attributes:
        code: ISO 639-1 code.
        name: English name.
        spaces: Whether words are parted by spaces.
        case: Whether letters have capitals.
        noun_capitals: Whether every noun has a capital, so that a capital shows no name.
        modality: Where the words stand that make a verb doubtful, planned or negated. `clause`: before it, and no comma
            parts them (English: "fears that"). `before`: before it, and a comma may (German: "fürchtet, dass").
            `sentence`: anywhere, since the verb is last (Japanese, Turkish), or since nobody has said it.
        articles: Articles, which a name may have before it or not.
        prefixes: What may be written together with the next word: conjunctions, prepositions, the article.
        conjunctions: Words that join the parts of a list: and.
        name_particles: Small words inside names: of, de, von, bin.
        titles: Titles and offices that stand before a name.
        generic: Words that are a part of names and don't stand for the whole: Ministry, United, New.
        openers: Small words that sentences begin with: articles, pronouns, prepositions, conjunctions, adverbs.
        tell_apart: Common words that a language which is easily taken for this one spells otherwise: av and etter of
            Norwegian, af and efter of Danish.
        abbreviations: With their dots, those that hardly end a sentence, titles included: "Dr.", "approx.". What follows may
            say that they end none only before a number ("no. #"), before a word that is no opener ("Inc. _") or before
            certain words ("p.m. (Monday|EST)").
        quoting: A regular expression of what belongs to the quotation before it, white space included: と述べた.
        inflection: How words change at their end; None where they don't, or where nobody has said how.
        lists: Phrase lists (phrases.toml).
        roles: Verbs of accusation (roles.toml).
        time: Time words by their meaning (time.toml).
        countries: Words for countries beyond those of CLDR (countries.toml).
        country_endings: Endings of adjectives that countries.toml gives with `~`.
        number_words: Number words and their value (numbers.toml).
        number_scales: Words such as million and their power of ten (numbers.toml).
        examples: Sentences and what must be found in them (examples.toml).
        digest: SHA-256 of the folder's files, first 16 hex digits.
    """

    code: str = Field(pattern=r"^[a-z]{2,3}$")
    name: str
    spaces: bool = True
    case: bool = True
    noun_capitals: bool = False
    modality: Literal["clause", "before", "sentence"] = "sentence"
    articles: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    conjunctions: tuple[str, ...] = ()
    name_particles: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    generic: tuple[str, ...] = ()
    openers: tuple[str, ...] = ()
    tell_apart: tuple[str, ...] = ()
    abbreviations: tuple[Annotated[str, AfterValidator(_dotted)], ...] = ()
    quoting: re.Pattern[str] | None = None
    inflection: Inflection | None = None
    lists: dict[str, tuple[str, ...]] = {}
    roles: tuple[RoleVerb, ...] = ()
    time: dict[str, tuple[str, ...]] = {}
    countries: dict[str, str] = {}
    country_endings: dict[str, tuple[str, ...]] = {}
    number_words: dict[str, int] = {}
    number_scales: dict[str, int] = {}
    examples: tuple[Example, ...] = ()
    digest: str = ""

    @field_validator("lists")
    @classmethod
    def _known(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        unknown = sorted(set(value) - set(LISTS))
        if unknown:
            raise ValueError(f"no such list: {', '.join(unknown)}; known are {', '.join(LISTS)}")
        return value

    @field_validator("time")
    @classmethod
    def _meanings(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        known = dict[str, str]()
        for meaning, forms in value.items():
            if unknown := [word for word in meaning.split() if not _MEANING.fullmatch(word)]:
                raise ValueError(f"{unknown[0]!r}, in the meaning {meaning!r}, is no word that the rules know")
            for words in map(str.casefold, forms):
                if words in known:
                    raise ValueError(f"{words!r} stands twice: under {known[words]!r} and under {meaning!r}")
                known[words] = meaning
        return value

    @field_validator("countries")
    @classmethod
    def _codes(cls, value: dict[str, str]) -> dict[str, str]:
        for code, forms in value.items():
            if code != "none" and not re.fullmatch("[a-z]{2}", code):
                raise ValueError(f"{code!r} is no ISO 3166-1 code of two small letters")
            if forms.count("|") >= _PARTS:
                raise ValueError(f"{code} has more than {_PARTS} parts between its bars")
        return value

    @field_validator("number_scales")
    @classmethod
    def _powers(cls, value: dict[str, int]) -> dict[str, int]:
        for word, power in value.items():
            if not 0 < power <= _HIGHEST_SCALE:
                raise ValueError(f"{word!r} has no power of ten from 1 to {_HIGHEST_SCALE}: a million is 6")
        return value

    def role_lists(self) -> dict[str, tuple[str, ...]]:
        """Return the phrases of the verbs of accusation as lists: `verb 0`, `link 0`, `passive 0` for the first of them."""
        return {
            f"{part} {index}": phrases
            for index, verb in enumerate(self.roles)
            for part, phrases in (
                ("verb", verb.verb),
                ("link", verb.link),
                ("passive", verb.passive),
                ("agent", verb.agent),
            )
            if phrases
        }

    def accuses(self, found: Container[str]) -> bool:
        """Tell whether a verb of accusation has both its sides, by the names of the lists that have hits in a sentence."""
        return any(
            f"passive {index}" in found
            or (
                f"verb {index}" in found
                and (not verb.link or f"link {index}" in found)
                and (not verb.agent or f"agent {index}" in found)
            )
            for index, verb in enumerate(self.roles)
        )

    def missing(self) -> tuple[str, ...]:
        """Return the names of the lists that the folder doesn't have: what is not checked in this language."""
        return tuple(name for name in LISTS if not self.lists.get(name))
