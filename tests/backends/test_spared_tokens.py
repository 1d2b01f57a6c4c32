"""The evaluated static part of a prompt is kept between runs; the beginning and the end of an answer are not asked for."""

import json
import sys
from pathlib import Path

import pytest

from communique.backends.llama_server import LlamaChild
from communique.backends.spared_tokens import ENDS, KEPT, PrefixStates, beginning, rest, states_folder, whole
from communique.documents import Document
from communique.prompts import brief_prompt
from communique.prompts.prompt import Message
from communique.schemas import STANDARD_RECORDS, Allegation, Meeting

FAKE = Path(__file__).with_name("fake_llama.py")
STATIC = (Message("system", "Read."), Message("user", "An example."), Message("assistant", "{}"))
OTHER = (Message("system", "Judge."),)


@pytest.fixture
def folder(tmp_path):
    folder = states_folder(tmp_path / "models")
    (tmp_path / "states").symlink_to(folder)  # where the stand-in child looks for them
    return folder


@pytest.fixture
def child(tmp_path):
    child = LlamaChild([sys.executable, str(FAKE), "good", str(tmp_path)], 60)
    yield child
    child.stop(grace=0)


@pytest.fixture
def states(folder):
    return lambda *options: PrefixStates(folder, Path(__file__), options)


def paths(tmp_path):
    """Return what was asked of the child since the last look."""
    log = tmp_path / "paths"
    lines = log.read_text().split() if log.exists() else []
    log.write_text("")
    return [line.rpartition("/")[2].rpartition("action=")[2] for line in lines]


def test_the_first_run_evaluates_and_saves_and_the_next_one_reads_it_back(tmp_path, states, child, folder):
    states().load(child, STATIC)
    assert paths(tmp_path) == ["completions", "save"]
    assert len(list(folder.iterdir())) == 1
    states().load(child, STATIC)
    assert paths(tmp_path) == ["restore"]


def test_the_slot_is_left_alone_while_it_begins_with_the_same_text(tmp_path, states, child):
    one = states()
    one.load(child, STATIC)
    paths(tmp_path)
    one.load(child, STATIC)
    assert paths(tmp_path) == []


def test_what_another_question_overwrote_is_read_back(tmp_path, states, child):
    one = states()
    one.load(child, STATIC)
    one.load(child, OTHER)
    paths(tmp_path)
    one.load(child, STATIC)
    one.load(child, ())  # a question without a static part
    one.load(child, STATIC)
    assert paths(tmp_path) == ["restore", "restore"]


def test_what_is_evaluated_with_other_weights_is_another_state(tmp_path, states, child, folder):
    states().load(child, STATIC, lora=[{"id": 0, "scale": 1.0}])
    states().load(child, STATIC, lora=[{"id": 0, "scale": 0.0}])
    assert paths(tmp_path) == ["completions", "save"] * 2
    assert len(list(folder.iterdir())) == 2


def test_a_damaged_state_is_evaluated_again(tmp_path, states, child, folder):
    states().load(child, STATIC)
    (file,) = folder.iterdir()
    file.write_text("torn")
    paths(tmp_path)
    states().load(child, STATIC)
    assert paths(tmp_path) == ["restore", "completions", "save"]
    assert file.read_text() == "evaluated"


def test_other_options_have_a_state_of_their_own(states, child, folder):
    states(4096).load(child, STATIC)
    states(8192).load(child, STATIC)
    assert len(list(folder.iterdir())) == 2


def test_only_the_last_used_states_are_kept(states, child, folder):
    for n in range(KEPT + 3):
        states(n).load(child, STATIC)
    assert len(list(folder.iterdir())) == KEPT


def test_a_child_that_is_gone_costs_no_answer(states, child):
    child.stop(grace=0)
    states().load(child, STATIC)  # the request after it says what happened


def test_the_folder_is_its_owners_alone_and_none_where_it_cant_be_made(tmp_path, folder):
    assert folder.stat().st_mode & 0o077 == 0
    (tmp_path / "file").write_text("")
    assert states_folder(tmp_path / "file" / "models") is None


RECORD = {"meeting": {"participants": ["Odo Brask"], "place": None, "when": None, "status": "held"}}


def question(*kinds, text="Odo Brask met Ilya Tarn in Geneva.", trained=True):
    sentences = Document.from_text(text, language="en").sentences
    return brief_prompt(sentences, sentences[0], kinds, STANDARD_RECORDS, trained=trained)


@pytest.mark.parametrize("answer", [{"meeting": None}, RECORD])
def test_beginning_rest_and_end_are_the_whole_answer(answer):
    answered = json.dumps(answer, separators=(",", ":"))
    begun = beginning(question(Meeting))
    assert begun == '{"meeting'
    (end,) = [end for end in ENDS if answered.endswith(end)]
    assert whole(begun, answered.removeprefix(begun).removesuffix(end)) == answered


@pytest.mark.parametrize(
    "prompt",
    [
        question(Meeting, Allegation),
        question(Meeting, trained=False),
        question(Meeting, text="Odo Brask met {{Ilya Tarn}} in Geneva."),
    ],
)
def test_where_several_answers_may_begin_otherwise_nothing_is_given(prompt):
    assert beginning(prompt) == ""


def test_the_rest_is_bound_by_the_schema_of_its_kind():
    options = rest(question(Meeting))
    head, start, value = options["grammar"].split("\n")
    assert (head, start) == ("%llguidance {}", 'start: "\\":" value "}"')
    schema = json.loads(value.removeprefix("value: %json "))
    assert {"type": "null"} in schema["anyOf"]
    assert "$defs" in schema
