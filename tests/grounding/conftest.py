"""An invented article that holds the ten traps of diplomatic news, and the parts of a draft about it."""

import pytest

from communique.documents import Document
from communique.grounding import verify
from communique.prompts import SENTINELS, parse_answer
from communique.schemas import STANDARD_RECORDS, Allegation, Meeting, SanctionsConcern

LINES = """\
Borduria hosts Ruritanian delegation, neighbours uneasy
Senior Bordurian trade officials met the governor of a Ruritanian province to widen commerce between the \
two states, as reported by Bordurian state radio on Wednesday.
The meeting in Szohod, the capital of Borduria, raised concerns in Sylvania about breaches of Security \
Council resolutions, speculating that Borduria might be sending more miners to Ruritania to earn money \
for its idle mills.
According to Radio Szohod, the Bordurian side, led by trade minister Ilya Tarn, met with a delegation led \
by Odo Brask, the governor of Zenda.
The discussions aimed to lift commerce to “a new level,” although the report did not say which goods were \
discussed.
Brask, before his trip, told Ruritanian media that he anticipated talks on timber, fishing, and railways.
Old friends, new worries
Both Freedonia and Sylvania accused Borduria of supplying Ruritania with rifles and other weapons, \
alleging support for Ruritania’s raids on Klow.
Sylvania and Freedonia both consider Borduria being backed by Ruritania.
Grand Fenwick is also deemed to be helping Borduria.
However, Ruritania and Borduria have denied such transfers.
There are additional concerns that Borduria may be planning to send seamstresses to Ruritania to acquire \
foreign money, potentially violating League of Nations sanctions imposed on Borduria.
More to Read: Freedonia sanctions Ruritanian gunsmiths
The trip followed a summit between Marshal Kurvi Tasch and Ruritanian President Rudolf Elph in March.
""".splitlines()


@pytest.fixture(scope="session")
def article():
    document = Document.from_text("\n".join(LINES))
    assert [s.text for s in document.sentences] == list(LINES)
    return document


@pytest.fixture(scope="session")
def check(article):
    """Return a function that checks one drafted record, given as a model would say it."""

    def checked(key, said, document=article):
        return verify(parse_answer({key: [said]}, STANDARD_RECORDS), document, SENTINELS)

    return checked


BASES = {
    Meeting: {"evidence": [1], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]},
    Allegation: {
        "evidence": [1],
        "claim": "It stole.",
        "accusers": ["Freedonia"],
        "accused": ["Sylvania"],
        "commitment": "asserted",
    },
    SanctionsConcern: {
        "evidence": [1],
        "concern": "It breaks them.",
        "raised_by": ["Freedonia"],
        "subjects": ["Sylvania"],
        "stage": "alleged",
    },
}
"""Drafts that a test changes in the field that it is about."""


@pytest.fixture(scope="session")
def outcome():
    """Return a function that gives the one record or rejection that a draft of a record type becomes."""

    def of(draft, text, language="en", policy=None):
        kind, said = draft
        document = Document.from_text(f"{text}\nX.", language=language)
        answer = {kind.plural: [{**BASES.get(kind, {}), **said}]}
        verdict = verify(parse_answer(answer, (kind,), document.text), document, SENTINELS, policy)
        (found,) = (*verdict.records, *verdict.rejections)
        return found

    return of
