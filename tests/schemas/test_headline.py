"""The headline: calls are no meetings, plans no events, claims no facts, and nothing is imposed that isn't."""

from typing import Annotated

import pytest
from pydantic import BaseModel

from communique import Allegation, Meeting, Record, SanctionsConcern
from communique.errors import ConfigurationError
from communique.schemas import Evidence, Mentioned, Quoted, StatedNumber, VerifiedSummary, Worded
from communique.schemas.record_type import record_type
from communique.schemas.summary import AnyRecord


@pytest.mark.parametrize("status", ["held", "ongoing", "planned", "proposed", "cancelled"])
def test_a_call_is_no_meeting(status):
    told = Meeting(mode="call", status=status, participants=("Ada", "Bo")).headline

    assert "phone" in told
    assert "me" not in {word[:2] for word in told.split()}, told


@pytest.mark.parametrize("mode", ["meeting", "call", "visit", "summit", "negotiation", "multilateral"])
@pytest.mark.parametrize("status", ["planned", "proposed", "cancelled", "ongoing"])
def test_what_has_not_taken_place_is_not_told_as_if_it_had(mode, status):
    told = Meeting(mode=mode, status=status, participants=("Ada", "Bo")).headline

    assert " met" not in told
    assert "spoke" not in told
    assert told.endswith(".")


@pytest.mark.parametrize(
    ("commitment", "accusers", "told"),
    [
        ("asserted", ("Uganda",), "Uganda accuses Sudan: “It armed rebels.” Sudan denies it."),
        ("possible", ("Uganda",), "Uganda suspects Sudan: “It armed rebels.” Sudan denies it."),
        ("unspecified", (), "Sudan is accused (no accuser is named): “It armed rebels.” Sudan denies it."),
    ],
)
def test_a_claim_is_somebodys(commitment, accusers, told):
    denial = {"type": "denial", "responders": ("Sudan",)}
    record = Allegation(
        claim="It armed rebels.", commitment=commitment, accusers=accusers, accused=("Sudan",), responses=(denial,)
    )
    assert record.headline == told


def concern(sentence, stage="imposed", commitment="unspecified", said="The measure."):
    return SanctionsConcern(
        concern=said,
        stage=stage,
        commitment=commitment,
        raised_by=("Ruritania",),
        subjects=("Borduria",),
        evidence=(Evidence(sentence=1, exact=sentence, start=0, end=len(sentence)),),
    ).headline


@pytest.mark.parametrize(
    "sentence",
    [
        "Ruritania imposed sanctions on Borduria on Monday.",
        "Ruritania has imposed an embargo on Borduria, which could hurt trade.",
        "Sanctions were imposed on Borduria by Ruritania.",
        "Ruritania blacklisted the Bordurian bank.",
        "Ruritania on Monday added three Bordurian banks to its sanctions list.",
        "Ruritania on Thursday put the machine tool maker Harsa Precision of Borduria on its sanctions list.",
        "Ruritania froze the assets of Borduria's bank.",
        "Ruritania extended its sanctions against Borduria for a year.",
        "The sanctions on Borduria remain in force.",
        "Despite fears of reprisals, Ruritania imposed sanctions on Borduria.",
    ],
)
def test_a_measure_that_the_sentence_states_is_imposed(sentence):
    assert concern(sentence).startswith("Ruritania imposes sanctions on Borduria: ")


@pytest.mark.parametrize(
    "sentence",
    [
        "Ruritania fears that sanctions will be imposed on Borduria.",
        "Ruritania may impose sanctions on Borduria.",
        "Ruritania threatened to impose sanctions on Borduria.",
        "Ruritania proposed that sanctions be imposed on Borduria.",
        "Ruritania will not impose sanctions on Borduria.",
        "Ruritania refused to impose sanctions on Borduria.",
        "Ruritania rejected imposing an embargo on Borduria.",
        "Ruritania vetoed the sanctions on Borduria.",
        "Ruritania ruled out sanctions on Borduria.",
        "Ruritania lifted the sanctions that it imposed on Borduria in 2019.",
        "Ruritania eased its sanctions on Borduria.",
        "The sanctions imposed on Borduria were lifted by Ruritania.",
        "Ruritania suspended the embargo imposed on Borduria.",
        "Ruritania let the sanctions imposed on Borduria expire.",
        "Ruritania waived sanctions imposed on Borduria's oil.",
        "Ruritania has delisted the Bordurian bank it blacklisted.",
        "Ruritania called for sanctions to be imposed on Borduria.",
        "That would break resolutions, which forbid hiring Bordurian workers.",
        "Ruritania spoke of the sanctions.",
    ],
)
@pytest.mark.parametrize("stage", ["imposed", "proposed", "potential", "alleged", "found"])
def test_what_is_feared_proposed_eased_lifted_or_refused_is_not_imposed(sentence, stage):
    assert "impose" not in concern(sentence, stage).partition("“")[0]


def test_easing_and_refusing_have_words_of_their_own():
    eased = concern("Ruritania eased its sanctions on Borduria.")
    refused = concern("Ruritania vetoed sanctions on Borduria.", "proposed")
    assert eased.startswith("Ruritania speaks of easing or lifting sanctions on Borduria: ")
    assert refused.startswith("Ruritania speaks of refusing sanctions on Borduria: ")


def test_a_breach_that_is_only_suspected_is_not_said_to_be_one():
    assert concern("x", "alleged", "possible").startswith("Ruritania suspects that Borduria did breach sanctions: ")
    assert concern("x", "alleged", "asserted").startswith("Ruritania says that Borduria did breach sanctions: ")


def test_a_doubtful_measure_is_not_told_as_a_fact():
    assert "impose" not in concern("Ruritania imposed sanctions on Borduria.", commitment="possible").partition("“")[0]


def test_the_records_own_sentence_counts_where_the_cited_one_has_no_word_for_it():
    assert "imposes" in concern("Ruritanien hat Sanktionen verhängt.", said="Ruritania imposed sanctions on Borduria.")
    assert "imposes" not in concern("Ruritania may impose them.", said="Ruritania imposed sanctions.").partition("“")[0]


class Award(Record):
    """Somebody is given a prize."""

    winner: Annotated[str, Mentioned()]
    sum: Annotated[str | None, StatedNumber()] = None
    jury: tuple[str, ...] = ()


class Complaint(Record):
    """Somebody complains."""

    by: Annotated[str, Quoted()]
    matter: Annotated[str, Worded()]


def test_an_own_record_is_its_values():
    assert Award(winner="Ada Lind", jury=("Bo", "Cy")).headline == "Award: winner Ada Lind; jury Bo, Cy"


def test_or_its_sentence():
    assert Complaint(by="Ada", matter="The train was late.").headline == "Complaint: “The train was late.”"


def test_no_value_is_cut_and_what_is_too_long_is_left_out():
    record = Award(winner="Ada Lind", jury=tuple(f"Member {n}" for n in range(90)))
    assert record.headline == "Award: winner Ada Lind"


def test_without_values_the_sentence_that_states_it():
    class Event(Record):
        """Something happened."""

        what: str | None = None

    assert Event(evidence=({"sentence": 1, "exact": "It rained."},)).headline == "Event: It rained."
    assert Event().headline == "Event"


def test_a_field_cannot_have_its_name():
    class Plain(BaseModel):
        headline: str

    with pytest.warns(UserWarning, match="headline"):

        class Story(Record):
            """A story."""

            headline: str

    for kind in (Plain, Story):
        with pytest.raises(ConfigurationError, match="headline"):
            record_type(kind)


def test_a_record_whose_type_is_not_at_hand_keeps_the_headline_of_its_type():
    record = Award(winner="Ada Lind")
    summary = VerifiedSummary(document={"id": "d", "sha256": ""}, records={"awards": (record,)})
    for full in (False, True):
        (found,) = VerifiedSummary.from_json(summary.to_dict(full=full)).records["awards"]
        assert isinstance(found, AnyRecord)
        assert (found.headline, found.model_extra["winner"]) == (record.headline, "Ada Lind")
        assert "headline" not in found.model_extra


@pytest.mark.parametrize("stage", ["eased", "lifted", "refused"])
def test_a_measure_that_is_ended_or_refused_is_told_as_that(stage):
    told = concern("It happened.", stage).partition("“")[0]
    verb = {"eased": "eases sanctions", "lifted": "lifts sanctions", "refused": "decides against sanctions"}[stage]
    assert told == f"Ruritania {verb} on Borduria: "


def test_a_call_for_a_measure_and_one_in_force_are_told_as_that():
    given = {"concern": "The measure.", "raised_by": ("Ruritania",), "subjects": ("Borduria",)}
    called_for = SanctionsConcern(measure="called_for", **given)
    kept = SanctionsConcern(
        measure="in_force", **given, evidence=({"sentence": 1, "exact": "The sanctions remain in force."},)
    )
    assert called_for.headline == "Ruritania calls for sanctions on Borduria: “The measure.”"
    assert kept.headline == "Ruritania keeps sanctions on Borduria in force: “The measure.”"
