"""How honest probabilities are: reliability table, expected calibration error, Brier score, AUC."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from communique.errors import ConfigurationError, UnreadableDocumentError


@dataclass(frozen=True, slots=True)
class Observation:
    """One answered question whose right answer is known.

    Attributes:
        document: Id of the document that it was asked about; cross-validation leaves out whole documents.
        question: Id of the question, such as `record` or `allegations.denied_by`.
        probability: Of the answer yes, 0 to 1, as the model gave it.
        right: Whether yes was the right answer.
    """

    document: str
    question: str
    probability: float
    right: bool

    def __post_init__(self) -> None:
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(f"a probability lies between 0 and 1, not at {self.probability}")

    def with_probability(self, probability: float) -> Observation:
        """Return the observation with another probability."""
        return replace(self, probability=probability)


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of a reliability table.

    Attributes:
        low: Lower bound, included.
        high: Upper bound, left out but for the last bin.
        count: Observations in it.
        mean: Their mean probability; None if there are none.
        share: Share of them where yes was right; None if there are none.
    """

    low: float
    high: float
    count: int
    mean: float | None
    share: float | None


def reliability_table(observations: Sequence[Observation], bins: int = 10) -> tuple[Bin, ...]:
    """Sort observations into bins of equal width; in honest ones `mean` and `share` agree.

    Raises:
        ValueError: Fewer than one bin.
    """
    if bins < 1:
        raise ValueError("a reliability table needs at least one bin")
    groups: list[list[Observation]] = [[] for _ in range(bins)]
    for observation in observations:
        groups[min(int(observation.probability * bins), bins - 1)].append(observation)
    return tuple(_bin(i / bins, (i + 1) / bins, group) for i, group in enumerate(groups))


def _bin(low: float, high: float, group: Sequence[Observation]) -> Bin:
    if not group:
        return Bin(low, high, 0, None, None)
    mean = math.fsum(o.probability for o in group) / len(group)
    return Bin(low, high, len(group), mean, sum(o.right for o in group) / len(group))


def expected_calibration_error(observations: Sequence[Observation], bins: int = 10) -> float | None:
    """Return the mean distance of probability and share, bins weighted by count; None without observations."""
    if not observations:
        return None
    rows = (b for b in reliability_table(observations, bins) if b.mean is not None and b.share is not None)
    return math.fsum(b.count * abs((b.mean or 0.0) - (b.share or 0.0)) for b in rows) / len(observations)


def brier_score(observations: Sequence[Observation]) -> float | None:
    """Return the mean squared error of the probabilities; None without observations."""
    if not observations:
        return None
    return math.fsum((o.probability - o.right) ** 2 for o in observations) / len(observations)


def auc(observations: Sequence[Observation]) -> float | None:
    """Return the chance that a right one has a higher probability than a wrong one, ties counting half.

    None unless there are both right and wrong ones.
    """
    ordered = sorted(observations, key=lambda o: o.probability)
    right = sum(o.right for o in ordered)
    wrong = len(ordered) - right
    if not right or not wrong:
        return None
    ranks = 0.0
    start = 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end].probability == ordered[start].probability:
            end += 1
        ranks += (start + 1 + end) / 2 * sum(o.right for o in ordered[start:end])
        start = end
    return (ranks - right * (right + 1) / 2) / (right * wrong)


def read_observations(path: Path) -> list[Observation]:
    """Read JSONL rows of `document`, `question`, `probability`, `right`.

    Raises:
        UnreadableDocumentError: The file can't be read.
        ConfigurationError: A row is not such an object, or there is none.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except (OSError, ValueError) as error:
        raise UnreadableDocumentError(f"{path} can't be read: {error}", hint="give a JSONL file") from error
    found = list(_parse(path, lines))
    if not found:
        raise ConfigurationError(f"{path} holds no observations", hint="one JSON object per line")
    return found


def _parse(path: Path, lines: Iterable[str]) -> Iterable[Observation]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            right = row["right"]
            if not isinstance(right, bool):
                raise TypeError(f"right is {right!r}, not true or false")  # noqa: TRY301 - one message for all faults
            yield Observation(str(row["document"]), str(row["question"]), float(row["probability"]), right)
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"{path}:{number}: {type(error).__name__}: {error}",
                hint='a row is {"document": …, "question": …, "probability": 0.8, "right": true}',
            ) from error
