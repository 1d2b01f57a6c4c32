"""Dates come from publication alone: with a clock that refuses to tell the day, every result is the same."""

import datetime as dt
import importlib
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.documents import Document
from communique.grounding import verify
from communique.grounding.dates import resolve
from communique.grounding.derive import derive
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS

WORDS = st.sampled_from(
    ["on Friday", "last week", "today", "yesterday", "next month", "in May", "two days ago", "early next year",
    "5 June", "tonight",
     "this week", "in 2022", "am Freitag", "letzte Woche", "heute", "la semaine dernière", "demain", "el viernes",
     "ayer", "mañana"]
)  # fmt: skip
TENSES = st.sampled_from([None, "past", "future"])
LANGUAGES = st.sampled_from(["en", "de", "fr", "es"])
ROOM = [f"communique.grounding.{name}" for name in ("dates", "date_rules", "periods", "derive")]


def asked(*_args, **_kwargs):
    raise AssertionError("somebody asked what day it is")


class NoDate(dt.date):
    today = classmethod(asked)


class NoDatetime(dt.datetime):
    today = now = utcnow = classmethod(asked)


@pytest.fixture(scope="module")
def refusing():
    """Put a clock that refuses in place of `datetime` where dates are made."""
    clock = types.SimpleNamespace(**{n: getattr(dt, n) for n in dir(dt) if not n.startswith("_")})
    clock.date, clock.datetime = NoDate, NoDatetime
    with pytest.MonkeyPatch.context() as patch:
        for name in ROOM:
            module = importlib.import_module(name)
            if hasattr(module, "dt"):
                patch.setattr(module, "dt", clock)
        yield


@given(WORDS, st.one_of(st.none(), st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1))), LANGUAGES, TENSES)
def test_no_words_make_the_rules_ask_for_today(refusing, words, published, language, tense):
    found = resolve(words, published, language, tense=tense)
    if published is None and found.date:
        assert words == "in 2022"


@given(WORDS, LANGUAGES)
def test_without_publication_a_record_has_no_date_that_today_could_have_given(refusing, words, language):
    document = Document.from_text(f"Odo Brask met Ilya Tarn {words}.\nx", language=language)
    draft = {
        "meetings": [{"evidence": [1], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"], "when": words}]
    }
    (record,) = derive(verify(parse_answer(draft, STANDARD_RECORDS), document).records, document)
    assert record.derived.date in {None, "2022"}


def test_the_clock_that_refuses_does_refuse(refusing):
    module = importlib.import_module("communique.grounding.derive")
    with pytest.raises(AssertionError):
        module.dt.date.today()
