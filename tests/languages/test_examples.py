"""Every example of every language folder: what its lists find, its names, dates, countries and sentences."""

import datetime as dt

import pytest

from communique.documents import number_sentences
from communique.grounding import find
from communique.grounding.countries import country_code
from communique.grounding.dates import resolve
from communique.languages import known_languages, language, lexicon

EXAMPLES = [
    pytest.param(code, example, id=f"{code}-{example.text[:60]}")
    for code in known_languages()
    for example in language(code).examples
]


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_an_example_shows_what_it_says(code, example):
    hits = lexicon(code).scan_text(example.text)
    assert {name for name in example.finds if name not in hits} == set()
    found = {name: [example.text[s:e] for s, e in hits[name]] for name in example.lacks if name in hits}
    assert found == {}

    for name, form in example.names:
        span = find(name, example.text, code)
        assert (span and example.text[slice(*span)]) == form
    for name in example.foreign:
        assert find(name, example.text, code) is None

    anchor = dt.date.fromisoformat(example.published) if example.published else None
    dates = [(words, resolve(words, anchor, code, tense=example.tense).date) for words, _ in example.dates]
    assert dates == list(example.dates)
    codes = [(words, country_code(words, code)) for words, _ in example.countries]
    assert codes == list(example.countries)
    if example.sentences is not None:
        assert len(number_sentences(example.text, code)) == example.sentences


@pytest.mark.parametrize("code", known_languages())
def test_every_list_of_a_folder_has_an_example(code):
    known = language(code)
    shown = {name for example in known.examples for name in example.finds}
    assert {name for name, phrases in known.lists.items() if phrases} - shown == set()


@pytest.mark.parametrize("code", known_languages())
def test_a_folder_is_named_by_its_code(code):
    assert language(code).code == code
