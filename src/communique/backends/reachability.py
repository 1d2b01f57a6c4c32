"""Whether an endpoint answers, and what it serves: one request, no tokens."""

from __future__ import annotations

import httpx2

from communique.backends.endpoint import Endpoint, behind_socks
from communique.errors import ConfigurationError

_SHOWN = 3


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
        return False, f"{endpoint.shown} doesn't answer in {timeout:.0f} s"
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return False, f"{endpoint.shown} can't be reached: {type(error).__name__}"
    if answer.status_code in {401, 403}:
        return False, f"{endpoint.shown} refuses the API key (HTTP {answer.status_code})"
    if answer.status_code != 200:
        return False, f"{endpoint.shown} answers HTTP {answer.status_code}; the URL usually ends in /v1"
    try:
        names = [str(m["id"]) for m in answer.json()["data"]]
    except (ValueError, LookupError, TypeError):
        return False, f"{endpoint.shown} answers, but not with a list of models"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return True, f"{endpoint.shown} serves {', '.join(names[:_SHOWN]) or 'no model'}{more}"
