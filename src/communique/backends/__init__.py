"""WHO answers: the only room with a network or a model."""

from __future__ import annotations

from typing import Any, cast

from communique import plugins
from communique.backends.backend import AsyncBackend, Backend, Completion
from communique.backends.providers import PROVIDERS, default_model, own_server
from communique.backends.retrying import RetryPolicy
from communique.errors import CommuniqueError, ConfigurationError, UnknownNameError

__all__ = [
    "AsyncBackend",
    "Backend",
    "Completion",
    "RetryPolicy",
    "connect",
    "connect_async",
    "connect_judge",
    "default_model",
]


def connect(model: str | None = None, *, base_url: str | None = None, **options: Any) -> Backend:
    """Return the backend for a model's name.

    Args:
        model: `BACKEND` or `BACKEND/MODEL`: `local`, `local/path/to/file.gguf`, `openai/gpt-5-mini`; `local:PATH` too.
            A provider that instructor knows is one without its prefix: `anthropic/MODEL` is
            `instructor/anthropic/MODEL`. Without one, see `default_model`.
        base_url: Server to use; OPENAI_BASE_URL if None. The whole name is then that server's, unless it begins with
            `local`, `instructor/` or a plug-in's name. Of `openai/MODEL`, `openai/` is left out if the server has no
            model of the whole name.
        options: Passed to the backend.

    Raises:
        UnknownNameError: There is no such backend; the hint has the nearest name.
        MissingExtraError: It needs an extra that is not installed.
        ConfigurationError: No model is given, and no default is available.
    """
    model = model or default_model(base_url)
    name, slash, rest = _parts(model)
    known = plugins.names("backends")
    if (base_url or own_server()) and (name not in known or (name == "openai" and rest)):
        name, rest = "openai", model
    if name not in known:
        if name in PROVIDERS:
            name, rest = "instructor", model
        elif known:
            names = {*known, *PROVIDERS}
            if rest:
                raise UnknownNameError.of("provider", name, names)
            hint = f"write PROVIDER/MODEL, such as openai/{name}; providers: {', '.join(sorted(names))}"
            raise UnknownNameError.of("model", name, names, otherwise=hint)
    if not rest and (slash or name in {"openai", "instructor"}):
        raise ConfigurationError(f"{model!r} doesn't name a model", hint=f"use {name}/MODEL")
    if base_url and name == "local":
        told = f"no model given for the server at the base URL: {model!r} is on this machine"
        hint = "use --model NAME, with the server's name for the model, or omit the base URL"
        raise ConfigurationError(told, hint=hint)
    kind = plugins.load("backends", name)
    if base_url:
        options["base_url"] = base_url
    try:
        return cast("Backend", kind(rest, **options) if rest else kind(**options))
    except CommuniqueError:
        raise
    except Exception as error:
        said = str(error) if isinstance(error, TypeError) else f"{type(error).__name__}: {error}"
        raise ConfigurationError(f"can't create the backend {name!r} for {model!r}: {said}") from error


def connect_async(model: str | None = None, *, base_url: str | None = None, **options: Any) -> AsyncBackend:
    """Return the async backend for a model's name. See `connect`."""
    return cast("AsyncBackend", connect(model, base_url=base_url, **options))


def connect_judge(model: str, *, base_url: str | None = None) -> Backend:
    """Return the backend that judges; raises as `connect`.

    `local` and names that begin with `instructor/` or a plug-in's name are asked there, as if there were no `base_url`.
    Any other name is one of the server's, as for `connect`.
    """
    elsewhere = _parts(model)[0] in {*plugins.names("backends")} - {"openai"}
    return connect(model, base_url=None if elsewhere else base_url)


def _parts(model: str) -> tuple[str, str, str]:
    return model.replace("local:", "local/", model.startswith("local:")).partition("/")
