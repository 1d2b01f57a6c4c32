"""From what `--check-with` says to the referee that it names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from communique import plugins
from communique.backends.decisions import OpenAIDecisionReferee, SystemOneReferee
from communique.backends.opinion_endpoint import AbsentError, OpinionEndpoint
from communique.backends.opinions import Answers, Inquiry, Referee
from communique.backends.opinions_chat import TokenReferee
from communique.backends.opinions_local import LocalReferee, TellsYes
from communique.backends.retrying import Governor, OpenGate
from communique.errors import ConfigurationError

_WIRES: dict[str, type[OpinionEndpoint]] = {
    "systemone": SystemOneReferee,
    "decisions": OpenAIDecisionReferee,
    "openai": TokenReferee,
}
_DEFAULT_MODEL = {"systemone": "jev-latest", "decisions": "gpt-6-luna", "openai": ""}
_HINT = "local, openai/MODEL, decisions/MODEL, systemone:URL#MODEL, decisions:URL#MODEL, openai:URL#MODEL, or URL#MODEL"


def connect_referee(name: str, *, backend: object = None) -> Referee:
    """Return the referee that a name asks for.

    Args:
        name: `local` or `local/PATH` (the embedded model, another GGUF file); `openai/MODEL` (token probabilities);
            `decisions/MODEL` (OpenAI); `systemone:URL#MODEL`, `decisions:URL#MODEL`, `openai:URL#MODEL`; a bare `URL#MODEL`,
            whose server is tried for each of the three; or another backend's name that can say how likely yes is.
        backend: The backend that reads the documents: where it is the same local model, it is asked, not loaded again.

    Raises:
        ConfigurationError: The name asks for nothing that can be asked; the key is missing.
    """
    if name.startswith(("http://", "https://")):
        url, _, model = name.partition("#")
        return UrlReferee(url, model)
    wire, _, rest = name.partition(":")
    if wire in _WIRES and rest.startswith(("http://", "https://")):
        url, _, model = rest.partition("#")
        return _wired(wire, model, url)
    wire, _, model = name.partition("/")
    if wire in _WIRES and wire != "systemone":
        return _wired(wire, model, None)
    if wire == "systemone":
        raise ConfigurationError("systemone needs a URL", hint="such as systemone:http://localhost:8080/v1")
    return _of_backend(name, backend)


class UrlReferee:
    """Finds out with the first question what a server has: /systemone, /decisions, or chat with token probabilities.

    Args:
        url: Endpoint, usually ending in `/v1`.
        model: Model as the server names it; "" where the decision endpoints' usual one will do.
    """

    def __init__(self, url: str, model: str = "") -> None:
        wires = [w for w in _WIRES if model or _DEFAULT_MODEL[w]]
        self._candidates: list[OpinionEndpoint] = [
            _WIRES[w](model or _DEFAULT_MODEL[w], base_url=url) for w in wires
        ]
        self.model = model
        self.endpoint = self._candidates[0].endpoint
        self._governor: Governor = OpenGate()

    def __repr__(self) -> str:
        return f"UrlReferee({self.endpoint.shown!r})"

    @property
    def name(self) -> str:
        """What the server is asked through; "url" until that is known."""
        return self._candidates[0].name if len(self._candidates) == 1 else "url"

    @property
    def governor(self) -> Governor:
        """Shared limits of a run."""
        return self._governor

    @governor.setter
    def governor(self, governor: Governor) -> None:
        self._governor = governor
        for candidate in self._candidates:
            candidate.governor = governor

    def ask(self, inquiry: Inquiry) -> Answers:
        """Ask, and wait for the answers."""
        while True:
            candidate = self._candidates[0]
            try:
                return self._found(candidate, candidate.ask(inquiry))
            except AbsentError:
                self._drop(candidate)

    async def aask(self, inquiry: Inquiry) -> Answers:
        """Ask, and await the answers."""
        while True:
            candidate = self._candidates[0]
            try:
                return self._found(candidate, await candidate.aask(inquiry))
            except AbsentError:
                self._drop(candidate)

    def close(self) -> None:
        """Close all connections."""
        for candidate in self._candidates:
            candidate.close()

    async def aclose(self) -> None:
        """Close all connections."""
        for candidate in self._candidates:
            await candidate.aclose()

    def _found(self, candidate: OpinionEndpoint, answers: Answers) -> Answers:
        self._candidates = [candidate]
        return answers

    def _drop(self, candidate: OpinionEndpoint) -> None:
        """Go on with the next one, also where another document's question has found this one absent already."""
        if candidate not in self._candidates:
            return
        if len(self._candidates) == 1:
            raise ConfigurationError(
                f"{self.endpoint.shown} has none of /systemone, /decisions and /chat/completions",
                hint="the URL usually ends in /v1; chat needs the model: URL#MODEL",
            )
        self._candidates = [c for c in self._candidates if c is not candidate]


def _wired(wire: str, model: str, url: str | None) -> OpinionEndpoint:
    model = model or _DEFAULT_MODEL[wire]
    if not model:
        raise ConfigurationError("--check-with names no model", hint="such as openai/gpt-4.1-mini")
    return _WIRES[wire](model, base_url=url)


def _of_backend(name: str, backend: object) -> Referee:
    kind, _, rest = name.replace("local:", "local/", name.startswith("local:")).partition("/")
    if kind not in plugins.names("backends"):
        raise ConfigurationError(f"--check-with {name!r} names no second model", hint=_HINT)
    made: Callable[..., Any] = plugins.load("backends", kind)
    other = made(rest) if rest else made()
    if not isinstance(other, TellsYes):
        raise ConfigurationError(f"the backend {kind!r} can't say how likely yes is", hint=_HINT)
    if isinstance(backend, TellsYes) and type(backend) is type(other) and backend.model == other.model:
        return LocalReferee(backend, owned=False)
    return LocalReferee(other)
