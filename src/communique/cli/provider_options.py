"""The options of `communique batch --provider-batch`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli.notices import notice

if TYPE_CHECKING:
    from communique.batch.provider_batch import ProviderOptions

ProviderBatch = Annotated[
    bool,
    typer.Option("--provider-batch", help="Use the provider's Batch API: half the price, within a day."),
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="With --provider-batch: send, collect what is there, return.")]
PollEvery = Annotated[float, typer.Option(min=0.05, help="With --provider-batch: seconds between two looks.")]


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """What was given on the command line."""

    wait: bool
    every: float
    quiet: bool

    def options(self) -> ProviderOptions:
        """Return what the batch takes."""
        from communique.batch.provider_batch import ProviderOptions

        return ProviderOptions(wait=self.wait, every=self.every, say=None if self.quiet else notice)
