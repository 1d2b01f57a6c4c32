"""Response models as instructor wants them, made once each: a class per call would cost more than the call."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

import instructor
from pydantic import BaseModel, model_validator


@lru_cache(maxsize=256)
def prepared(model: type[BaseModel], keys: tuple[str, ...]) -> type[BaseModel]:
    """Return the response class for a prompt's model, the same one each time.

    It also derives from `instructor.OpenAISchema`, so that instructor builds no class of its own, and it gives its JSON
    Schema from memory: instructor asks for it with every call, and the strict schema of the prompt is sent instead. An
    answer without one of the keys is refused, so that `{}` is asked again and not read as "nothing found".

    Args:
        model: `Prompt.response_model`.
        keys: Keys that the answer must have.
    """
    schema = model.model_json_schema()

    def model_json_schema(_cls: type[BaseModel], *_args: Any, **_kwargs: Any) -> dict[str, Any]:
        return schema

    def outer_shape(_cls: type[BaseModel], value: Any) -> Any:
        missing = [key for key in keys if key not in value] if isinstance(value, dict) else []
        if missing:
            raise ValueError(f"missing: {', '.join(missing)}")
        return value

    body = {
        "__module__": model.__module__,
        "__doc__": model.__doc__,
        "model_json_schema": classmethod(model_json_schema),
        "outer_shape": model_validator(mode="before")(cast("Any", classmethod(outer_shape))),
    }
    return type(model.__name__, (model, instructor.OpenAISchema), body)
