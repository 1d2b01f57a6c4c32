"""A record type that is a plain Pydantic model, without a word of communique."""

from pydantic import BaseModel


class PortCall(BaseModel):
    """A ship calls at a port."""

    ship: str
    port: str | None = None
