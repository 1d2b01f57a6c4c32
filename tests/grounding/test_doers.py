"""Who is called the doer of a wrong act is the accused, and accuses nobody with it."""

import pytest
from communique.grounding.doers import doers

from communique.documents import Document
from communique.grounding import verify
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS


@pytest.mark.parametrize(
    ("language", "sentence", "who"),
    [
        ("en", "The thefts perpetrated by the DPRK worry Klow.", ["the DPRK"]),
        ("en", "The attack on Klow was blamed on Ruritania.", ["Ruritania"]),
        ("en", "Klow saw bombings carried out by the U.S. in Zenda.", ["the U.S."]),
        ("en", "The hack has been widely attributed to Ruritania, Klow said.", ["Ruritania"]),
        ("en", "War crimes committed by Ruritania and ignored by Zenda", ["Ruritania"]),
        ("en", "The heist was masterminded by Odo Brask; a murder was pinned on him.", ["Odo Brask", "him"]),
        ("de", "Der Anschlag wurde verübt von Ruritanien, hieß es.", ["Ruritanien"]),
        ("de", "Klow verurteilte Verbrechen, begangen von Zenda.", []),
        ("fr", "Klow a condamné les attaques perpétrées par la Ruritanie.", ["la Ruritanie"]),
        ("fr", "Un attentat attribué à la Ruritanie a fait trois morts.", ["la Ruritanie"]),
        ("es", "Klow condenó los ataques perpetrados por Ruritania.", ["Ruritania"]),
        ("es", "Un atentado atribuido a Ruritania causó tres muertos.", ["Ruritania"]),
    ],
)
def test_the_doer_stands_behind_the_act(language, sentence, who):
    assert [sentence[start:end] for start, end in doers(sentence, language)] == who


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "An inquiry into the killings carried out by the U.N. found nothing."),
        ("en", "A survey carried out by Klow found fraud."),
        ("en", "Troops committed by Klow will arrive in May."),
        ("en", "A statement attributed to Klow accused Zenda."),
        ("en", "The investigation of the attack launched by Klow goes on."),
        ("en", "A rescue of the victims of the attack carried out by Klow took hours."),
        ("en", "Attacks blamed on Klow, which accused Zenda of staging them, go on."),
        ("en", "The theft was blamed on Monday."),
        ("fr", "Une étude sur les crimes commis par le passé, réalisée par Klow"),
        ("es", "Un informe atribuido a Klow acusa a Zenda."),
        ("fi", "The thefts perpetrated by the DPRK worry Klow."),
    ],
)  # fmt: skip
def test_who_looks_into_an_act_or_speaks_of_it_is_no_doer(language, sentence):
    names = [sentence[start:end] for start, end in doers(sentence, language)]
    assert not [n for n in names if "Klow" in n or "U.N." in n or "DPRK" in n or "Monday" in n]


def checked(text, accusers, accused, language="en"):
    said = {
        "evidence": [1],
        "claim": text,
        "accusers": accusers,
        "accused": accused,
        "commitment": "asserted",
    }
    document = Document.from_text(text, language=language)
    return verify(parse_answer({"allegations": [said]}, STANDARD_RECORDS), document)


def failed(verdict):
    found = (*verdict.records, *verdict.rejections)
    return {c.reason for r in found for c in r.checks if c.outcome == "failed"}


@pytest.mark.parametrize(
    "text",
    [
        "Hackers hit Klow; officials there say the attack was carried out by Ruritania.",
        "The illegal raid was blamed on Ruritania, Klow said.",
    ],
)
def test_a_doer_is_no_accuser(text):
    verdict = checked(text, ["Ruritania", "Klow"], ["Ruritania"])
    assert "doer_not_accuser" in failed(verdict)
    (record,) = verdict.records
    assert [a.name for a in record.accusers] == ["Klow"]
    assert [a.name for a in record.accused] == ["Ruritania"]


@pytest.mark.parametrize(
    ("text", "accuser"),
    [
        ("Klow, to which the raid is attributed, accused Zenda of lying.", "Klow"),
        ("The attack was blamed on Klow, but Klow accused Zenda of staging it.", "Klow"),
        ("A study of war crimes carried out by Klow accuses Zenda of torture.", "Klow"),
    ],
)
def test_an_accuser_to_whom_an_act_is_put_too_stays_one(text, accuser):
    verdict = checked(text, [accuser], ["Zenda"])
    assert "doer_not_accuser" not in failed(verdict)
    assert [a.name for a in verdict.records[0].accusers] == [accuser]


def test_sides_swapped_around_a_condemned_act_are_rejected():
    text = "Klow and Zenda expressed concern over illegal heists perpetrated by Ruritania."
    verdict = checked(text, ["Ruritania"], ["Klow", "Zenda"])
    assert not verdict.records
    assert {"accuser_not_accused", "accused_not_accuser"} <= failed(verdict)
    (record,) = checked(text, ["Klow", "Zenda"], ["Ruritania"]).records
    assert ([a.name for a in record.accusers], [a.name for a in record.accused]) == (
        ["Klow", "Zenda"],
        ["Ruritania"],
    )


@pytest.mark.parametrize(
    ("text", "accusers", "accused"),
    [
        ("Klow condemned Zenda for hiding crimes committed by Ruritania.", ["Klow"], ["Zenda"]),
        ("The condemned man blamed attacks carried out by Ruritania on Zenda.", [], ["Zenda"]),
        ("Klow was condemned for attacks carried out by its guard.", [], ["Klow"]),
        ("Klow denounced the attack on Zenda’s port carried out by Ruritania, illegal in its view.", ["Klow"], ["Ruritania"]),
    ],
)  # fmt: skip
def test_right_sides_around_a_condemned_act_stay(text, accusers, accused):
    verdict = checked(text, accusers, accused)
    assert not failed(verdict)
    assert [a.name for a in verdict.records[0].accused] == accused
