"""What would be asked of Anthropic live, answered from a store. See `communique.backends.provider_batch_replay`."""

from __future__ import annotations

import json
from inspect import signature
from typing import Any

from pydantic_core import from_json

from communique.backends.chat_answer import ChatCall, examined
from communique.backends.instructor_provider import InstructorBackend
from communique.backends.provider_batch_replay import Missing, Store, most_tokens, turn_of
from communique.backends.retrying import Governor


class StoredMessages(InstructorBackend):
    """What a backend for Anthropic would ask live, answered from a store."""

    def __init__(self, backend: InstructorBackend, store: Store, governor: Governor) -> None:
        super().__init__(
            backend.shown,
            base_url=backend.endpoint.url if backend.endpoint else None,
            policy=backend.policy,
            context_tokens=backend.context_tokens,
            governor=governor,
            mode=backend.mode,
        )
        self._store = store

    async def _response(self, args: tuple[Any, ...], request: dict[str, Any], call: ChatCall) -> Any:
        from anthropic.types import Message

        known = signature(self._client().raw).parameters  # live, the SDK itself refuses what it doesn't know
        put = {name: value for name, value in self._put(request, call).items() if name in known}
        sent = json.dumps(put, default=_plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        body = from_json(sent)
        turns = [{"role": "system", "content": body.get("system", "")}, *body["messages"]]
        asked = {"model": self.model, "messages": turns, "response_format": call.prompt.schema}
        missing = Missing(turn_of(asked, call.widened), sent, self.model, "/v1/messages", most_tokens(turns, call))
        found = self._store.answer(missing, call, self)
        if found is None:
            return await super()._response(args, request, call)
        return examined(Message.construct(**from_json(found)), call)


def _plain(block: Any) -> Any:
    """Return a block of an earlier answer, which a re-ask quotes, as the SDK sends it."""
    return block.model_dump(mode="json", exclude_unset=True)
