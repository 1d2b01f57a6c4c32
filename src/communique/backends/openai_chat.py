"""OpenAI's Responses API and the chat endpoints of compatible servers: one strict schema, one retry layer, one re-ask."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import anyio
import httpx2
import openai
from pydantic_core import to_json

from communique.backends.chat_answer import ROOM, ChatCall, examined, parsed
from communique.backends.providers import DEFAULT_URL, Endpoint, behind_socks, proxy_before
from communique.backends.remote import RemoteBackend, Turns
from communique.backends.retrying import RetryPolicy, governed
from communique.errors import (
    BackendError,
    DeadlineError,
    PermanentBackendError,
    ResponseError,
    ResponseTooLargeError,
    TransientBackendError,
    UnknownModelError,
)
from communique.prompts.prompt import fingerprint_of

MAX_BYTES = 8 * 1024 * 1024  # of an answer
PATIENCE = 10.0  # seconds for the list of models. A server that is slower is asked about documents all the same

_BOUNDS = httpx2.Timeout(None, connect=5.0)
"""An answer comes whole, when it is finished; the policy bounds the whole request."""


class OpenAIBackend(RemoteBackend):
    """Asks OpenAI, or a server that speaks its chat protocol: Azure, vLLM, Ollama, LM Studio, llama.cpp.

    Args:
        model: Model as the server names it. `openai/` before it is left out for OpenAI itself, and for another server
            that has no model of the whole name.
        base_url: URL, usually ending in `/v1`; OPENAI_BASE_URL or OpenAI itself if None.
        api_key: Key; COMMUNIQUE_API_KEY or OPENAI_API_KEY if None. A server on loopback needs none.
        policy: How often and how long to try.
        seed: Seed that is sent, for servers that take one; none is sent if None.
        wire: `responses` or `chat`: the API that is spoken; OpenAI's Responses API to OpenAI itself, chat to other
            servers if None.

    Raises:
        ConfigurationError: The URL or the key can't be used, or there is no key and the server needs one.
    """

    name = "openai"

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        policy: RetryPolicy | None = None,
        seed: int | None = None,
        wire: Literal["chat", "responses"] | None = None,
    ) -> None:
        self.endpoint = Endpoint.of(base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL, api_key)
        self.host = self.endpoint.host
        self._plain = model.removeprefix("openai/")
        self.shown = self._plain if self.endpoint.official else model  # as the server is asked for it
        super().__init__(self.shown, policy)
        self._socks, self.proxy = behind_socks(self.endpoint), proxy_before(self.endpoint)
        self.seed = seed
        if seed is not None:
            self._sampling["seed"] = seed
        self.wire: Literal["chat", "responses"] = wire or ("responses" if self.endpoint.official else "chat")
        if self.endpoint.official:
            self._limit_name, self._room = "max_completion_tokens", ROOM

    def __repr__(self) -> str:
        return f"OpenAIBackend({self.model!r}, base_url={self.endpoint.url!r})"

    async def acheck(self) -> bool:
        """Tell by the server's list whether the model may be there, before anything is paid for.

        A server without such a list, a key that may not see it (403), an error, a slow answer: they say nothing of
        documents. AuthenticationError: the key is refused. PermanentBackendError: the host can't be reached.
        """

        async def attempt() -> bool:
            try:
                names = await self._models()
            except Exception as error:
                if getattr(error, "status_code", 401) == 401:
                    raise
                return True
            if names and self.model not in names and self._plain in names:
                self.shown = self._plain
            return not names or self.shown in names

        policy = replace(self.policy, attempt_deadline=min(self.policy.attempt_deadline, PATIENCE))
        try:
            return await governed(attempt, policy, translated=self.translated)
        except (DeadlineError, ResponseError):
            return True
        except PermanentBackendError:
            raise
        except TransientBackendError as error:
            through, proxy = (f" through the proxy {self.proxy}", ", the proxy") if self.proxy else ("", "")
            told = f"{self.host} can't be reached{through}: {error.hint or 'no connection'}"
            raise PermanentBackendError(told, hint=f"check --base-url{proxy} and the network") from error
        except BackendError:
            return True

    def models(self) -> list[str] | None:
        """Return the models that the server lists; None if it answers, but with no such list. Raises BackendError."""

        async def listed() -> list[str] | None:
            with anyio.fail_after(PATIENCE):
                return await self._models()

        try:
            return self._loop.run(listed)
        except Exception as error:
            raise self.translated(error) from error

    async def _models(self) -> list[str] | None:
        response: httpx2.Response = await self._client().get("/models", cast_to=httpx2.Response)
        try:
            return [str(m["id"]) for m in response.json()["data"]]
        except (ValueError, LookupError, TypeError):
            return None

    def request_body(self, messages: Turns, call: ChatCall) -> dict[str, Any]:
        """Return the body of a request: the prompt's schema with these messages, as the server takes them."""
        prompt, spare = call.prompt, dict(self._sampling)
        if self.endpoint.official:  # one place of the provider's cache for what all prompts of a run begin with
            spare["prompt_cache_key"] = fingerprint_of(prompt.messages[0].content)
        body = {"model": self.shown} | {name: value for name, value in spare.items() if name not in self._dropped}
        effort = None if "effort" in self._dropped else prompt.effort
        form = {"name": prompt.schema_name, "strict": True, "schema": prompt.schema}
        if self.wire == "responses":
            body |= {"input": messages, "text": {"format": {"type": "json_schema", **form}}, "store": False}
            return body | {"max_output_tokens": call.limit} | ({"reasoning": {"effort": effort}} if effort else {})
        body |= {"messages": messages, "response_format": {"type": "json_schema", "json_schema": form}}
        return body | {self._limit_name: call.limit} | ({"reasoning_effort": effort} if effort else {})

    @property
    def path(self) -> str:
        """Path of the API below the base URL."""
        return "/responses" if self.wire == "responses" else "/chat/completions"

    def _connect(self) -> openai.AsyncOpenAI:
        # httpx2's own pool looks at every connection it holds, twice a request: a quarter of the CPU time with 64 in
        # flight. SOCKS is known to httpx2 alone.
        client = openai.DefaultAsyncHttpxClient if self._socks else openai.DefaultAioHttpClient
        http = client(
            timeout=_BOUNDS,
            limits=httpx2.Limits(max_connections=1000, max_keepalive_connections=1000),
            follow_redirects=True,
            event_hooks={"response": [_cap]},
        )
        return self.sdk(http, _BOUNDS)

    def sdk(self, http_client: httpx2.AsyncClient, timeout: httpx2.Timeout) -> openai.AsyncOpenAI:
        """Return the SDK's client for the endpoint, over an HTTP client of one's own."""
        return openai.AsyncOpenAI(
            api_key=self.endpoint.key,
            base_url=self.endpoint.url,
            default_query=dict(self.endpoint.query),
            default_headers=self.endpoint.headers,
            timeout=timeout,
            max_retries=0,
            http_client=http_client,
        )

    async def _send(self, turns: Turns, call: ChatCall) -> None:
        stored = None
        if self.store is not None:
            stored = self._stored(to_json(self.request_body(turns, call)), f"/v1{self.path}", turns, call)
        if stored is None:
            await self._ask(call, partial(self._post, turns, call))
        else:
            examined(parsed(httpx2.Response(200, content=stored.encode())), call)

    def _adapt(self, error: BaseException, call: ChatCall) -> bool:
        unknown = self._plain != self.model and isinstance(self.translated(error), UnknownModelError)
        if not unknown or "model" in call.refused:
            return super()._adapt(error, call)
        call.refused.add("model")
        self.shown = self._plain
        return True

    async def _post(self, turns: Turns, call: ChatCall) -> dict[str, Any]:
        body = to_json(self.request_body(turns, call))
        return parsed(await self._client().post(self.path, cast_to=httpx2.Response, content=body))


async def _cap(response: httpx2.Response) -> None:
    """Read a response; one that is too large ends with an error, counted after decompression: no gzip bomb fills memory."""
    body = bytearray()
    options: Any = {"headers": response.headers, "stream": response.stream, "request": response.request}
    async for chunk in httpx2.Response(response.status_code, **options).aiter_bytes():
        body += chunk
        if len(body) > MAX_BYTES:
            raise ResponseTooLargeError(f"the answer is larger than {MAX_BYTES // (1024 * 1024)} MiB")
    response.headers.pop("content-encoding", None)
    response.stream = httpx2.ByteStream(bytes(body))
