"""Other providers, through instructor's own provider strings: `anthropic/...`, `google/...`, `mistral/...`, and so on.

One adapter for all, and the only file that knows instructor. It builds the SDK's client and the request, and parses the
answer; each request goes through our one retry layer and under the limits of the run, as with `openai`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import lru_cache
from inspect import signature
from typing import Any, Self, cast

import instructor
from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError, from_json

from communique.backends.chat_answer import ChatCall, examined
from communique.backends.endpoint import Endpoint, is_loopback
from communique.backends.providers import provider_of, ready
from communique.backends.remote import LIMITS, UNUSABLE, RemoteBackend, Turns
from communique.backends.retrying import Governor, RetryPolicy
from communique.errors import ConfigurationError, MalformedResponseError

for _logger in ("instructor", "instructor.auto_client"):
    logging.getLogger(_logger).setLevel(logging.CRITICAL + 1)  # ERROR lines hold the article and parts of the key

_LOG = logging.getLogger("communique.backends")
_CALL: ContextVar[ChatCall] = ContextVar("communique provider call")
"""The call that is under way: instructor hands request parameters to SDKs, so the call can't be one of them."""


class InstructorBackend(RemoteBackend):
    """Asks a provider that instructor knows, with that provider's own SDK.

    It may be used from threads and from several event loops; each loop has its own client. Use it as a context manager
    or call `close`.

    Args:
        model: `PROVIDER/MODEL`, as instructor writes it.
        base_url: Another address of that provider's protocol, where its SDK can be pointed at one.
        timeout: Seconds without a byte from the server, where the SDK has such a bound.
        policy: How often and how long to try. Its deadlines hold for every SDK.
        context_tokens: Tokens of prompt and answer that the model takes, if known.
        governor: Shared limits of a run.
        mode: Mode of instructor, such as `tool_call` or `json_mode`; instructor's default for the provider if None.

    Raises:
        UnknownNameError: instructor knows no such provider.
        MissingKeyError: The key is not in the environment.
        ConfigurationError: The SDK is not installed, or the provider can't be pointed at a base URL.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        timeout: float = 60.0,
        policy: RetryPolicy | None = None,
        context_tokens: int | None = None,
        governor: Governor | None = None,
        mode: str | None = None,
    ) -> None:
        self.name, own, self.provider = provider_of(model)
        self.endpoint = Endpoint.of(base_url, "-") if base_url else None
        instead = "use --model NAME without the provider for an OpenAI-compatible server"
        if base_url and self.provider.address == "none":
            raise ConfigurationError(
                f"the SDK of {self.name!r} doesn't accept a base URL", hint=f"omit --base-url, or {instead}"
            )
        if self.endpoint and (self.endpoint.query or self.endpoint.login):
            raise ConfigurationError(
                f"a query, user or password in a URL can't be passed to the SDK of {self.name!r}",
                hint=f"omit them, or {instead}",
            )
        near = self.endpoint is not None and is_loopback(self.endpoint.host.partition(":")[0])
        self._key = ready(self.name, self.provider, keyless=near)
        self.host = self.endpoint.host if self.endpoint else self.name
        self.keys = self.provider.keys or ("the provider's credentials",)
        super().__init__(own, policy=policy, context_tokens=context_tokens, governor=governor)
        self._timeout = timeout
        self.mode = mode
        self._mode = _mode(mode or self.provider.mode)
        (self._spare if mode is None and self.name == "anthropic" else self._dropped).add("output_config")

    def __repr__(self) -> str:
        where = f", base_url={self.endpoint.url!r}" if self.endpoint else ""
        return f"InstructorBackend({self.shown!r}{where})"

    @property
    def shown(self) -> str:
        """The model with its provider."""
        return f"{self.name}/{self.model}"

    def sdk(self) -> Any:
        """Return the SDK's client of the running event loop, for what instructor doesn't do."""
        return self._client().sdk

    @property
    def _structured(self) -> bool:
        """Whether Anthropic is asked for structured output, of which instructor knows nothing, and not by a tool."""
        return self.name == "anthropic" and "output_config" not in self._dropped

    async def _ask(self, call: ChatCall) -> None:
        if self._structured:
            await self._until_whole(call, self._ask_once)
        else:
            await self._ask_once([{"role": m.role, "content": m.content} for m in call.prompt.messages], call)

    async def _ask_once(self, turns: Turns, call: ChatCall) -> None:
        """Ask by instructor, which asks again by itself where an answer is a tool call."""
        token = _CALL.set(call)
        try:
            client: _Client = self._client()
            await client.ask(
                response_model=_response_class(call.prompt.schema_name, call.keys, json.dumps(call.prompt.schema)),
                max_retries=0 if self._structured else call.prompt.reasks,
                strict=False,
                messages=turns,
                **client.standing,
                max_tokens=call.limit,
                **self._sampling,
            )
        except Exception:
            if call.data is None:  # else the answer was there before instructor saw it
                raise
        finally:
            _CALL.reset(token)

    def _connect(self) -> _Client:
        options: dict[str, Any] = {"api_key": self._key} if self._key else {}
        url = self.endpoint.url if self.endpoint else None
        if url and self.provider.address == "argument":
            options["base_url"] = url
        if url and self.provider.address == "options":
            options["http_options"] = {"base_url": url}
        try:
            made: Any = instructor.from_provider(self.shown, async_client=True, mode=self._mode, **options)
        except Exception as error:
            said = " ".join(str(error).split())[:200]
            said = said.replace(self._key, "…") if self._key and len(self._key) > 1 else said
            raise ConfigurationError(
                f"can't create the client of {self.name!r}: {type(error).__name__}", hint=said
            ) from error
        if url and self.provider.address == "attribute":
            made.client.base_url = url
        return _Client(made, self.model, self._send, self._timeout)

    async def _send(self, *args: Any, **request: Any) -> Any:
        """Make the request that instructor built; it calls this again for a re-ask."""
        call = _CALL.get()
        response = await self._response(args, request, call)
        if call.data is not None:
            raise _Answered  # instructor would read one tool call of several, and no answer in text
        if self._structured:
            raise MalformedResponseError(UNUSABLE)
        return response

    async def _response(self, args: tuple[Any, ...], request: dict[str, Any], call: ChatCall) -> Any:
        """Return the response to a request; the answer is in the call then, if it is one."""
        raw = self._client().raw
        if self.store is not None and (stored := self._brought(raw, request, call)) is not None:
            return examined(stored, call)

        async def send() -> Any:
            return examined(await self._post(raw, args, request, call), call)

        return await self._governed(call, send)

    def _brought(self, raw: Callable[..., Awaitable[Any]], request: dict[str, Any], call: ChatCall) -> Any:
        """Return the message that Anthropic's batch brought for a request, or None."""
        from anthropic.types import Message

        known = signature(raw).parameters  # live, the SDK itself refuses what it doesn't know
        put = {name: value for name, value in self._put(request, call).items() if name in known}
        sent = json.dumps(put, default=_as_sent, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        body = from_json(sent)
        turns = [{"role": "system", "content": body.get("system", "")}, *body["messages"]]
        stored = self._stored(sent, "/v1/messages", turns, call)
        return None if stored is None else Message.construct(**from_json(stored))

    async def _post(
        self, raw: Callable[..., Awaitable[Any]], args: tuple[Any, ...], request: dict[str, Any], call: ChatCall
    ) -> Any:
        while True:
            call.attempts += 1
            try:
                return await raw(*args, **self._put(request, call))
            except Exception as error:
                call.attempts -= isinstance(error, TypeError)  # nothing was sent
                if not self._adapt(error, call):
                    raise

    def _put(self, request: dict[str, Any], call: ChatCall) -> dict[str, Any]:
        """Return the request as this model and its SDK take it."""
        put = {name: value for name, value in request.items() if name not in self._dropped}
        if LIMITS.keys() & put.keys():
            put = {name: value for name, value in put.items() if name not in LIMITS} | {self._limit_name: call.limit}
        effort = None if "effort" in self._dropped else call.prompt.effort
        if effort and self.provider.module == "openai":
            put["reasoning_effort"] = effort
        elif effort and self.name != "anthropic":
            self._dropped.add("effort")
            _LOG.warning("an effort can't be passed to the SDK of %r: asked without it", self.name)
        if self.name != "anthropic":
            return put
        config: dict[str, Any] = {"effort": effort} if effort else {}
        if self._structured:
            config["format"] = {"type": "json_schema", "schema": call.prompt.schema}
            put = {name: value for name, value in put.items() if name not in {"tools", "tool_choice"}}
        return put | ({"output_config": config} if config else {})


def _as_sent(block: Any) -> Any:
    """Return a block of an earlier answer, which a re-ask quotes, as the SDK sends it."""
    return block.model_dump(mode="json", exclude_unset=True)


class _Answered(Exception):  # noqa: N818 - no error
    """Leaves instructor: the answer is there."""


class _Client:
    """instructor's client of one event loop, with our sending put between it and the SDK."""

    def __init__(self, made: Any, model: str, send: Callable[..., Awaitable[Any]], timeout: float) -> None:
        self.sdk = made.client
        self.raw: Callable[..., Awaitable[Any]] = made.create_fn.__wrapped__
        self.standing = {"model": model} | {k: v for k, v in made.kwargs.items() if k != "max_tokens"}
        patched = instructor.patch(create=cast("Any", send), mode=made.mode, provider=made.provider)
        self.ask = cast("Callable[..., Awaitable[Any]]", patched)
        for name, value in (("max_retries", 0), ("timeout", timeout)):
            if hasattr(self.sdk, name):  # the SDK's own retries are off: there is one layer of them
                setattr(self.sdk, name, value)

    async def close(self) -> None:
        close = getattr(self.sdk, "close", None) or getattr(self.sdk, "aclose", None)
        closing = close() if close is not None else None
        if isinstance(closing, Awaitable):
            await closing


@lru_cache(maxsize=256)
def _response_class(name: str, keys: tuple[str, ...], schema: str) -> type[instructor.OpenAISchema]:
    """Return the response class for a prompt, the same one each time: a class per call would cost more than the call.

    It has no fields: instructor walks through all of a response class, four times a call. It shows instructor the
    schema of the prompt, refuses an answer without the keys that were asked for, so that `{}` is asked again and not
    read as "nothing found", and keeps the answer in the call. Whether a record is one, the engine sees.
    """
    told = "What is asked of the article."
    title = "".join(word.capitalize() for word in name.split("_"))
    shown = json.dumps({"title": title, "description": told} | json.loads(schema))

    class Answer(instructor.OpenAISchema):
        @classmethod
        def model_json_schema(cls, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
            return cast("dict[str, Any]", json.loads(shown))  # instructor's converters change what they are given

        @classmethod
        def model_validate(cls, obj: Any, **_: Any) -> Self:
            missing = [key for key in keys if key not in obj] if isinstance(obj, dict) else keys
            if missing:
                fault = PydanticCustomError("missing_keys", "missing: {keys}", {"keys": ", ".join(missing)})
                raise ValidationError.from_exception_data(title, [InitErrorDetails(type=fault, input=obj)])
            if (call := _CALL.get(None)) is not None:
                call.data = obj
            return cast("Self", cls.model_construct())

        @classmethod
        def model_validate_json(cls, json_data: str | bytes | bytearray, **_: Any) -> Self:
            return cls.model_validate(json.loads(json_data))

    Answer.__name__ = title
    Answer.__doc__ = told
    return Answer


def _mode(name: str | None) -> instructor.Mode | None:
    try:
        return instructor.Mode(name) if name else None
    except ValueError:
        known = ", ".join(sorted(mode.value for mode in instructor.Mode))
        raise ConfigurationError(f"instructor has no mode {name!r}", hint=f"known: {known}") from None
