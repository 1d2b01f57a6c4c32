"""What a document costs: answers that can't be used are counted, hopeless ones are not asked for again and again."""

import pytest

from communique import Extractor, Plan
from communique.backends.backend import Completion
from communique.backends.openai_chat import OpenAIBackend
from communique.errors import (
    CommuniqueError,
    ContextExceededError,
    MalformedResponseError,
    PromptCutError,
    QuotaError,
    RefusalError,
    TransientBackendError,
    TruncatedResponseError,
)
from communique.schemas import Usage
from communique.testing import FakeServer

EMPTY = {"meetings": [], "allegations": [], "sanctions_concerns": []}
BAD = EMPTY | {"meetings": [{"evidence": [1], "status": "held", "participants": ["Nobody Here", "Ole Vang"]}]}
TEXT = " ".join(f"Minister number {i} met envoy {i} in Lund on Monday." for i in range(64))
SHORT = "Tilda Brask and Ole Vang met in Lund. It rained."


class Backend:
    """Answers by a function of the number of sentences and of the call; each call costs 4,000 tokens and 500."""

    name, model, narrows, context_tokens = "fake", "m", False, None

    def __init__(self, answer, reasks=0):
        self.answer, self.calls, self.reasks = answer, [], reasks

    def complete(self, prompt):
        self.calls.append(prompt)
        sentences = prompt.messages[1].content.count("\n") + 1
        said = self.answer(sentences, len(self.calls))
        if isinstance(said, CommuniqueError):
            said.attempts, said.tokens = 1, (4000, 500, 0)
            raise said
        return Completion(said, "{}", "m", Usage(input_tokens=4000, output_tokens=500), 0.0, 1, self.reasks)

    def close(self):
        pass


def cut(raw='{"meetings": ['):
    return TruncatedResponseError("cut", raw=raw)


def read(answer, text=TEXT, plan=None, **options):
    backend = Backend(answer, **options)
    return Extractor(backend, plan=plan).extract(text).provenance, backend


def test_an_answer_that_was_cut_off_is_counted():
    told, backend = read(lambda sentences, _: cut() if sentences > 40 else EMPTY)

    assert len(backend.calls) == told.attempts == 3
    assert (told.usage.input_tokens, told.usage.output_tokens, told.warnings) == (
        12000,
        1500,
        ("unusually_empty",)[:0],
    )


@pytest.mark.parametrize(("raw", "requests"), [('{"meetings": [', 5), ("", 2)])
def test_a_document_that_is_always_cut_off_fails_soon_and_tells_what_it_cost(raw, requests):
    backend = Backend(lambda *_: cut(raw))
    with pytest.raises(TruncatedResponseError) as caught:
        Extractor(backend).extract(TEXT)

    assert len(backend.calls) == requests
    assert caught.value.reason == "length"
    assert (caught.value.attempts, caught.value.tokens) == (requests, (4000 * requests, 500 * requests, 0, 0))


def test_one_sentence_that_is_always_cut_off_fails_and_one_among_others_is_a_warning():
    with pytest.raises(TruncatedResponseError):
        read(lambda *_: cut(), text="Tilda Brask met Ole Vang.")

    def answer(_sentences, _number, asked=[]):  # noqa: B006
        asked.append(1)
        return EMPTY if len(asked) == 2 else cut()

    told, backend = read(answer, text=SHORT)
    assert told.warnings == ("answer_cut_off",)
    assert len(backend.calls) == told.attempts == 3


def test_a_window_that_is_given_up_leaves_the_others():
    told, backend = read(lambda _, number: EMPTY if number == 1 else cut(""), plan=Plan(window_chars=1200, overlap=0))

    assert told.warnings[0] == "answer_cut_off"
    assert len(backend.calls) < 3 * told.windows


@pytest.mark.parametrize(("kind", "requests"), [(TransientBackendError, 2), (RefusalError, 5)])
def test_a_document_of_which_no_window_is_answered_fails_soon(kind, requests):
    backend = Backend(lambda *_: kind("no answer"))
    with pytest.raises(kind) as caught:
        Extractor(backend, plan=Plan(window_chars=400, overlap=0)).extract(TEXT)

    assert len(backend.calls) == caught.value.attempts == requests


def test_a_server_that_has_failed_twice_in_a_row_is_asked_nothing_more():
    told, backend = read(
        lambda _, number: EMPTY if number == 1 else TransientBackendError("down"),
        plan=Plan(window_chars=400, overlap=0),
    )
    assert len(backend.calls) == told.attempts == 3
    assert told.warnings[0] == "not_read: sentences 8-64 (server_error)"


def test_a_prompt_that_is_too_long_leads_to_smaller_windows():
    told, backend = read(lambda sentences, _: ContextExceededError("too long") if sentences > 20 else EMPTY)

    assert told.windows == 4
    assert len(backend.calls) == 7


def test_a_prompt_that_is_too_long_at_any_size_is_an_error():
    backend = Backend(lambda *_: ContextExceededError("too long"))
    with pytest.raises(ContextExceededError) as caught:
        Extractor(backend).extract(TEXT)

    assert caught.value.reason == "too_long"
    assert len(backend.calls) < 10


def test_an_error_has_the_cost_of_all_that_went_before_it():
    with pytest.raises(QuotaError) as caught:
        read(lambda _, number: EMPTY if number < 3 else QuotaError("no"), plan=Plan(window_chars=1200))

    assert (caught.value.attempts, caught.value.tokens) == (3, (12000, 1500, 0, 0))


def test_a_repair_that_cannot_be_used_is_counted():
    told, _ = read(lambda _, number: BAD if number == 1 else MalformedResponseError("oops"), text=SHORT)

    assert (told.attempts, told.usage.input_tokens, told.warnings) == (2, 8000, ("repair_failed",))


@pytest.mark.parametrize("rounds", [0, 1, 2, 5])
def test_asking_again_about_the_shape_and_about_the_records_share_one_budget(rounds):
    for reasks in (0, 1):
        _, backend = read(lambda *_: BAD, text=SHORT, plan=Plan(repair_rounds=rounds), reasks=min(reasks, rounds))
        assert len(backend.calls) == 1 + rounds - min(reasks, rounds)
        assert [p.reasks for p in backend.calls] == [min(1, rounds)] + [0] * (len(backend.calls) - 1)


def test_a_prompt_that_was_cut_in_silence_is_an_error():
    long = " ".join(f"Minister number {i} met envoy {i} in Lund on Monday." for i in range(900))

    with pytest.raises(PromptCutError, match=r"read only 4,000 tokens of a prompt of \d+,\d{3} words") as caught:
        read(lambda *_: EMPTY, text=long)
    assert (caught.value.attempts, caught.value.tokens[0]) == (1, 4000)
    assert "\n" not in str(caught.value)
    assert read(lambda *_: EMPTY, text=SHORT)[0].warnings == ()


def test_a_server_that_counts_fewer_tokens_than_any_context_has_is_warned_of_only():
    class Miscounting:
        name, model, context_tokens, narrows = "mock", "m", None, False

        def complete(self, _prompt):
            return Completion(data=EMPTY, text="{}", model="m", usage=Usage(input_tokens=700, output_tokens=20))

        def close(self):
            pass

    assert Extractor(Miscounting()).extract(SHORT).provenance.warnings == ("prompt_cut_off",)


@pytest.mark.parametrize("wire", ["chat", "responses"])
def test_a_server_that_reads_only_so_many_tokens_is_told_from_one_that_reads_all(wire):
    with FakeServer(reads=1024) as server, OpenAIBackend("m", base_url=server.url, wire=wire) as asked:
        with pytest.raises(PromptCutError, match="1,024 tokens"):
            Extractor(asked).extract(SHORT)
        server.reads = None
        assert Extractor(asked).extract(SHORT).provenance.warnings == ()


def test_a_context_that_is_too_small_leads_to_smaller_windows_for_the_reader_and_the_judge():
    said = {"statement": 1, "sentences": [1], "probability": 0.9}
    met = {"evidence": [1], "status": "held", "participants": ["Minister number 0", "envoy 0"]}

    def answer(body):
        if "judgements" in str(body["response_format"]):
            return {"judgements": [said]}
        return EMPTY | {"meetings": [met] if "\n[1] " in f"\n{body['messages'][1]['content']}" else []}

    def too_long(body):
        return sum(len(m["content"]) for m in body["messages"]) > 12_000

    with FakeServer(answer) as server, OpenAIBackend("m", base_url=server.url) as asked:
        server.fail("context", when=too_long)
        found = Extractor(asked).extract(" ".join([TEXT] * 3))
    assert found.provenance.windows > 1
    assert found.provenance.warnings == ()
    assert [len(r.judgements) for r in found.all_records()] == [1]
