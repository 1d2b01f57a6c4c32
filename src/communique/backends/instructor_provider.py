"""Other providers, through instructor's own provider strings: `anthropic/...`, `google/...`, `mistral/...`, and so on.

The only file that knows instructor. It builds the SDK's client and the request; the rest is as with `openai`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from functools import lru_cache
from inspect import signature
from typing import Any, cast

import instructor
from pydantic_core import from_json

from communique.backends.chat_answer import ChatCall, examined
from communique.backends.providers import Endpoint, is_loopback, provider_of, proxy_before, ready
from communique.backends.remote import LIMITS, RemoteBackend, Turns
from communique.backends.retrying import RetryPolicy
from communique.errors import ConfigurationError

for _logger in ("instructor", "instructor.auto_client"):
    logging.getLogger(_logger).setLevel(logging.CRITICAL + 1)  # ERROR lines hold the article and parts of the key

_LOG = logging.getLogger("communique.backends")


class InstructorBackend(RemoteBackend):
    """Asks a provider that instructor knows, with that provider's own SDK.

    Args:
        model: `PROVIDER/MODEL`, as instructor writes it.
        base_url: Another address of that provider's protocol, where its SDK can be pointed at one.
        policy: How often and how long to try. Its deadlines hold for every SDK.

    Raises:
        ConfigurationError: There is no such provider, SDK or key, or the provider can't be pointed at a base URL.
    """

    def __init__(self, model: str, *, base_url: str | None = None, policy: RetryPolicy | None = None) -> None:
        self.name, own, self.provider = provider_of(model)
        self.shown = f"{self.name}/{own}"
        self.endpoint = Endpoint.of(base_url, "-") if base_url else None
        instead = "use --model NAME without the provider for an OpenAI-compatible server"
        if base_url and self.provider.address == "none":
            told = f"the SDK of {self.name!r} doesn't accept a base URL"
            raise ConfigurationError(told, hint=f"omit --base-url, or {instead}")
        if self.endpoint and (self.endpoint.query or self.endpoint.headers):
            told = f"a query, user or password in a URL can't be passed to the SDK of {self.name!r}"
            raise ConfigurationError(told, hint=f"omit them, or {instead}")
        near = self.endpoint is not None and is_loopback(self.endpoint.host.partition(":")[0])
        self._key = ready(self.name, self.provider, keyless=near)
        self.host = self.endpoint.host if self.endpoint else self.name
        self.proxy = proxy_before(self.endpoint) if self.endpoint else ""
        self.keys = self.provider.keys or ("the provider's credentials",)
        super().__init__(own, policy)
        if self.name == "anthropic":
            self._spare.add("output_config")

    def __repr__(self) -> str:
        where = f", base_url={self.endpoint.url!r}" if self.endpoint else ""
        return f"InstructorBackend({self.shown!r}{where})"

    def sdk(self) -> Any:
        """Return the SDK's client of the running event loop, for what instructor doesn't do."""
        return self._client().sdk

    async def _send(self, turns: Turns, call: ChatCall) -> None:
        client: _Client = self._client()
        request = await client.request(
            response_model=_response_class(call.prompt.schema_name, json.dumps(call.prompt.schema)),
            messages=turns,
            max_tokens=call.limit,
            **self._sampling,
        )
        stored = self._brought(client, request, turns, call) if self.store is not None else None
        if stored is None:
            await self._ask(call, lambda: client.send(**self._put(request, call)))
        else:
            examined(stored, call)

    def _connect(self) -> _Client:
        options: dict[str, Any] = {"api_key": self._key} if self._key else {}
        url = self.endpoint.url if self.endpoint else None
        if url and self.provider.address == "argument":
            options["base_url"] = url
        if url and self.provider.address == "options":
            options["http_options"] = {"base_url": url}
        mode = instructor.Mode(self.provider.mode) if self.provider.mode else None
        try:
            made: Any = instructor.from_provider(self.shown, async_client=True, mode=mode, **options)
        except Exception as error:
            said = " ".join(str(error).split())[:200]
            said = said.replace(self._key, "…") if self._key and len(self._key) > 1 else said
            told = f"can't create the client of {self.name!r}: {type(error).__name__}"
            raise ConfigurationError(told, hint=said) from error
        if url and self.provider.address == "attribute":
            made.client.base_url = url
        return _Client(made, self.model, self.policy.attempt_deadline)

    def _brought(self, client: _Client, request: dict[str, Any], turns: Turns, call: ChatCall) -> Any:
        """Return the message that Anthropic's batch brought for a request, or None."""
        from anthropic.types import Message

        known = signature(client.send).parameters  # live, the SDK itself refuses what it doesn't know
        put = {name: value for name, value in self._put(request, call).items() if name in known}
        sent = json.dumps(put, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        stored = self._stored(sent, "/v1/messages", turns, call)
        return None if stored is None else Message.construct(**from_json(stored))

    def _put(self, request: dict[str, Any], call: ChatCall) -> dict[str, Any]:
        """Return the request as this model and its SDK take it."""
        put = {name: value for name, value in request.items() if name not in self._dropped | LIMITS.keys()}
        if LIMITS.keys() & request.keys() - self._dropped:
            put[self._limit_name] = call.limit
        effort = None if "effort" in self._dropped else call.prompt.effort
        if effort and self.provider.module == "openai":
            put["reasoning_effort"] = effort
        elif effort and self.name != "anthropic":
            self._dropped.add("effort")
            _LOG.warning("an effort can't be passed to the SDK of %r: asked without it", self.name)
        if self.name != "anthropic":
            return put
        config: dict[str, Any] = {"effort": effort} if effort else {}
        if "output_config" not in self._dropped:  # structured output, of which instructor knows nothing, and no tool
            config["format"] = {"type": "json_schema", "schema": call.prompt.schema}
            put = {name: value for name, value in put.items() if name not in {"tools", "tool_choice"}}
        return put | ({"output_config": config} if config else {})


class _Client:
    """instructor's client of one event loop: it builds requests, and its SDK sends them."""

    def __init__(self, made: Any, model: str, deadline: float) -> None:
        self.sdk = made.client
        self.send: Callable[..., Awaitable[Any]] = made.create_fn.__wrapped__
        self._made = made
        self._standing = {"model": model} | {k: v for k, v in made.kwargs.items() if k != "max_tokens"}
        if hasattr(self.sdk, "max_retries"):  # the SDK's own retries are off: there is one layer of them
            self.sdk.max_retries = 0
        bound: Any = getattr(self.sdk, "timeout", None)
        if hasattr(bound, "connect"):
            self.sdk.timeout = type(bound)(None, connect=5.0)
        elif hasattr(self.sdk, "timeout"):
            self.sdk.timeout = deadline

    async def request(self, **asked: Any) -> dict[str, Any]:
        """Return the request as instructor builds it."""
        built: dict[str, Any] = {}

        async def take(**request: Any) -> Any:
            built.update(request)
            raise LookupError("no answer: nothing is sent yet")

        build: Any = instructor.patch(create=cast("Any", take), mode=self._made.mode, provider=self._made.provider)
        try:
            await build(max_retries=0, strict=False, **self._standing, **asked)
        except Exception:
            if not built:
                raise
        return built

    async def close(self) -> None:
        close = getattr(self.sdk, "close", None) or getattr(self.sdk, "aclose", None)
        closing = close() if close is not None else None
        if isinstance(closing, Awaitable):
            await closing


@lru_cache(maxsize=256)
def _response_class(name: str, schema: str) -> type[instructor.OpenAISchema]:
    """Return the class that shows instructor the schema of a prompt, the same one each time. No answer becomes one.

    A class per call would cost more than the call, and so would fields: instructor walks through them four times.
    """
    told = "What is asked of the article."
    title = "".join(word.capitalize() for word in name.split("_"))
    shown = json.dumps({"title": title, "description": told} | json.loads(schema))

    class Answer(instructor.OpenAISchema):
        @classmethod
        def model_json_schema(cls, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
            return cast("dict[str, Any]", json.loads(shown))  # instructor's converters change what they are given

    Answer.__name__ = title
    Answer.__doc__ = told
    return Answer
