"""Line ends inside paragraphs: what was wrapped is joined, what is no running text stays as it is."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.documents import Document

STORY = (
    "The Minister of Transport, Anna Berg, met the governor of the region, Ola Dahl, in Oslo on Friday to sign the"
    " agreement on the new bridge across the river. The bridge is to open in 2028, and the towns on both banks are to"
    " pay one half of what it costs. Nobody has said so far who pays the other half, or when the work begins."
)


def sentences(text, **options):
    return [(s.kind, s.text) for s in Document.from_text(text, language="en", **options).sentences]


@pytest.mark.parametrize("width", [50, 64, 72, 80, 98])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_wrapped_text_gives_the_sentences_of_the_same_text_in_one_line(width, end):
    wrapped = textwrap.fill(STORY, width).replace("\n", end)
    assert sentences(wrapped + end * 2 + wrapped) == sentences(STORY + "\n" + STORY)


def test_indented_paragraphs_without_blank_lines_stay_two():
    wrapped = textwrap.fill(STORY, 70, initial_indent="   ")
    document = Document.from_text(f"{wrapped}\n{wrapped}")
    assert document.text.split("\n") == ["   " + STORY, "   " + STORY]


def test_the_way_back_to_the_raw_text_leads_over_joined_lines():
    raw = textwrap.fill(STORY, 60).replace("bridge", "bri-\ndge", 1).replace("Anna", "\u200bAnna")
    document = Document.from_text(raw)
    for word in ("Anna", "Oslo", "towns", "begins"):
        at = document.raw_byte_offset(raw, document.text.index(word))
        assert raw.encode()[at:].decode().startswith(word)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Talks on the eco-\nnomic plan", "economic plan"),
        ("Talks on the eco\u00ad\nnomic plan", "economic plan"),
        ("Talks on the Anglo-\nAmerican plan", "Anglo-American plan"),
        ("Talks on the pre-\nand post-war plan", "pre- and post-war plan"),
        ("Talks on a so-\u200bcalled and on the so-\ncalled plan", "the so-called plan"),
        ("Talks on the years 2028-\n2031", "the years 2028-2031"),
    ],
)
def test_a_hyphen_at_the_end_of_a_line(text, expected):
    first, second = text.split("\n")
    start = textwrap.fill(STORY, 72) + "\n"
    wide = first.rjust(72, "x").replace("xT", "x T") if len(first) < 72 else first
    document = Document.from_text(start + wide + "\n" + second + " is the word of the day, and that is that.")
    assert expected in document.text


@pytest.mark.parametrize(
    "text",
    [
        "Oslo\nBergen\nTrondheim\nStavanger",
        "Present were:\n- Anna Berg, Minister of Transport, and two of her advisers\n- Ola Dahl, governor",
        "1. The bridge across the river is to be opened in the year 2028\n2. The towns pay for one half of it",
        "# Ministry approves new bridge over the river and a road to it\nThe minister said so on Friday.",
        "Subject: Ministry approves new bridge over the river and a road\nDate: 14 March 2026",
        (
            "Name          Party        Votes in the first round of 2026\nBerg          Labour       1,204\nDahl       "
            "   Centre       998"
        ),
        "Ministry approves new bridge over the river and a road to it\nThe minister said so on Friday.",
        'It rained.\n{"allegation": {"accused": ["The Corvane Foundation of Haugen"]}}\nBorduria accused it of theft.',
        "a line of verse that is not so short\nand one that rhymes",
        (
            "The minister met the envoy of the north in Oslo on Friday to speak of the bridge, and of the road.\n"
            "The towns on both banks said that they had heard nothing of it and want to see the plan.\nNobody was hurt."
        ),
        (
            "The minister of transport met the envoy of the north in Oslo on Friday to speak of the bridge, and of the"
            " road, it said.\nThe towns on both banks said that they had heard nothing of it and want to see the plan,"
            " and so did the region\nNo."
        ),
        STORY + "\n" + STORY[:300] + "\n" + STORY[:200],
        "----------------------------------------------------------------\nThe minister said so.",
    ],
)
def test_what_was_not_wrapped_keeps_its_lines(text):
    document = Document.from_text(text)
    assert document.text == text
    assert document.notes == ()


def test_a_headline_over_a_wrapped_paragraph_stays_one():
    found = sentences("Ministry approves new bridge\n" + textwrap.fill(STORY, 72))
    assert found[0] == ("heading", "Ministry approves new bridge")
    assert found[1][1].startswith(
        "The Minister of Transport, Anna Berg, met the governor of the region, Ola Dahl, in Oslo"
    )


def test_chinese_lines_are_joined_without_a_space():
    text = "外交部长星期五在首都会见了来访的邻国特使双方就边境贸易问题举行了会谈"
    wrapped = f"{text}并同意继续对话。\n\n" + "\n".join(textwrap.wrap((text + "。") * 4, 30))
    assert " " not in Document.from_text(wrapped, language="zh").text
    assert Document.from_text(wrapped, language="zh").text.count("\n") == 2


def test_a_line_stays_a_paragraph_where_that_is_known():
    wrapped = textwrap.fill(STORY, 72)
    assert Document.from_text(wrapped, wrapped=False).text == wrapped


@given(st.text(alphabet="abA -\n.\u00ad\r\u200b漢", max_size=400))
def test_joining_loses_no_letter_and_is_done_once(raw):
    if not raw.replace("\u00ad", "").replace("\u200b", "").strip():
        return
    document = Document.from_text(raw, language="en")
    kept = str.maketrans("", "", " -\n\r\u00ad\u200b")
    assert document.text.translate(kept) == raw.translate(kept)
