"""A field of one actor in a record type of one's own is treated as a list of actors is."""

from typing import Annotated

import pytest

from communique import Record
from communique.documents import Document
from communique.engine.merge import merge
from communique.grounding import verify
from communique.grounding.rules.rule import actors_of
from communique.prompts import parse_answer
from communique.schemas import Actor, Quoted

DOCUMENT = Document.from_text(
    "Ebba Lind, president of Olmark, opened the new port on Monday.\n"
    "Lind had opened the port with a speech.\n"
    "Ole Vang opened the port for lorries.\n",
    language="en",
)


class Opening(Record):
    """Somebody opens something."""

    opener: Actor | None = None
    what: Annotated[str, Quoted()] = ""


def checked(number, opener):
    said = {"openings": [{"evidence": [number], "opener": opener, "what": "port"}]}
    return verify(parse_answer(said, (Opening,)), DOCUMENT).records


def test_it_gets_the_aliases_that_the_article_has():
    (record,) = checked(1, "Ebba Lind")
    assert record.opener.aliases == ("Lind",)
    assert [(path, actor.name) for path, actor in actors_of(record)] == [("opener", "Ebba Lind")]


@pytest.mark.parametrize(("again", "left"), [("Lind", 1), ("Ole Vang", 2)])
def test_records_are_one_where_it_is_the_same_actor(again, left):
    number = 2 if again == "Lind" else 3
    assert len(merge([checked(1, "Ebba Lind"), checked(number, again)])) == left
