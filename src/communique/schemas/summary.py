"""The two summaries: `Summary` is what a model drafts, `VerifiedSummary` what the rest of the world receives."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    create_model,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from communique.errors import MissingExtraError
from communique.schemas.allegation import Allegation
from communique.schemas.headline import cards
from communique.schemas.lean import lean_form
from communique.schemas.meeting import Meeting
from communique.schemas.provenance import DocumentInfo, Provenance
from communique.schemas.record import Evidence, Part, Record, Rejection
from communique.schemas.record_type import record_type
from communique.schemas.rows import document_cells, layout_of
from communique.schemas.sanctions_concern import SanctionsConcern
from communique.schemas.stored import AnyRecord, dumped, from_version_1, json_line, json_text, loaded

SCHEMA_VERSION = "2.0"
"""Version of the output. The first number changes when a reader of the old output would break."""

STANDARD_RECORDS: tuple[type[Record], ...] = (Meeting, Allegation, SanctionsConcern)
"""The three record types that communique comes with, in output order."""

R = TypeVar("R", bound=BaseModel)


class Summary(Part):
    """Records as the model drafted them. It can't be handed to a sink: nothing in it is checked.

    Attributes:
        records: By plural key, in the order of the answer.
        unparsed: Drafts that don't have the shape of their record type: (key, what was said, what is wrong).
    """

    records: dict[str, tuple[Record, ...]] = Field(default_factory=dict)
    unparsed: tuple[tuple[str, dict[str, Any], str], ...] = ()

    def __iter__(self) -> Iterator[Record]:  # type: ignore[override]
        for group in self.records.values():
            yield from group


class Statement(Part):
    """One sentence of the brief, rendered by code from one record, with that record's evidence."""

    text: str
    record: str
    evidence: tuple[Evidence, ...] = ()


class VerifiedSummary(Part):
    """What was read out of one document, every record checked against its text.

    In JSON each record type is a list under its plural key: `meetings`, `allegations`, `sanctions_concerns`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: str = SCHEMA_VERSION
    document: DocumentInfo
    records: dict[str, tuple[Record, ...]] = Field(default_factory=dict, exclude=True)
    brief: tuple[Statement, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    provenance: Provenance = Provenance()

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """Return the records of one type; a plain Pydantic model that was asked for is one, too.

        Raises:
            pydantic.ValidationError: The summary was read from JSON, and what it has under the type's key is of another.
        """
        own = record_type(kind)
        found = (loaded(own, dumped(r)) if type(r) is AnyRecord else r for r in self.records.get(own.plural, ()))
        return cast("tuple[R, ...]", tuple(found))

    @property
    def meetings(self) -> tuple[Meeting, ...]:
        """The meetings."""
        return self.of(Meeting)

    @property
    def allegations(self) -> tuple[Allegation, ...]:
        """The allegations."""
        return self.of(Allegation)

    @property
    def sanctions_concerns(self) -> tuple[SanctionsConcern, ...]:
        """The sanctions concerns."""
        return self.of(SanctionsConcern)

    def all_records(self) -> Iterator[Record]:
        """Yield every record, by type, in text order."""
        for group in self.records.values():
            yield from group

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """Return what JSON holds: the lean form that files have, or the complete one (`full`), as `model_dump(mode="json")`.

        Complete is with nulls, defaults, the brief, all checks and judgements, and how each value was found.
        """
        data = self.model_dump(mode="json")
        return data if full else lean_form(data, (type(r) for r in self.all_records()))

    def to_json(self, *, full: bool = False, indent: int | None = None) -> str:
        """Return the text of `to_dict`: one line, or indented ones, with so many spaces for each level."""
        data = self.to_dict(full=full)
        return json_line(data) if indent is None else json_text(data, indent)

    def rows(self) -> list[dict[str, Any]]:
        """Return a flat row for each record, as the CSV sink writes it: docs/reference/rows.md has the columns."""
        return [
            dict(zip(layout.columns, layout.row(record, document_cells(self.document, kind)), strict=True))
            for kind, group in self.records.items()
            for record, layout in ((r, layout_of(type(r))) for r in group)
        ]

    def to_arrow(self) -> Any:
        """Return the rows as a `pyarrow.Table`; a column that a record type lacks is null in its rows.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        with MissingExtraError.naming("to_arrow()", "parquet"):
            import pyarrow as pa
        rows = self.rows()
        columns = dict.fromkeys(name for row in rows for name in row)
        return pa.table({name: [row.get(name) for row in rows] for name in columns})

    def to_pandas(self) -> Any:
        """Return the rows as a `pandas.DataFrame`; a column that a record type lacks is missing in its rows.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtraError("to_pandas() needs pandas", hint="pip install pandas") from error
        return pd.DataFrame(self.rows())

    def _repr_html_(self) -> str:
        return cards(self.document.title, self.all_records(), len(self.rejections))

    @model_serializer(mode="wrap")
    def _flat(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        rest = handler(self)
        if rest["document"].get("text") is None:
            rest["document"].pop("text", None)
        groups = {key: [{"headline": r.headline, **dumped(r)} for r in group] for key, group in self.records.items()}
        return {"schema_version": rest.pop("schema_version"), "document": rest.pop("document"), **groups, **rest}

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler.resolve_ref_schema(handler(output_model(STANDARD_RECORDS).__pydantic_core_schema__))

    @model_validator(mode="before")
    @classmethod
    def _of_json(cls, data: Any) -> Any:
        return _fields_of(data, STANDARD_RECORDS) if isinstance(data, Mapping) and "records" not in data else data

    @classmethod
    def from_json(
        cls, data: Mapping[str, Any] | str | bytes, records: Iterable[type[BaseModel]] | None = None
    ) -> VerifiedSummary:
        """Load what `to_json`, `to_dict`, `model_dump(mode="json")` or a JSONL line holds, lean or complete.

        Args:
            data: The JSON object, or its text.
            records: The types that were asked for; ours if None. A list of an unknown type is kept as `AnyRecord`s.

        Raises:
            ValueError: The text is not JSON, or the object is not such a summary (`pydantic.ValidationError`).
        """
        if isinstance(data, (str, bytes)):
            data = json.loads(data)
        if not isinstance(data, Mapping):
            return cls.model_validate(data)
        return cls.model_validate(_fields_of(data, STANDARD_RECORDS if records is None else map(record_type, records)))


def _fields_of(data: Mapping[str, Any], kinds: Iterable[type[Record]]) -> dict[str, Any]:
    """Return what a summary is made of, with the records of JSON, whose types are lists under their keys."""
    if str(data.get("schema_version", "")).startswith("1."):
        data = from_version_1(dict(data))
    types = {t.plural: t for t in kinds}
    listed: Any = data.get("sentences")
    lean = isinstance(listed, list) and all(isinstance(item, Mapping) and "sentence" in item for item in listed)
    sentences = {item["sentence"]: item for item in listed} if lean else {}
    fields: dict[str, Any] = {}
    records: dict[str, tuple[Record, ...]] = {}
    for key, value in data.items():
        if key in types and not isinstance(value, list):
            raise ValueError(f"{key}: a list of records was expected")
        if key == "sentences" and lean:
            continue
        if key in {"sentences", *VerifiedSummary.model_fields} or not isinstance(value, list):
            fields[key] = value  # sentences that are none are refused, as is all else that is no list of records
        elif key in types:
            records[key] = tuple(loaded(types[key], item, sentences) for item in value)
        else:
            records[key] = tuple(AnyRecord.kept(item, sentences) for item in value)
    return {**fields, "records": records}


def output_model(record_types: Iterable[type[Record]]) -> type[Part]:
    """Return a model of the JSON object for these record types, made for its JSON Schema."""
    fields: dict[str, Any] = {t.plural: (tuple[t, ...], ()) for t in record_types}  # type: ignore[valid-type]
    for name in ("schema_version", "document", "brief", "rejections", "provenance"):
        info = VerifiedSummary.model_fields[name]
        fields[name] = (info.annotation, info)
    return create_model("StructuredSummary", __base__=Part, **fields)
