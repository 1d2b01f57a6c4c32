"""A record type far from ours: an earthquake, with its numbers, its place and its time, each checked against the text.

Run it: `python examples/records/earthquake_report.py [MODEL]`, where MODEL is `local` if none is given.
"""

import sys
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from communique import Document, Mentioned, Record, StatedDate, StatedNumber, StatedPlace, extract

ARTICLE = Path(__file__).parent / "articles" / "earthquake.txt"


class EarthquakeReport(Record):
    """An earthquake that has happened, with its strength and its toll."""

    cues: ClassVar = {"en": r"(earth)?quakes?\b|tremors?\b|magnitude|epicent\w+|injured|killed|damaged|tsunami"}

    near: Annotated[str, StatedPlace(), Field(description="Place it struck or lay near, copied.")]
    magnitude: Annotated[float | None, StatedNumber(), Field(description="Magnitude.")] = None
    depth_km: Annotated[float | None, StatedNumber(), Field(description="Depth in kilometres.")] = None
    when: Annotated[str | None, StatedDate(), Field(description="When it struck, copied.")] = None
    dead: Annotated[int | None, StatedNumber(), Field(description="People killed.")] = None
    injured: Annotated[int | None, StatedNumber(), Field(description="People injured.")] = None
    measured_by: Annotated[str | None, Mentioned(), Field(description="Who measured it, copied.")] = None
    tsunami_warning: Annotated[
        Literal["issued", "not_issued", "not_mentioned"], Field(description="As the article says.")
    ] = "not_mentioned"


def main(model="local"):
    document = Document.from_text(ARTICLE.read_text("utf-8"), published="2024-05-20")
    summary = extract(document, model=model, records=[EarthquakeReport])
    for quake in summary.of(EarthquakeReport):
        print(f"{quake.near}: magnitude {quake.magnitude}, {quake.derived.date}, {quake.verdict}")
    return summary


if __name__ == "__main__":
    main(*sys.argv[1:])
