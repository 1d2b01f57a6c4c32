"""Read results of schema version 1, in which every check was listed and `verified` said only that code found the words."""

from __future__ import annotations

from typing import Any

_CHANGE = {"flagged": "kept", "failed": "left_out"}
_KEPT = ("schema_version", "document", "brief", "rejections", "provenance")


def from_version_1(data: dict[str, Any]) -> dict[str, Any]:
    """Return a result of version 1 in the form of version 2. The object that is given stays as it is.

    `verified` becomes `supported`, since no judge had seen it; passed checks are left out, since version 2 lists only what
    speaks against a field; second opinions are left out, since their questions were others.
    """
    found = {key: value for key, value in data.items() if key in _KEPT}
    for key, group in data.items():
        if key not in _KEPT:
            found[key] = [_record(record) for record in group]
    found["rejections"] = [{**r, "checks": _checks(r.get("checks", ()))} for r in data.get("rejections", ())]
    return {**found, "schema_version": "2.0"}


def _record(record: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in record.items() if key != "opinions"}
    verdict = {"verified": "supported"}.get(record.get("verdict", ""), record.get("verdict", "draft"))
    return {**rest, "verdict": verdict, "checks": _checks(record.get("checks", ()))}


def _checks(checks: Any) -> list[dict[str, Any]]:
    return [
        {**check, "outcome": "unsupported", "severity": "flag", "change": _CHANGE[check["outcome"]]}
        for check in checks
        if check["outcome"] in _CHANGE
    ]
