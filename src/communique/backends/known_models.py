"""The local models that are pinned: where each file is on the hub, and what its bytes must be."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that is known by its hash.

    Attributes:
        name: Name for people; `local/NAME` asks it.
        filename: File in the cache and on the hub.
        size: Bytes.
        sha256: Of the file, hex.
        licence: SPDX identifier.
        repo: Hub repository.
        revision: Pinned commit of it.
        parts: Distributions that hold the file in pieces, in order.
        parts_version: The only version of them that is taken.
    """

    name: str
    filename: str
    size: int
    sha256: str
    licence: str = ""
    repo: str = ""
    revision: str = ""
    parts: tuple[str, ...] = ()
    parts_version: str = ""

    @property
    def hub_id(self) -> str:
        """Name on the hub: `ORG/REPO/FILE.gguf`."""
        return f"{self.repo}/{self.filename}"


_DATA = tomllib.loads((files("communique.backends") / "known_models.toml").read_text("utf-8"))


def _embedded() -> ModelFile:
    data = dict(_DATA["embedded"])
    name, count = data.pop("part_name"), data.pop("part_count")
    return ModelFile(**data, parts=tuple(name.format(number) for number in range(1, count + 1)))


EMBEDDED = _embedded()
"""The model that is asked where none is named."""
KNOWN = tuple(ModelFile(**entry) for entry in _DATA["known"])
"""Larger models. We have not measured them."""

ADAPTER = Path(str(files("communique.backends") / "adapter.gguf"))
"""Weights that are added to the embedded model's: benchmarks/adapter learned them for the question on one sentence."""

SMALL = 4_000_000_000
"""Bytes. A model with a smaller file is asked sentence by sentence, a larger one for all records of an article at once, as
a remote one is. The threshold is a guess: only the embedded model was measured."""


@cache
def adapter_name() -> str:
    """Return what stands behind the embedded model's name in results: `adapter-` and eight hex digits of its SHA-256."""
    return f"adapter-{hashlib.sha256(ADAPTER.read_bytes()).hexdigest()[:8]}"


def known(name: str) -> ModelFile | None:
    """Return the larger model of a name or a hub id; None if it is not pinned."""
    return next((model for model in KNOWN if name in {model.name, model.hub_id}), None)
