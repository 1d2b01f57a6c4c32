"""The options of a second opinion, for `extract` and `batch`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from communique.engine.opinion_steps import OpinionPolicy
    from communique.engine.second_opinion import SecondOpinion

CheckWith = Annotated[
    str | None,
    typer.Option(
        "--check-with",
        help="Second model that is asked about each record: local, openai/MODEL, decisions/MODEL, systemone:URL, or URL.",
    ),
]
Accept = Annotated[
    float | None, typer.Option(min=0, max=1, help="Probability from which its yes leaves a record as it is.")
]
Review = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, help="Probability from which a record is flagged for review; below, it is denied."
    ),
]
CalibrationFile = Annotated[
    Path | None,
    typer.Option("--calibration", help="File of communique calibrate: makes probabilities honest."),
]
CheckFields = Annotated[
    bool | None,
    typer.Option(
        "--check-fields/--no-check-fields", help="Ask about fields too, not only about whole records."
    ),
]
RejectDenied = Annotated[
    bool, typer.Option("--reject-denied", help="Reject records that it denies, instead of flagging them.")
]


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What the options say of a second opinion.

    Attributes:
        check_with: Name of the second model.
        accept: Threshold.
        review: Threshold; never above `accept`.
        calibration: File of `communique calibrate`.
        check_fields: Ask about fields too.
        reject_denied: Reject what is denied.
    """

    check_with: str | None = None
    accept: float | None = None
    review: float | None = None
    calibration: Path | None = None
    check_fields: bool | None = None
    reject_denied: bool = False

    def connect(self, backend: object) -> SecondOpinion | None:
        """Return the second opinion that the options ask for, or None.

        Args:
            backend: The backend that reads the documents, so that one local model can do both.

        Raises:
            ConfigurationError: An option makes no sense, alone or without `--check-with`.
        """
        from communique.engine.second_opinion import SecondOpinion
        from communique.errors import ConfigurationError

        if self.check_with is not None:
            return SecondOpinion(self.check_with, self._policy(), backend=backend)
        given = {
            "--accept": self.accept is not None,
            "--review": self.review is not None,
            "--calibration": self.calibration is not None,
            "--check-fields": self.check_fields is not None,
            "--reject-denied": self.reject_denied,
        }
        idle = next((name for name, there in given.items() if there), None)
        if idle is not None:
            raise ConfigurationError(
                f"{idle} does nothing without --check-with", hint="name a second model, such as local"
            )
        return None

    def _policy(self) -> OpinionPolicy:
        from communique.engine.opinion_steps import OpinionPolicy

        usual = OpinionPolicy()
        chosen: dict[str, Any] = {"reject": self.reject_denied}
        if self.calibration is not None:
            from communique.evaluation import Calibration

            chosen["calibration"] = Calibration.load(self.calibration)
        if self.check_fields is not None:
            chosen["each_field"] = self.check_fields
        if self.accept is not None:
            chosen |= {"accept": self.accept, "review": min(usual.review, self.accept)}
        if self.review is not None:
            chosen["review"] = self.review
            chosen.setdefault("accept", max(usual.accept, self.review))
        return OpinionPolicy(**chosen)
