"""Fitting a model's probabilities to what turned out right, question by question.

Two curves: `logistic` (Platt 1999, on the logit, with his smoothed targets; temperature scaling with a bias) for few
observations, `isotonic` (pool adjacent violators) for many. Both only rise: a higher answer never becomes a lower one.
"""

from __future__ import annotations

import itertools
import json
import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from communique.errors import ConfigurationError, OutputError
from communique.evaluation.reliability import Observation

Method = Literal["logistic", "isotonic"]

POOLED = "*"
"""Id under which the curve over all questions is kept."""

_EDGE = 1e-6
_STEPS = 50
_RIDGE = 1e-9
_HALVINGS = 30


class Curve(Protocol):
    """A rising function from probability to probability."""

    def __call__(self, probability: float) -> float:
        """Return the fitted probability."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return the curve for a file."""
        ...


@dataclass(frozen=True, slots=True)
class Logistic:
    """`sigmoid(slope · logit(p) + intercept)`."""

    slope: float
    intercept: float

    def __call__(self, probability: float) -> float:
        """Return the fitted probability."""
        return _sigmoid(self.slope * _logit(probability) + self.intercept)

    def to_json(self) -> dict[str, Any]:
        """Return the curve for a file."""
        return {"slope": self.slope, "intercept": self.intercept}


@dataclass(frozen=True, slots=True)
class Isotonic:
    """Straight lines between points that rise; level before the first and behind the last.

    Attributes:
        points: (probability, fitted probability), the first ones rising strictly.
    """

    points: tuple[tuple[float, float], ...]

    def __call__(self, probability: float) -> float:
        """Return the fitted probability."""
        at = bisect_right(self.points, (probability, math.inf))
        if at == 0:
            return self.points[0][1]
        if at == len(self.points):
            return self.points[-1][1]
        (x0, y0), (x1, y1) = self.points[at - 1], self.points[at]
        return y0 + (y1 - y0) * (probability - x0) / (x1 - x0)

    def to_json(self) -> dict[str, Any]:
        """Return the curve for a file."""
        return {"points": [list(p) for p in self.points]}


@dataclass(frozen=True, slots=True)
class Calibration:
    """Curves by question.

    Attributes:
        curves: By question id; `*` is the curve over all questions, for those without their own.
        method: How they were fitted.
        model: Whose probabilities they are for; "" if not said.
    """

    curves: Mapping[str, Curve] = field(default_factory=dict)
    method: Method = "logistic"
    model: str = ""

    def knows(self, question_id: str) -> bool:
        """Tell whether a question's probabilities will be fitted at all."""
        return question_id in self.curves or POOLED in self.curves

    def apply(self, question_id: str, probability: float) -> float:
        """Return the fitted probability; the given one where nothing was fitted (see `knows`).

        Raises:
            ValueError: The probability is not between 0 and 1.
        """
        if not 0.0 <= probability <= 1.0:
            raise ValueError(f"a probability lies between 0 and 1, not at {probability}")
        curve = self.curves.get(question_id) or self.curves.get(POOLED)
        return probability if curve is None else curve(probability)

    def to_json(self) -> dict[str, Any]:
        """Return method, model and curves for a file."""
        curves = {k: c.to_json() for k, c in self.curves.items()}
        return {"method": self.method, "model": self.model, "curves": curves}

    def save(self, path: Path) -> None:
        """Write the curves as JSON.

        Raises:
            OutputError: The file can't be written.
        """
        try:
            path.write_text(
                json.dumps(self.to_json(), ensure_ascii=False, indent=1) + "\n",
                encoding="utf-8",
                newline="\n",
            )
        except OSError as error:
            raise OutputError(f"{path} can't be written: {error.strerror or error}") from error

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read what `save` wrote.

        Raises:
            ConfigurationError: The file is missing, or no calibration.
        """
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            method: Method = "isotonic" if row["method"] == "isotonic" else "logistic"
            curves = {str(k): _load_curve(method, c) for k, c in row["curves"].items()}
            return cls(curves, method, str(row.get("model", "")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigurationError(
                f"{path} is no calibration: {type(error).__name__}: {error}",
                hint="make one with communique calibrate",
            ) from error


def fit(
    observations: Iterable[Observation], method: Method = "logistic", *, least: int = 20, model: str = ""
) -> Calibration:
    """Fit one curve per question and one over all.

    A question with fewer than `least` observations, or whose answers are all right or all wrong, gets no curve of its own
    and takes the pooled one. Where even all together are too few or one-sided, nothing is fitted.

    Args:
        observations: Answered questions whose right answers are known.
        method: Kind of curve.
        least: Observations that a curve needs.
        model: Whose probabilities they are.
    """
    groups: dict[str, list[Observation]] = {POOLED: []}
    for observation in observations:
        groups[POOLED].append(observation)
        groups.setdefault(observation.question, []).append(observation)
    fitted = fit_isotonic if method == "isotonic" else fit_logistic
    curves: dict[str, Curve] = {
        q: fitted(group) for q, group in groups.items() if _can_be_fitted(group, least)
    }
    return Calibration(curves, method, model)


def cross_validated(
    observations: Sequence[Observation], method: Method = "logistic", *, least: int = 20
) -> list[Observation]:
    """Return the observations with probabilities fitted on all other documents: an honest "after"."""
    documents = dict.fromkeys(o.document for o in observations)
    fitted = {d: fit((o for o in observations if o.document != d), method, least=least) for d in documents}
    return [o.with_probability(fitted[o.document].apply(o.question, o.probability)) for o in observations]


def fit_logistic(observations: Sequence[Observation]) -> Logistic:
    """Fit slope and intercept by Newton's method; a slope that would fall becomes level at the share of right ones.

    Raises:
        ValueError: No observations.
    """
    if not observations:
        raise ValueError("nothing to fit")
    right = sum(o.right for o in observations)
    high, low = (right + 1) / (right + 2), 1 / (len(observations) - right + 2)
    points = [(_logit(o.probability), high if o.right else low) for o in observations]
    slope, intercept = 0.0, _logit((right + 1) / (len(observations) + 2))
    loss = _loss(points, slope, intercept)
    for _ in range(_STEPS):
        step = _newton_step(points, slope, intercept)
        size = 1.0
        for _ in range(_HALVINGS):
            candidate = slope - size * step[0], intercept - size * step[1]
            better = _loss(points, *candidate)
            if better < loss:
                break
            size /= 2
        else:
            break
        (slope, intercept), gain, loss = candidate, loss - better, better
        if gain < 1e-12:
            break
    if slope < 0:
        return Logistic(0.0, _logit((right + 1) / (len(observations) + 2)))
    return Logistic(slope, intercept)


def fit_isotonic(observations: Sequence[Observation]) -> Isotonic:
    """Fit the rising step function of least squares, its steps joined by straight lines.

    Raises:
        ValueError: No observations.
    """
    if not observations:
        raise ValueError("nothing to fit")
    ordered = sorted(observations, key=lambda o: o.probability)
    blocks: list[tuple[float, float, int, int]] = []  # first and last probability, right ones, count
    for probability, group in itertools.groupby(ordered, key=lambda o: o.probability):
        answers = [o.right for o in group]
        block = (probability, probability, sum(answers), len(answers))
        while blocks and blocks[-1][2] * block[3] >= block[2] * blocks[-1][3]:
            previous = blocks.pop()
            block = (previous[0], block[1], previous[2] + block[2], previous[3] + block[3])
        blocks.append(block)
    edges = ((x, share / count) for first, last, share, count in blocks for x in (first, last))
    return Isotonic(tuple(dict.fromkeys(edges)))


def _can_be_fitted(group: Sequence[Observation], least: int) -> bool:
    right = sum(o.right for o in group)
    return len(group) >= least and 0 < right < len(group)


def _load_curve(method: Method, row: Mapping[str, Any]) -> Curve:
    if method == "isotonic":
        points = tuple((float(x), float(y)) for x, y in row["points"])
        if not points or any(a[0] >= b[0] for a, b in itertools.pairwise(points)):
            raise ValueError("the points of a curve must rise")
        return Isotonic(points)
    return Logistic(float(row["slope"]), float(row["intercept"]))


def _newton_step(
    points: Sequence[tuple[float, float]], slope: float, intercept: float
) -> tuple[float, float]:
    g0 = g1 = h01 = 0.0
    h00 = h11 = _RIDGE
    for x, target in points:
        p = _sigmoid(slope * x + intercept)
        error, weight = p - target, p * (1 - p)
        g0 += error * x
        g1 += error
        h00 += weight * x * x
        h01 += weight * x
        h11 += weight
    determinant = h00 * h11 - h01 * h01
    if determinant <= 0:
        return g0, g1
    return (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant


def _loss(points: Sequence[tuple[float, float]], slope: float, intercept: float) -> float:
    total = 0.0
    for x, target in points:
        z = slope * x + intercept
        total += max(z, 0.0) + math.log1p(math.exp(-abs(z))) - target * z
    return total


def _logit(probability: float) -> float:
    p = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(p / (1 - p))


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))
