"""Response models as instructor wants them, made once each: a class per call would cost more than the call."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Self, cast

import instructor
from pydantic import BaseModel, model_validator


@lru_cache(maxsize=256)
def prepared(model: type[BaseModel], keys: tuple[str, ...]) -> type[BaseModel]:
    """Return the response class for a prompt's model, the same one each time.

    It is an envelope without fields that validates by the real model. instructor walks through all fields of a response
    class, and of the classes in them, four times a call: with our records that took more than half of all CPU time
    (benchmarks/machinery.py --wire). The envelope derives from `instructor.OpenAISchema`, so that instructor builds no
    class of its own, and gives its JSON Schema from memory; the strict schema of the prompt is sent instead of it.

    An answer without one of the keys is refused, so that `{}` is asked again and not read as "nothing found".

    Args:
        model: `Prompt.response_model`.
        keys: Keys that the answer must have.
    """
    schema = model.model_json_schema()
    real = with_keys(model, keys)

    class Envelope(instructor.OpenAISchema):
        @classmethod
        def model_json_schema(cls, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
            return schema

        @classmethod
        def model_validate_json(cls, json_data: str | bytes | bytearray, **_: Any) -> Self:
            real.model_validate_json(json_data, strict=False)
            return cast("Self", cls.model_construct())

    Envelope.__name__ = model.__name__
    return Envelope


def with_keys(model: type[BaseModel], keys: tuple[str, ...]) -> type[BaseModel]:
    """Return a model that refuses what lacks one of the keys."""

    def outer_shape(_cls: type[BaseModel], value: Any) -> Any:
        missing = [key for key in keys if key not in value] if isinstance(value, dict) else []
        if missing:
            raise ValueError(f"missing: {', '.join(missing)}")
        return value

    validator = model_validator(mode="before")(cast("Any", classmethod(outer_shape)))
    body = {"__module__": model.__module__, "__doc__": model.__doc__, "outer_shape": validator}
    return type(model.__name__, (model,), body)
