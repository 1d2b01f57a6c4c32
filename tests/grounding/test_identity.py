"""Ids and blocking keys."""

import hashlib
from typing import Annotated

from communique.grounding.identity import distinct_ids, group_key, record_id
from communique.schemas import (
    Allegation,
    Derived,
    Evidence,
    Identity,
    Meeting,
    Programme,
    Record,
    SanctionsConcern,
)


def alleged(claim="Ruritania sold rifles.", start=5, **more):
    evidence = (Evidence(sentence=2, exact="x", start=start, end=start + 1),)
    return Allegation(claim=claim, activity="arms_transfer", evidence=evidence, **more)


def test_an_id_is_the_sha1_of_type_document_start_and_activity():
    expected = hashlib.sha1(b"allegations" + b"doc" + b"5" + b"arms_transfer").hexdigest()
    assert record_id(alleged(), "doc") == f"cmq-{expected}"


def test_an_id_does_not_hang_on_wording_or_place_in_the_list():
    one, two = alleged("A sold rifles."), alleged("Rifles were sold by A.", start=80)
    assert list(distinct_ids([one, two], "doc")) == list(distinct_ids([two, one], "doc"))[::-1]
    assert record_id(one, "doc") == record_id(alleged("Other words."), "doc")
    assert record_id(one, "doc") != record_id(one, "another")


def test_the_second_record_of_the_same_id_gets_a_suffix():
    first, second, third = distinct_ids([alleged("a"), alleged("b"), alleged("c")], "doc")
    assert (second, third) == (f"{first}-2", f"{first}-3")


def test_a_record_without_evidence_still_has_an_id():
    assert record_id(Allegation(claim="x"), "doc").startswith("cmq-")


def actor(name, code=None):
    return {"name": name, "country_code": code}


def test_an_allegation_is_keyed_by_activity_accused_and_counterparty():
    record = alleged(accused=[actor("North Korea", "kp")], counterparties=[actor("Russia", "ru")])
    assert group_key(record, Derived()) == "arms_transfer|kp|ru"


def test_a_concern_is_keyed_by_its_programme_too():
    record = SanctionsConcern(
        concern="x", activity="labour_export", stage="potential", subjects=[actor("North Korea", "kp")],
        counterparties=[actor("Russia", "ru")],
    )  # fmt: skip
    derived = Derived(programs=(Programme(key="UN-SC1718", basis="b"),))
    assert group_key(record, derived) == "labour_export|kp|ru|UN-SC1718"


def test_a_meeting_is_keyed_by_mode_countries_and_month():
    record = Meeting(mode="summit", status="held", participants=[actor("B", "ru"), actor("A", "kp"), actor("C", "ru")])
    assert group_key(record, Derived(date="2023-09-13")) == "summit|kp+ru|2023-09"
    assert group_key(record, Derived()) == "summit|kp+ru"


def test_an_actor_without_country_stands_by_its_name():
    assert group_key(alleged(accused=[actor("Acme | Sons")]), Derived()) == "arms_transfer|acme sons"


class Launch(Record):
    """A rocket is launched."""

    rocket: Annotated[str, Identity()]


def test_a_type_of_ones_own_is_keyed_by_its_identity_fields():
    assert group_key(Launch(rocket="Orbit 3"), Derived(date="2024-05")) == "launches|orbit 3|2024-05"
