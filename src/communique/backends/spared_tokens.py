"""What a small model is spared: the static part of a prompt, evaluated by an earlier run, and how an answer begins.

The static part is most of its work: a thousand tokens, the same for every question. llama.cpp can save what its slot
has evaluated and read it back in a fraction of a second. Only static text is saved, never an article.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import httpx2

from communique.backends.llama_server import LlamaChild
from communique.prompts.prompt import Message, Prompt

KEPT = 8  # states that a folder keeps, the last used ones; each has some 30 MB
_PATIENCE = 300.0
ENDS = ("null}", "}}")  # what an answer of a trained model ends with: one without a record, and one with a record


class PrefixStates:
    """States of one model under fixed options, in a folder that only its owner may read: the child's `--states`.

    Another size or time of change of the model's file means another model.
    """

    def __init__(self, folder: Path, model: Path, options: Sequence[object]) -> None:
        self._folder = folder
        status = model.stat()
        try:
            library = version("xllamacpp")
        except PackageNotFoundError:  # part of a frozen program
            library = ""
        self._common = [str(model), status.st_size, status.st_mtime_ns, library, *map(str, options)]
        self._loading = threading.Lock()
        self._loaded: tuple[int, str] | None = None

    def load(self, child: LlamaChild, static: Sequence[Message], **options: Any) -> None:
        """See to it that the child's slot begins with the static messages: read back, or evaluated now and saved.

        The options are those of a request that change what is evaluated. A state that can't be read or written costs
        time, never an answer: the prompt is then evaluated as a whole.
        """
        with self._loading:
            if not static:
                self._loaded = None  # what is asked now overwrites the slot
                return
            said = [*self._common, options, *((m.role, m.content) for m in static)]
            name = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32] + ".state"
            if self._loaded == (child.pid, name):
                return
            self._loaded = (child.pid, name)
            server: Any = {"base_url": child.url.removesuffix("/v1"), "headers": child.headers}
            bounds: Any = {"timeout": _PATIENCE, "trust_env": False, "verify": False}
            with contextlib.suppress(httpx2.HTTPError, OSError), httpx2.Client(**server, **bounds) as client:
                if not self._restored(client, name):
                    self._save(client, name, static, options)

    def _restored(self, client: httpx2.Client, name: str) -> bool:
        file = self._folder / name
        if not file.is_file():
            return False
        if client.post("/slots/0?action=restore", json={"filename": name}).status_code == 200:
            file.touch()  # the last used ones are kept
            return True
        file.unlink(missing_ok=True)
        return False

    def _save(self, client: httpx2.Client, name: str, static: Sequence[Message], options: dict[str, Any]) -> None:
        messages = [{"role": m.role, "content": m.content} for m in static]
        messages.append({"role": "user", "content": "."})  # else the last answer would be continued
        body = {"messages": messages, "max_tokens": 1, "temperature": 0, "cache_prompt": True} | options
        if client.post("/v1/chat/completions", json=body).status_code != 200:
            return
        draft = f"{name}.{os.getpid()}"
        if client.post("/slots/0?action=save", json={"filename": draft}).status_code == 200:
            (self._folder / draft).replace(self._folder / name)
            states = sorted(self._folder.iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
            for file in states[KEPT:]:
                file.unlink(missing_ok=True)


def states_folder(models: Path) -> Path | None:
    """Return the folder of states beside the cached models, made if need be; None where it can't be written."""
    folder = models.parent / "prefix-states"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def beginning(prompt: Prompt) -> str:
    """Return how the answer of a trained model begins, `{"meeting`; "" where that is not known, or an end is in a name.

    A token of an answer takes a small model as long as five of a prompt. So where one kind of record is asked for, the
    first tokens of the answer are given with the question, and the model is stopped at the closing braces. The
    quotation mark belongs to the token that says whether there is a record.
    """
    kinds = list(prompt.schema["properties"])
    if not prompt.trained or len(kinds) != 1 or any(end in prompt.messages[-1].content for end in ENDS):
        return ""
    return f'{{"{kinds[0]}'


def rest(prompt: Prompt) -> dict[str, Any]:
    """Return the options of a request for what follows the beginning: a grammar of llama.cpp's `llguidance`, and the ends."""
    (value,) = prompt.schema["properties"].values()
    schema = json.dumps({**value, "$defs": prompt.schema.get("$defs", {})})
    return {"grammar": f'%llguidance {{}}\nstart: "\\":" value "}}"\nvalue: %json {schema}', "stop": list(ENDS)}


def whole(begun: str, said: str) -> str:
    """Return the whole answer; a newer llama.cpp repeats what it began with, an older one doesn't."""
    return f"{begun}{said.removeprefix(begun)}{ENDS[0] if said.endswith(':') else ENDS[1]}"
