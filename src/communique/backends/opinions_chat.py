"""Opinions from the first token of a chat model: the probability of yes against no."""

from __future__ import annotations

from typing import Any

import anyio
import openai

from communique.backends.failures import refused_parameter
from communique.backends.first_token import first_token, yes_share
from communique.backends.opinion_endpoint import OpinionEndpoint
from communique.backends.opinions import (
    Answers,
    ClosedQuestion,
    Inquiry,
    gathered,
    messages,
    usage_of,
    weighed,
)
from communique.errors import (
    BudgetExceededError,
    CommuniqueError,
    PermanentBackendError,
    RunStoppedError,
)
from communique.schemas import Usage

_CHOICES = 20
_FEWER_CHOICES = 5


class TokenReferee(OpinionEndpoint):
    """Asks a chat endpoint that gives token probabilities (`logprobs`): OpenAI, vLLM, llama.cpp and others.

    One request a question; those about one record are sent at once. See `OpinionEndpoint` for the arguments.
    """

    name = "tokens"

    def __init__(self, model: str, **options: Any) -> None:
        super().__init__(model, **options)
        self._limit_name = "max_completion_tokens" if self.endpoint.official else "max_tokens"
        self._sampling: dict[str, Any] = {"temperature": 0}
        self._choices = _CHOICES

    async def aask(self, inquiry: Inquiry) -> Answers:
        """Ask, and await the answers; a question that fails alone has a reason instead.

        Raises:
            PermanentBackendError: No question will ever be answered, such as for a refused key.
            BudgetExceededError: The budget of the run is used up.
            RunStoppedError: The run takes no more requests.
        """
        found: list[tuple[float | None, str]] = [(None, "")] * len(inquiry.questions)
        models, usage, fatal = [self.model], [Usage()], list[CommuniqueError]()

        async def one(index: int, question: ClosedQuestion) -> None:
            try:
                data = await self._ask_one(inquiry, question)
                usage.append(usage_of(data.get("usage")))
                models.append(str(data.get("model") or self.model))
                found[index] = weighed(*yes_share(first_token(data)))
            except (PermanentBackendError, BudgetExceededError, RunStoppedError) as error:
                fatal.append(error)
            except CommuniqueError as error:
                found[index] = None, str(error)

        async with anyio.create_task_group() as tasks:
            for index, question in enumerate(inquiry.questions):
                tasks.start_soon(one, index, question)
        if fatal:
            raise fatal[0]
        return gathered(found, models[-1], sum(usage, Usage()), len(inquiry.questions))

    async def _ask_one(self, inquiry: Inquiry, question: ClosedQuestion) -> dict[str, Any]:
        while True:
            body = {
                "model": self.model,
                "messages": [
                    {"role": m.role, "content": m.content} for m in messages(inquiry.passage, question.text)
                ],
                self._limit_name: 1,
                "logprobs": True,
                "top_logprobs": self._choices,
                **self._sampling,
            }
            try:
                return await self._post("/chat/completions", body, inquiry.document_id)
            except CommuniqueError as error:
                if not self._adapt(error, body):
                    raise

    def _adapt(self, error: CommuniqueError, sent: dict[str, Any]) -> bool:
        """Leave out, for good, what this model doesn't take. False if there is nothing to change."""
        cause = error.__cause__
        if not isinstance(cause, openai.APIStatusError):
            return False
        refused = refused_parameter(cause)
        if refused == "temperature" and "temperature" in sent:
            self._sampling = {}
        elif refused == "max_tokens" and "max_tokens" in sent:
            self._limit_name = "max_completion_tokens"
        elif refused == "top_logprobs" and sent["top_logprobs"] > _FEWER_CHOICES:
            self._choices = _FEWER_CHOICES
        else:
            return False
        return True
