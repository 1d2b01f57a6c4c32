"""Endpoint: where requests go, and the key that goes with them."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from communique.errors import ConfigurationError, MissingKeyError

DEFAULT_URL = "https://api.openai.com/v1"
KEY_VARIABLES = ("COMMUNIQUE_API_KEY", "OPENAI_API_KEY")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked URL with its key. The key is never shown.

    Attributes:
        url: As given.
        host: Host, with the port where it is given.
        key: API key, or "-" for a server that needs none.
    """

    url: str
    host: str
    key: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The URL without user, password and query."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{self.host}{parts.path}"

    @property
    def official(self) -> bool:
        """Whether it is OpenAI's own."""
        name = self.host.partition(":")[0]
        return name == "openai.com" or name.endswith(".openai.com")

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
                f"{url!r} is no URL of an endpoint", hint="such as http://localhost:8080/v1"
            )
        host = parts.hostname + (f":{port}" if port else "")
        found = key or next((os.environ[v] for v in KEY_VARIABLES if os.environ.get(v)), "")
        found = found.strip()
        if not found and is_loopback(parts.hostname):
            found = "-"
        if not found:
            raise MissingKeyError(f"{host} needs an API key", hint="set OPENAI_API_KEY or COMMUNIQUE_API_KEY")
        if not found.isascii() or not found.isprintable() or " " in found:
            raise ConfigurationError(
                "the API key holds characters that no key has", hint="set it again, without quotes"
            )
        return cls(url, host, found)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
