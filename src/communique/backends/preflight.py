"""Whether an endpoint answers, and what it serves: one request without tokens, before anything is paid for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
import httpx2

from communique.backends.endpoint import Endpoint, behind_socks
from communique.backends.retrying import RetryPolicy, with_retries
from communique.errors import (
    BackendError,
    CommuniqueError,
    ConfigurationError,
    DeadlineError,
    PermanentBackendError,
    ResponseError,
    TransientBackendError,
)

PATIENCE = 10.0
"""Seconds for the list of models. A server that is slower is asked about documents all the same."""
_SHOWN = 3


async def preflight(
    models: Callable[[], Awaitable[httpx2.Response]],
    *,
    model: str,
    host: str,
    policy: RetryPolicy,
    translated: Callable[[BaseException], CommuniqueError],
) -> bool:
    """Ask for the list of models.

    A server without such a list, a key that may not see it (403), an error of the server, a slow answer: none of them
    says anything of documents, so the run goes on.

    Returns:
        Whether the model may be there: False if there is a list and the model is not in it, which a few servers
        survive.

    Raises:
        AuthenticationError: The key is refused.
        PermanentBackendError: The host has no address, takes no connection, or has no certificate that is trusted.
    """

    async def attempt() -> bool:
        try:
            with anyio.fail_after(min(policy.attempt_deadline, PATIENCE)):
                response = await models()
        except Exception as error:
            if getattr(error, "status_code", 401) == 401:
                raise translated(error) from error
            return True
        names = _names(response)
        return not names or model in names

    try:
        return await with_retries(attempt, policy)
    except PermanentBackendError:
        raise
    except (DeadlineError, ResponseError):
        return True
    except TransientBackendError as error:
        raise PermanentBackendError(
            f"{host} can't be reached: {error.hint or 'no connection'}",
            hint="check --base-url and the network",
        ) from error
    except BackendError:
        return True


def _names(response: httpx2.Response) -> list[str] | None:
    """Return the models that a server lists; None if it is no such list."""
    try:
        return [str(m["id"]) for m in response.json()["data"]]
    except (ValueError, LookupError, TypeError):
        return None


def reach(url: str, *, timeout: float = 5.0) -> tuple[bool, str]:
    """Ask an OpenAI-compatible endpoint for its models.

    Args:
        url: Usually ending in `/v1`.
        timeout: Seconds.

    Returns:
        Whether it can be used, and one line that says what it answered. The key never shows in it.
    """
    try:
        endpoint = Endpoint.of(url)
        behind_socks(endpoint)
    except ConfigurationError as error:
        return False, str(error)
    try:
        answer = httpx2.get(
            f"{endpoint.url.rstrip('/')}/models",
            headers={"Authorization": f"Bearer {endpoint.key}"} | endpoint.headers,
            params=dict(endpoint.query),
            timeout=timeout,
        )
    except httpx2.TimeoutException:
        return False, f"{endpoint.shown} didn't answer within {timeout:.0f} s"
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return False, f"{endpoint.shown} can't be reached: {type(error).__name__}"
    if answer.status_code in {401, 403}:
        return False, f"{endpoint.shown} refuses the API key (HTTP {answer.status_code})"
    if answer.status_code != 200:
        return False, f"{endpoint.shown} answers HTTP {answer.status_code}; the URL usually ends in /v1"
    names = _names(answer)
    if names is None:
        return False, f"{endpoint.shown} answers, but not with a list of models"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return True, f"{endpoint.shown} serves {', '.join(names[:_SHOWN]) or 'no model'}{more}"
