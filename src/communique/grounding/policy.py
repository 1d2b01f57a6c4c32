"""Policies: what a reason does to a verdict, by name. How much a flag is worth depends on how often the model is right."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from communique.errors import ConfigurationError
from communique.grounding.rules import REASONS
from communique.grounding.rules.rule import Severity

NAMES = ("strong", "small")
_SEVERITIES = ("note", "flag", "reject")


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


@cache
def load_policy(name: str) -> Policy:
    """Return one of our policies, or the one that a TOML file holds.

    Args:
        name: `strong`, `small`, or the path of a file in their form.

    Raises:
        ConfigurationError: There is no such policy, the file is no TOML, or it names an unknown reason or key.
    """
    try:
        raw = (
            files("communique.grounding") / "policies" / f"{name}.toml" if name in NAMES else Path(name)
        ).read_bytes()
    except OSError as error:
        hint = f"give {' or '.join(NAMES)}, or the path of a TOML file"
        raise ConfigurationError(f"there is no policy {name!r}: {error.strerror}", hint=hint) from None
    try:
        said = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the policy file {name} is no TOML: {error}", hint="mend that line"
        ) from None
    return _policy(name, said, hashlib.sha256(raw).hexdigest()[:16])


def _policy(name: str, said: dict[str, Any], digest: str) -> Policy:
    judge, severity = dict(said.pop("judge", {})), dict(said.pop("severity", {}))
    for reason in (*severity, *said.get("leave_out", ()), *said.get("adopt", ())):
        if reason not in REASONS:
            raise ConfigurationError(
                f"the policy {name} names an unknown rule: {reason!r}",
                hint="`communique show rules` lists them",
            )
    wrong = next((v for v in severity.values() if v not in _SEVERITIES), None)
    if wrong is not None:
        raise ConfigurationError(
            f"the policy {name} has an unknown severity: {wrong!r}", hint=f"one of {', '.join(_SEVERITIES)}"
        )
    try:
        found = Policy(
            name=str(said.pop("name")),
            version=int(said.pop("version")),
            severity=severity,
            leave_out=frozenset(said.pop("leave_out", ())),
            adopt=frozenset(said.pop("adopt", ())),
            add_denials=bool(said.pop("add_denials", False)),
            accept=float(judge.pop("accept", 0.7)),
            refute=float(judge.pop("refute", 0.3)),
            digest=digest,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"the policy {name} lacks or garbles {error}", hint="see the policies of the package"
        ) from None
    unknown = [*said, *(f"judge.{key}" for key in judge)]
    if unknown or not 0 <= found.refute <= found.accept <= 1:
        what = (
            f"has an unknown key: {unknown[0]!r}"
            if unknown
            else "needs 0 <= judge.refute <= judge.accept <= 1"
        )
        raise ConfigurationError(f"the policy {name} {what}", hint="see the policies of the package")
    return found
