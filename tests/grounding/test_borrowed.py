"""A record of one's own that is made of other sentences' values is rejected by name; one that the evidence states is not."""

from typing import Annotated

import pytest

from communique import Document, Mentioned, Quoted, Record, StatedNumber
from communique.grounding import verify
from communique.prompts import parse_answer

TEXT = (
    "Varnia's rail agency gave Holm a contract for 40 trains worth 612 million crowns.\n"
    "The first trains are to run in 2027.\nCastell lost the race, a clerk said."
)


class Award(Record):
    """A body gives a contract."""

    buyer: Annotated[str, Mentioned()]
    winner: Annotated[str, Mentioned()]
    works: Annotated[str | None, Quoted()] = None
    amount: Annotated[str | None, StatedNumber()] = None
    loser: Annotated[str | None, Mentioned()] = None


WHOLE = {"buyer": "rail agency", "winner": "Holm", "works": "40 trains", "amount": "612 million"}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"evidence": [1], **WHOLE}, True),
        ({"evidence": [1], **WHOLE, "amount": "613 million", "works": "forty buses"}, True),  # as many hold as fail
        ({"evidence": [2], **WHOLE}, False),
        ({"evidence": [2], "buyer": "rail agency", "winner": "Holm"}, True),  # names may stand near, and nothing is borrowed
        ({"evidence": [3], **WHOLE, "loser": "Castell"}, False),
        ({"evidence": [1, 2], **WHOLE}, True),
    ],
)  # fmt: skip
def test_a_record_that_its_evidence_mostly_lacks_is_rejected(said, kept):
    verdict = verify(parse_answer({"awards": [said]}, (Award,)), Document.from_text(TEXT, language="en"))
    assert bool(verdict.records) == kept
    assert [r.reason for r in verdict.rejections] == ([] if kept else ["mostly_not_in_evidence"])
    if not kept:
        assert {"works", "amount"} <= set(verdict.rejections[0].detail.partition("not ")[2].split(", "))
