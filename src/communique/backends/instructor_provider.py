"""Other providers, through instructor's own provider strings: `anthropic/...`, `google/...`, `mistral/...`, and so on.

One adapter for all. instructor builds the SDK's client and the request, and parses the answer; each request goes
through our one retry layer and under the limits of the run, as with `openai`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

import instructor
from anyio.lowlevel import RunVar

from communique.backends.backend import Completion
from communique.backends.chat_answer import estimate
from communique.backends.closing import Closing
from communique.backends.endpoint import Endpoint, is_loopback
from communique.backends.failures import refused_parameter, translate
from communique.backends.provider_answer import CALL, ProviderCall, envelope, examined
from communique.backends.providers import provider_of, ready
from communique.backends.retrying import Governor, OpenGate, RetryPolicy, governed
from communique.backends.sync_bridge import SyncBridge
from communique.errors import CommuniqueError, ConfigurationError
from communique.prompts.prompt import Prompt

for _logger in ("instructor", "instructor.auto_client"):
    logging.getLogger(_logger).setLevel(logging.CRITICAL + 1)  # ERROR lines hold the article and parts of the key


class InstructorBackend(Closing):
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

    narrows = False
    judges = True

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
        self.name, self.model, self.provider = provider_of(model)
        self.endpoint = Endpoint.of(base_url, "-") if base_url else None
        if base_url and self.provider.address == "none":
            raise ConfigurationError(
                f"the SDK of {self.name!r} can't be pointed at a base URL",
                hint="leave --base-url out, or use --model NAME without the provider for an OpenAI-compatible server",
            )
        if self.endpoint and (self.endpoint.query or self.endpoint.login):
            raise ConfigurationError(
                f"a query, user or password in a URL can't be handed to the SDK of {self.name!r}",
                hint="leave them out, or use --model NAME without the provider for an OpenAI-compatible server",
            )
        near = self.endpoint is not None and is_loopback(self.endpoint.host.partition(":")[0])
        self._key = ready(self.name, self.provider, keyless=near)
        self.host = self.endpoint.host if self.endpoint else self.name
        self.context_tokens = context_tokens
        self.policy = policy or RetryPolicy()
        self.governor: Governor = governor or OpenGate()
        self._timeout = timeout
        self._mode = _mode(mode or self.provider.mode)
        self._sampling: dict[str, Any] = {"temperature": 0}
        self._limit_renamed = False
        self._clients: RunVar[_Client] = RunVar("communique provider client")
        self._bridge = SyncBridge(self.aclose)

    def __repr__(self) -> str:
        where = f", base_url={self.endpoint.url!r}" if self.endpoint else ""
        return f"InstructorBackend({self.name + '/' + self.model!r}{where})"

    async def acomplete(self, prompt: Prompt) -> Completion:
        """Ask, and await the answer.

        Raises:
            communique.errors.BackendError: No answer.
            communique.errors.ResponseError: An answer that can't be used.
            communique.errors.DocumentTooLongError: The prompt is longer than the model's context.
        """
        call = ProviderCall(prompt, reserve=estimate(prompt))
        token = CALL.set(call)
        started = self.policy.clock()
        try:
            client = self._client()
            await client.ask(
                response_model=envelope(prompt),
                max_retries=prompt.reasks,
                strict=False,
                messages=[{"role": m.role, "content": m.content} for m in prompt.messages],
                **client.standing,
                max_tokens=prompt.max_tokens,
                **self._sampling,
            )
        except Exception as error:  # whatever an SDK and instructor raise becomes an error of ours
            if call.data is None:
                ours = self._translated(error, prompt)
                ours.attempts, ours.tokens = call.attempts, call.usage.counts
                raise ours from error
        finally:
            CALL.reset(token)
        seconds = self.policy.clock() - started
        data = call.data or {}
        return Completion(
            data,
            json.dumps(data, ensure_ascii=False),
            call.model or self.model,
            call.usage,
            seconds,
            call.attempts,
            call.turns - 1,
        )

    def complete(self, prompt: Prompt) -> Completion:
        """Ask, and wait for the answer. Raises as `acomplete`."""
        return self._bridge.run(self.acomplete, prompt)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.get(None)
        if client is not None:
            await client.close()

    def close(self) -> None:
        """Close the connections that `complete` used."""
        self._bridge.close()

    def _client(self) -> _Client:
        client = self._clients.get(None)
        if client is None:
            client = _Client(self._made(), self.model, self._send, self._timeout)
            self._clients.set(client)
        return client

    def _made(self) -> Any:
        options: dict[str, Any] = {"api_key": self._key} if self._key else {}
        url = self.endpoint.url if self.endpoint else None
        if url and self.provider.address == "argument":
            options["base_url"] = url
        if url and self.provider.address == "options":
            options["http_options"] = {"base_url": url}
        try:
            made: Any = instructor.from_provider(
                f"{self.name}/{self.model}", async_client=True, mode=self._mode, **options
            )
        except Exception as error:
            said = " ".join(str(error).split())[:200]
            said = said.replace(self._key, "…") if self._key and len(self._key) > 1 else said
            raise ConfigurationError(
                f"the client of {self.name!r} can't be made: {type(error).__name__}", hint=said
            ) from error
        if url and self.provider.address == "attribute":
            made.client.base_url = url
        return made

    async def _send(self, *args: Any, **request: Any) -> Any:
        """Make the request that instructor built; it calls this again for a re-ask."""
        call = CALL.get()
        call.turns += 1
        raw = self._client().raw

        async def send() -> Any:
            return examined(await self._post(raw, args, request, call), call)

        response = await governed(
            send,
            self.policy,
            self.governor,
            reserve=call.reserve,
            spent=lambda: call.usage,
            translated=lambda error: self._translated(error, call.prompt),
        )
        if call.data is not None:
            raise _Answered  # instructor would read one tool call of several, and no answer in text
        return response

    async def _post(
        self,
        raw: Callable[..., Awaitable[Any]],
        args: tuple[Any, ...],
        request: dict[str, Any],
        call: ProviderCall,
    ) -> Any:
        while True:
            if not self._sampling:
                request.pop("temperature", None)
            if self._limit_renamed and "max_tokens" in request:
                request["max_completion_tokens"] = request.pop("max_tokens")
            call.attempts += 1
            try:
                return await raw(*args, **request)
            except Exception as error:
                unsent = isinstance(error, TypeError) and "'temperature'" in str(error)
                call.attempts -= unsent
                refused = "temperature" if unsent else refused_parameter(error)
                if refused not in {"temperature", "max_tokens"} or refused not in request:
                    raise
            # for good: this model, or its SDK, doesn't take it
            self._sampling = {} if refused == "temperature" else self._sampling
            self._limit_renamed = self._limit_renamed or refused == "max_tokens"

    def _translated(self, error: BaseException, prompt: Prompt) -> CommuniqueError:
        return translate(
            error,
            host=self.host,
            model=f"{self.name}/{self.model}",
            document_id=prompt.document_id or None,
            keys=self.provider.keys or ("the provider's credentials",),
        )


class _Answered(Exception):  # noqa: N818 - no error
    """Leaves instructor: the answer is there."""


class _Client:
    """instructor's client of one event loop, with our sending put between it and the SDK."""

    def __init__(self, made: Any, model: str, send: Callable[..., Awaitable[Any]], timeout: float) -> None:
        self._sdk = made.client
        self.raw: Callable[..., Awaitable[Any]] = made.create_fn.__wrapped__
        self.standing = {"model": model} | {k: v for k, v in made.kwargs.items() if k != "max_tokens"}
        patched = instructor.patch(create=cast("Any", send), mode=made.mode, provider=made.provider)
        self.ask = cast("Callable[..., Awaitable[Any]]", patched)
        for name, value in (("max_retries", 0), ("timeout", timeout)):
            if hasattr(self._sdk, name):  # the SDK's own retries are off: there is one layer of them
                setattr(self._sdk, name, value)

    async def close(self) -> None:
        close = getattr(self._sdk, "close", None) or getattr(self._sdk, "aclose", None)
        if close is not None:
            closing = close()
            if isinstance(closing, Awaitable):
                await closing


def _mode(name: str | None) -> instructor.Mode | None:
    try:
        return instructor.Mode(name) if name else None
    except ValueError:
        known = ", ".join(sorted(mode.value for mode in instructor.Mode))
        raise ConfigurationError(f"instructor has no mode {name!r}", hint=f"known: {known}") from None
