"""Find phrases in a sentence by its words: one pass for all lists of a language, in time linear in the sentence.

A phrase is words parted by spaces. `accus*` matches any word that begins so, `*liste` any that ends so; `_` stands for
any one word, `...` for up to six words, `(call|phone call)` for one of several, and a word or `(...)` behind `?` may be
missing (`held ?a meeting`). Case, typography and the form of accents don't matter. There is no other syntax, so that no
phrase can make the search slow.

In a language that doesn't part its words by spaces a phrase is a plain string.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0955-\u0957\u0962\u0963"
"""Signs that belong to the letter before them, for a class of a regular expression: accents, vowel marks of Arabic and
Hebrew, vowel signs of Devanagari, which are no letters to Python."""
LETTERS = rf"[^\W\d_](?:[^\W\d_]|[{MARKS}])*"
"""A run of letters with their marks, for an expression."""
_JOINERS = "\u200c\u200d"
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u1100-\u11ff\u0e00-\u0e7f]")
"""Scripts without spaces between words, and Korean, whose particles are written together with the word."""
_WORD = re.compile(rf"[^\W_]+(?:(?:[{MARKS}]|(?<=\u094d)[{_JOINERS}])+[^\W_]*)*")
_PLAIN_WORD = re.compile(r"[^\W_]+")
_NOT_PLAIN = re.compile(rf"[Σ\u0640{MARKS}{_JOINERS}]")
"""Signs by which the form of a word is not just its letters in lower case."""
_LETTER_MARKS = re.compile(rf"[\u0591-\u05c7\u064b-\u065f\u0670\u0640\u093c{_JOINERS}]")
_PART = rf"(?:\*?[^\W_]|\*[{MARKS}])(?:[^\W_]|[{MARKS}])*\*?"
_ELEMENT = re.compile(rf"\.\.\.|\??_(?!\w)|\??\([^()]*\)|\??{_PART}")
_OPTION = re.compile(rf"_|(?!\*.*\*){_PART}")
GAP = 6
"""Words that `...` stands for at most."""
_KEY = 3
_REMEMBERED = 50_000


Word = tuple[str, int, int]
"""A word of a text: in lower case, composed (NFC), without the vowel marks of Arabic and Hebrew and the dots below of
Devanagari, which many newspapers leave out; offset of its first code point; offset behind its last."""


Hit = tuple[int, int]
"""Words of a phrase that was found: indices into the words of the text, half-open."""


def words_of(text: str) -> list[Word]:
    """Return the words of a text with their offsets in code points."""
    return [(word, *place.span()) for word, place in zip(*_words_and_places(text), strict=True)]


def _words_and_places(text: str) -> tuple[list[str], list[re.Match[str]]]:
    lowered = text.lower()
    if len(lowered) == len(text) and unicodedata.is_normalized("NFC", lowered) and not _NOT_PLAIN.search(text):
        return _PLAIN_WORD.findall(lowered), [*_PLAIN_WORD.finditer(lowered)]
    places = [*_WORD.finditer(text)]
    return [fold_word(place[0]) for place in places], places


@lru_cache(maxsize=8192)
def fold_word(word: str) -> str:
    """Return a word in the form that phrases are compared in."""
    if word.isascii():
        return word.lower()
    return _LETTER_MARKS.sub("", unicodedata.normalize("NFC", word.lower()))


class _Element(NamedTuple):
    words: frozenset[str]
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    optional: bool
    gap: int  # words that may be skipped before it

    def fits(self, word: str) -> bool:
        return word in self.words or word.startswith(self.starts) or word.endswith(self.ends)


class _Phrase(NamedTuple):
    name: str  # of its list
    elements: tuple[_Element, ...]
    following: frozenset[str]  # words of which one must follow the first; empty where others may, or none
    needed: tuple[frozenset[str], ...]  # words of which a text must have one, for each later element


class _Begun(NamedTuple):
    """What may begin with a word: lists that have it alone, phrases by the one word that must follow, and other phrases."""

    names: tuple[str, ...]
    pairs: dict[str, list[_Phrase]]
    others: tuple[_Phrase, ...]
    wanted: frozenset[str]  # words of which a text must have one for any of the others; empty if one can do without


class Lexicon:
    """Lists of phrases, by name.

    Args:
        lists: Phrases by the name of their list.
        spaces: Whether the language parts its words by spaces.

    Raises:
        ValueError: A phrase has nothing to begin with, or characters that no phrase has.
    """

    def __init__(self, lists: Mapping[str, Iterable[str]], *, spaces: bool = True) -> None:
        self.names = frozenset(lists)
        """Names of the lists, empty ones included."""
        self._plain: list[tuple[str, str]] = []
        self._by_word: dict[str, list[_Phrase]] = {}
        self._by_start: dict[int, dict[str, list[_Phrase]]] = {}
        self._by_end: dict[int, dict[str, list[_Phrase]]] = {}
        self._seen: dict[str, dict[str, _Begun | None]] = {}
        self._spaces = spaces
        for name, phrases in lists.items():
            for phrase in phrases:
                if not spaces:
                    self._plain.append((name, phrase))
                    continue
                try:
                    for variant in _variants(phrase):
                        self._add(_phrase(name, _parse(variant)))
                except ValueError as error:
                    raise ValueError(f"{name}: {phrase!r} {error}") from None

    def _add(self, phrase: _Phrase) -> None:
        first = phrase.elements[0]
        for word in first.words:
            self._by_word.setdefault(word, []).append(phrase)
        for start in {start[:_KEY] for start in first.starts}:
            self._by_start.setdefault(len(start), {}).setdefault(start, []).append(phrase)
        for end in {end[-_KEY:] for end in first.ends}:
            self._by_end.setdefault(len(end), {}).setdefault(end, []).append(phrase)

    def scan(self, words: Sequence[str], only: str = "") -> dict[str, list[Hit]]:
        """Return where phrases of each list are in the words of a text, in order; lists without a hit are left out.

        Args:
            words: In the form that `words_of` gives them.
            only: Name of the one list that is looked for; all of them if empty.
        """
        found: dict[str, list[Hit]] = {}
        there, seen = set(words), self._seen.setdefault(only, {})
        if len(seen) >= _REMEMBERED:
            seen.clear()
        for word in there.difference(seen):
            seen[word] = self._begun(word, only)
        following = (*words[1:], "")
        for at, begun in enumerate(map(seen.__getitem__, words)):
            if begun is None:
                continue
            names, pairs, others, wanted = begun
            for name in names:
                found.setdefault(name, []).append((at, at + 1))
            phrases = pairs.get(following[at], ())
            if others and not (wanted and there.isdisjoint(wanted)):
                phrases = (*phrases, *others)
            for phrase in phrases:
                if any(map(there.isdisjoint, phrase.needed)) or not (end := _match(phrase.elements, words, at)):
                    continue
                hits = found.setdefault(phrase.name, [])
                if not hits or hits[-1][0] != at:
                    hits.append((at, end))
                elif end > hits[-1][1]:  # the longest of those that begin here
                    hits[-1] = (at, end)
        return found

    def _begun(self, word: str, only: str) -> _Begun | None:
        """Return the phrases whose first word it may be; texts repeat their words."""
        if only and not self._seen.get("", {}).get(word, True):
            return None  # it begins no phrase of any list
        candidates = [*self._by_word.get(word, ())]
        for length, phrases in self._by_start.items():
            candidates += phrases.get(word[:length], ())
        for length, phrases in self._by_end.items():
            candidates += phrases.get(word[-length:], ())
        begun = [p for p in candidates if (not only or p.name == only) and p.elements[0].fits(word)]
        if not begun:
            return None
        names = dict.fromkeys(phrase.name for phrase in begun if len(phrase.elements) == 1)
        pairs: dict[str, list[_Phrase]] = {}
        for phrase in begun:
            for following in phrase.following:
                pairs.setdefault(following, []).append(phrase)
        others = tuple(phrase for phrase in begun if len(phrase.elements) > 1 and not phrase.following)
        wanted = [w for phrase in others for w in phrase.needed[-1]] if all(p.needed for p in others) else ()
        return _Begun(tuple(names), pairs, others, frozenset(wanted))

    def scan_text(self, text: str, only: str = "") -> dict[str, list[tuple[int, int]]]:
        """Return the half-open spans of the phrases of each list in a text, in code points; see `scan`."""
        if self._spaces:
            words, places = _words_and_places(text)
            by_word = self.scan(words, only).items()
            return {name: [(places[a].start(), places[b - 1].end()) for a, b in hits] for name, hits in by_word}
        found: dict[str, list[tuple[int, int]]] = {}
        for name, phrase in self._plain:
            at = text.find(phrase) if only in {"", name} else -1
            while at >= 0:
                found.setdefault(name, []).append((at, at + len(phrase)))
                at = text.find(phrase, at + len(phrase))
        for hits in found.values():
            hits.sort()
        return found


def _phrase(name: str, elements: tuple[_Element, ...]) -> _Phrase:
    fixed = [e for e in elements[1:] if not (e.optional or e.starts or e.ends)]
    follows = fixed and fixed[0] is elements[1] and not fixed[0].gap
    return _Phrase(name, elements, fixed[0].words if follows else frozenset(), tuple(e.words for e in fixed))


def _match(elements: tuple[_Element, ...], words: Sequence[str], at: int) -> int:
    """Return the index behind the last word of the phrase that begins at a word that fits, or 0.

    Gaps are as short as they can be, words that may be missing are taken where they are there. No place is tried twice.
    """
    second = elements[1]
    if not second.gap and not second.optional:
        if at + 1 >= len(words) or not second.fits(words[at + 1]):
            return 0  # as nearly always
        if len(elements) == 2:
            return at + 2
    failed: set[tuple[int, int]] = set()

    def rest(index: int, position: int) -> int:
        if index == len(elements):
            return position
        if (index, position) in failed:
            return 0
        element = elements[index]
        for i in range(position, min(position + element.gap + 1, len(words))):
            if element.fits(words[i]) and (end := rest(index + 1, i + 1)):
                return end
        if element.optional and (end := rest(index + 1, position)):
            return end
        failed.add((index, position))
        return 0

    return rest(1, at + 1)


_GROUP = re.compile(r"(\??)\(([^()]*)\)")
_RUN_TOGETHER = re.compile(rf"[\w{MARKS}*]\(|\)[\w*]")
_SEVERAL = re.compile(rf"(?:[^\W_]|[{MARKS}])\*?[\s'’-]+\*?[^\W_]")


def _variants(phrase: str) -> Iterator[str]:
    """Yield a phrase with the options that are several words written out: `(by|on the) phone` is two phrases."""
    if _RUN_TOGETHER.search(phrase):
        raise ValueError("is not a phrase: alternatives are whole words; write `(visits|visited)`, not `visit(s|ed)`")
    for group in _GROUP.finditer(phrase):
        options = group[2].split("|")
        several = [o for o in options if _SEVERAL.search(o)]
        if several:
            single = [o for o in options if o not in several]
            kept = [f"{group[1]}({'|'.join(single)})"] if single else [""] if group[1] else []
            for option in (*several, *kept):
                yield from _variants(f"{phrase[: group.start()]}{option}{phrase[group.end() :]}")
            return
    yield phrase


def _parse(phrase: str) -> tuple[_Element, ...]:
    elements: list[_Element] = []
    gap = 0
    pieces = _ELEMENT.findall(phrase)
    left = re.sub(r"[\s'’.,:-]", "", _ELEMENT.sub("", phrase))
    if left or not pieces:
        raise ValueError(
            f"{phrase!r} is not a phrase: {left!r} can't be part of one" if left else f"{phrase!r} is empty"
        )
    for piece in pieces:
        if piece == "...":
            gap += GAP
            continue
        options = [o.strip() for o in piece.strip("?()").split("|")]
        words, starts, ends = set[str](), list[str](), list[str]()
        for option in options:
            bare = fold_word(option.strip("*"))
            if not _OPTION.fullmatch(option):
                raise ValueError(f"is not a phrase: {option!r} can't be part of one")
            if option == "_":
                starts.append("")
            elif option.endswith("*"):
                starts.append(bare)
            elif option.startswith("*"):
                ends.append(bare)
            else:
                words.add(bare)
        elements.append(_Element(frozenset(words), tuple(starts), tuple(ends), piece.startswith("?"), gap))
        gap = 0
    if gap:
        raise ValueError("ends with `_` or `...`")
    first = elements[0]
    if pieces[0] == "..." or first.optional or "" in first.starts:
        raise ValueError("begins with `_`, `...` or an optional word")
    return tuple(elements)
