"""A record type with parts of its own, and a check over two fields: who won a public contract, for how much.

Run it: `python examples/records/contract_award.py [MODEL]`, where MODEL is `local` if none is given.
"""

import sys
from pathlib import Path
from typing import Annotated

from pydantic import Field

from communique import Document, Extractor, Mentioned, Plan, Quoted, Record, StatedDate, StatedNumber
from communique.schemas import Check, Identity, Part

ARTICLE = Path(__file__).parent / "articles" / "contract.txt"


class Money(Part):
    """A sum, as the article writes it."""

    amount: Annotated[str, StatedNumber(), Field(description="The number as written, with million or billion.")]
    currency: Annotated[str | None, Quoted(), Field(description="Currency, copied.")] = None


class ContractAward(Record):
    """A public body gives a contract to a company."""

    buyer: Annotated[str, Mentioned(), Identity(), Field(description="Who gives it, copied.")]
    winner: Annotated[str, Mentioned(), Identity(), Field(description="Who gets it, copied.")]
    works: Annotated[str | None, Quoted(), Field(description="What is bought, copied.")] = None
    value: Annotated[Money | None, Field(description="What is paid, if stated.")] = None
    when: Annotated[str | None, StatedDate(), Field(description="When it was awarded, copied.")] = None
    losers: Annotated[tuple[Annotated[str, Mentioned()], ...], Field(description="Other bidders.")] = ()


def winner_is_no_loser(record, document):
    """Flag an award whose winner is listed among those that lost."""
    if isinstance(record, ContractAward) and record.winner in record.losers:
        yield Check(
            field="losers",
            outcome="contradicted",
            reason="winner_among_losers",
            severity="flag",
            detail=record.winner,
        )


def main(model="local"):
    document = Document.from_text(ARTICLE.read_text("utf-8"), published="2024-06-05")
    with Extractor(model, plan=Plan(records=(ContractAward,), checks=(winner_is_no_loser,))) as extractor:
        summary = extractor.extract(document)
    for award in summary.of(ContractAward):
        paid = f"{award.value.amount} {award.value.currency}" if award.value else "a sum that is not stated"
        print(f"{award.buyer} pays {award.winner} {paid} ({award.derived.date}, {award.verdict})")
    return summary


if __name__ == "__main__":
    main(*sys.argv[1:])
