"""A backend that needs no model: it takes words in capitals for ships."""

import json
import re

from communique.backends import Completion


class ShoutingBackend:
    """Answers with every word in capitals of the first sentence that has one."""

    name = "shouting"
    narrows = False
    context_tokens = None

    def __init__(self, model="loud"):
        self.model = model

    def complete(self, prompt):
        if self.model == "hoarse":
            raise RuntimeError("no voice left")
        lines = prompt.messages[-1].content.splitlines()
        found = [
            (int(m[1]), ship)
            for line in lines
            if (m := re.match(r"\[(\d+)\]", line))
            for ship in re.findall(r"\b[A-Z]{4,}\b", line)
        ]
        key = next(iter(prompt.schema["properties"]))
        data = {key: [{"evidence": [number], "ship": ship} for number, ship in found]}
        return Completion(data=data, text=json.dumps(data), model=self.model)

    async def acomplete(self, prompt):
        return self.complete(prompt)

    def close(self):
        pass

    async def aclose(self):
        pass
