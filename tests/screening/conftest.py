"""A small list, and results that name people like those in it."""

import importlib.util
import json

import pytest

if importlib.util.find_spec("nomenklatura") is None:  # its import takes a second: only where it is used
    pytest.skip("needs the extra `screening`", allow_module_level=True)

from communique.schemas import Actor, Allegation, DocumentInfo, Evidence, Meeting, Participant, VerifiedSummary

PEOPLE = (
    (
        "p1",
        "Person",
        {"name": ["Tamar Vekua Orlova"], "alias": ["Тамар Орлова"], "country": ["ge"], "topics": ["sanction"]},
    ),
    ("p2", "Person", {"name": ["John Harrow"], "country": ["us"]}),
    ("p3", "Person", {"name": ["John Harrow"], "country": ["gb"]}),
    ("p4", "Person", {"name": ["Ilse Brandt"], "country": ["de"]}),
    ("c1", "Company", {"name": ["Kuiseb Logistics Ltd"], "country": ["na"]}),
    ("a1", "Address", {"full": ["1 Harbour Road"]}),
)


def line(key, schema, properties):
    return (
        json.dumps({"id": key, "schema": schema, "caption": key, "properties": properties}, ensure_ascii=False) + "\n"
    )


@pytest.fixture
def known(tmp_path):
    path = tmp_path / "list.ftm.json"
    path.write_text("".join(line(*person) for person in PEOPLE), encoding="utf-8")
    return path


@pytest.fixture
def summary():
    evidence = (Evidence(sentence=1, exact="Ilse Brandt met John Harrow.", start=0, end=28),)
    meeting = Meeting(
        id="m1",
        status="held",
        evidence=evidence,
        participants=(
            Participant(name="Ilse Brandt", kind="person", country_code="DE"),
            Participant(name="John Harrow", kind="person"),
        ),
    )
    claim = Allegation(
        id="a1",
        evidence=evidence,
        claim="Kuiseb moved copper.",
        accused=(Actor(name="Kuiseb Logistics", kind="company"),),
    )
    return VerifiedSummary(
        document=DocumentInfo(id="d1", sha256="0" * 64, language="en", text="Ilse Brandt met John Harrow."),
        records={"meetings": (meeting,), "allegations": (claim,)},
    )
