import json
import re
from pathlib import Path

import jsonschema
import pytest

from communique.schemas import SCHEMA_VERSION, Record, VerifiedSummary
from communique.schemas.json_schema import SCHEMA_ID, output_schema

FROZEN = Path(__file__).with_name("frozen")
"""What each version promised: its schema, and a file that it wrote. Never edited; a new version adds its own."""
REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
LEAN = REFERENCE / f"structured-summary-{SCHEMA_VERSION}.schema.json"
FULL = REFERENCE / f"structured-summary-{SCHEMA_VERSION}-full.schema.json"


@pytest.fixture(scope="module")
def shipped():
    return json.loads(FULL.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lean():
    return json.loads(LEAN.read_text(encoding="utf-8"))


def parts(schema):
    """(name, part) of the object itself and everything that it refers to."""
    yield "", schema
    yield from schema["$defs"].items()


def types_of(field):
    """What a field may hold, as comparable words."""
    if "anyOf" in field:
        return {t for option in field["anyOf"] for t in types_of(option)}
    if "$ref" in field:
        return {field["$ref"]}
    if "enum" in field or "const" in field:
        return {repr(v) for v in field.get("enum", [field.get("const")])}
    if field.get("type") == "array":
        return {f"array of {t}" for t in types_of(field.get("items", {}))}
    return {field.get("type", "anything")}


def breaks(old, new):
    """What breaks: a program that reads the old output, given the new one; and the old output, held to the new schema.

    Between versions a field may be added, as an optional one; nothing else may change.
    """
    found = []
    for name, part in parts(old):
        later = dict(parts(new)).get(name, {})
        for field, shape in part.get("properties", {}).items():
            if field not in later.get("properties", {}):
                found.append(f"{name}.{field} is gone")
            elif types_of(later["properties"][field]) != types_of(shape):
                found.append(f"{name}.{field} has another type")
        before, after = set(part.get("required", ())), set(later.get("required", ()))
        found += [f"{name}.{f} may be missing" for f in before - after]
        found += [f"{name}.{f} must be there" for f in after - before]
    return found


@pytest.fixture(scope="module")
def frozen():
    return json.loads((FROZEN / "structured-summary-1.0.schema.json").read_text("utf-8"))


@pytest.mark.parametrize("path", sorted(FROZEN.glob("*.schema.json")), ids=lambda p: p.name)
def test_what_breaks_since_a_frozen_version_has_a_new_first_number(path):
    old = json.loads(path.read_text("utf-8"))
    major = int(old["$id"].rpartition(":")[2].partition(".")[0])

    assert breaks(old, output_schema(full=True)) == [] or int(SCHEMA_VERSION.partition(".")[0]) > major


def test_the_shipped_schemas_are_the_only_ones():
    assert {p.name for p in REFERENCE.glob("*.schema.json")} == {LEAN.name, FULL.name}


def test_the_shipped_schemas_are_those_of_the_code(shipped, lean):
    assert output_schema(full=True) == shipped, "run: make fix"
    assert output_schema() == lean, "run: make fix"


def test_their_ids_have_the_version(shipped, lean):
    assert lean["$id"] == SCHEMA_ID == f"urn:communique:schema:structured-summary:{SCHEMA_VERSION}"
    assert shipped["$id"] == f"{SCHEMA_ID}:full"
    assert shipped["$schema"] == lean["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", [LEAN, FULL])
def test_the_wheel_ships_the_same_files(path):
    from importlib.resources import files

    assert (files("communique.sinks") / path.name).read_text("utf-8") == path.read_text("utf-8")


def test_lean_outputs_fit_the_lean_schema_and_no_complete_one_does(lean, results):
    validator = jsonschema.Draft202012Validator(lean)
    jsonschema.Draft202012Validator.check_schema(lean)

    for document, summary in results:
        kept = summary.model_copy(update={"document": summary.document.model_copy(update={"text": document.text})})
        assert list(validator.iter_errors(summary.to_dict())) == []
        assert list(validator.iter_errors(kept.to_dict())) == []
        assert not validator.is_valid(summary.to_dict(full=True))


@pytest.mark.parametrize("missing", ["headline", "verdict", "evidence", "status"])
def test_what_every_lean_record_has_is_demanded(lean, results, missing):
    data = results[0][1].to_dict()
    del data["meetings"][0][missing]

    assert not jsonschema.Draft202012Validator(lean).is_valid(data)


def test_the_lean_schema_refers_to_nothing_that_is_not_there_and_has_nothing_that_is_not_used(lean):
    used = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(lean)))

    assert used == lean["$defs"].keys()


def test_outputs_fit_the_schema(shipped, results):
    validator = jsonschema.Draft202012Validator(shipped)
    jsonschema.Draft202012Validator.check_schema(shipped)

    for document, summary in results:
        kept = summary.model_copy(update={"document": summary.document.model_copy(update={"text": document.text})})
        assert list(validator.iter_errors(summary.model_dump(mode="json"))) == []
        assert list(validator.iter_errors(kept.model_dump(mode="json"))) == []


@pytest.mark.parametrize(
    "change", [{"meetings": [{"status": "hold"}]}, {"schema_version": 1}, {"surprise": 1}, {"document": {}}]
)
def test_what_is_no_output_does_not_fit(shipped, summaries, change):
    data = summaries[0].model_dump(mode="json") | change

    assert list(jsonschema.Draft202012Validator(shipped).iter_errors(data))


def test_the_compatibility_check_sees_what_breaks(frozen):
    new = json.loads(json.dumps(frozen))
    del new["$defs"]["Meeting"]["properties"]["outcome"]
    new["$defs"]["Evidence"]["properties"]["start"]["type"] = "string"
    new["$defs"]["Meeting"]["properties"]["status"]["enum"].append("postponed")
    new["$defs"]["Place"]["properties"]["river"] = {"type": "string"}
    new["$defs"]["Place"]["required"].append("river")
    new["required"].remove("document")

    assert sorted(breaks(frozen, new)) == [
        ".document may be missing",
        "Evidence.start has another type",
        "Meeting.outcome is gone",
        "Meeting.status has another type",
        "Place.river must be there",
    ]


def test_the_compatibility_check_lets_an_optional_field_be_added(frozen):
    new = json.loads(json.dumps(frozen))
    new["$defs"]["Place"]["properties"]["river"] = {"type": "string"}

    assert breaks(frozen, new) == []


def test_a_users_record_is_in_the_schema_that_it_is_asked_for():
    class Resignation(Record):
        """Somebody leaves office."""

        who: str

    schema = output_schema([Resignation])

    assert "resignations" in schema["properties"]
    assert "who" in schema["$defs"]["Resignation"]["properties"]
    assert VerifiedSummary.model_fields.keys() - {"records", "brief"} <= schema["properties"].keys()
