"""A list of known names as a file: FollowTheMoney entities, one JSON object a line, or CSV. A broken row costs only itself."""

from __future__ import annotations

import csv
import functools
import io
import itertools
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from communique.errors import ConfigurationError, UnreadableDocumentError

if TYPE_CHECKING:
    from followthemoney.proxy import EntityProxy
    from rigour.names import Name

COLUMNS = ("id", "name", "aliases", "type", "country", "birthDate", "topics")
"""What a CSV list may say of an entry; each is the column of that name unless the mapping names another."""
SCHEMATA = {
    "person": "Person",
    "individual": "Person",
    "public_body": "PublicBody",
    "company": "Company",
    "organization": "Organization",
    "organisation": "Organization",
    "entity": "Organization",
    "group": "Organization",
    "media": "Organization",
    "vessel": "Vessel",
    "aircraft": "Airplane",
    "country": "Territory",
    "": "LegalEntity",
}
"""FollowTheMoney's schema for a `type` of a CSV list; schemas by their own name are taken, too."""
_OF_CSV = {"aliases": "alias", "country": "country", "birthDate": "birthDate", "topics": "topics"}
_SEVERAL = ";"
"""Between several values of one cell."""
_JSON = {".json", ".jsonl", ".ndjson"}
_TALLEST = 10
"""Lines of a row with line ends inside quotes; behind them a quote counts as left open."""

Entry = dict[str, Any]
"""`id`, `schema`, `caption` and `properties` of an entry: names, countries, dates of birth, topics."""
Told = Callable[[int, str], None]
"""Gets the line of a row with a fault, from 1, and what it is."""


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
        with path.open("rb") as file:
            first = next((line for line in file if line.strip()), b"")
            file.seek(0)
            if path.suffix in _JSON or first.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
                yield from _of_json(file, tell)
            else:
                lines = (line.decode("utf-8", "surrogateescape") for line in file)
                yield from _of_csv(lines, path, mapping or {}, tell)
    except OSError as error:
        raise UnreadableDocumentError(f"can't read {path}: {error.strerror or error}") from error


def _of_json(file: Iterator[bytes], tell: Told) -> Iterator[Entry]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line.decode("utf-8-sig"))
            entry = _entry(data["id"], data["schema"], data.get("caption"), data["properties"])
        except (ValueError, RecursionError) as error:
            tell(number, str(error).partition(": line ")[0] if isinstance(error, ValueError) else "nested too deeply")
        except (KeyError, TypeError, AttributeError):
            tell(number, "no entity: `id`, `schema` and `properties` are needed")
        else:
            if entry is not None:
                yield entry


def _of_csv(lines: Iterator[str], path: Path, mapping: Mapping[str, str], tell: Told) -> Iterator[Entry]:
    head = next(lines, "").removeprefix("\ufeff")
    delimiter = max(",;\t", key=head.count)
    header = [cell.strip() for cell in next(csv.reader([head], delimiter=delimiter), [])]
    wanted = {name: mapping.get(name, "schema" if name == "type" and "schema" in header else name) for name in COLUMNS}
    missing = [name for key, name in wanted.items() if name not in header and (key == "name" or key in mapping)]
    if missing:
        has = f"it has: {', '.join(header)[:200]}"
        raise ConfigurationError(f"{path} has no column {missing[0]!r}", hint=f"{has}; choose one: --map name=COLUMN")
    place = {key: header.index(name) for key, name in wanted.items() if name in header}
    for number, row in _rows(lines):
        try:
            row.encode()  # as UTF-8, or it fails
            cells = next(csv.reader(io.StringIO(row, newline=""), delimiter=delimiter, strict=True), [])
            if any(cells):
                yield _of_row(cells, place, number, tell)
        except UnicodeEncodeError:
            tell(number, "not UTF-8")
        except (csv.Error, ValueError) as error:
            tell(number, str(error))


def _rows(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Yield rows with the number of their first line; a quote that is left open costs its own line alone."""
    number, waiting = 1, deque[str]()
    while waiting or (waiting := deque(itertools.islice(lines, 1))):
        taken = 1
        while sum(waiting[i].count('"') for i in range(taken)) % 2 and taken < _TALLEST:
            waiting.extend(itertools.islice(lines, max(taken + 1 - len(waiting), 0)))
            if len(waiting) == taken:
                break
            taken += 1
        whole = not sum(waiting[i].count('"') for i in range(taken)) % 2
        row = "".join(waiting.popleft() for _ in range(taken if whole else 1))
        yield number + 1, row
        number += taken if whole else 1


def _of_row(row: Sequence[str], place: Mapping[str, int], line: int, tell: Told) -> Entry:
    cells = {key: row[at].strip() if at < len(row) else "" for key, at in place.items()}
    kind = cells.get("type", "")
    schema = SCHEMATA.get(kind.lower(), kind)
    types = _compared(schema)
    properties = {"name": [cells["name"]] if cells["name"] else []}
    for key, name in _OF_CSV.items():
        for value in filter(None, map(str.strip, cells.get(key, "").split(_SEVERAL))):
            clean = types[name].clean(value) if types and name in types else None
            properties.setdefault(name, []).extend([clean] if clean else [])
            if not clean:
                tell(line, f"kept without {key} {value!r}, which is none")
    found = _entry(cells.get("id") or f"line-{line}", schema, None, properties)
    if found is None:
        raise ValueError(f"{kind!r} is no type of an entry")
    return found


def _entry(key: str, schema: str, caption: str | None, properties: Mapping[str, Any]) -> Entry | None:
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
    names = [value for name, values in given.items() if types[name].name == "name" for value in values]
    if not names:
        raise ValueError("no name")
    kept = {name: values for name, values in given.items() if values}
    "".join([str(key), caption or "", *itertools.chain(*kept.values())]).encode()  # no half of a character
    return {"id": str(key), "schema": schema, "caption": caption or names[0], "properties": kept}


@functools.lru_cache(maxsize=256)
def _compared(schema: str) -> dict[str, Any] | None:
    """Return the types of the properties of a schema that are kept, by name; None if none of it is screened."""
    from followthemoney import model
    from followthemoney.names import PART_TAG_PROPS

    found = model.get(schema)
    if found is None:
        raise ValueError(f"there is no schema {schema!r}")
    if not (found.matchable and any(found.is_a(kind) for kind in ("LegalEntity", "Vehicle", "Territory"))):
        return None
    parts = {name for name, _ in PART_TAG_PROPS}
    kept = {"birthDate", "gender", "topics", *parts}
    return {n: p.type for n, p in found.properties.items() if n in kept or p.type.name in {"name", "country"}}


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
