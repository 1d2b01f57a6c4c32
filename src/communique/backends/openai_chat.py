"""OpenAI-compatible chat endpoints, through instructor: one strict schema, one retry layer, one re-ask."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, cast

import httpx2
import instructor
import openai
from anyio.lowlevel import RunVar
from openai.types.chat import ChatCompletion
from pydantic_core import to_json

from communique.backends.backend import Completion
from communique.backends.chat_answer import (
    ChatCall,
    estimate,
    examined,
    parsed,
)
from communique.backends.closing import Closing
from communique.backends.endpoint import DEFAULT_URL, Endpoint, behind_socks
from communique.backends.failures import refused_parameter, translate
from communique.backends.preflight import preflight
from communique.backends.provider_answer import envelope
from communique.backends.response_cap import response_cap
from communique.backends.retrying import Governor, OpenGate, RetryPolicy, governed
from communique.backends.sync_bridge import SyncBridge
from communique.errors import CommuniqueError, MalformedResponseError
from communique.prompts.prompt import Prompt

logging.getLogger("instructor").setLevel(logging.CRITICAL + 1)  # its ERROR lines hold the article and parts of the key


async def _close(clients: RunVar[openai.AsyncOpenAI | None], *, ours: bool) -> None:
    """Close the client of the running event loop, unless its connections are somebody else's."""
    client = clients.get(None)
    if client is not None and ours:
        clients.set(None)
        await client.close()


class OpenAIBackend(Closing):
    """Asks a chat endpoint that speaks OpenAI's protocol: OpenAI, Azure, vLLM, Ollama, LM Studio, llama.cpp.

    It may be used from threads and from several event loops; each loop has its own connections. Use it as a context
    manager or call `close`.

    Args:
        model: Model as the server names it.
        base_url: Endpoint, or its URL, usually ending in `/v1`; OPENAI_BASE_URL or OpenAI itself if None.
        api_key: Key; COMMUNIQUE_API_KEY or OPENAI_API_KEY if None. A server on loopback needs none.
        timeout: Seconds without a byte from the server. The whole request is bounded by the policy.
        policy: How often and how long to try.
        context_tokens: Tokens of prompt and answer that the model takes, if known.
        seed: Seed that is sent, for servers that take one; none is sent if None.
        governor: Shared limits of a run.
        http_client: Client to use instead of our own; the cap on the size of answers is then its owner's affair.

    Raises:
        MissingKeyError: The endpoint needs a key and there is none.
        ConfigurationError: The URL or the key can't be used.
    """

    name = "openai"
    narrows = False
    judges = True

    def __init__(
        self,
        model: str,
        *,
        base_url: str | Endpoint | None = None,
        api_key: str | None = None,
        timeout: float = 60.0,
        policy: RetryPolicy | None = None,
        context_tokens: int | None = None,
        seed: int | None = None,
        governor: Governor | None = None,
        http_client: httpx2.AsyncClient | None = None,
    ) -> None:
        self.model = model
        where = base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL
        self.endpoint = where if isinstance(where, Endpoint) else Endpoint.of(where, api_key)
        self._socks = http_client is None and behind_socks(self.endpoint)
        self.context_tokens = context_tokens
        self.seed = seed
        self.policy = policy or RetryPolicy()
        self.governor: Governor = governor or OpenGate()
        self._timeout = httpx2.Timeout(timeout, connect=5.0, pool=None)
        self._given = http_client
        self._clients: RunVar[openai.AsyncOpenAI | None] = RunVar("communique openai clients")
        self._bridge = SyncBridge(partial(_close, self._clients, ours=http_client is None))
        patched = instructor.patch(create=cast("Any", self._create), mode=instructor.Mode.JSON_SCHEMA)
        self._ask = cast("Callable[..., Awaitable[Any]]", patched)
        self._limit_name: str = "max_completion_tokens" if self.endpoint.official else "max_tokens"
        self._sampling: dict[str, Any] = {"temperature": 0} | ({} if seed is None else {"seed": seed})

    def __repr__(self) -> str:
        return f"OpenAIBackend({self.model!r}, base_url={self.endpoint.url!r})"

    async def acomplete(self, prompt: Prompt) -> Completion:
        """Ask, and await the answer.

        Raises:
            communique.errors.BackendError: No answer.
            communique.errors.ResponseError: An answer that can't be used.
            communique.errors.DocumentTooLongError: The prompt is longer than the model's context.
        """
        call = ChatCall(prompt, reserve=estimate(prompt))
        started = self.policy.clock()
        messages = [{"role": m.role, "content": m.content} for m in prompt.messages]
        try:
            answer = await self._send(messages, call)
            if call.data is None:
                # Asking again is instructor's affair. It is given the answer that is there, finds it wanting, and asks.
                call.pending = answer
                await self._ask(
                    response_model=envelope(prompt),
                    max_retries=prompt.reasks,
                    strict=False,
                    messages=messages,
                    call=call,
                )
        except Exception as error:  # whatever the SDK and instructor raise becomes an error of ours
            ours = self._translated(error, prompt)
            ours.attempts, ours.tokens = call.attempts, call.usage.counts
            if isinstance(ours, MalformedResponseError):
                ours.raw = ours.raw or call.text[:2000]
            raise ours from error
        seconds = self.policy.clock() - started
        model = call.model or self.model
        return Completion(call.data or {}, call.bare, model, call.usage, seconds, call.attempts, call.reasks)

    async def acheck(self) -> bool:
        """Make sure that key and server are right, before anything is paid for. See `preflight`."""

        async def models() -> httpx2.Response:
            return await self._client().get("/models", cast_to=httpx2.Response)

        return await preflight(
            models,
            model=self.model,
            host=self.endpoint.host,
            policy=self.policy,
            translated=lambda error: translate(error, host=self.endpoint.host, model=self.model),
        )

    def complete(self, prompt: Prompt) -> Completion:
        """Ask, and wait for the answer. Raises as `acomplete`."""
        return self._bridge.run(self.acomplete, prompt)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await _close(self._clients, ours=self._given is None)

    def close(self) -> None:
        """Close the connections that `complete` used."""
        self._bridge.close()

    def _client(self) -> openai.AsyncOpenAI:
        client = self._clients.get(None)
        if client is None:
            client = self._connect()
            self._clients.set(client)
        return client

    def _connect(self) -> openai.AsyncOpenAI:
        # httpx2's own pool looks at every connection it holds, twice a request: a quarter of the CPU time with 64 in
        # flight. SOCKS is known to httpx2 alone.
        client = openai.DefaultAsyncHttpxClient if self._socks else openai.DefaultAioHttpClient
        http = self._given or client(
            timeout=self._timeout,
            limits=httpx2.Limits(max_connections=1000, max_keepalive_connections=1000),
            follow_redirects=True,
            event_hooks={"response": [response_cap()]},
        )
        return openai.AsyncOpenAI(
            api_key=self.endpoint.key,
            base_url=self.endpoint.url,
            default_query=dict(self.endpoint.query),
            default_headers=self.endpoint.headers,
            timeout=self._timeout,
            max_retries=0,
            http_client=http,
        )

    async def _create(self, *, messages: list[dict[str, Any]], call: ChatCall, **_: Any) -> ChatCompletion:
        """Stand for the SDK's create: instructor gets the answer that is there, then those to what it asks again."""
        call.reasks += call.pending is None
        answer, call.pending = call.pending or await self._send(messages, call), None
        answer["choices"][0]["message"] = {"role": "assistant", "content": call.bare}
        return ChatCompletion.model_construct(**answer)

    async def _send(self, messages: list[dict[str, Any]], call: ChatCall) -> dict[str, Any]:
        """Make a request, as often as it takes."""
        return await governed(
            lambda: self._post(messages, call),
            self.policy,
            self.governor,
            reserve=call.reserve,
            spent=lambda: call.usage,
            translated=lambda error: self._translated(error, call.prompt),
        )

    def request_body(self, messages: list[dict[str, Any]], prompt: Prompt) -> dict[str, Any]:
        """Return the body of a request: the prompt's schema with these messages, as the server takes them."""
        return {
            "model": self.model,
            "messages": messages,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": prompt.schema_name, "strict": True, "schema": prompt.schema},
            },
            self._limit_name: prompt.max_tokens,
            **self._sampling,
        }

    async def _post(self, messages: list[dict[str, Any]], call: ChatCall) -> dict[str, Any]:
        while True:
            body = self.request_body(messages, call.prompt)
            call.attempts += 1
            try:
                response = await self._client().post(
                    "/chat/completions", cast_to=httpx2.Response, content=to_json(body)
                )
            except openai.APIStatusError as error:
                if self._adapt(refused_parameter(error), body):
                    continue
                raise
            return examined(parsed(response), call)

    def _adapt(self, refused: str, sent: dict[str, Any]) -> bool:
        """Leave out, for good, what this model doesn't take. False if there is nothing to change."""
        if refused == "temperature" and "temperature" in sent:
            self._sampling = {k: v for k, v in self._sampling.items() if k != "temperature"}
            return True
        if refused == "max_tokens" and "max_tokens" in sent:
            self._limit_name = "max_completion_tokens"
            return True
        return False

    def _translated(self, error: BaseException, prompt: Prompt) -> CommuniqueError:
        return translate(error, host=self.endpoint.host, model=self.model, document_id=prompt.document_id or None)
