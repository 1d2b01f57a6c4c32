"""With-blocks that close: what holds connections or a process gives them back at the end of the block."""

from __future__ import annotations

from typing import Self


class Closing:
    """Gives `with` and `async with` to what has `close` and `aclose`."""

    def close(self) -> None:
        """Give back what was used from sync code."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Give back what the running event loop used."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
