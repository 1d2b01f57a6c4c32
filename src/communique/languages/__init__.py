"""What is known of each language: data in one folder a language, and the code that loads and searches it.

A language is a folder of TOML files (`communique.languages.schema` describes them); no rule of a language is written in
Python. Folders of other packages are found through the entry point group `communique.languages`.
"""

from communique.languages.lexicon import LETTERS, MARKS, UNSPACED, Lexicon, Word, words_of
from communique.languages.loader import (
    built_in,
    known_languages,
    language,
    languages_digest,
    lexicon,
    load_folder,
    phrases_in,
)
from communique.languages.schema import LISTS, Inflection, Language

__all__ = [
    "LETTERS",
    "LISTS",
    "MARKS",
    "UNSPACED",
    "Inflection",
    "Language",
    "Lexicon",
    "Word",
    "built_in",
    "known_languages",
    "language",
    "languages_digest",
    "lexicon",
    "load_folder",
    "phrases_in",
    "words_of",
]
