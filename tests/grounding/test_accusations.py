"""Sides of one record: a denier is no accuser, nobody accuses himself, and long names don't end at their first "of"."""

import pytest

from communique.documents import Document
from communique.grounding import verify
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS


def checked(text, *, key="allegations", language="en", **said):
    document = Document.from_text(text + "\nIt rained.", language=language)
    wording = "concern" if key == "sanctions_concerns" else "claim"
    draft = {key: [{"evidence": [1], wording: document.sentence(1).text, **said}]}
    return verify(parse_answer(draft, STANDARD_RECORDS), document)


def reasons(verdict):
    return {
        c.reason for r in (*verdict.records, *verdict.rejections) for c in r.checks if c.outcome != "passed"
    }


def names(actors):
    return [a.name for a in actors]


@pytest.mark.parametrize(
    ("language", "text", "accuser", "accused"),
    [
        ("en", "Marenia accused the republic of Tolvik of digging wells.", "Marenia", "Tolvik"),
        ("en", "Marenia accused the Republic of Tolvik of theft.", "Marenia", "Republic of Tolvik"),
        ("de", "Minsk warf Warschau vor, Soldaten geschickt zu haben.", "Minsk", "Warschau"),
        ("fr", "Klow a accusé la République de Zenda de vendre des armes.", "Klow", "République de Zenda"),
        ("es", "Klow acusó a la República de Zenda de vender armas.", "Klow", "República de Zenda"),
    ],
)
def test_the_right_sides_are_verified_and_the_swapped_ones_rejected(language, text, accuser, accused):
    right = checked(text, language=language, accusers=[accuser], accused=[accused])
    assert [r.verdict for r in right.records] == ["verified"]

    swapped = checked(text, language=language, accusers=[accused], accused=[accuser])
    assert swapped.records == ()
    assert {"accused_not_accuser", "accuser_not_accused"} <= reasons(swapped)


def test_a_receiver_behind_a_long_name_is_not_accused():
    verdict = checked(
        "Marenia accused the republic of Tolvik of arming Ruritania.", accused=["Tolvik", "Ruritania"]
    )
    assert names(verdict.records[0].accused) == ["Tolvik"]
    assert reasons(verdict) == {"receiver_not_accused"}


@pytest.mark.parametrize(
    ("text", "accused"),
    [
        ("Pyongyang denied that it ships arms to Moscow.", "Moscow"),
        ("Tolvik denied the claim and called it a distraction of Marenia.", "Marenia"),
        ("Blue Keel Shipping, a carrier, rejected the allegations of the bloc.", "bloc"),
    ],
)
def test_a_sentence_that_only_denies_is_no_accusation_by_the_denier(text, accused):
    verdict = checked(text, accusers=[text.split(" denied")[0].split(",")[0]], accused=[accused])
    assert verdict.records == ()
    assert {"denier_not_accuser", "denial_not_allegation"} <= reasons(verdict)


def test_a_claim_that_is_known_by_its_denial_is_kept_without_the_denier_as_accuser():
    verdict = checked("Pyongyang denied that it ships arms.", accusers=["Pyongyang"], accused=["Pyongyang"])
    (record,) = verdict.records
    assert (record.accusers, names(record.accused), record.verdict) == ((), ["Pyongyang"], "flagged")
    assert "denier_not_accuser" in reasons(verdict)


def test_who_denies_and_accuses_in_one_sentence_is_an_accuser():
    verdict = checked(
        "Borduria denied it and accused Freedonia of lying.", accusers=["Borduria"], accused=["Freedonia"]
    )
    assert [r.verdict for r in verdict.records] == ["verified"]


def test_a_denier_holds_no_concern_about_sanctions():
    said = {"concern": "x", "raised_by": ["Tolvik"], "subjects": ["Marenia"], "stage": "alleged"}
    verdict = checked(
        "Tolvik denied that it breaks sanctions against Marenia.", key="sanctions_concerns", **said
    )
    assert "denier_not_accuser" in reasons(verdict)


def test_nobody_accuses_himself():
    verdict = checked(
        "There is fraud in Borduria, critics claimed.", accusers=["Borduria"], accused=["Borduria"]
    )
    (record,) = verdict.records
    assert (record.accusers, names(record.accused), record.verdict) == ((), ["Borduria"], "flagged")
    assert "on_both_sides" in reasons(verdict)


@pytest.mark.parametrize(("accuser", "accused"), [("Klow", "Zenda"), ("Zenda", "Klow")])
def test_in_a_sentence_with_two_accusations_both_are_verified(accuser, accused):
    text = "Klow accused Zenda of theft, and Zenda blamed Klow for the fire."
    verdict = checked(text, accusers=[accuser], accused=[accused])
    assert [r.verdict for r in verdict.records] == ["verified"]
