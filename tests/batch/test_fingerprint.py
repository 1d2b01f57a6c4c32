"""What makes documents and configurations the same. The golden list: every setting is inside or outside, on purpose."""

import dataclasses
import inspect
from types import SimpleNamespace

import pytest

from communique.backends.openai_chat import OpenAIBackend
from communique.backends.retrying import RetryPolicy
from communique.batch.budget import Bounds
from communique.batch.fingerprint import config_of, document_key, fingerprint
from communique.documents import Document
from communique.engine.plan import Plan
from communique.schemas import Allegation, Meeting

INSIDE = frozenset({
    "backend.model", "backend.base_url", "plan.records", "plan.repair_rounds", "plan.strict", "plan.shape",
    "plan.window_chars", "plan.overlap", "plan.max_tokens", "plan.claim_language", "plan.checks", "plan.judge",
    "plan.policy", "plan.effort", "plan.keep_text", "backend.seed",
})  # fmt: skip
"""Settings that change answers."""

OUTSIDE = frozenset({
    "bounds.concurrency", "bounds.rpm", "bounds.tpm", "bounds.max_tokens", "bounds.max_cost", "bounds.price",
    "bounds.outage", "policy.attempts", "policy.base", "policy.cap", "policy.attempt_deadline", "policy.call_deadline",
    "policy.max_wait", "policy.throttle_deadline", "policy.sleep", "policy.clock", "policy.random",
    "backend.api_key", "backend.policy", "backend.wire",
})  # fmt: skip
"""Settings that don't."""


def configuration(plan, backend, model, host, narrows):
    endpoint = SimpleNamespace(host=host)
    return config_of(SimpleNamespace(name=backend, model=model, endpoint=endpoint, narrows=narrows), plan)


TEXT = "The minister met the envoy."
ASKED = {"backend": "openai", "model": "m1", "host": "localhost:1", "narrows": False}


def settings():
    for prefix, kind in (("plan", Plan), ("bounds", Bounds), ("policy", RetryPolicy)):
        yield from (f"{prefix}.{f.name}" for f in dataclasses.fields(kind))
    yield from (f"backend.{name}" for name in inspect.signature(OpenAIBackend).parameters)


def test_every_setting_is_inside_or_outside():
    assert set(settings()) == INSIDE | OUTSIDE
    assert not INSIDE & OUTSIDE


@pytest.mark.parametrize(
    "plan",
    [
        Plan(records=(Meeting,)),
        Plan(repair_rounds=2),
        Plan(strict=True),
        Plan(shape="brief"),
        Plan(window_chars=5000),
        Plan(overlap=3),
        Plan(max_tokens=5000),
        Plan(effort="low"),
        Plan(checks=(print,)),
        Plan(keep_text=True),
    ],
)
def test_a_changed_plan_is_another_configuration(plan):
    assert fingerprint(configuration(plan, **ASKED)) != fingerprint(configuration(Plan(), **ASKED))


def test_every_field_of_the_plan_is_tried_above():
    assert {f.name for f in dataclasses.fields(Plan)} == {
        n.removeprefix("plan.") for n in INSIDE if n.startswith("plan.")
    }


@pytest.mark.parametrize("change", [{"model": "m2"}, {"host": "elsewhere"}, {"backend": "local"}, {"narrows": True}])
def test_a_changed_model_is_another_configuration(change):
    assert fingerprint(configuration(Plan(), **(ASKED | change))) != fingerprint(configuration(Plan(), **ASKED))


def test_a_changed_instruction_is_another_configuration():
    class Talk(Meeting):
        """Somebody talks."""

    Talk.plural = Meeting.plural
    assert fingerprint(configuration(Plan(records=(Talk,)), **ASKED)) != fingerprint(
        configuration(Plan(records=(Meeting,)), **ASKED)
    )


def test_a_seed_is_another_configuration_and_none_is_the_one_before_there_were_seeds():
    def of(**options):
        return config_of(OpenAIBackend("m1", base_url="http://127.0.0.1:1/v1", **options), Plan())

    assert "seed" not in of()
    assert fingerprint(of(seed=7)) not in {fingerprint(of()), fingerprint(of(seed=8))}


def test_versions_of_the_splitter_and_the_checks_are_in_it():
    assert {"splitter", "verifier", "output", "version"} <= set(configuration(Plan(), **ASKED))


def test_the_same_configuration_has_the_same_fingerprint():
    assert fingerprint(configuration(Plan(records=(Meeting, Allegation)), **ASKED)) == fingerprint(
        configuration(Plan(records=(Meeting, Allegation)), **ASKED)
    )


def test_a_configuration_holds_no_key(monkeypatch):
    backend = OpenAIBackend("m1", base_url="http://user:hidden@127.0.0.1:1/v1?token=hidden", api_key="sk-hidden")
    assert "hidden" not in str(config_of(backend, Plan()))


def test_id_and_source_do_not_make_a_document():
    one = Document.from_text(TEXT, id="a", source="x.txt", language="en")
    two = Document.from_text(TEXT, id="b", source="y.txt", language="en")
    assert document_key(one) == document_key(two)


@pytest.mark.parametrize(
    "change",
    [{"title": "t"}, {"published": "2024-05-01"}, {"language": "de"}, {"outlet": "o"}, {"pages": (0,)}],
)
def test_what_shows_in_the_answer_makes_a_document(change):
    plain = {"language": "en"}
    assert document_key(Document.from_text(TEXT, **(plain | change))) != document_key(Document.from_text(TEXT, **plain))
