"""Which model is asked where none is named: it follows from what is installed and from the environment."""

from __future__ import annotations

import os

from communique.backends.endpoint import KEY_VARIABLES
from communique.backends.providers import PROVIDERS, installed, keyed
from communique.errors import ConfigurationError, MissingKeyError


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
    if base_url or os.environ.get("OPENAI_BASE_URL"):
        raise ConfigurationError("no model of the server is named", hint="name one: --model NAME")
    openai = any(os.environ.get(name, "").strip() for name in KEY_VARIABLES)
    ready = ["openai"] * openai + list(keyed())
    usual = next((f"{name}/{PROVIDERS[name].usual}" for name in ready if PROVIDERS[name].usual), "")
    if usual:
        return usual
    if ready:
        raise ConfigurationError("no model is named", hint=f"name one: --model {ready[0]}/MODEL")
    raise MissingKeyError(
        "there is no model to read with",
        hint="pip install 'communique[local,model]' for the embedded one, or set OPENAI_API_KEY",
    )
