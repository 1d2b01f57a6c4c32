"""The server: who may ask, what is refused, and what two reviewers of one record are told."""

import http.client
import json
import re
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from communique.review import DecisionsFile, Queue, decisions_path

pytest.importorskip("starlette", reason="needs the extra review: pip install 'communique[review]'")


class Client:
    """What a page does, without a browser."""

    def __init__(self, address):
        parts = urlsplit(address)
        self.host, self.token = parts.netloc, parts.fragment.removeprefix("token=")

    def ask(self, path, body=None, **headers):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        head = {"X-Communique-Token": self.token, "Content-Type": "application/json"} | headers
        head = {name: value for name, value in head.items() if value is not None}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request("GET" if body is None else "POST", path, data, head)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self.headers = answer.headers
        return answer.status, json.loads(content) if answer.headers["content-type"] == "application/json" else content

    def view(self, **asked):
        return self.ask("/api/view", asked)[1]

    def rows(self, show="all"):
        return self.view(show=show)["rows"]

    def record(self, key):
        return self.view(show="all", key=key)["record"]

    def first(self, show="open"):
        return self.view(show=show)["record"]

    def decide(self, item, decision, **more):
        asked = {"key": item["key"], "saw": item["version"], "fingerprint": item["fingerprint"], "decision": decision}
        return self.ask("/api/decide", asked | more)


def notes_of(record):
    [[heading, notes]] = record["document"]["cards"][0]["beside"]
    assert heading == "Decisions"
    return notes


@pytest.fixture
def client(served, queue):
    return Client(served(queue))


def test_the_page_is_open_and_holds_nothing_and_data_need_the_token(client):
    for path in ("/", "/review.js", "/elements.js", "/document.js", "/report.css", "/review.css"):
        status, content = client.ask(path, **{"X-Communique-Token": None})
        assert status == 200
        assert client.token.encode() not in content
    for token in (None, "", "x" * 43, client.token[:-1], client.token + "t"):
        assert client.ask("/api/view", {}, **{"X-Communique-Token": token})[0] == 401
    assert client.ask("/api/view", {})[0] == 200
    assert client.headers["set-cookie"] is None
    policy = client.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1:1"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
    ],
)
def test_other_hosts_and_pages_of_other_sites_are_refused(client, headers, status):
    assert client.ask("/", **headers)[0] == status
    assert client.ask("/api/view", {}, **headers)[0] == status
    assert client.ask("/api/decide", {}, **headers)[0] == status


def test_its_own_origin_may_ask(client):
    assert client.ask("/api/view", {}, Origin=f"http://{client.host}")[0] == 200


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"no", b'{"key": "\\ud800"}', b'{"start": NaN}', b"[" * 9999, b"x" * 1_000_001]
)
def test_what_is_no_request_is_refused(client, body):
    assert client.ask("/api/decide", body)[0] in {400, 413, 422}


def test_decisions_that_make_no_sense_are_refused_and_not_kept(client, queue):
    item = client.first()
    for decision in ("", "delete", None, "missing"):
        assert client.decide(item, decision)[0] == 422
    assert client.decide(item, "correct", edited={**item["stated"], "evidence": [99]})[0] == 422
    assert client.decide(item, "correct", edited={**item["stated"], "mode": "dance"})[0] == 422
    assert client.decide(item, "correct", edited=item["stated"])[0] == 422
    assert client.decide(item, "missing", sentences=[1], kind="dances")[0] == 422
    for evidence in (5, None, [], [[]], [True], ["1"]):
        assert client.decide(item, "correct", edited={**item["stated"], "evidence": evidence})[0] == 422
    assert client.decide({**item, "fingerprint": "0"}, "accept")[0] == 409
    assert client.decide({**item, "key": "0"}, "accept")[0] == 409
    assert client.decide(item, "undo", undoes="0")[0] == 409
    assert not queue.decisions.path.exists()


def test_a_decision_that_could_not_be_read_again_is_refused_and_not_kept(served, queue, results):
    client = Client(served(queue, "J\udcf6rg"))
    assert client.decide(client.first(), "accept")[0] == 422
    assert not decisions_path(results).exists()


def test_the_riskiest_record_is_first_and_each_decision_is_on_disk_at_once(client, results):
    item = client.first()
    assert item["verdict"] == "flagged" or all(r["verdict"] != "flagged" for r in client.rows())
    assert client.decide(item, "accept", comment="seen in the transcript")[0] == 200

    [line] = decisions_path(results).read_text("utf-8").splitlines()
    kept = json.loads(line)
    assert (kept["by"], kept["decision"], kept["comment"]) == ("ana", "accept", "seen in the transcript")
    assert kept["original"] == item["stated"]
    assert kept["at"].endswith("+00:00")


def test_two_reviewers_of_one_record_are_told_and_both_decisions_stay(served, results):
    ana, bo = (Client(served(Queue(results, DecisionsFile(decisions_path(results))), who)) for who in ("ana", "bo"))
    seen_by_ana, seen_by_bo = ana.first(), bo.first()
    assert ana.decide(seen_by_ana, "accept")[0] == 200
    status, answer = bo.decide(seen_by_bo, "reject")
    assert (status, answer["stale"]) == (409, True)

    again = bo.record(seen_by_bo["key"])
    assert [note[:2] for note in notes_of(again)] == [["ana", "accepted"]]
    assert bo.decide(again, "reject")[0] == 200
    both = ana.record(seen_by_bo["key"])
    assert (both["state"], both["conflict"]) == ("rejected", True)
    assert [note[:2] for note in notes_of(both)] == [["ana", "accepted"], ["bo", "rejected"]]
    assert ana.rows("conflicts")[0]["key"] == seen_by_bo["key"]


def test_results_that_change_are_noticed_and_asked_again_only_where_they_changed(
    client, results, invented, write_results
):
    items = [client.record(r["key"]) for r in client.rows()]
    for item in items:
        client.decide(item, "accept")
    before = client.view()
    changed = []
    for document, summary in invented.summaries(4):
        meeting, *more = summary.records["meetings"]
        groups = {**summary.records, "meetings": (meeting.model_copy(update={"when": "on Friday"}), *more)}
        changed.append((document, summary.model_copy(update={"records": groups}) if not changed else summary))
    write_results(results, changed)

    after = client.view()
    assert after["edition"][0] == before["edition"][0] + 1
    assert "edition" not in client.view(seen=after["edition"])
    assert after["counts"]["again"] == 1
    assert after["counts"]["accepted"] == len(items) - 1
    assert client.first()["why"] == "the record has changed since"


def test_results_that_are_broken_meanwhile_are_told_and_the_old_ones_stay(client, results):
    shown = client.first()
    results.write_text("{broken\n", "utf-8")

    again = client.view(key=shown["key"])
    assert again["record"] == shown
    assert "not JSON" in again["notice"]
    assert client.decide(shown, "accept")[0] == 200


def test_a_correction_is_checked_and_told_but_kept(client, queue):
    item = client.first()
    edited = {**item["stated"], "when": "on Sunday"}
    told = client.decide(item, "correct", edited=edited)[1]
    assert any("on Sunday" in text for _, text in told["objections"])
    assert not queue.decisions.path.exists()
    assert client.decide(item, "correct", edited=edited, confirmed=True)[0] == 200

    after = client.record(item["key"])
    assert after["state"] == "corrected"
    assert after["stated"]["when"] == "on Sunday"
    corrected = [text for _, text in after["document"]["cards"][0]["remarks"]["corrected"]]
    assert any(text.startswith("on Sunday instead of on Monday") for text in corrected)


def test_a_correction_that_the_type_cannot_hold_is_told_with_the_path_of_its_field(client):
    item = client.first("all")
    nameless = [{**item["stated"]["participants"][0], "name": ""}]
    status, told = client.decide(item, "correct", edited={**item["stated"], "participants": nameless})
    assert (status, told["path"]) == (422, ["participants", 0, "name"])
    assert told["error"] == "Participants: String should have at least 1 character"
    assert client.decide(item, "correct", edited={**item["stated"], "evidence": []})[1]["path"] == ["evidence"]


def test_each_field_is_edited_by_the_schema_of_its_type(client):
    item = client.first("all")
    schemas = item["schemas"]
    assert schemas.keys() == item["stated"].keys()
    assert {name: schema["type"] for name, schema in schemas.items() if "type" in schema} == {
        "evidence": "array", "mode": "string", "status": "string", "participants": "array", "topics": "array",
        "anticipated_topics": "array", "attributions": "array",
    }  # fmt: skip
    parts = schemas["participants"]["items"]["properties"]
    assert list(parts) == ["name", "kind", "role", "country", "capacity"]
    assert "call" in schemas["mode"]["enum"]
    assert "properties" in schemas["place"]["anyOf"][0]


def test_a_record_whose_type_is_not_known_is_edited_by_its_values(served, results):
    text = results.read_text("utf-8").replace('"meetings":', '"talks":').replace('"topics":', '"subjects":')
    results.write_text(text, "utf-8")
    client = Client(served(Queue(results, DecisionsFile(decisions_path(results)))))
    key = next(r["key"] for r in client.rows() if r["kind"] == "talks")
    item = client.record(key)
    assert "participants" not in item["schemas"]
    assert client.decide(item, "correct", edited={**item["stated"], "when": "on Sunday"}, confirmed=True)[0] == 200


def test_what_is_missing_is_kept_with_its_sentences_and_can_be_taken_back(client, queue):
    item = client.first()
    status, kept = client.decide(item, "missing", sentences=[3, 4], kind="allegations")
    assert status == 200
    marked = client.record(item["key"])
    assert marked["missing"] == [3, 4]
    assert [note[1:3] for note in notes_of(marked)] == [["missing: allegations", "plain"]]
    assert notes_of(marked)[0][3].startswith("sentences 3 and 4; ")
    assert client.view()["counts"]["missing"] == 1
    assert client.decide(item, "undo", undoes=kept["id"])[0] == 200
    assert client.view()["counts"]["missing"] == 0


def test_the_command_prints_an_address_that_serves_and_ends_in_peace(results):
    command = [sys.executable, "-m", "communique", "review", str(results), "--no-open", "--reviewer", "cy"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        address = re.fullmatch(r"(http://127\.0\.0\.1:\d+/#token=[\w-]{43})\n", process.stdout.readline())[1]
        assert Client(address).view()["reviewer"] == "cy"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
