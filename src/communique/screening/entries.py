"""A list of known names as a file: FollowTheMoney entities, one JSON object a line, or CSV. A broken row costs only itself."""

from __future__ import annotations

import contextlib
import csv
import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from communique.errors import ConfigurationError, UnreadableDocumentError

if TYPE_CHECKING:
    from followthemoney.schema import Schema

COLUMNS = ("id", "name", "aliases", "type", "country", "topics")  # of a CSV list, unless the mapping names others
SCHEMATA = {
    "individual": "Person", "organisation": "Organization", "entity": "Organization", "group": "Organization",
    "media": "Organization", "public_body": "PublicBody", "aircraft": "Airplane", "country": "Territory", "": "LegalEntity",
}  # fmt: skip
"""FollowTheMoney's schema for a `type` of a CSV list, where it isn't the schema's own name, large or small."""
_TALLEST = 10  # lines of a row with line ends inside quotes; behind them a quotation mark counts as left open

Entry = dict[str, Any]  # `id`, `schema`, `caption` and `properties`: names, countries, topics
Told = Callable[[int, str], None]  # gets the line of a row with a fault, from 1, and what became of it


def entries(path: Path, mapping: Mapping[str, str] | None = None, tell: Told = lambda *_: None) -> Iterator[Entry]:
    """Yield the entries of a list that have names, of persons to vessels; addresses, sanctions and the like are passed over.

    Raises ConfigurationError if the mapping names what no list has, or a column that the file lacks, and
    UnreadableDocumentError if the file can't be read.
    """
    if unknown := set(mapping or {}) - set(COLUMNS):
        raise ConfigurationError(f"a list has no {min(unknown)!r}", hint=f"known: {', '.join(COLUMNS)}")
    with (
        UnreadableDocumentError.reading(path),
        path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file,
    ):
        first = next((line for line in file if line.strip()), "")
        file.seek(0)
        is_json = path.suffix in {".json", ".jsonl", ".ndjson"} or first.lstrip().startswith("{")
        yield from _of_json(file, tell) if is_json else _of_csv(file, path, mapping or {}, tell)


@contextlib.contextmanager
def _left_out(line: int, tell: Told) -> Iterator[None]:
    """Tell why a row is left out, and go on."""
    try:
        yield
    except RecursionError:
        tell(line, "left out: nested too deeply")
    except UnicodeEncodeError as error:
        tell(line, f"left out: not UTF-8: {error.reason}")
    except (csv.Error, ValueError) as error:
        why = str(error).partition(": line ")[0]
        tell(line, f"left out: {'a quotation mark is left open' if why == 'unexpected end of data' else why}")


def _of_json(file: Iterable[str], tell: Told) -> Iterator[Entry]:
    from followthemoney import model

    for number, line in enumerate(file, 1):
        with _left_out(number, tell):
            match json.loads(line) if line.strip() else None:
                case None:
                    continue
                case {"id": key, "schema": str(name), "properties": dict(properties), **rest}:
                    if (schema := model.get(name)) is None:
                        raise ValueError(f"there is no schema {name!r}")
                    if _compared(schema):
                        yield _entry(str(key), schema, properties, rest.get("caption"))
                case _:
                    raise ValueError("no entity; `id`, `schema` and `properties` are needed")


def _of_csv(lines: Iterator[str], path: Path, mapping: Mapping[str, str], tell: Told) -> Iterator[Entry]:
    head = next(lines, "")
    delimiter = max(",;\t", key=head.count)
    header = [cell.strip() for cell in next(csv.reader([head], delimiter=delimiter), [])]
    wanted = {name: mapping.get(name, "schema" if name == "type" and "schema" in header else name) for name in COLUMNS}
    if missing := [name for key, name in wanted.items() if name not in header and (key == "name" or key in mapping)]:
        has = f"it has: {', '.join(header)[:200]}"
        raise ConfigurationError(f"{path} has no column {missing[0]!r}", hint=f"{has}; choose one: --map name=COLUMN")
    if unread := [cell for cell in header if cell not in wanted.values()]:
        tell(1, f"columns not read: {', '.join(unread)[:200]}")
    number, ahead = 2, list(islice(lines, _TALLEST))
    while ahead:
        row = csv.reader(ahead, delimiter=delimiter, strict=True)
        taken = 1  # a quotation mark that is left open costs its own line alone
        with _left_out(number, tell):
            cells = [cell.strip() for cell in next(row)]
            taken = row.line_num
            if any(cells):
                if len(cells) > len(header):
                    tell(number, "more cells than columns: is a comma in a name not quoted?")
                told = dict(reversed([*zip(header, cells, strict=False)]))  # of two columns of one name the first
                yield _of_row({key: told.get(name, "") for key, name in wanted.items()}, number, tell)
        number += taken
        ahead = [*ahead[taken:], *islice(lines, taken)]


def _of_row(cells: Mapping[str, str], line: int, tell: Told) -> Entry:
    from followthemoney import model
    from followthemoney.types import registry

    kind = cells["type"]
    schema = model.get(SCHEMATA.get(kind.lower(), kind[:1].upper() + kind[1:]))
    if schema is None or not _compared(schema):  # a name that isn't screened is worse than one of any type
        tell(line, f"kept as a person or organisation: type {kind!r} isn't known")
        schema = model[SCHEMATA[""]]
    told = {key: [value.strip() for value in cells[key].split(";")] for key in ("aliases", "country", "topics")}
    codes = {value: registry.country.clean(value) for value in told["country"] if value}
    for value in (value for value, code in codes.items() if not code):
        tell(line, f"kept without country {value!r}, which isn't known")
    properties = {"name": cells["name"], "alias": told["aliases"], "country": [*codes.values()]}
    properties["topics"] = told["topics"]
    return _entry(cells["id"] or f"line-{line}", schema, properties)


def _entry(key: str, schema: Schema, properties: Mapping[str, Any], caption: object = None) -> Entry:
    """Return an entry with the properties that are compared; ValueError if it has no name, or one that isn't Unicode."""
    types, kept = _compared(schema), {}
    for name, values in properties.items():
        given = [v for v in (values if isinstance(values, list) else [values]) if v and isinstance(v, str)]
        if given and name in types:
            kept[name] = given
    names = [value for name, values in kept.items() if types[name] == "name" for value in values]
    if not names:
        raise ValueError("no name")
    caption = caption if isinstance(caption, str) and caption else names[0]
    "".join([key, caption, *chain(*kept.values())]).encode()
    return {"id": key, "schema": schema.name, "caption": caption, "properties": kept}


@functools.cache
def _compared(schema: Schema) -> dict[str, str]:
    """Return the types of the properties of a schema that are kept, by name; none if its entries aren't screened."""
    from followthemoney.names import PART_TAG_PROPS

    if not (schema.matchable and any(schema.is_a(kind) for kind in ("LegalEntity", "Vehicle", "Territory"))):
        return {}
    kept = {"topics", *(name for name, _ in PART_TAG_PROPS)}
    return {n: p.type.name for n, p in schema.properties.items() if n in kept or p.type.name in {"name", "country"}}
