"""Several documents, one after another: a failed one is a value, and its neighbours are read."""

import pickle

import pytest
from pydantic import BaseModel

from communique import AsyncExtractor, Document, Extractor, FailedDocument, Plan, extract_many
from communique.backends.scripted import ScriptedBackend
from communique.documents.readers import open_documents
from communique.errors import AuthenticationError, ConfigurationError, EmptyDocumentError, UnreadableDocumentError

NOTHING = {"meetings": [], "allegations": [], "sanctions_concerns": []}


class Strike(BaseModel):
    """A strike that the article reports."""

    who: str


def test_results_come_in_order_and_a_failed_document_is_a_value(tmp_path):
    (tmp_path / "a.txt").write_text("Rain fell.", "utf-8")
    (tmp_path / "b.txt").write_bytes(b"")
    given = [*open_documents(tmp_path), "It rained.", tmp_path / "none.txt", Document.from_text("Snow fell.")]

    found = list(extract_many(given, model=ScriptedBackend([NOTHING] * 3)))

    failed = {n: r for n, r in enumerate(found) if isinstance(r, FailedDocument)}
    assert {n: type(f.error) for n, f in failed.items()} == {1: EmptyDocumentError, 3: UnreadableDocumentError}
    assert failed[3].document == tmp_path / "none.txt"
    assert found[4].document.chars == len("Snow fell.")


def test_each_is_read_when_it_is_asked_for():
    given = iter(["One.", "Two."])
    with Extractor(ScriptedBackend([NOTHING] * 2)) as extractor:
        next(extractor.extract_many(given))
    assert list(given) == ["Two."]


@pytest.mark.parametrize("error", [AuthenticationError("no"), ConfigurationError("no")])
def test_what_would_fail_for_every_document_ends_it(error):
    class Refusing(ScriptedBackend):
        def complete(self, prompt):
            raise error

    with pytest.raises(type(error)):
        list(extract_many(["One.", "Two."], model=Refusing([])))


def test_the_text_is_kept_where_the_plan_says_so():
    (kept,) = extract_many(["It rained."], model=ScriptedBackend([NOTHING]), plan=Plan(keep_text=True))
    assert kept.document.text == "It rained."


@pytest.mark.parametrize("kind", [Extractor, AsyncExtractor])
def test_an_extractor_says_why_it_is_not_pickled(kind):
    with pytest.raises(TypeError, match="pickle its `plan`"):
        pickle.dumps(kind(model=ScriptedBackend([])))


def test_a_plan_and_results_with_a_plain_model_are_pickled():
    plan = pickle.loads(pickle.dumps(Plan(records=(Strike,))))
    assert plan == Plan(records=(Strike,))
    answer = {"strikes": [{"who": "Miners", "evidence": [1]}]}
    (found,) = extract_many(["Miners went on strike."], model=ScriptedBackend([answer]), plan=plan)
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert again.of(Strike)[0].who == "Miners"
