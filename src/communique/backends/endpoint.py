"""Endpoint: where requests go, and the key that goes with them."""

from __future__ import annotations

import base64
import importlib.util
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from communique.errors import ConfigurationError, MissingKeyError

DEFAULT_URL = "https://api.openai.com/v1"
KEY_VARIABLES = ("COMMUNIQUE_API_KEY", "OPENAI_API_KEY")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked URL with its key. The key is never shown.

    Attributes:
        url: Without user, password and query.
        host: Host, with the port where it is given.
        key: API key, or "-" for a server that needs none.
        query: What stands behind `?`, such as `api-version=2024-10-21`; sent with every request.
        login: Value of an Authorization header, where the URL has a user and password; "" else. It is never shown.
    """

    url: str
    host: str
    key: str = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict)
    login: str = field(default="", repr=False)

    @property
    def official(self) -> bool:
        """Whether it is OpenAI's own."""
        return _is_openai(self.host.partition(":")[0])

    @classmethod
    def of(cls, url: str, key: str | None = None) -> Endpoint:
        """Check the URL and find the key.

        Args:
            url: http or https.
            key: The key; taken from the environment if None.

        Raises:
            ConfigurationError: The URL is none, or the key holds what no header can carry.
            MissingKeyError: There is no key, and the host is not loopback.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:  # half an IPv6 address, or a port out of range
            parts, port = urlsplit(""), None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigurationError(
                f"{url!r} is not the URL of an endpoint", hint="use one such as http://localhost:8080/v1"
            )
        host = parts.hostname + (f":{port}" if port else "")
        found = key or next((os.environ[v] for v in KEY_VARIABLES if os.environ.get(v)), "")
        found = found.strip()
        login = _login(parts)
        if not found and (login or is_loopback(parts.hostname)):
            found = "-"
        if not found:
            raise MissingKeyError(f"{host} needs an API key", hint="set OPENAI_API_KEY or COMMUNIQUE_API_KEY")
        if not found.isascii() or not found.isprintable() or " " in found:
            raise ConfigurationError(
                "the API key contains characters that are not allowed in a key", hint="set it again, without quotes"
            )
        name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        plain = f"{parts.scheme}://{name}{f':{port}' if port else ''}{parts.path}"
        return cls(plain, host, found, dict(parse_qsl(parts.query, keep_blank_values=True)), login)

    @property
    def headers(self) -> dict[str, str]:
        """Headers beside those of every request."""
        return {"Authorization": self.login} if self.login else {}


def own_server() -> str:
    """Return the server that OPENAI_BASE_URL names; "" if there is none, or it is OpenAI's own, as without it."""
    url = os.environ.get("OPENAI_BASE_URL", "")
    try:
        return "" if _is_openai(urlsplit(url).hostname or "") else url
    except ValueError:
        return url


def _is_openai(host: str) -> bool:
    return host == "openai.com" or host.endswith(".openai.com")


def _login(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def proxy_before(endpoint: Endpoint) -> str:
    """Return host and port of the proxy that the environment puts before an endpoint, without a login; "" if none."""
    return _proxy(endpoint).rpartition("@")[2].rpartition("//")[2].partition("/")[0]


def _proxy(endpoint: Endpoint) -> str:
    parts = urlsplit(endpoint.url)
    proxies = getproxies()
    return "" if proxy_bypass(parts.netloc) else proxies.get(parts.scheme) or proxies.get("all", "")


def behind_socks(endpoint: Endpoint) -> bool:
    """Tell whether the environment puts a SOCKS proxy before an endpoint.

    Raises:
        ConfigurationError: It does, and the package for it isn't there.
    """
    if not _proxy(endpoint).startswith("socks"):
        return False
    if importlib.util.find_spec("socksio") is None:
        raise ConfigurationError(
            f"{endpoint.host} is behind a SOCKS proxy, and the package for SOCKS is not installed",
            hint=f"pip install socksio, use an HTTP proxy, or set NO_PROXY={endpoint.host}",
        )
    return True


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
