"""A type that can't be a record is refused before anything is asked, and the message says which field and why."""

from typing import Annotated, Any, ClassVar, Literal, Optional

import pytest
from pydantic import BaseModel

from communique import Extractor, Mentioned, Plan, Quoted, Record, StatedDate, StatedNumber
from communique.backends.scripted import ScriptedBackend
from communique.cli.app import run
from communique.errors import ConfigurationError


def refused(kind) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Extractor(ScriptedBackend([]), records=[kind])
    return str(caught.value)


class Inner(BaseModel):
    parts: dict[str, str]


class Tree(BaseModel):
    name: str
    below: list["Tree"] = []


class Hollow(BaseModel):
    pass


@pytest.mark.parametrize(
    ("annotation", "why"),
    [
        (dict[str, int], "every key by name"),
        (dict, "every key by name"),
        (Any, "any answer would fit"),
        (object, "any answer would fit"),
        (bytes, "no bytes"),
        (list, "what its items are"),
        (tuple[int, str], "differ by position"),
        (range, "no JSON Schema"),
        (Hollow, "it has no fields"),
    ],
)
def test_a_type_that_a_model_cannot_be_asked_for_is_named_with_the_reason(annotation, why):
    class Odd(BaseModel):
        model_config = {"arbitrary_types_allowed": True}
        size: annotation

    said = refused(Odd)
    assert "Odd.size" in said
    assert why in said


@pytest.mark.parametrize(
    ("setting", "names", "why"),
    [
        ("essential", ("nobody",), "Odd.essential names 'nobody'"),
        ("essential", ("denied_by",), "Odd.essential names 'denied_by'"),
        ("subjects_of", ("nobody",), "Odd.subjects_of names 'nobody'"),
        ("subjects_of", ("evidence",), "Odd.subjects_of names 'evidence'"),
    ],
)
def test_a_setting_that_names_no_field_is_refused(setting, names, why):
    odd = type("Odd", (Record,), {"__annotations__": {"who": str}, "__module__": __name__, setting: names})

    assert why in refused(odd)


@pytest.mark.parametrize("annotation", [Annotated[str, Quoted], list[Annotated[str, Quoted]]])
def test_a_marker_without_brackets_is_refused(annotation):
    class Odd(Record):
        """Odd."""

        who: annotation

    assert "Odd.who has the marker Quoted without brackets (write Quoted())" in refused(Odd)


def test_a_type_inside_a_part_is_named_with_its_path():
    class Outer(Record):
        """Outer."""

        inner: Optional[Inner] = None  # noqa: UP045 - the old spelling works, too

    assert "Outer.inner.Inner.parts" in refused(Outer)


def test_a_type_that_holds_itself_is_refused_and_does_not_recurse():
    assert "it holds itself" in refused(Tree)


@pytest.mark.parametrize(
    "name", ["id", "evidence", "verdict", "support", "checks", "judgements", "derived", "brief", "cues"]
)
def test_a_field_named_like_ours_is_refused_by_name(name):
    kind = type("Odd", (BaseModel,), {"__annotations__": {name: str}, "__module__": __name__})

    said = refused(kind)
    assert f"Odd.{name}" in said
    assert "rename it" in said


def test_a_record_that_takes_its_evidence_away_is_refused():
    class Bare(Record):
        """Bare."""

        evidence: str = ""  # type: ignore[assignment]

    assert "Bare.evidence" in refused(Bare)


def test_a_key_that_the_output_uses_is_refused():
    class Rejection(Record):
        """Somebody rejects."""

    assert "set `plural`" in refused(Rejection)


def test_two_types_of_one_key_are_refused():
    class One(Record):
        """One."""

        plural: ClassVar[str] = "things"

    class Two(Record):
        """Two."""

        plural: ClassVar[str] = "things"

    with pytest.raises(ConfigurationError, match="share one key"):
        Extractor(ScriptedBackend([]), records=[One, Two])


@pytest.mark.parametrize(
    ("annotation", "marker"),
    [(int, Mentioned()), (list[float], Quoted()), (int | None, StatedDate()), (Literal["a"], StatedNumber())],
)
def test_a_marker_on_a_type_that_it_cannot_look_up_is_refused(annotation, marker):
    class Odd(Record):
        """Odd."""

        value: Annotated[annotation, marker]

    said = refused(Odd)
    assert "Odd.value" in said
    assert type(marker).__name__ in said


def test_cue_words_that_are_no_regular_expression_are_refused():
    class Odd(Record):
        """Odd."""

        cues: ClassVar = {"en": "resign(ed"}

    assert "cues['en']" in refused(Odd)


@pytest.mark.parametrize("kind", [Record, BaseModel])
def test_the_base_itself_is_refused(kind):
    assert "derive your own type" in refused(kind)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nosuchmodule_:X", "there is no module 'nosuchmodule_'"),
        ("communique.schemas:Meetng", "did you mean 'Meeting'"),
        ("communique.schemas:field_markers", "is not a record type"),
        ("meetnig", "did you mean 'meeting'"),
    ],
)
def test_on_the_command_line_a_wrong_record_is_one_line(name, said, tmp_path, capsys):
    article = tmp_path / "a.txt"
    article.write_text("Odo Brask met Ilya Tarn.")

    assert run(["extract", str(article), "-m", "scripted", "--record", name]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_one_type_where_a_list_belongs_is_refused():
    with pytest.raises(ConfigurationError, match=r"records is .*use records=\[\.\.\.\]"):
        Extractor(ScriptedBackend([]), records=Record)
    with pytest.raises(ConfigurationError, match=r"checks is .*use checks=\[\.\.\.\]"):
        Plan(checks=len)
