"""A record type."""

from typing import Annotated

from pydantic import Field

from communique import Mentioned, Record, StatedDate, StatedNumber
from communique.schemas import Identity


class ShipLaunch(Record):
    """A ship is launched."""

    ship: Annotated[str, Mentioned(), Identity(), Field(description="Its name, copied.")]
    tons: Annotated[int | None, StatedNumber(), Field(description="Tons.")] = None
    when: Annotated[str | None, StatedDate(), Field(description="When, copied.")] = None
