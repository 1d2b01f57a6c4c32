"""What the embedded model really answered, and what our checks make of it; mistakes are shown as they are."""

import asyncio
import json
import os
import re
from pathlib import Path

import pytest
import yaml

from communique import AsyncExtractor, Document, Extractor, Plan
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.retrying import RetryPolicy

CASSETTES = Path(__file__).parents[2] / "cassettes"
WITH_ADAPTER = "_with_adapter"
"""End of the names of cassettes of the model with its adapter, which is what users get."""
NAMES = sorted(p.stem for p in (CASSETTES / "articles").glob("*.txt"))
NAMES += [f"{name}{WITH_ADAPTER}" for name in ("founding_facts", "german")]
URL = os.environ.get("COMMUNIQUE_RECORD_URL", "http://127.0.0.1:9/v1")
MODEL = "qwen2.5-coder-1.5b-instruct-q4_k_m"
KEPT = {"content-type"}
SECRET = re.compile(r"sk-[\w-]{8,}|Bearer |api[-_]key|set-cookie|org-|proj_|[\w.+-]+@[\w-]+\.\w+", re.IGNORECASE)
EACH = [pytest.param(name, marks=pytest.mark.default_cassette(f"{name}.yaml")) for name in NAMES]


def keep_listed(message):
    """Keep the headers that are on the list, and no other."""
    headers = message["headers"] if isinstance(message, dict) else message.headers
    for key in [k for k in headers if k.lower() not in KEPT]:
        del headers[key]
    return message


@pytest.fixture(scope="module")
def vcr_config():
    return {
        "match_on": ["method", "path", "body"],
        "before_record_request": keep_listed,
        "before_record_response": keep_listed,
        "decode_compressed_response": True,
        "allow_playback_repeats": True,
    }


@pytest.fixture(scope="module")
def vcr_cassette_dir():
    return str(CASSETTES)


def document_of(name):
    article = CASSETTES / "articles" / f"{name.removesuffix(WITH_ADAPTER)}.txt"
    return Document.from_text(article.read_text("utf-8"), published="2026-03-04")


class Trained(OpenAIBackend):
    """Asks a server whose model has the adapter."""

    trained = True


def backend(name):
    policy = RetryPolicy(attempts=1, attempt_deadline=900, call_deadline=1800)
    kind = Trained if name.endswith(WITH_ADAPTER) else OpenAIBackend
    return kind(MODEL, base_url=URL, policy=policy, seed=1)


def dumped(summary):
    return json.dumps(summary.model_dump(mode="json"), ensure_ascii=False, indent=1)


PLAN = Plan(shape="brief")


@pytest.mark.vcr
@pytest.mark.parametrize("name", EACH)
def test_a_recorded_answer_replays_to_the_same_summary(name):
    document = document_of(name)
    golden = CASSETTES / "expected" / f"{name}.json"

    with Extractor(backend(name), plan=PLAN, clock=lambda: 0.0) as extractor:
        summary = extractor.extract(document)

    if "COMMUNIQUE_RECORD_URL" in os.environ or "COMMUNIQUE_UPDATE" in os.environ:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(dumped(summary) + "\n", "utf-8")
    assert json.loads(golden.read_text("utf-8")) == json.loads(dumped(summary))
    for record in summary.all_records():
        assert record.evidence
        for evidence in record.evidence:
            assert document.text[evidence.start : evidence.end] == evidence.exact
            assert document.sentence(evidence.sentence).kind == "body"


@pytest.mark.vcr
@pytest.mark.parametrize("name", EACH)
def test_sync_and_async_give_byte_identical_json(name, record_mode):
    if "COMMUNIQUE_RECORD_URL" in os.environ:
        pytest.skip("recording is done by the other test")
    document = document_of(name)

    async def read():
        async with AsyncExtractor(backend(name), plan=PLAN, clock=lambda: 0.0) as extractor:
            return await extractor.extract(document)

    with Extractor(backend(name), plan=PLAN, clock=lambda: 0.0) as extractor:
        assert dumped(extractor.extract(document)) == dumped(asyncio.run(read()))


def test_about_an_article_on_sport_nothing_is_asked():
    got = read("no_record")

    assert got["provenance"]["attempts"] == 0
    assert got["meetings"] == got["allegations"] == got["sanctions_concerns"] == []


def read(name):
    return json.loads((CASSETTES / "expected" / f"{name}.json").read_text("utf-8"))


def names(actors):
    return [actor["name"] for actor in actors]


def test_the_founding_facts_are_recorded_and_two_participants_are_wrong():
    got = read("founding_facts")

    (meeting,) = got["meetings"]
    # it is the officials who met him; the model names the agency and his region
    assert names(meeting["participants"]) == [
        "North Korean state media",
        "Oleg Kozhemyako",
        "Primorye region",
    ]
    assert meeting["verdict"] == "supported"  # each name is in the cited sentence: words can't tell more
    arms = got["allegations"][-1]
    assert names(arms["accusers"]) == ["United States", "South Korea"]
    assert names(arms["accused"]) == ["North Korea"]
    assert (arms["commitment"], arms["checks"][-1]["was"]) == ("asserted", "possible")  # by our rules
    assert len(arms["responses"]) == 1  # "Moscow and Pyongyang have denied": our rules, not the model, found it
    (worry,) = got["sanctions_concerns"]
    assert (names(worry["raised_by"])[-1], worry["stage"]) == ("South Korea", "alleged")
    flags = [check["reason"] for check in worry["checks"] if check["severity"] == "flag"]
    assert flags == ["stage_words"]  # it is only potential


def test_with_the_adapter_the_founding_facts_are_right_and_the_german_accuser_is_missing():
    got = read(f"founding_facts{WITH_ADAPTER}")
    (arms,) = got["allegations"]
    assert (names(arms["accusers"]), names(arms["accused"])) == (["United States", "South Korea"], ["North Korea"])
    assert (len(arms["responses"]), arms["verdict"]) == (1, "supported")
    (worry,) = got["sanctions_concerns"]
    assert (names(worry["raised_by"]), names(worry["subjects"])) == (["South Korea"], ["Russia"])
    assert (worry["stage"], worry["verdict"]) == ("potential", "supported")

    (catch,) = read(f"german{WITH_ADAPTER}")["allegations"]  # the model took the shipping company for the accuser
    assert (names(catch["accusers"]), names(catch["accused"])) == ([], ["Reederei"])  # by our rules
    assert (catch["responses"], catch["verdict"]) == ([], "flagged")


def test_one_meeting_is_planned_and_one_is_cancelled():
    assert [m["status"] for m in read("planned_and_cancelled")["meetings"]] == ["planned", "cancelled"]


@pytest.mark.parametrize(
    ("name", "by", "subject", "stage"),
    [
        ("imposed_sanctions", "European Union", "two shipping companies", "imposed"),
        ("proposed_sanctions", "Canada", "Ostrava Deep", "proposed"),
    ],
)
def test_a_measure_names_who_takes_it_whom_it_hits_and_its_stage(name, by, subject, stage):
    (measure,) = read(name)["sanctions_concerns"]

    assert (names(measure["raised_by"]), names(measure["subjects"])) == ([by], [subject])
    assert (measure["stage"], measure["verdict"]) == (stage, "supported")  # verified needs a judge


@pytest.mark.parametrize(
    ("name", "accuser", "accused"),
    [
        ("german", "Reederei", "Regierung in Reykjavík"),  # the other way round
        ("imposed_sanctions", "Blue Keel Shipping", "companies' assets in the bloc"),  # rejects, accuses none
        ("mutual_accusations", "Tolvik", "Marenia"),  # the sentence is a denial
    ],
)
def test_a_wrong_accusation_of_the_model_is_never_verified(name, accuser, accused):
    verified = [a for a in read(name)["allegations"] if a["verdict"] == "verified"]

    assert (accuser, accused) not in [(*names(a["accusers"]), *names(a["accused"])) for a in verified]
    assert not [a for a in verified if len(a["evidence"]) == 1 and "denied the claim" in a["evidence"][0]["exact"]]


def test_the_republic_that_is_accused_is_kept_whatever_stands_before_its_name():
    first = [a for a in read("mutual_accusations")["allegations"] if a["evidence"][0]["sentence"] == 1]

    assert [(names(a["accusers"]), names(a["accused"])) for a in first] == [(["Marenia"], ["Tolvik"])]


def test_every_rejection_of_the_mutual_article_has_a_reason():
    assert all(r["reason"] and r["checks"] for r in read("mutual_accusations")["rejections"])


def test_braces_and_curly_quotes_reach_the_model_as_they_are():
    sent = yaml.safe_load((CASSETTES / "braces.yaml").read_text("utf-8"))["interactions"][0]["request"]["body"]

    asked = json.loads(sent)["messages"][-1]["content"]
    assert "“Dear {{ minister }}, {% if visit %} welcome {% endif %}”" in asked


def test_only_the_listed_headers_are_kept():
    for cassette in CASSETTES.glob("*.yaml"):
        for exchange in yaml.safe_load(cassette.read_text("utf-8"))["interactions"]:
            assert {name.lower() for name in exchange["request"]["headers"]} <= KEPT
            assert {name.lower() for name in exchange["response"]["headers"]} <= KEPT


def test_each_cassette_names_server_model_and_hash():
    recorded = sorted(CASSETTES.glob("*.yaml"))

    assert len(recorded) >= 7
    for cassette in recorded:
        head = cassette.read_text("utf-8")[:600]
        assert "xllamacpp" in head
        assert "SHA-256 cc324af070c2" in head
        assert "prompt cache" in head
        assert ("# Adapter: " in head) is cassette.stem.endswith(WITH_ADAPTER)


def test_no_cassette_holds_anything_like_a_key():
    for cassette in CASSETTES.glob("*.yaml"):
        assert not SECRET.search(cassette.read_text("utf-8")), cassette.name


@pytest.mark.parametrize("planted", ["Authorization: Bearer abcdefghijk", "sk-abcdefghijkl", "set-cookie: a=b"])
def test_the_scan_for_keys_finds_a_planted_one(planted):
    assert SECRET.search(planted)
