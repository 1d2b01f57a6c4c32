"""Names that a small model can only copy: the words of a passage as a pattern of JSON Schema, which llama.cpp obeys.

A small model translates names ("the woman" for "la mujer"), spells them as it likes ("Putsin") and takes them from the
worked examples. Where its answer may only hold words that stand in the passage side by side, it can't, and needs no
second question to mend it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from communique.languages import UNSPACED

MOST_WORDS = 10
"""Words in one copied value; titles of office are long."""
MOST_SIGNS = 24
"""The same where no spaces stand between words: each sign is one."""
_BETWEEN = re.compile(r"|[ \-–’'ʼ.,:/&+·・＝]| & | - |[.,] ")
"""What may stand between two words of one value. Quotation marks, brackets and line ends may not.

Foreign names in Japanese, Korean and Chinese have a dot or a double hyphen between their words: "ジャン＝ポール・サルトル".
"""
_SPECIAL = re.compile(r'[\\^$.|?*+()\[\]{}/"\-]')
Trie = dict[str, "Trie"]


def copied(lines: Iterable[str]) -> dict[str, Any]:
    """Return the JSON Schema of a string that is copied from one of these lines: whole words, side by side, up to ten.

    Args:
        lines: The passage, as it is shown.

    Returns:
        A schema with a `pattern`, or of any short string where the passage has no words.
    """
    trie: Trie = {}
    for line in lines:
        words = list(_words(line))
        for start in range(len(words)):
            _add(trie, words[start:])
    if not trie:
        return {"type": "string", "maxLength": 0}
    return {"type": "string", "pattern": f"^({_pattern(trie)})$"}


def _words(line: str) -> Iterator[tuple[str, str]]:
    """Yield each word and what stands behind it. Of scripts without spaces each sign is a word."""
    runs = [(word, "".join(group)) for word, group in groupby(line, key=_is_word)]
    for index, (word, text) in enumerate(runs):
        if word:
            behind = runs[index + 1][1] if index + 1 < len(runs) else ""
            parts = re.findall(rf"{UNSPACED.pattern}|(?:(?!{UNSPACED.pattern}).)+", text)
            yield from ((part, "") for part in parts[:-1])
            yield parts[-1], behind


def _is_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")


def _add(trie: Trie, words: list[tuple[str, str]]) -> None:
    """Add all values that begin with the first word."""
    between = ""
    most = MOST_SIGNS if UNSPACED.match(words[0][0]) else MOST_WORDS
    for word, behind in words[:most]:
        trie = trie.setdefault(between + word, {})
        if behind.startswith(".") and len(word) <= 2:  # "U.S.", "Mr."; or the end of a sentence: it may be left out
            trie.setdefault(".", {})
        between = behind
        if not _BETWEEN.fullmatch(behind):
            return


def _pattern(trie: Trie) -> str:
    return "|".join(
        _SPECIAL.sub(r"\\\g<0>", text) + (f"({_pattern(longer)})?" if longer else "") for text, longer in trie.items()
    )
