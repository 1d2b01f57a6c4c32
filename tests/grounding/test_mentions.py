"""Names to mentions: a short form stands for a full name only where the article has one such name."""

import pytest

from communique.documents import Document
from communique.grounding import verify
from communique.grounding.denials import link_denials
from communique.grounding.mentions import resolve
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS


def found(name, text, number=-1, language="en"):
    document = Document.from_text(text, language=language)
    return resolve(name, [document.sentences[number]], document)


@pytest.mark.parametrize(
    ("name", "text", "alias"),
    [
        ("Odo Brask", "Odo Brask came.\nBrask left.", "Brask"),
        ("Odo Brask", "Odo Brask came.\nMr. Brask met Minister Tarn.", "Brask"),
        ("Kim Jong Un", "Kim Jong Un came.\nThen Kim left.", "Kim"),
        ("Odo Brask", "Odo Brask came.\nThe Brask Foundation paid. Then Brask left.", "Brask"),
        ("Odo Brask", "Odo Brask came on Monday.\nHowever Brask left.", "Brask"),
        ("Odo Brask", "Odo Brask came. Ruritania's Brask stayed.\nBrask left Monday.", "Brask"),
        ("International Atomic Energy Agency", "International Atomic Energy Agency.\nThe IAEA left.", "IAEA"),
    ],
)
def test_a_short_form_that_one_name_has_is_its_alias(name, text, alias):
    mention = found(name, text)
    assert (mention.where, mention.aliases) == ("alias", (alias,))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Anna Berg", "Anna Berg met Anna Holm.\nAnna left."),
        ("Anna Holm", "Anna Berg met Anna Holm.\nAnna left."),
        ("Odo Brask", "Odo Brask and his wife, Ilse Brask, came.\nBrask left."),
        ("Odo Brask", "Odo Brask came. Ilse Brask came.\nBrask left."),
        ("Kim Jong Un", "Kim Jong Un and his sister Kim Yo Jong came.\nKim left."),
    ],
)
def test_a_short_form_that_two_names_share_is_no_alias(name, text):
    mention = found(name, text)
    assert (mention.where, mention.aliases) == ("shared", ())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Central Bank of Borduria", "The Central Bank of Borduria spoke.\nBorduria is large."),
        ("German President Rudolf Elph", "German President Rudolf Elph came.\nGerman trains run."),
        ("Bank of Japan", "The Bank of Japan spoke.\nJapan is large."),
    ],
)
def test_the_country_in_a_name_is_not_its_short_form(name, text):
    assert found(name, text).where == "article"


def test_another_anna_is_not_in_the_evidence():
    assert found("Anna Berg", "Anna Berg came.\nAnna Holm left.").where == "article"


def draft(text, **said):
    document = Document.from_text(text, language="en")
    verdict = verify(parse_answer({"allegations": [{"claim": "x", **said}]}, STANDARD_RECORDS), document)
    return link_denials(verdict.records, document)


def test_the_denial_of_another_anna_is_not_linked():
    said = {"evidence": [1], "accusers": ["Freedonia"], "accused": ["Anna Berg"]}
    (record,) = draft(
        "Freedonia accused Anna Berg of theft.\nAnna Holm denied the claim.\nAnna wept.", **said
    )
    assert record.responses == ()
    (record,) = draft("Freedonia accused Anna Berg of theft.\nBerg denied the claim.", **said)
    assert [r.name for r in record.responses[0].responders] == ["Anna Berg"]


def test_a_name_that_only_a_shared_short_form_can_mean_is_flagged():
    (record,) = draft(
        "Anna Berg met Anna Holm.\nAnna accused Borduria of theft.",
        evidence=[2], accusers=["Anna Holm"], accused=["Borduria"],
    )  # fmt: skip
    assert [a.name for a in record.accusers] == ["Anna Holm"]
    assert [c.reason for c in record.flags if c.field == "accusers[0].name"] == ["shared_short_form"]
