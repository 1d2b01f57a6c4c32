"""Read results of schema version 1, in which every check was listed and `verified` said only that code found the words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_CHANGE = {"flagged": "kept", "failed": "left_out"}
_KEPT = ("schema_version", "document", "brief", "rejections", "provenance")


def from_version_1(data: dict[str, Any]) -> dict[str, Any]:
    """Return a result of version 1 in the form of version 2. The object that is given stays as it is.

    `verified` becomes `supported`, since no judge had seen it; passed checks are left out, since version 2 lists only
    what speaks against a field; second opinions are left out, since their questions were others. What has another form
    than version 1 gave it stays as it is, for the validation of version 2 to say so.
    """
    found = {key: value if key in _KEPT else _each(value, _record) for key, value in data.items()}
    found["rejections"] = _each(data.get("rejections", []), _with_checks)
    return {**found, "schema_version": "2.0"}


def _each(items: Any, change: Callable[[dict[str, Any]], Any]) -> Any:
    return [change(i) if isinstance(i, dict) else i for i in items] if isinstance(items, list) else items


def _record(record: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in record.items() if key != "opinions"}
    return _with_checks(rest | ({"verdict": "supported"} if record.get("verdict") == "verified" else {}))


def _with_checks(item: dict[str, Any]) -> dict[str, Any]:
    checks = _each(item.get("checks", []), _check)
    return {**item, "checks": [c for c in checks if c is not None] if isinstance(checks, list) else checks}


def _check(check: dict[str, Any]) -> dict[str, Any] | None:
    if check.get("outcome") == "passed":
        return None
    change = _CHANGE.get(str(check.get("outcome")))
    return {**check, "outcome": "unsupported", "severity": "flag", "change": change} if change else check
