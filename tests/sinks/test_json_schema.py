import json
from pathlib import Path

import jsonschema
import pytest

from communique.schemas import SCHEMA_VERSION, Record, VerifiedSummary
from communique.schemas.json_schema import SCHEMA_ID, output_schema

FROZEN = Path(__file__).with_name("frozen")
"""What each version promised: its schema, and a file that it wrote. Never edited; a new version adds its own."""
SHIPPED = Path(__file__).parents[2] / "docs" / "reference" / f"structured-summary-{SCHEMA_VERSION}.schema.json"


@pytest.fixture(scope="module")
def shipped():
    return json.loads(SHIPPED.read_text(encoding="utf-8"))


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

    assert breaks(old, output_schema()) == [] or int(SCHEMA_VERSION.partition(".")[0]) > major


def test_the_shipped_schema_is_the_only_one():
    assert [p.name for p in SHIPPED.parent.glob("*.schema.json")] == [SHIPPED.name]


def test_the_shipped_schema_is_the_one_of_the_code(shipped):
    assert output_schema() == shipped, "run: python -m communique.sinks.json_schema"


def test_its_id_has_the_version(shipped):
    assert shipped["$id"] == SCHEMA_ID == f"urn:communique:schema:structured-summary:{SCHEMA_VERSION}"
    assert shipped["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_wheel_ships_the_same_file(shipped):
    from importlib.resources import files

    assert json.loads((files("communique.sinks") / SHIPPED.name).read_text("utf-8")) == shipped


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
    assert VerifiedSummary.model_fields.keys() - {"records"} <= schema["properties"].keys()
