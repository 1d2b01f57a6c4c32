"""An endpoint that is asked for opinions: requests with the retry layer of all requests, from sync and async code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import httpx2
import openai
from anyio.lowlevel import RunVar
from pydantic_core import from_json, to_json

from communique.backends.closing import Closing
from communique.backends.endpoint import DEFAULT_URL, Endpoint
from communique.backends.failures import translate
from communique.backends.opinions import Answers, Inquiry, usage_of
from communique.backends.response_cap import response_cap
from communique.backends.retrying import Governor, OpenGate, RetryPolicy, governed
from communique.backends.sync_bridge import SyncBridge
from communique.errors import CommuniqueError, PermanentBackendError, TransientBackendError, UnknownModelError
from communique.schemas import Usage

KEY_VARIABLE = "COMMUNIQUE_CHECK_KEY"
_ABSENT = {404, 405, 501}


class AbsentError(PermanentBackendError):
    """The server doesn't have this endpoint."""


class OpinionEndpoint(Closing):
    """Base of the referees behind HTTP.

    The key is COMMUNIQUE_CHECK_KEY. Without it OpenAI gets the usual key and a server on loopback none; any other host gets
    COMMUNIQUE_API_KEY if that is set, and never OPENAI_API_KEY, which was not meant for it.

    Args:
        model: Model as the server names it.
        base_url: Endpoint, usually ending in `/v1`; OPENAI_BASE_URL or OpenAI itself if None.
        api_key: Key.
        timeout: Seconds without a byte from the server.
        policy: How often and how long to try; less patient than a backend, since a missing opinion costs no record.
        governor: Shared limits of a run.
        http_client: Client to use instead of our own.

    Raises:
        MissingKeyError: The endpoint needs a key and there is none.
        ConfigurationError: The URL or the key can't be used.
    """

    name = "endpoint"

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float = 30.0,
        policy: RetryPolicy | None = None,
        governor: Governor | None = None,
        http_client: httpx2.AsyncClient | None = None,
    ) -> None:
        self.model = model
        url = base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL
        self.endpoint = _endpoint(url, api_key)
        self.policy = policy or RetryPolicy(attempt_deadline=60.0, call_deadline=90.0, max_wait=60.0)
        self.governor: Governor = governor or OpenGate()
        self._timeout = httpx2.Timeout(timeout, connect=5.0, pool=None)
        self._given = http_client
        self._clients: RunVar[openai.AsyncOpenAI] = RunVar("communique opinion client")
        self._bridge = SyncBridge(self.aclose)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model!r}, base_url={self.endpoint.shown!r})"

    async def aask(self, inquiry: Inquiry) -> Answers:
        """Ask, and await the answers. See `Referee`."""
        raise NotImplementedError

    def ask(self, inquiry: Inquiry) -> Answers:
        """Ask, and wait for the answers."""
        return self._bridge.run(self.aask, inquiry)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.get(None)
        if client is not None and self._given is None:
            await client.close()

    def close(self) -> None:
        """Close the connections that `ask` used."""
        self._bridge.close()

    async def _post(self, path: str, body: Mapping[str, Any], document_id: str) -> dict[str, Any]:
        """Send one request, again where a passing fault asks for it, and return the JSON object that it gives.

        Raises:
            AbsentError: The server has no such path.
            CommuniqueError: No answer.
        """
        payload = to_json(body)
        spent = Usage()

        async def send() -> dict[str, Any]:
            nonlocal spent
            data = _object(await self._client().post(path, cast_to=httpx2.Response, content=payload))
            spent += usage_of(data.get("usage"))
            return data

        return await governed(
            send,
            self.policy,
            self.governor,
            reserve=len(payload) // 3,
            spent=lambda: spent,
            translated=lambda error: self._translated(error, document_id),
        )

    def _translated(self, error: BaseException, document_id: str) -> CommuniqueError:
        ours = translate(error, host=self.endpoint.host, model=self.model, document_id=document_id or None)
        status = getattr(error, "status_code", None)
        if status in _ABSENT and not isinstance(ours, UnknownModelError):
            return AbsentError(
                f"there is no such endpoint at {self.endpoint.host} (HTTP {status})",
                hint="check --check-with; the URL usually ends in /v1",
                document_id=document_id or None,
            )
        return ours

    def _client(self) -> openai.AsyncOpenAI:
        client = self._clients.get(None)
        if client is None:
            http = self._given or httpx2.AsyncClient(
                timeout=self._timeout, event_hooks={"response": [response_cap()]}
            )
            client = openai.AsyncOpenAI(
                api_key=self.endpoint.key,
                base_url=self.endpoint.url,
                timeout=self._timeout,
                max_retries=0,
                http_client=http,
            )
            self._clients.set(client)
        return client


def _object(response: httpx2.Response) -> dict[str, Any]:
    try:
        data = from_json(response.content)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise TransientBackendError(
            f"HTTP {response.status_code} without a JSON object", hint="a proxy or portal may stand between"
        )
    return data


def _endpoint(url: str, api_key: str | None) -> Endpoint:
    key = api_key or os.environ.get(KEY_VARIABLE)
    if key:
        return Endpoint.of(url, key)
    if Endpoint.of(url, "-").official:
        return Endpoint.of(url)
    return Endpoint.of(url, os.environ.get("COMMUNIQUE_API_KEY") or "-")
