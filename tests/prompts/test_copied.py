"""A small model's names are words of the passage, side by side."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique import Document
from communique.prompts import brief_prompt
from communique.prompts.compose import copied
from communique.schemas import STANDARD_RECORDS, Meeting

LINE = "Mr. Xi met the U.S. envoy “Bob” (Paris) on 14 May; Moscow’s foreign minister Lavrov-Petrov sent 5,000 men."


def accepts(lines: list[str], value: str) -> bool:
    return re.fullmatch(copied(lines)["pattern"].removeprefix("^").removesuffix("$"), value) is not None


@pytest.mark.parametrize(
    "value",
    ["Mr. Xi", "Xi", "U.S.", "U.S. envoy", "Bob", "Paris", "14 May", "Moscow", "Lavrov", "Lavrov-Petrov", "5,000 men"],
)
def test_words_side_by_side_can_be_copied(value):
    assert accepts([LINE], value)


@pytest.mark.parametrize(
    "value", ["", "Xi Jinping", "Par", "xi", "Mosca", "envoy “Bob", "Bob” (Paris", "May; Moscow", "Mr. Xi ", " Xi"]
)
def test_nothing_else_can(value):
    assert not accepts([LINE], value)


def test_a_value_has_ten_words_at_most():
    words = [f"w{n}" for n in range(12)]
    assert accepts([" ".join(words)], " ".join(words[:10]))
    assert not accepts([" ".join(words)], " ".join(words[:11]))


def test_where_no_spaces_stand_between_words_each_sign_is_one():
    assert accepts(["金正恩は平壌で語った"], "金正恩")
    assert accepts(["김정은은 평양에서 말했다"], "김정은")
    assert not accepts(["김정은은 평양에서 말했다"], "김정은 평양")


@pytest.mark.parametrize("name", ["ヘレン・マッカリスター", "阿卜杜拉·汗", "ジャン＝ポール", "박·이"])
def test_foreign_names_have_a_dot_between_their_words(name):
    assert accepts([f"「{name}」 said so"], name)


def test_marks_belong_to_their_letters():
    assert accepts(["हिन्दी में"], "हिन्दी")


def test_a_passage_without_words_leaves_nothing_to_copy():
    assert copied(["…"]) == {"type": "string", "maxLength": 0}


@given(st.lists(st.text('aб م金.,’"()-$\\ 1\u0301', min_size=1, max_size=30), min_size=1, max_size=3), st.data())
def test_what_can_be_copied_stands_in_a_line(lines, data):
    schema = copied(lines)
    if "pattern" in schema:
        value = data.draw(st.from_regex(schema["pattern"].removesuffix("$"), fullmatch=True))
        assert any(value in line for line in lines)


def test_a_brief_question_lets_its_own_passage_be_copied():
    document = Document.from_text("Ruritania’s envoy met Borduria’s minister in Zenda. The talks were calm.")
    prompt = brief_prompt(document.sentences, document.sentence(1), (Meeting,), STANDARD_RECORDS)
    pattern = prompt.schema["$defs"]["copied"]["pattern"]
    assert re.fullmatch(pattern, "Ruritania")
    assert not re.fullmatch(pattern, "Freedonia")
    participants = prompt.schema["properties"]["meeting"]["anyOf"][1]["properties"]["participants"]
    assert participants["items"] == {"$ref": "#/$defs/copied"}
