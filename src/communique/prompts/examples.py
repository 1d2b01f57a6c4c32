"""Worked examples: invented, in a world of their own, so that a name that leaks into an answer is known at once.

Worked examples are worth more to a small model than any other choice (docs/design/0007-accuracy.md); those whose answer
is null keep it from finding something in every sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class BriefExample:
    """A passage, the sentence that is asked about (from 1), and the answer by kind."""

    passage: tuple[str, ...]
    focus: int
    answer: dict[str, dict[str, Any] | None]


_BANKS = (
    "The Dunmar League froze the assets of six Talvian banks on Monday.",
    "It suspects that they launder money for the militia.",
    "Talvia's parliament plans talks with the League next month.",
)

BRIEF: tuple[BriefExample, ...] = (
    BriefExample(
        (
            "Talvia and Ostrenia have argued over the reservoir for years.",
            (
                "Talvia's energy minister Merrin Vask met the Ostrenian envoy Oda Pell in Brinport on Friday, state"
                " radio reported."
            ),
            "They will meet again in May.",
        ),
        2,
        {
            "meeting": {
                "participants": ["Merrin Vask", "Oda Pell"],
                "place": "Brinport",
                "when": "on Friday",
                "status": "held",
            }
        },
    ),
    BriefExample(
        (
            "The talks ended late.",
            "Vask accused Ostrenia of shipping drone engines to the Kellun militia in breach of the arms embargo.",
            "Pell denied the claim.",
        ),
        2,
        {
            "allegation": {
                "accusers": ["Vask"],
                "accused": ["Ostrenia"],
                "commitment": "asserted",
                "denied_by": ["Pell"],
            },
            "sanctions_concern": {"raised_by": ["Vask"], "subjects": ["Ostrenia"], "stage": "alleged"},
        },
    ),
    BriefExample(
        (
            "Coach Ilse Darrow praised the Brinport Otters.",
            "She said her side had met the challenge and attacked well.",
            "Tickets cost nine crowns.",
        ),
        2,
        {"meeting": None, "allegation": None},
    ),
    BriefExample(
        _BANKS,
        1,
        {
            "sanctions_concern": {
                "raised_by": ["Dunmar League"],
                "subjects": ["six Talvian banks"],
                "stage": "imposed",
            }
        },
    ),
    BriefExample(
        _BANKS,
        2,
        {
            "allegation": {
                "accusers": ["Dunmar League"],
                "accused": ["six Talvian banks"],
                "commitment": "possible",
                "denied_by": [],
            }
        },
    ),
    BriefExample(
        (
            "It suspects that they launder money for the militia.",
            "Talvia's parliament plans talks with the Dunmar League next month.",
            "Critics called the visit a waste.",
        ),
        2,
        {
            "meeting": {
                "participants": ["Talvia's parliament", "Dunmar League"],
                "place": None,
                "when": "next month",
                "status": "planned",
            }
        },
    ),
    BriefExample(
        (
            "Talvia's parliament plans talks with the Dunmar League next month.",
            "Critics called the minister's visit to the market a waste.",
            "It rained.",
        ),
        2,
        {"meeting": None, "allegation": None},
    ),
)

OWN_KIND = "prize"
OWN_TOLD = (
    "prize: somebody is given a prize. giver: who gives it, copied. winner: who gets it, copied. name: of the prize,"
    " copied. age: of the winner. sum: (amount: as written; currency: copied). when: copied."
)
_POETS = (
    "The Dunmar League chose among nine poets this year.",
    "On Friday it gave its Lantern Prize and 4,500 crowns to Ilse Darrow, 41, of Brinport.",
    "She will read there in May.",
)

OWN: tuple[BriefExample, ...] = (
    BriefExample(
        _POETS,
        2,
        {
            OWN_KIND: {
                "giver": None,
                "winner": "Ilse Darrow",
                "name": "Lantern Prize",
                "age": 41,
                "sum": {"amount": "4,500", "currency": "crowns"},
                "when": "On Friday",
            }
        },
    ),
    BriefExample(_POETS, 3, {OWN_KIND: None}),
    BriefExample(
        (
            "Kellun sailors have waited for the harbour light since spring.",
            "The Ostrenian navy gave the Sea Medal to the pilot Oda Pell.",
            "It rained.",
        ),
        2,
        {
            OWN_KIND: {
                "giver": "Ostrenian navy",
                "winner": "Oda Pell",
                "name": "Sea Medal",
                "age": None,
                "sum": None,
                "when": None,
            }
        },
    ),
    BriefExample(
        (
            "The Ostrenian navy gave the Sea Medal to the pilot Oda Pell.",
            "Merrin Vask, 60, has judged such prizes for years.",
            "It rained.",
        ),
        2,
        {OWN_KIND: None},
    ),
)
"""Of a record type that nobody has, where a type without examples is asked for: they show the form, and that what the
sentence does not say is null. Without any, the embedded model filled fields from the sentences around, and with words
of the descriptions."""

SENTINELS = (
    "Talvia",
    "Talvian",
    "Merrin Vask",
    "Vask",
    "Ostrenia",
    "Ostrenian",
    "Oda Pell",
    "Pell",
    "Brinport",
    "Kellun",
    "Dunmar League",
    "Ilse Darrow",
    "Lantern Prize",
    "Sea Medal",
)
"""Names that exist only in the examples."""
