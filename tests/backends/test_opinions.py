"""Second models over each wire, against a server on loopback. The embedded model's own part is in test_llama_cpp.py."""

import anyio
import pytest

from communique.backends.decisions import OpenAIDecisionReferee, SystemOneReferee
from communique.backends.opinion_connect import UrlReferee, connect_referee
from communique.backends.opinions import Answers, ClosedQuestion, Inquiry, Referee
from communique.backends.opinions_chat import TokenReferee
from communique.backends.opinions_local import LocalReferee
from communique.backends.retrying import RetryPolicy
from communique.errors import (
    AuthenticationError,
    BackendError,
    BudgetExceededError,
    ConfigurationError,
    MissingKeyError,
    RequestRefusedError,
)
from communique.testing import FakeServer, Fault

PASSAGE = "Varnia accused Olmark of digging under the border. {{ not a template }}"
CHANCES = {"Does Varnia accuse Olmark?": 0.9, "Does Olmark accuse Varnia?": 0.2, "Is it Tuesday?": None}


async def no_wait(_seconds: float) -> None:
    await anyio.lowlevel.checkpoint()


POLICY = RetryPolicy(sleep=no_wait)


def opinion(passage: str, question: str) -> float | None:
    assert PASSAGE in passage
    return next(p for text, p in CHANCES.items() if text in question)


def inquiry(*texts: str) -> Inquiry:
    return Inquiry(PASSAGE, tuple(ClosedQuestion(f"f{i}", f"k.f{i}", t) for i, t in enumerate(texts)), "d1")


@pytest.fixture
def server():
    with FakeServer(opinion=opinion) as running:
        yield running


KINDS = [SystemOneReferee, OpenAIDecisionReferee, TokenReferee]


@pytest.mark.parametrize("kind", KINDS)
def test_each_wire_gives_the_probability_of_yes_in_the_order_of_the_questions(server, kind):
    with kind("m1", base_url=server.url, policy=POLICY) as referee:
        answers = referee.ask(inquiry(*CHANCES))
    assert isinstance(referee, Referee)
    assert answers.probabilities == (pytest.approx(0.9), pytest.approx(0.2), None)
    assert answers.reasons[:2] == ("", "")
    assert answers.reasons[2]
    assert answers.model == "m1"
    assert answers.usage.input_tokens > 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.anyio
async def test_the_awaited_answers_are_the_same(server, kind):
    referee = kind("m1", base_url=server.url, policy=POLICY)
    try:
        answers = await referee.aask(inquiry(*CHANCES))
    finally:
        await referee.aclose()
    assert answers.probabilities == (pytest.approx(0.9), pytest.approx(0.2), None)


def test_a_decision_model_is_asked_everything_about_a_record_at_once(server):
    with SystemOneReferee("m1", base_url=server.url) as referee:
        referee.ask(inquiry(*CHANCES))
    (arrival,) = server.arrivals
    assert arrival.path == "/v1/systemone"
    assert arrival.body["state"] == {"passage": PASSAGE}
    assert [q["type"] for q in arrival.body["questions"].values()] == ["noul"] * 3


def test_many_questions_are_sent_in_portions(server):
    with OpenAIDecisionReferee("m1", base_url=server.url) as referee:
        answers = referee.ask(inquiry(*["Does Varnia accuse Olmark?"] * 70))
    assert [len(a.body["questions"]) for a in server.arrivals] == [64, 6]
    assert len(answers.probabilities) == 70
    assert answers.attempts == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"type": "noul"}, "no probability"),
        ({"type": "noul", "noul": "0.9"}, "no probability"),
        ({"type": "noul", "noul": True}, "no probability"),
        ({"type": "noul", "noul": 1.2}, "is no probability"),
        ({"type": "noul", "noul": float("nan")}, "is no probability"),
        ({"type": "refusal"}, "declined"),
        ({"type": "choice", "choice": "yes"}, "as choice"),
        ("yes", "not answered"),
        (None, "not answered"),
    ],
)
def test_what_is_no_probability_is_no_answer(answer, reason):
    found = SystemOneReferee("m1", base_url="http://127.0.0.1:1/v1")._read(
        {"q1": answer}, inquiry("Is it Tuesday?").questions
    )
    assert found[0][0] is None
    assert reason in found[0][1]


@pytest.mark.parametrize("answers", [None, [], "yes", [1, 2]])
def test_an_answer_without_answers_answers_nothing(answers):
    for kind in (SystemOneReferee, OpenAIDecisionReferee):
        found = kind("m1", base_url="http://127.0.0.1:1/v1")._read(answers, inquiry("a", "b").questions)
        assert found == [(None, "not answered")] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_passing_fault_is_tried_again(server, kind):
    server.fail("503", times=1).fail("429_seconds", times=1)
    with kind("m1", base_url=server.url, policy=POLICY) as referee:
        answers = referee.ask(inquiry("Does Varnia accuse Olmark?"))
    assert answers.probabilities == (pytest.approx(0.9),)
    assert server.requests == 3


@pytest.mark.parametrize(
    ("kind", "fault", "error"),
    [
        (TokenReferee, "401", AuthenticationError),
        *((k, "401", AuthenticationError) for k in (SystemOneReferee, OpenAIDecisionReferee)),
        *((k, "502", BackendError) for k in (SystemOneReferee, OpenAIDecisionReferee)),
        *((k, "400", RequestRefusedError) for k in (SystemOneReferee, OpenAIDecisionReferee)),
    ],
)
def test_a_request_without_an_answer_is_an_error_that_names_the_document(server, kind, fault, error):
    server.fail(fault)
    with kind("m1", base_url=server.url, policy=POLICY) as referee, pytest.raises(error) as caught:
        referee.ask(inquiry("Does Varnia accuse Olmark?"))
    assert caught.value.document_id == "d1"


@pytest.mark.parametrize("fault", ["502", "400"])
def test_a_token_question_without_an_answer_has_the_reason(server, fault):
    server.fail(fault)
    with TokenReferee("m1", base_url=server.url, policy=POLICY) as referee:
        answers = referee.ask(inquiry("Does Varnia accuse Olmark?"))
    assert answers.probabilities == (None,)
    assert "127.0.0.1" in answers.reasons[0]


def test_one_question_that_fails_leaves_the_others_their_answers(server):
    server.fail("400", when=lambda body: "Olmark accuse" in body["messages"][-1]["content"])
    with TokenReferee("m1", base_url=server.url, policy=POLICY) as referee:
        answers = referee.ask(inquiry("Does Varnia accuse Olmark?", "Does Olmark accuse Varnia?"))
    assert answers.probabilities == (pytest.approx(0.9), None)
    assert "refused" in answers.reasons[1]


def test_a_model_that_takes_no_temperature_is_asked_without(server):
    refusal = b'{"error": {"message": "unsupported", "param": "temperature", "code": "unsupported_value"}}'
    server.fail(Fault(400, body=refusal), when=lambda body: "temperature" in body)
    with TokenReferee("m1", base_url=server.url, policy=POLICY) as referee:
        assert referee.ask(inquiry("Does Varnia accuse Olmark?")).probabilities == (pytest.approx(0.9),)
        referee.ask(inquiry("Does Varnia accuse Olmark?"))
    assert ["temperature" in a.body for a in server.arrivals] == [True, False, False]


def test_a_server_without_token_probabilities_gives_reasons():
    with FakeServer(lambda _: "yes") as server, TokenReferee("m1", base_url=server.url) as referee:
        answers = referee.ask(inquiry("Is it Tuesday?"))
    assert answers.probabilities == (None,)
    assert "token probabilities" in answers.reasons[0]


class Spent:
    """A governor whose budget is used up."""

    async def admit(self, _tokens):
        raise BudgetExceededError("nothing left")

    def settle(self, *_):
        raise AssertionError("nothing was admitted")

    def may_retry(self):
        return True


@pytest.mark.parametrize("kind", KINDS)
def test_a_used_up_budget_is_no_missing_opinion(server, kind):
    with (
        kind("m1", base_url=server.url, governor=Spent()) as referee,
        pytest.raises(BudgetExceededError),
    ):
        referee.ask(inquiry("Is it Tuesday?"))
    assert server.requests == 0


@pytest.mark.parametrize(
    ("paths", "path"),
    [
        (("/systemone", "/decisions"), "/v1/systemone"),
        (("/decisions",), "/v1/decisions"),
        ((), "/v1/chat/completions"),
    ],
)
def test_a_bare_url_is_asked_through_what_it_has(paths, path):
    with FakeServer(opinion=opinion, opinion_paths=paths) as server:
        referee = connect_referee(f"{server.url}#m1")
        try:
            for _ in range(2):
                assert referee.ask(inquiry("Does Varnia accuse Olmark?")).probabilities == (
                    pytest.approx(0.9),
                )
        finally:
            referee.close()
    assert [a.path for a in server.arrivals[-2:]] == [path, path]
    assert {a.body["model"] for a in server.arrivals} == {"m1"}


def test_a_url_that_has_nothing_says_so():
    with FakeServer() as server:
        referee = UrlReferee(server.url)
        try:
            with pytest.raises(ConfigurationError, match="has none of"):
                referee.ask(inquiry("Is it Tuesday?"))
        finally:
            referee.close()


@pytest.mark.parametrize(
    ("name", "kind", "model"),
    [
        ("systemone:http://127.0.0.1:9/v1", SystemOneReferee, "jev-latest"),
        ("systemone:http://127.0.0.1:9/v1#julia-1", SystemOneReferee, "julia-1"),
        ("decisions:http://127.0.0.1:9/v1#m", OpenAIDecisionReferee, "m"),
        ("openai:http://127.0.0.1:9/v1#m", TokenReferee, "m"),
        ("openai/gpt-x", TokenReferee, "gpt-x"),
        ("decisions/gpt-y", OpenAIDecisionReferee, "gpt-y"),
    ],
)
def test_names_lead_to_referees(monkeypatch, name, kind, model):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    referee = connect_referee(name)
    assert type(referee) is kind
    assert referee.model == model


@pytest.mark.parametrize(
    "name",
    ["", "nonsense", "systemone", "systemone/m", "openai/", "openai", "scripted", "http://", "ftp://x"],
)
def test_a_name_that_leads_nowhere_is_refused_with_a_hint(monkeypatch, name):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    with pytest.raises(ConfigurationError) as caught:
        connect_referee(name)
    assert caught.value.hint


def test_openai_s_key_is_not_sent_to_another_host(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.delenv("COMMUNIQUE_API_KEY", raising=False)
    assert SystemOneReferee("m", base_url="https://decide.example/v1").endpoint.key == "-"
    assert SystemOneReferee("m", base_url="https://notopenai.com/v1").endpoint.key == "-"
    assert OpenAIDecisionReferee("m", base_url="https://api.openai.com/v1").endpoint.key == "sk-secret"
    monkeypatch.setenv("COMMUNIQUE_CHECK_KEY", "second")
    assert SystemOneReferee("m", base_url="https://decide.example/v1").endpoint.key == "second"


def test_openai_without_a_key_is_refused_at_once(monkeypatch):
    for name in ("OPENAI_API_KEY", "COMMUNIQUE_API_KEY", "COMMUNIQUE_CHECK_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MissingKeyError):
        connect_referee("decisions/gpt-y")


class Yes:
    """A backend that says how likely yes is."""

    name = "local"
    model = "tiny"

    def __init__(self, mass=1.0):
        self.mass = mass
        self.closed = 0

    def yes_probability(self, messages):
        assert PASSAGE in messages[-1].content
        return 0.75, self.mass

    async def ayes_probability(self, messages):
        return self.yes_probability(messages)

    def close(self):
        self.closed += 1

    async def aclose(self):
        self.closed += 1


@pytest.mark.anyio
async def test_a_local_model_is_asked_for_its_first_token():
    referee = LocalReferee(Yes())
    expected = Answers((0.75, 0.75), ("", ""), "tiny", attempts=2)
    assert referee.ask(inquiry("a", "b")) == await referee.aask(inquiry("a", "b")) == expected


def test_a_model_that_would_rather_say_something_else_has_no_opinion():
    answers = LocalReferee(Yes(mass=0.3)).ask(inquiry("a"))
    assert answers.probabilities == (None,)
    assert "0.30" in answers.reasons[0]


@pytest.mark.anyio
async def test_a_backend_that_reads_documents_too_is_left_open():
    shared, own = Yes(), Yes()
    LocalReferee(shared, owned=False).close()
    await LocalReferee(shared, owned=False).aclose()
    LocalReferee(own).close()
    assert (shared.closed, own.closed) == (0, 1)
