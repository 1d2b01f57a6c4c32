"""A list of known names as a file: FollowTheMoney entities, one JSON object a line, or CSV. A broken row costs only itself."""

from __future__ import annotations

import csv
import functools
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from communique.errors import ConfigurationError, UnreadableDocumentError

if TYPE_CHECKING:
    from followthemoney.proxy import EntityProxy
    from rigour.names import Name

COLUMNS = ("id", "name", "aliases", "type", "country", "topics")
"""What a CSV list may say of an entry; each is the column of that name unless the mapping names another."""
SCHEMATA = {
    "individual": "Person", "organisation": "Organization", "entity": "Organization", "group": "Organization",
    "media": "Organization", "public_body": "PublicBody", "aircraft": "Airplane", "country": "Territory", "": "LegalEntity",
}  # fmt: skip
"""FollowTheMoney's schema for a `type` of a CSV list, where it isn't the schema's own name, large or small."""
_SEVERAL = ";"
"""Between several values of one cell."""
_TALLEST = 10
"""Lines of a row with line ends inside quotes; behind them a quotation mark counts as left open."""

Entry = dict[str, Any]
"""`id`, `schema`, `caption` and `properties` of an entry: names, countries, topics."""
Told = Callable[[int, str], None]
"""Gets the line of a row with a fault, from 1, and what became of it."""


def entries(
    path: Path, mapping: Mapping[str, str] | None = None, tell: Told = lambda line, why: None
) -> Iterator[Entry]:
    """Yield the entries of a list that have names: persons, organisations, vessels, aircraft and territories.

    Others, such as addresses and sanctions in an export of OpenSanctions, are passed over.

    Args:
        path: The list. `targets.nested.json` can be read, too.
        mapping: Names of columns in a CSV file, by `COLUMNS`.
        tell: Gets what is wrong with a row.

    Raises:
        ConfigurationError: The mapping names what no list has, or a column that the file lacks.
        UnreadableDocumentError: The file can't be read.
    """
    if unknown := set(mapping or {}) - set(COLUMNS):
        raise ConfigurationError(f"a list has no {min(unknown)!r}", hint=f"known: {', '.join(COLUMNS)}")
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            first = next((line for line in file if line.strip()), "")
            file.seek(0)
            is_json = path.suffix in {".json", ".jsonl", ".ndjson"} or first.lstrip().startswith("{")
            yield from _of_json(file, tell) if is_json else _of_csv(file, path, mapping or {}, tell)
    except OSError as error:
        raise UnreadableDocumentError(f"can't read {path}: {error.strerror or error}") from error


def _of_json(file: Iterable[str], tell: Told) -> Iterator[Entry]:
    for number, line in enumerate(file, 1):
        try:
            data = json.loads(line) if line.strip() else None
            if data is not None and (entry := _entry(data["id"], data["schema"], data["properties"], data)):
                yield entry
        except (ValueError, RecursionError) as error:
            why = str(error).partition(": line ")[0] if isinstance(error, ValueError) else "nested too deeply"
            tell(number, f"left out: {why}")
        except (KeyError, TypeError, AttributeError):
            tell(number, "left out: no entity; `id`, `schema` and `properties` are needed")


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
    for number, row in _rows(lines):
        try:
            row.encode()  # as UTF-8, or it fails
            cells = next(csv.reader(io.StringIO(row, newline=""), delimiter=delimiter, strict=True), [])
            told = {name: cell.strip() for name, cell in reversed([*zip(header, cells, strict=False)])}
            if any(cells) and (entry := _of_row({k: told.get(name, "") for k, name in wanted.items()}, number, tell)):
                yield entry
        except UnicodeEncodeError:
            tell(number, "left out: not UTF-8")
        except (csv.Error, ValueError) as error:
            open_quote = row.count('"') % 2
            tell(number, f"left out: {'a quotation mark is left open' if open_quote else error}")


def _rows(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Yield rows with the number of their first line; a quotation mark that is left open costs its own line alone."""
    number, ahead = 2, list(itertools.islice(lines, 1))
    while ahead:
        taken = 1
        while "".join(ahead[:taken]).count('"') % 2 and taken < _TALLEST:
            ahead += itertools.islice(lines, taken + 1 - len(ahead))
            if len(ahead) == taken:
                break
            taken += 1
        whole = taken if "".join(ahead[:taken]).count('"') % 2 == 0 else 1
        yield number, "".join(ahead[:whole])
        number += whole
        ahead = ahead[whole:] or list(itertools.islice(lines, 1))


def _of_row(cells: Mapping[str, str], line: int, tell: Told) -> Entry | None:
    from followthemoney.types import registry

    kind = cells["type"]
    schema = SCHEMATA.get(kind.lower(), kind[:1].upper() + kind[1:])
    try:
        known = _compared(schema)
    except ValueError:
        known = None
    if known is None:  # a name that isn't screened is worse than one of any type
        tell(line, f"kept as a person or organisation: type {kind!r} isn't known")
        schema = SCHEMATA[""]
    several = {key: [v for v in map(str.strip, cells[key].split(_SEVERAL)) if v] for key in COLUMNS[2:]}
    countries = {value: registry.country.clean(value) for value in several["country"]}
    for value in (value for value, code in countries.items() if not code):
        tell(line, f"kept without country {value!r}, which isn't known")
    found = {"name": cells["name"], "alias": several["aliases"], "topics": several["topics"]}
    codes = [code for code in countries.values() if code]
    return _entry(cells["id"] or f"line-{line}", schema, {**found, "country": codes}, {})


def _entry(key: str, schema: str, properties: Mapping[str, Any], data: Mapping[str, Any]) -> Entry | None:
    """Return an entry with the properties that are compared; None if its schema has no part in screening.

    Raises:
        ValueError: The schema is none, or there is no name.
    """
    types = _compared(schema)
    if types is None:
        return None
    given = {
        name: [v for v in (values if isinstance(values, list) else [values]) if v and isinstance(v, str)]
        for name, values in properties.items()
        if name in types
    }
    kept = {name: values for name, values in given.items() if values}
    names = [value for name, values in kept.items() if types[name] == "name" for value in values]
    if not names:
        raise ValueError("no name")
    caption = data.get("caption") or names[0]
    "".join([str(key), caption, *itertools.chain(*kept.values())]).encode()  # no half of a character
    return {"id": str(key), "schema": schema, "caption": caption, "properties": kept}


@functools.lru_cache(maxsize=256)
def _compared(schema: str) -> dict[str, str] | None:
    """Return the types of the properties of a schema that are kept, by name; None if none of it is screened."""
    from followthemoney import model
    from followthemoney.names import PART_TAG_PROPS

    found = model.get(schema)
    if found is None:
        raise ValueError(f"there is no schema {schema!r}")
    if not (found.matchable and any(found.is_a(kind) for kind in ("LegalEntity", "Vehicle", "Territory"))):
        return None
    kept = {"topics", *(name for name, _ in PART_TAG_PROPS)}
    return {n: p.type.name for n, p in found.properties.items() if n in kept or p.type.name in {"name", "country"}}


def entity(key: str, schema: str, properties: Mapping[str, Iterable[str]]) -> EntityProxy:
    """Return a FollowTheMoney entity; its values are taken as they are.

    The key must be another for another content: rigour's and nomenklatura's caches go by it.
    """
    from followthemoney.proxy import EntityProxy

    return EntityProxy.from_dict({"id": key, "schema": schema, "properties": properties}, cleaned=True)


def names_of(entity: EntityProxy, *, of_list: bool) -> set[Name]:
    """Return the names of an entity, taken apart."""
    from followthemoney.names import entity_names

    return entity_names(entity, infer_initials=not of_list, consolidate=False)
