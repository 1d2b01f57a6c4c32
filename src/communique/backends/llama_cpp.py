"""The embedded model: a GGUF file in a child process that can die without us."""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import anyio.to_thread
import httpx2

from communique.backends.backend import BothBackend, Completion
from communique.backends.chat_answer import ChatCall, examined, parsed
from communique.backends.llama_server import LlamaChild
from communique.backends.model_files import ADAPTER, EMBEDDED, SMALL, adapter_name, cache_folder, locate
from communique.backends.refusals import ErrorInAnswer
from communique.backends.spared_tokens import PrefixStates, beginning, rest, states_folder, whole
from communique.backends.wrapped_json import lacking
from communique.errors import (
    CommuniqueError,
    ContextExceededError,
    DeadlineError,
    EngineError,
    EngineStoppedError,
    MalformedResponseError,
    MissingExtraError,
    RequestRefusedError,
    TransientBackendError,
)
from communique.prompts.prompt import Prompt

RESTARTS = 3  # how often a backend starts its child again
START_DEADLINE = 180.0  # seconds for loading the model
_TRIES = 2


class LocalBackend(BothBackend):
    """Asks a model on this machine. It is loaded with the first prompt and given back by `close`.

    Sync and async calls, threads and event loops share one child, which answers one request after another. Nothing but
    loopback is used, and no proxy.

    Args:
        model: "" for the embedded model; the name of a known one, a path to a GGUF file, or `ORG/REPO/FILE.gguf` that
            was pulled. One of 4 GB or more is asked for all records at once.
        context: Tokens of prompt and answer.
        threads: Threads; one per physical core if None. The same text needs the same number.
        deadline: Seconds for one answer; by the number of its tokens if None. Requests that wait their turn have more.
        command: Command of the child instead of ours; see `LlamaChild`.

    Raises:
        MissingExtraError: xllamacpp is not installed.
        ConfigurationError: The model is nowhere, or its hash is wrong.
    """

    name = "local"
    narrows = True
    trained = False
    lanes = 1

    def __init__(
        self,
        model: str = "",
        *,
        context: int = 8192,
        threads: int | None = None,
        deadline: float | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self.context_tokens: int | None = context
        self._states: PrefixStates | None = None
        self._deadline = deadline
        if command is None:
            if importlib.util.find_spec("xllamacpp") is None:
                raise MissingExtraError.of("the model 'local'", "local")
            path = locate(model)
            model = path.stem
            self.trained = path.name == EMBEDDED.filename  # `locate` has seen to it that such a file is this model
            if self.trained:
                model = f"{model}+{adapter_name()}"
            self.narrows = path.stat().st_size < SMALL
            states = states_folder(cache_folder())
            if states is not None:
                self._states = PrefixStates(states, path, (context, threads))
            options = {
                "model": path, "alias": model, "context": context, "threads": threads or 0, "states": states or "",
                "parent": os.getpid(),
            } | ({"adapter": ADAPTER} if self.trained else {})  # fmt: skip
            command = [sys.executable, "-m", "communique.backends.llama_server"]
            command += [part for key, value in options.items() for part in (f"--{key}", str(value))]
        self.model = model
        self._command = list(command)
        self._child: LlamaChild | None = None
        self._starts = 0
        self._waiting = 0
        self._starting = threading.Lock()
        self._counting = threading.Lock()
        self._end: Callable[[], object] | None = None

    def __repr__(self) -> str:
        return f"LocalBackend({self.model!r})"

    def close(self) -> None:
        """End the child. The backend can be used again; it then starts another."""
        with self._starting:
            self._stop()
            self._starts = 0
        super().close()

    async def aclose(self) -> None:
        """End the child."""
        await anyio.to_thread.run_sync(self.close)

    @property
    def pid(self) -> int | None:
        """Process id of the child, if it runs."""
        child = self._child
        return child.pid if child is not None and not child.ended() else None

    async def acomplete(self, prompt: Prompt) -> Completion:
        """Ask, and await the answer; cancelling it ends the model's work. A child that dies is asked once more.

        Raises as `Backend.complete`: EngineError where it died twice over this prompt, EngineStoppedError where it
        doesn't start or died too often; and DocumentTooLongError where the prompt is longer than the context.
        """
        started, call = time.perf_counter(), ChatCall(prompt)
        try:
            await self._ask(call)
        except CommuniqueError as error:
            error.document_id = prompt.document_id or None
            error.attempts, error.tokens = call.attempts, call.usage.counts
            raise
        seconds = time.perf_counter() - started
        return Completion(call.data or {}, call.text, call.model or self.model, call.usage, seconds, call.attempts)

    async def _ask(self, call: ChatCall) -> None:
        form = {"name": call.prompt.schema_name, "strict": True, "schema": call.prompt.schema}
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": m.role, "content": m.content} for m in call.prompt.messages],
            "temperature": 0,
            "seed": 1,
            "cache_prompt": True,
            "max_tokens": call.prompt.max_tokens,
            "response_format": {"type": "json_schema", "json_schema": form},
        } | self._adapter_weight(call.prompt)
        asked = body
        if begun := beginning(call.prompt) if self.trained else "":
            asked = {name: value for name, value in body.items() if name != "response_format"} | rest(call.prompt)
            asked["messages"] = [*body["messages"], {"role": "assistant", "content": begun}]
        while True:
            call.attempts += 1
            child = await anyio.to_thread.run_sync(self._ready, call.prompt)
            with self._patience(call.prompt) as options:
                try:
                    async with httpx2.AsyncClient(**options) as client:
                        answer = await client.post(f"{child.url}/chat/completions", json=asked, headers=child.headers)
                except httpx2.HTTPError as error:
                    failure = await anyio.to_thread.run_sync(_mourned, child, error)
                    if call.attempts == _TRIES:
                        raise failure from error
                    continue
            if begun and answer.status_code == 400:  # a llama.cpp that doesn't know such a grammar
                asked, begun, call.attempts = body, "", call.attempts - 1
                continue
            _take(answer, call, begun)
            return

    @contextmanager
    def _patience(self, prompt: Prompt) -> Iterator[dict[str, Any]]:
        """Give the options of a client whose deadline allows for the requests in the queue before this one."""
        with self._counting:
            self._waiting += 1
            turn = self._waiting
        try:
            seconds = (self._deadline or 60.0 + 0.25 * prompt.most_tokens) * turn
            yield {"timeout": httpx2.Timeout(seconds, connect=10.0), "trust_env": False, "verify": False}
        finally:
            with self._counting:
                self._waiting -= 1

    def _ready(self, prompt: Prompt) -> LlamaChild:
        """Return the running child, with the static part of the prompt evaluated; start it if there is none."""
        child = self._running()
        if self._states is not None:
            static = prompt.messages[: prompt.static_messages]
            self._states.load(child, static, **self._adapter_weight(prompt))
        return child

    def _adapter_weight(self, prompt: Prompt) -> dict[str, Any]:
        """Return the option that says how much the adapter counts: not at all where it wasn't trained for the question."""
        return {"lora": [{"id": 0, "scale": 1.0 if prompt.trained else 0.0}]} if self.trained else {}

    def _running(self) -> LlamaChild:
        with self._starting:
            if self._child is not None and not self._child.ended():
                return self._child
            why = self._child.last_words() if self._child is not None else ""
            self._stop()
            if self._starts > RESTARTS:
                raise EngineStoppedError(f"the local model died {self._starts} times", hint=why)
            self._starts += 1
            self._child = child = LlamaChild(self._command, START_DEADLINE)
            self._end = weakref.finalize(self, child.stop)  # also at the interpreter's end
            return child

    def _stop(self) -> None:
        end, self._end, self._child = self._end, None, None
        if end is not None:
            end()


def _mourned(child: LlamaChild, error: httpx2.HTTPError) -> CommuniqueError:
    """Return what a request without an answer means; raise what no second try mends."""
    if isinstance(error, httpx2.TimeoutException) and not child.ended():
        raise DeadlineError("no complete answer from the local model in time") from error
    ended = child.ended(within=2.0)
    words = child.last_words()
    if not ended:
        child.stop(grace=0.0)
    return EngineError("the local model's process died on this request", hint=words)


def _take(response: httpx2.Response, call: ChatCall, begun: str) -> None:
    """Take an answer into the call."""
    if response.status_code != 200:
        raise _refusal(response)
    try:
        answer = parsed(response)
        choice = answer["choices"][0]
        if begun and choice.get("finish_reason") == "stop":
            choice["message"]["content"] = whole(begun, str(choice["message"].get("content") or ""))
        examined(answer, call)
    except (TransientBackendError, ErrorInAnswer):
        told = "the local model's server returned no chat answer"
        raise MalformedResponseError(told, raw=response.text) from None
    if call.data is None:
        fault = lacking(call.text, call.keys)
        raise MalformedResponseError(f"the answer lacks what was asked for ({fault})", raw=call.text)


def _refusal(response: httpx2.Response) -> CommuniqueError:
    try:
        error = response.json()["error"]
        message = str(error.get("message", ""))[:200]
    except (ValueError, LookupError, TypeError, AttributeError):
        error, message = {}, ""
    if error.get("type") == "exceed_context_size_error":
        tokens = f"{error.get('n_prompt_tokens')} tokens, but the local model accepts only {error.get('n_ctx')}"
        return ContextExceededError(f"the prompt has {tokens}", hint="use smaller windows")
    kind, fault = (EngineError, "failed on") if response.status_code >= 500 else (RequestRefusedError, "refused")
    return kind(f"the local model {fault} the request (HTTP {response.status_code})", hint=message)
