"""A second opinion on the records that the checks left: closed questions to another model, driven sync and async."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from typing import Any

from communique.backends.opinions import Referee
from communique.documents import Document
from communique.engine.closed_questions import WORDING
from communique.engine.hooks import Reading
from communique.engine.opinion_steps import OpinionPolicy, consult
from communique.engine.plan import Plan
from communique.errors import BackendError, CommuniqueError, ConfigurationError, PermanentBackendError
from communique.schemas import Record, VerifiedSummary

_LOG = logging.getLogger("communique.second_opinion")


class SecondOpinion:
    """A referee and a policy: what an `Extractor` takes as `check_with`.

    A referee that fails for good, as with a refused key, is not asked again; every summary then says so in its warnings.

    Args:
        referee: Answers, or the name of one; see `communique.backends.opinion_connect.connect_referee`.
        policy: What is asked, and what follows.
        backend: The backend that reads the documents, so that one local model can do both.

    Raises:
        ConfigurationError: The name leads to nothing that can be asked, or the calibration is another model's.
    """

    def __init__(
        self, referee: Referee | str, policy: OpinionPolicy | None = None, *, backend: object = None
    ) -> None:
        if isinstance(referee, str):
            from communique.backends.opinion_connect import connect_referee  # loads the SDK

            referee = connect_referee(referee, backend=backend)
        self.referee: Referee = referee
        self.policy = policy or OpinionPolicy()
        self._dead: CommuniqueError | None = None
        calibration = self.policy.calibration
        if calibration is not None and calibration.model not in {"", self.referee.model}:
            raise ConfigurationError(
                f"the calibration is for the model {calibration.model!r}, not for {self.referee.model!r}",
                hint="fit it again on answers of this model: communique calibrate",
            )

    def on(
        self, summary: VerifiedSummary, document: Document, plan: Plan, told: Reading | None = None
    ) -> VerifiedSummary:
        """Return the summary with opinions.

        Args:
            summary: What came through the checks.
            document: The same document.
            plan: What is looked for.
            told: Is told of every inquiry and its answer; see `communique.engine.hooks`.

        Raises:
            BudgetExceededError: The budget of the run is used up.
            RunStoppedError: The run takes no more requests.
        """
        steps = consult(summary, document, self.policy, strict=plan.strict)
        try:
            inquiry = next(steps)
            while True:
                try:
                    referee = self._alive()
                    if told is not None:
                        told.opinion_asked(referee, inquiry)
                    answers = referee.ask(inquiry)
                except Exception as error:  # noqa: BLE001 - whatever a referee does, no record is lost over it
                    inquiry = steps.throw(self._failed(error, told))
                else:
                    if told is not None:
                        told.opinion_answered(inquiry, answers)
                    inquiry = steps.send(answers)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]

    async def aon(
        self, summary: VerifiedSummary, document: Document, plan: Plan, told: Reading | None = None
    ) -> VerifiedSummary:
        """Do the same, awaited."""
        steps = consult(summary, document, self.policy, strict=plan.strict)
        try:
            inquiry = next(steps)
            while True:
                try:
                    referee = self._alive()
                    if told is not None:
                        told.opinion_asked(referee, inquiry)
                    answers = await referee.aask(inquiry)
                except Exception as error:  # noqa: BLE001 - as above
                    inquiry = steps.throw(self._failed(error, told))
                else:
                    if told is not None:
                        told.opinion_answered(inquiry, answers)
                    inquiry = steps.send(answers)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]

    def configuration(self, kinds: Sequence[type[Record]]) -> dict[str, Any]:
        """Return what can change an opinion, ready for JSON; no key, no user, no path of a URL."""
        policy, calibration = self.policy, self.policy.calibration
        fits = json.dumps(calibration.to_json(), sort_keys=True) if calibration is not None else ""
        return {
            "wording": WORDING,
            "asks": {kind.plural: dict(kind.asks) for kind in kinds},
            "referee": self.referee.name,
            "model": self.referee.model,
            "host": str(getattr(getattr(self.referee, "endpoint", None), "host", "")),
            "accept": policy.accept,
            "review": policy.review,
            "reject": policy.reject,
            "each_field": policy.each_field,
            "around": policy.around,
            "calibration": hashlib.sha256(fits.encode()).hexdigest()[:16] if fits else "",
        }

    def close(self) -> None:
        """Give back the referee's connections and processes."""
        self.referee.close()

    async def aclose(self) -> None:
        """Give back the referee's connections and processes."""
        await self.referee.aclose()

    def _alive(self) -> Referee:
        if self._dead is not None:
            raise self._dead.with_traceback(None)
        return self.referee

    def _failed(self, error: Exception, told: Reading | None) -> CommuniqueError:
        """Return a failure as an error of ours; one for good is remembered, and is told of once."""
        ours = (
            error
            if isinstance(error, CommuniqueError)
            else BackendError(f"the second model failed: {type(error).__name__}")
        )
        if told is not None and ours is not self._dead:
            told.unusable(ours)
        if isinstance(ours, (PermanentBackendError, ConfigurationError)) and self._dead is None:
            self._dead = ours
            _LOG.warning("no second opinion any more: %s", ours)
        return ours


def consulted(check_with: SecondOpinion | Referee | str | None, backend: object) -> SecondOpinion | None:
    """Return the second opinion that a caller asks for, if any."""
    if check_with is None or isinstance(check_with, SecondOpinion):
        return check_with
    return SecondOpinion(check_with, backend=backend)
