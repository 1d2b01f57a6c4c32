"""The headline: calls are no meetings, plans no events, claims no facts, and nothing is imposed that isn't."""

from typing import Annotated

import pytest
from pydantic import BaseModel

from communique import Allegation, Meeting, Record, SanctionsConcern
from communique.errors import ConfigurationError
from communique.schemas import Derived, Mentioned, Quoted, StatedNumber, VerifiedSummary, Worded
from communique.schemas.record_type import record_type
from communique.schemas.stored import AnyRecord


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


def concern(stated=None, stage="imposed", commitment="unspecified", measure=None):
    record = SanctionsConcern(
        concern="The measure.",
        stage=stage,
        measure=measure or "none",
        commitment=commitment,
        raised_by=("Ruritania",),
        subjects=("Borduria",),
        derived=Derived(measure_stated=stated),
    )
    return record.headline.removesuffix(" on Borduria: “The measure.”")


def test_a_measure_is_imposed_where_the_cited_sentences_state_it():
    assert concern("imposed") == "Ruritania imposes sanctions"


@pytest.mark.parametrize("commitment", ["possible", "probable"])
def test_a_doubtful_measure_is_not_told_as_a_fact(commitment):
    assert concern("imposed", commitment=commitment) == "Ruritania speaks of sanctions"


def test_a_record_that_nobody_checked_is_only_spoken_of():
    assert concern() == "Ruritania speaks of sanctions"
    assert concern(stage="proposed") == "Ruritania proposes sanctions"


@pytest.mark.parametrize("stage", ["imposed", "proposed"])
def test_easing_and_refusing_have_words_of_their_own(stage):
    assert concern("eased", stage) == "Ruritania speaks of easing or lifting sanctions"
    assert concern("refused", stage) == "Ruritania speaks of refusing sanctions"


@pytest.mark.parametrize("stated", [None, "imposed", "eased", "refused"])
@pytest.mark.parametrize("stage", ["proposed", "potential", "alleged", "found"])
def test_another_stage_is_never_told_as_imposed(stage, stated):
    assert "impose" not in concern(stated, stage)


def test_a_breach_that_is_only_suspected_is_not_said_to_be_one():
    suspected, said = (concern(stage="alleged", commitment=c) for c in ("possible", "asserted"))
    assert suspected.startswith("Ruritania suspects that Borduria did breach sanctions: ")
    assert said.startswith("Ruritania says that Borduria did breach sanctions: ")


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


@pytest.mark.parametrize(
    ("stage", "told"),
    [("eased", "eases sanctions"), ("lifted", "lifts sanctions"), ("refused", "decides against sanctions")],
)
def test_a_measure_that_is_ended_or_refused_is_told_as_that(stage, told):
    assert concern(stage=stage) == f"Ruritania {told}"


def test_a_call_for_a_measure_and_one_in_force_are_told_as_that():
    assert concern(stage="proposed", measure="called_for") == "Ruritania calls for sanctions"
    kept = concern("imposed", measure="in_force")
    assert kept == "Ruritania keeps sanctions on Borduria in force: “The measure.”"
