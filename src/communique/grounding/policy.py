"""Policies: what a reason does to a verdict, by name.

How much a flag is worth depends on how often the model is right.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from communique.errors import ConfigurationError
from communique.grounding.rules import REASONS
from communique.grounding.rules.rule import Severity

NAMES = ("strong", "small")


def _known(reason: str) -> str:
    if reason not in REASONS:
        raise ValueError(f"there is no rule {reason!r}")
    return reason


_Known = Annotated[str, AfterValidator(_known)]


@dataclass(frozen=True, slots=True)
class Policy:
    """How verdicts are made.

    Attributes:
        name: Its name.
        version: Its version; a change of the file changes the digest as well.
        severity: Severities by reason, where they differ from the rule's own.
        leave_out: Reasons whose value is taken out of the record.
        adopt: Reasons whose proposal takes the value's place.
        add_denials: Whether a rule adds a denial that the draft lacks.
        accept: Probability from which on the judge agrees with a record.
        refute: Probability below which the judge disagrees.
        digest: SHA-256 of the file, first 16 hex digits.
    """

    name: str
    version: int
    severity: dict[str, Severity] = field(default_factory=dict, hash=False)
    leave_out: frozenset[str] = frozenset()
    adopt: frozenset[str] = frozenset()
    add_denials: bool = False
    accept: float = 0.7
    refute: float = 0.3
    digest: str = ""

    def __str__(self) -> str:
        return f"{self.name}/{self.version} {self.digest}"


class _Judge(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    accept: float = Field(default=0.7, ge=0, le=1)
    refute: float = Field(default=0.3, ge=0, le=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.refute > self.accept:
            raise ValueError("refute is above accept")
        return self


class _File(BaseModel):
    """What a policy file may say."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1)
    version: int
    severity: dict[_Known, Severity] = {}
    leave_out: list[_Known] = []
    adopt: list[_Known] = []
    add_denials: bool = False
    judge: _Judge = _Judge()


def load_policy(name: str) -> Policy:
    """Return one of our policies, or the one that a TOML file holds.

    Args:
        name: `strong`, `small`, or the path of a file in their form.

    Raises:
        ConfigurationError: There is no such policy, the file is no TOML, or it names an unknown reason or key, or gives
            a value of the wrong form.
    """
    try:
        raw = _shipped(name) if name in NAMES else Path(name).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte
        hint = f"give {' or '.join(NAMES)}, or the path of a TOML file"
        why = getattr(error, "strerror", None) or error
        raise ConfigurationError(f"there is no policy {name!r}: {why}", hint=hint) from None
    return _policy(name, raw)


@cache
def _shipped(name: str) -> bytes:
    return (files("communique.grounding") / "policies" / f"{name}.toml").read_bytes()


@lru_cache(maxsize=64)
def _policy(name: str, raw: bytes) -> Policy:
    try:
        said = _File.model_validate(tomllib.loads(raw.decode("utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"] if step != "[key]")
        unknown = first["type"] == "extra_forbidden"
        why = "there is no such key" if unknown else first["msg"].removeprefix("Value error, ")
        raise ConfigurationError(
            f"the policy {name} is wrong at {where}: {why}",
            hint="see the built-in policies for the format; `communique show rules` lists the rules",
        ) from None
    except ValueError as error:
        raise ConfigurationError(f"the policy file {name} is not valid TOML: {error}", hint="fix that line") from None
    return Policy(
        name=said.name,
        version=said.version,
        severity=dict(said.severity),
        leave_out=frozenset(said.leave_out),
        adopt=frozenset(said.adopt),
        add_denials=said.add_denials,
        accept=said.judge.accept,
        refute=said.judge.refute,
        digest=hashlib.sha256(raw).hexdigest()[:16],
    )
