"""Preflight: one request without tokens before the first document, so that a hopeless cause costs nothing and shows at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
import httpx2
import openai

from communique.backends.retrying import RetryPolicy, with_retries
from communique.errors import (
    BackendError,
    CommuniqueError,
    DeadlineError,
    PermanentBackendError,
    ResponseError,
    TransientBackendError,
)

PATIENCE = 10.0
"""Seconds for the list of models. A server that is slower is asked about documents all the same."""


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

    Args:
        models: Requests the list.
        model: The model that will be asked.
        host: For the message.
        policy: How often to try.
        translated: Makes errors of ours.

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
        except openai.APIStatusError as error:
            if error.status_code == 401:
                raise translated(error) from error
            return True
        except Exception as error:
            raise translated(error) from error
        return _lists(response, model)

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


def _lists(response: httpx2.Response, model: str) -> bool:
    try:
        names = {str(m["id"]) for m in response.json()["data"]}
    except (ValueError, LookupError, TypeError):
        return True
    return not names or model in names
