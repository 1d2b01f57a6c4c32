"""Records in the words of the reference scorer, which reads no others."""

from communique.schemas.sanctions_concern import stage_of

ROLES = {
    "meetings": ("participants",),
    "allegations": ("accusers", "accused"),
    "sanctions_concerns": ("raised_by", "subjects"),
}
COMMITMENT = {"asserted": "asserted", "probable": "speculated", "possible": "speculated", "unspecified": "reported"}
STATUS = {"ongoing": "held", "broken_off": "held", "refused": "cancelled"}
STAGE = {"eased": "imposed", "lifted": "imposed", "refused": "proposed"}


def in_reference_words(row, document_id, *, ours=False):
    """Return gold, an answer with quotations for evidence, or our output (`ours`) in the reference scorer's words."""
    told = {"id": document_id, "language": row.get("language", "en")}
    return told | {kind: [_record(kind, record, ours) for record in row[kind]] for kind in ROLES}


def _record(kind, record, ours):
    quoted = [e if isinstance(e, str) else e["exact"] for e in record["evidence"]]
    said = {"evidence": quoted, "optional": record.get("optional", False)}
    for role in ROLES[kind]:
        said |= _split(role, record[role]) | {f"{role}_group": record.get(f"{role}_group", [])}
    if kind == "meetings":
        place = record.get("place") or {}
        accepted = record.get("place_ok", [])
        said |= {"place": place.get("name"), "place_ok": [p for p in accepted if p], "place_null_ok": None in accepted}
        said |= {"when_as_written": record["when"], "when_ok": record.get("when_ok", [])}
        said |= {"when_resolved": (record.get("derived") or {}).get("date")}
        said |= _split("reported_by", _each(record["attributions"], "source"))
        said |= _state("status", record, "status", STATUS)
    elif kind == "allegations":
        denials = [r for r in record["responses"] if r["type"] == "denial"]
        said |= _split("denied_by", _each(denials, "responders"))
        said |= _state("stance", record, "commitment", COMMITMENT)
        if ours and not record["accusers"]:
            said["stance"] = "reported"
    else:
        stage = record["stage"] if "stage" in record else stage_of(record["breach"], record["measure"])
        said |= _state("status", {**record, "stage": stage}, "stage", STAGE)
    return said


def _state(name, record, field, words):
    accepted = [words.get(value, value) for value in record.get(f"{field}_ok", [])]
    return {name: words.get(record[field], record[field]), f"{name}_ok": accepted}


def _each(parts, key):
    return [{**actor, **({"optional": True} if p.get("optional") else {})} for p in parts for actor in p[key]]


def _split(role, actors):
    forms = [([a["name"], *a.get("aliases", [])], a.get("optional", False)) for a in actors]
    return {
        role: [f for f, optional in forms if not optional],
        f"{role}_optional": [f for f, optional in forms if optional],
    }
