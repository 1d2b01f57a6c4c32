"""What stands in for a model while the documentation runs: a fake server that knows the pages' own articles.

As a script it is the `communique` command, with the embedded model and the browser replaced.
"""

from __future__ import annotations

import os
import re
import sys
import webbrowser
from typing import Any

SERVER = "COMMUNIQUE_DOCS_SERVER"

# What stands in a sentence -> which record it states. `{n}` is never needed: the number is the sentence's.
KNOWN: list[tuple[str, str, dict[str, Any]]] = [
    (
        "Tilda Brask and Ole Vang met",
        "meetings",
        {"status": "held", "participants": ["Tilda Brask", "Ole Vang"]},
    ),
    (
        "accused Olmark of",
        "allegations",
        {"accusers": ["Varnia"], "accused": ["Olmark"], "claim": "jamming the radio of its fishing boats"},
    ),
    (
        "Kozhemyako, the governor",
        "meetings",
        {"status": "held", "participants": ["Oleg Kozhemyako", "Yun Jong Ho"]},
    ),
    (
        "Varnia will give Olmark",
        "aid_pledges",
        {"donor": "Varnia", "recipient": "Olmark", "amount": "20 million"},
    ),
]


def answer(body: dict[str, Any]) -> dict[str, Any]:
    from communique.testing.chat_wires import empty_answer

    found = empty_answer(body)
    if "judgements" in found:
        count = len(re.findall(r"^\d+\. ", body["messages"][-1]["content"], re.MULTILINE))
        return {"judgements": [{"statement": n, "sentences": [], "probability": 0.95} for n in range(1, count + 1)]}
    article = "\n".join(str(m.get("content", "")) for m in body.get("messages", []))
    for number, sentence in re.findall(r"^\[(\d+)\] (.*)$", article, re.MULTILINE):
        for words, key, record in KNOWN:
            if words in sentence and key in found:
                found[key].append({"evidence": [int(number)], **record})
    return found


def replace_the_model(url: str) -> None:
    """Let `local` ask the fake server, and keep the browser closed."""
    from communique import plugins

    load = plugins.load

    def loaded(group: str, name: str) -> Any:
        if (group, name) != ("backends", "local"):
            return load(group, name)
        from communique.backends.openai_chat import OpenAIBackend

        return lambda _model="", **options: OpenAIBackend("stand-in", base_url=url)

    plugins.load = loaded
    webbrowser.open = lambda *_args, **_kwargs: True


if __name__ == "__main__":
    from communique.cli.app import main

    replace_the_model(os.environ[SERVER])
    main(sys.argv[1:])
