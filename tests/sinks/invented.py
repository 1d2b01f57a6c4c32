"""Many invented summaries, the same for the same seed, for the views of a set and for sizes."""

import random

from communique.documents import Document
from communique.schemas import (
    Actor,
    Allegation,
    Check,
    Derived,
    Evidence,
    Meeting,
    Participant,
    Place,
    Response,
    SanctionsConcern,
    Statement,
    VerifiedSummary,
)

PEOPLE = [
    "Ilse Varga",
    "Per Holm",
    "Amara Diallo",
    "Tomas Brandt",
    "Leila Haddad",
    "Jun Okabe",
    "Rosa Quint",
    "Emil Sorge",
]
STATES = ["Varland", "Norlandia", "Isk", "Ostrava Union", "Kelmar", "Sund", "Tarsis", "Belmora"]
FIRMS = ["Amsel Shipping", "Kestrel Optics", "Blue Heron Lines", "Orbis Metals"]
CITIES = ["Port Amsel", "Greyhaven", "Novy Most", "Kelm"]
GOODS = ["drone engines", "night-vision lenses", "crude oil", "machine tools"]


def summaries(count, seed=7, start=2029, years=3):
    """Yield (document, summary) of `count` articles with about two and a half records each."""
    rng = random.Random(seed)
    for number in range(count):
        yield article(rng, number, start + rng.randrange(years))


def article(rng, number, year):
    one, two = rng.sample(PEOPLE, 2)
    accuser, accused, other = rng.sample(STATES, 3)
    firm, city, goods = rng.choice(FIRMS), rng.choice(CITIES), rng.choice(GOODS)
    day = f"{year}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    lines = [
        f"{accuser} and {accused} at odds over {goods}",
        f"Envoys {one} of {accuser} and {two} of {accused} met in {city} on Monday for talks on {goods}.",
        f"{accuser} accused {accused} of sending {goods} to {other} with the help of {firm}.",
        f"{accused} called the charge baseless.",
        f"Officials warned that {firm} may face measures under the Council’s export rules.",
        "The talks are to go on next month.",
    ]
    doc = Document.from_text(
        "\n".join(lines),
        published=day,
        outlet="The Amsel Post",
        language="en",
        source=f"https://post.example/{number}",
    )

    def cite(n):
        s = doc.sentence(n)
        return Evidence(sentence=n, exact=s.text, start=s.start, end=s.end)

    denied, flagged = rng.random() < 0.6, rng.random() < 0.15
    flag = (
        Check(
            field="participants[1].name",
            outcome="unsupported",
            reason="elsewhere_in_article",
            severity="flag",
        ),
    )
    meeting = Meeting(
        id=f"cmq-m{number}",
        verdict="flagged" if flagged else "supported",
        checks=flag if flagged else (),
        status="held",
        participants=(
            Participant(name=one, kind="person", role="Envoys", country=accuser),
            Participant(name=two, kind="person", country=accused, capacity="visitor"),
        ),
        place=Place(name=city),
        when="on Monday",
        topics=(goods,),
        evidence=(cite(2),),
        derived=Derived(date=day, precision="day") if rng.random() < 0.9 else Derived(not_after=day),
    )
    responses = (
        Response(
            type="denial",
            responders=(Actor(name=accused, kind="country"),),
            cue="baseless",
            evidence=(cite(4),),
        ),
    )
    allegation = Allegation(
        id=f"cmq-a{number}",
        verdict="supported",
        claim=f"{accused} sent {goods} to {other}.",
        activity="dual_use_goods",
        accusers=(Actor(name=accuser, kind="country"),),
        accused=(Actor(name=accused, kind="country"), Actor(name=firm, kind="company")),
        counterparties=(Actor(name=other, kind="country"),),
        objects=(goods,),
        commitment="asserted",
        cue="accused",
        responses=responses if denied else (),
        evidence=(cite(3),),
        derived=Derived(not_after=day, response_status="denied" if denied else "none_reported"),
    )
    concern = SanctionsConcern(
        id=f"cmq-s{number}",
        verdict="verified",
        concern=f"{firm} may breach export rules.",
        activity="dual_use_goods",
        subjects=(Actor(name=firm, kind="company"),),
        regime=("Council’s export rules",),
        stage="potential",
        commitment="possible",
        cue="may",
        evidence=(cite(5),),
        derived=Derived(not_after=day),
    )
    records = {"meetings": (meeting,), "allegations": (allegation,)}
    if number % 2 == 0:
        records["sanctions_concerns"] = (concern,)
    said = Statement(text=f"{one} and {two} met in {city} (on Monday, {day}).", record=meeting.id)
    return doc, VerifiedSummary(document=doc.info(), records=records, brief=(said,))
