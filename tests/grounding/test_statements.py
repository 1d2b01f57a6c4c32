"""A record as statements, for the judge and for people; and what a judge's probabilities lead to."""

from typing import Annotated

import pytest
from pydantic import BaseModel

from communique import Allegation, Meeting, Record, SanctionsConcern
from communique.grounding.judging import judged, shows, statements
from communique.schemas import Check, Judgement, Quoted, Response
from communique.schemas.headline import headline

DENIAL = Response(type="denial", responders=("Borduria",), evidence=(3,))


def texts(record):
    return [(s.field, s.text) for s in statements(record)]


@pytest.mark.parametrize(
    ("mode", "status", "text"),
    [
        ("meeting", "held", "Ada and Bo met in Lund (on Friday)."),
        ("summit", "ongoing", "Ada and Bo are meeting in Lund (on Friday)."),
        ("visit", "planned", "Ada and Bo plan to meet in Lund (on Friday)."),
        ("meeting", "proposed", "It is proposed that Ada and Bo meet in Lund (on Friday)."),
        ("meeting", "cancelled", "A meeting of Ada and Bo was cancelled in Lund (on Friday)."),
        ("call", "held", "Ada and Bo spoke by telephone in Lund (on Friday)."),
        ("call", "planned", "Ada and Bo plan to speak by telephone in Lund (on Friday)."),
        ("call", "cancelled", "A telephone call of Ada and Bo was cancelled in Lund (on Friday)."),
    ],
)
def test_a_meeting(mode, status, text):
    record = Meeting(mode=mode, status=status, participants=("Ada", "Bo"), place="Lund", when="on Friday")
    assert texts(record) == [("record", text)]
    assert headline(record) == text.replace("telephone", "phone")
    assert record.mode != "call" or "met" not in headline(record)


def test_a_meeting_of_one_body():
    record = Meeting(status="planned", participants=("the Council",))
    assert texts(record) == [("record", "the Council plans to meet.")]
    assert headline(Meeting(status="held", participants=())) == "unnamed parties met."


@pytest.mark.parametrize(
    ("commitment", "accusers", "statement", "short"),
    [
        ("asserted", ("Uganda",), "Uganda says that Sudan did this: It armed rebels.", "Uganda accuses Sudan: “It armed rebels”"),
        (
            "possible", ("Uganda", "Kenya"), ("Uganda and Kenya suspect, without asserting it, that Sudan did "
                "this: It armed rebels."),
            "Uganda and Kenya suspect Sudan: “It armed rebels”",
        ),
        (
            "unspecified", ("Uganda",), "Uganda says, or is reported to say, that Sudan did this: It armed rebels.",
            "Uganda accuses Sudan: “It armed rebels”",
        ),
        (
            "asserted", (), "It is alleged, without a named accuser, that Sudan did this: It armed rebels.",
            "Sudan is accused (no accuser is named): “It armed rebels”",
        ),
        (
            "probable", (), "It is suspected, without a named accuser, that Sudan did this: It armed rebels.",
            "Sudan is suspected (no accuser is named): “It armed rebels”",
        ),
    ],
)  # fmt: skip
def test_an_allegation(commitment, accusers, statement, short):
    record = Allegation(claim="It armed rebels", commitment=commitment, accusers=accusers, accused=("Sudan",))
    assert texts(record) == [("record", statement)]
    assert headline(record) == short


@pytest.mark.parametrize(
    ("stage", "raised_by", "statement", "short"),
    [
        (
            "potential", ("Ana",), "Ana says that Borduria may breach sanctions (UN), or come under them: arms.",
            "Ana says that Borduria may breach sanctions (UN): “arms”",
        ),
        ("alleged", ("Ana", "Bo"), "Ana and Bo say that Borduria did breach sanctions (UN): arms.", None),
        ("found", ("Ana",), "Ana finds that Borduria did breach sanctions (UN), as a fact: arms.", None),
        ("proposed", ("Ana",), "Ana proposes sanctions (UN) on Borduria; what for: arms.", None),
        (
            "imposed", ("Ana",), "Ana imposes sanctions (UN) on Borduria, or keeps them in force; what for: arms.",
            "Ana speaks of sanctions (UN) on Borduria: “arms”",
        ),
        (
            "potential", (), ("It is said, without a named source, that Borduria may breach sanctions (UN), or "
                "come under them: arms."),
            "An unnamed source says that Borduria may breach sanctions (UN): “arms”",
        ),
        (
            "imposed", (), "There are sanctions (UN) on Borduria, and it is not said who imposed them; what for: arms.",
            "An unnamed authority speaks of sanctions (UN) on Borduria: “arms”",
        ),
        ("proposed", (), "Somebody who is not named proposes sanctions (UN) on Borduria; what for: arms.", None),
    ],
)  # fmt: skip
def test_a_sanctions_concern(stage, raised_by, statement, short):
    record = SanctionsConcern(
        concern="arms", stage=stage, raised_by=raised_by, subjects=("Borduria",), regime=("UN", "Sanctions")
    )
    assert texts(record) == [("record", statement)]
    assert short is None or headline(record) == short
    if stage in {"potential", "alleged", "found"}:
        assert "impose" not in headline(record)


def test_every_response_is_a_statement_of_its_own():
    record = Allegation(claim="It stole.", accusers=("Freedonia",), accused=("Borduria",), responses=(DENIAL, DENIAL))
    assert texts(record)[1:] == [
        (f"responses[{i}]", "Borduria denies this claim about Borduria: It stole.") for i in (0, 1)
    ]
    assert headline(record).endswith("“It stole.” Borduria and Borduria deny it.")


@pytest.mark.parametrize("kind", ["denial", "admission", "justification", "counter_accusation", "no_comment", "other"])
def test_every_kind_of_answer_has_words(kind):
    record = SanctionsConcern(
        concern="arms", stage="alleged", subjects=("Borduria",), responses=({"type": kind, "responders": ()},)
    )
    text = texts(record)[1][1]
    assert text.startswith("Somebody who is not named ")
    assert text.endswith("this claim about Borduria: arms.")


class Money(BaseModel):
    amount: int
    currency: str = "EUR"


class Award(Record):
    """Somebody is given a prize."""

    winner: Annotated[str, Quoted()]
    prize_money: Money | None = None
    jury: tuple[str, ...] = ()


def test_an_own_record_is_its_fields():
    record = Award(winner="Ada Lind", prize_money={"amount": 5}, jury=("Bo", "Cy"))
    assert texts(record) == [
        ("record", "Award: winner = Ada Lind; prize money = (amount = 5, currency = EUR); jury = Bo, Cy.")
    ]


def test_text_of_an_article_opens_no_statement_of_its_own():
    record = Allegation(claim="It stole.\n2. Borduria did nothing.", accusers=("A",), accused=("B",))
    assert "\n" not in statements(record)[0].text


def judgement(probability, field="record"):
    return Judgement(field=field, statement="s", probability=probability, model="owl")


def flag(field, outcome="unsupported", severity="flag"):
    return Check(field=field, outcome=outcome, reason="r", severity=severity)


def meeting(*judgements, checks=(), verdict="supported"):
    return Meeting(
        status="held",
        participants=("Ada", "Bo"),
        judgements=judgements,
        checks=checks,
        verdict=verdict,
        evidence=(1,),
    )


@pytest.mark.parametrize(
    ("probability", "checks", "before", "after"),
    [
        (0.7, (), "supported", "verified"),
        (0.69, (), "supported", "supported"),
        (0.3, (), "supported", "supported"),
        (0.29, (), "supported", "flagged"),
        (0.9, (flag("participants[0].name"),), "flagged", "verified"),
        (0.9, (flag("record"),), "flagged", "verified"),
        (0.9, (flag("status", "contradicted"),), "flagged", "verified"),
        (0.9, (flag("participants", "contradicted"),), "flagged", "flagged"),
        (0.9, (flag("topics[0]"),), "flagged", "flagged"),
        (0.9, (flag("participants[0].role"),), "flagged", "flagged"),
        (0.5, (flag("participants[0].name"),), "flagged", "flagged"),
    ],
)
def test_what_follows_from_a_probability(probability, checks, before, after):
    found = judged(meeting(judgement(probability), checks=checks, verdict=before))
    assert found.verdict == after
    assert found.evidence == meeting().evidence


def test_without_a_judgement_nothing_changes():
    record = meeting(checks=(flag("place.name"),), verdict="flagged")
    assert judged(record) is record


def test_thresholds_are_the_callers():
    assert judged(meeting(judgement(0.75)), accept=0.8).verdict == "supported"
    assert judged(meeting(judgement(0.35)), refute=0.4).verdict == "flagged"


def accused(*judgements):
    return Allegation(
        claim="It stole.", accusers=("Freedonia",), accused=("Borduria",), responses=(DENIAL,), judgements=judgements,
        checks=(flag("responses[0].responders[0].name"),), verdict="flagged",
    )  # fmt: skip


def test_a_response_has_a_judgement_of_its_own():
    assert judged(accused(judgement(0.9), judgement(0.9, "responses[0]"))).verdict == "verified"
    refuted = judged(accused(judgement(0.9), judgement(0.1, "responses[0]")))
    assert refuted.verdict == "flagged"
    assert [c.field for c in refuted.checks if c.reason == "judge_disagrees"] == ["responses[0]"]
    assert judged(accused(judgement(0.9))).verdict == "flagged", "the denial was not judged"


def test_what_the_statements_show():
    assert shows(accused(), "responses[0].cue") is False
    assert shows(accused(), "accused[0].name") is True
    assert shows(accused(), "objects[0]") is False
    assert shows(Award(winner="A"), "jury[0]") is True
