"""Results of invented articles, made by hand."""

import hashlib

from communique.schemas import (
    Actor,
    Allegation,
    Derived,
    DocumentInfo,
    Evidence,
    Meeting,
    Participant,
    Place,
    Response,
    VerifiedSummary,
)

VARGA = {"name": "Ilse Varga", "kind": "person", "country_code": "NO"}
HOLM = {"name": "Per Holm", "kind": "person", "country_code": "FI"}
NORWAY = {"name": "Norway", "kind": "country", "country_code": "NO"}
FINLAND = {"name": "Finland", "kind": "country", "country_code": "FI"}


def result(document, *records, published="2024-03-13", outlet=None, text=None, **more):
    digest = hashlib.sha256((text or document).encode()).hexdigest()
    info = DocumentInfo(
        id=document, sha256=digest, published=published, outlet=outlet, text=text, **({"language": "en"} | more)
    )
    groups = {}
    for record in records:
        groups.setdefault(type(record).plural, []).append(record)
    return VerifiedSummary(document=info, records={kind: tuple(group) for kind, group in groups.items()})


def evidence(sentence=1, exact="They met."):
    return (Evidence(sentence=sentence, exact=exact, start=10, end=10 + len(exact)),)


def meeting(own, *who, date=None, status="held", place=None, verdict="verified", **more):
    return Meeting(
        id=own,
        status=status,
        verdict=verdict,
        participants=tuple(Participant(**p) for p in who or (VARGA, HOLM)),
        place=Place(name=place[0], country_code=place[1]) if place else None,
        derived=Derived(date=date, precision="day" if date else None),
        evidence=evidence(),
        **more,
    )


def allegation(own, claim, accusers=(NORWAY,), accused=(FINLAND,), activity="espionage", denied_by=(), **more):
    answers = (Response(type="denial", responders=tuple(Actor(**a) for a in denied_by), cue="denied"),)
    return Allegation(
        id=own,
        verdict="verified",
        claim=claim,
        activity=activity,
        accusers=tuple(Actor(**a) for a in accusers),
        accused=tuple(Actor(**a) for a in accused),
        responses=answers if denied_by else (),
        derived=Derived(response_status="denied" if denied_by else "none_reported"),
        evidence=evidence(2, claim),
        **more,
    )
