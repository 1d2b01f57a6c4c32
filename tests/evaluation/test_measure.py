import json

import pytest

from communique.errors import ConfigurationError, UnreadableDocumentError
from communique.evaluation import evaluate, held_out_ids, render
from communique.evaluation.counts import Found
from communique.schemas import (
    Actor,
    Allegation,
    Attribution,
    Check,
    Derived,
    DocumentInfo,
    Evidence,
    Meeting,
    Participant,
    Response,
    SanctionsConcern,
    VerifiedSummary,
)

TEXT = (
    "Ms Orlen met Mr Vray in Bern on Monday, ATS said. Orlen accused Fero of theft. Fero denied it. This may break the"
    " embargo, Orlen said."
)
S = [
    "Ms Orlen met Mr Vray in Bern on Monday, ATS said.",
    "Orlen accused Fero of theft.",
    "Fero denied it.",
    "This may break the embargo, Orlen said.",
]
GOLD = {
    "id": "bern",
    "language": "en",
    "meetings": [
        {
            "participants": [{"name": "Orlen"}, {"name": "Vray"}],
            "place": {"name": "Bern"},
            "when": "Monday",
            "derived": {"date": "2024-03-11"},
            "status": "held",
            "attributions": [{"source": [{"name": "ATS"}]}],
            "evidence": [S[0]],
        }
    ],
    "allegations": [
        {
            "accusers": [{"name": "Orlen"}],
            "accused": [{"name": "Fero"}],
            "claim": "Theft.",
            "responses": [{"type": "denial", "responders": [{"name": "Fero"}]}],
            "commitment": "possible",
            "evidence": [S[1]],
        }
    ],
    "sanctions_concerns": [
        {
            "raised_by": [{"name": "Orlen"}],
            "subjects": [{"name": "Fero"}],
            "concern": "theft",
            "regime": ["embargo"],
            "stage": "potential",
            "evidence": [S[3]],
        }
    ],
}


def cited(number):
    start = TEXT.index(S[number])
    return (Evidence(sentence=number + 1, exact=S[number], start=start, end=start + len(S[number])),)


def summary(document_id="cmq-1", source="articles/bern.txt", **changes):
    meeting = Meeting(
        status=changes.get("status", "ongoing"),
        participants=(Participant(name="Ms Orlen", aliases=("Orlen",)), Participant(name="Vray")),
        place="Bern",
        when="on Monday",
        attributions=(Attribution(source=(Actor(name="ATS"),), cue="said"),),
        evidence=cited(0),
        derived=Derived(date="2024-03-11"),
        verdict="supported",
    )
    allegation = Allegation(
        claim="Fero stole.",
        accusers=changes.get("accusers", (Actor(name="Orlen"),)),
        accused=(Actor(name="Fero"),),
        commitment=changes.get("commitment", "possible"),
        responses=(
            Response(type="no_comment", responders=(Actor(name="Vray"),)),
            Response(type="denial", responders=(Actor(name="Fero"),)),
        ),
        evidence=cited(1),
        verdict="flagged",
        checks=(Check(field="claim", outcome="unsupported", reason="number_not_in_evidence", severity="flag"),),
    )
    concern = SanctionsConcern(
        concern="May break the embargo.",
        raised_by=(Actor(name="Orlen"),),
        subjects=(Actor(name="Fero"),),
        stage="potential",
        evidence=cited(3),
        verdict="verified",
    )
    return VerifiedSummary(
        document=DocumentInfo(id=document_id, sha256="0" * 64, source=source),
        records={"meetings": (meeting,), "allegations": (allegation,), "sanctions_concerns": (concern,)},
    )


def test_our_output_is_read_as_the_gold_means_it():
    scores = evaluate([GOLD], [summary()], texts={"bern": TEXT})
    assert scores.micro.f1 == 1.0
    assert scores.micro.state_accuracy == 1.0
    assert {name: found.f1 for name, found in scores.slots.items()} == dict.fromkeys(scores.slots, 1.0)


@pytest.mark.parametrize(
    ("wanted", "given", "right"),
    [
        ("possible", "possible", True),
        ("possible", "probable", True),
        ("possible", "asserted", False),
        ("unspecified", "unspecified", True),
    ],
)
def test_degrees_of_doubt_that_gold_does_not_tell_apart_count_as_one(wanted, given, right):
    gold = {**GOLD, "allegations": [{**GOLD["allegations"][0], "commitment": wanted}]}
    scores = evaluate([gold], [summary(commitment=given)], {"bern": TEXT})
    assert scores.of("allegations").state_accuracy == float(right)


def test_a_claim_of_ours_without_an_accuser_is_nobodys_word():
    gold = {**GOLD, "allegations": [{**GOLD["allegations"][0], "commitment": "unspecified", "accusers": []}]}
    given = summary(commitment="asserted", accusers=())
    assert evaluate([gold], [given], {"bern": TEXT}).of("allegations").state_accuracy == 1.0


def test_an_answer_to_the_prompt_is_read_with_breach_and_measure():
    concern = {**GOLD["sanctions_concerns"][0], "breach": "potential", "measure": "none"}
    answer = {**GOLD, "sanctions_concerns": [{k: v for k, v in concern.items() if k != "stage"}]}
    assert evaluate([GOLD], [answer], {"bern": TEXT}).of("sanctions_concerns").state_accuracy == 1.0


OLDER = {
    "id": "bern",
    "language": "en",
    "meetings": [
        {
            "participants": [["Orlen"]], "participants_optional": [["Vray"]], "participants_group": ["both"],
            "place": "Bern", "place_null_ok": True, "when_as_written": "Monday", "when_resolved": "2024-03-11",
            "status": "held", "status_ok": ["planned"], "reported_by": [["ATS"]], "evidence": [S[0]], "optional": False,
        }
    ],
    "allegations": [
        {
            "accusers": [["Orlen"]], "accused": [["Fero"]], "act": "theft", "denied_by": [],
            "denied_by_optional": [["Fero"]], "stance": "speculated", "stance_ok": ["reported"], "evidence": [S[1]],
        }
    ],
    "sanctions_concerns": [
        {
            "raised_by": [["Orlen", "Ms Orlen"]], "subjects": ["Fero"], "activity": "theft", "regime": "embargo",
            "status": "potential", "evidence": [S[3]],
        }
    ],
}  # fmt: skip


def test_gold_in_the_words_used_before_is_read_in_those_of_the_schema():
    scores = evaluate([OLDER], [summary()], {"bern": TEXT})
    assert (scores.micro.f1, scores.micro.state_accuracy) == (1.0, 1.0)
    assert scores.slots["denied_by"] == Found(), "an answer that may be missing counts neither way"
    assert scores.slots["actors"] == Found(tp=5)
    nothing = evaluate([OLDER], [{"id": "bern", "meetings": [{**GOLD["meetings"][0], "place": None}]}], {"bern": TEXT})
    assert nothing.slots["place"] == Found()


def test_each_verdict_has_the_precision_of_its_records():
    gold = {**GOLD, "allegations": [], "sanctions_concerns": []}

    found = evaluate([gold], [summary()], {"bern": TEXT})

    assert found.to_json()["verdicts"] == {
        "flagged": {"records": 1, "right": 0, "precision": 0.0},
        "supported": {"records": 1, "right": 1, "precision": 1.0},
        "unflagged": {"records": 2, "right": 1, "precision": 0.5},
        "verified": {"records": 1, "right": 0, "precision": 0.0},
    }
    assert "supported or verified: 1 of 2 records are in the gold, precision 0.500\n" in render(found)
    assert "to check: 0 of 1 records are in the gold, precision 0.000\n" in render(found)


def test_verified_records_of_version_1_count_as_supported():
    old = summary().model_dump(mode="json") | {"schema_version": "1.0"}

    verdicts = evaluate([GOLD], [old], {"bern": TEXT}).to_json()["verdicts"]

    assert {name: n["records"] for name, n in verdicts.items()} == {
        "flagged": 1,
        "supported": 2,
        "unflagged": 2,
    }


def test_predictions_of_another_make_have_no_verdicts():
    assert evaluate([GOLD], [GOLD], {"bern": TEXT}).to_json()["verdicts"] == {}


@pytest.mark.parametrize(
    ("document_id", "source"),
    [
        ("bern", None),
        ("x", "bern.txt"),
        ("x", "https://example.org/news/bern.html?page=2"),
        ("x", "a\\b\\bern.html.gz"),
    ],
)
def test_a_summary_is_found_by_its_id_or_its_source(document_id, source):
    assert evaluate([GOLD], [summary(document_id, source)], {"bern": TEXT}).micro.f1 == 1.0


@pytest.fixture
def folders(tmp_path):
    gold, predictions = tmp_path / "corpus" / "gold" / "dev", tmp_path / "predictions"
    for folder in (gold, predictions, tmp_path / "corpus" / "dev"):
        folder.mkdir(parents=True)
    (gold / "bern.json").write_text(json.dumps(GOLD), encoding="utf-8")
    (gold / "bern.meta.json").write_text('{"id": "bern", "held_out": true}', encoding="utf-8")
    (tmp_path / "corpus" / "dev" / "bern.txt").write_text(TEXT, encoding="utf-8")
    (predictions / "bern.json").write_text(json.dumps(summary("x", None).model_dump(mode="json")), encoding="utf-8")
    return gold, predictions


def test_folders_are_paired_by_file_name_and_texts_found_beside(folders):
    scores = evaluate(*folders)
    assert scores.micro.f1 == 1.0
    assert scores.without_text == ()


def test_jsonl_files_are_read_with_a_byte_order_mark_and_blank_lines(folders, tmp_path):
    gold, predictions = tmp_path / "gold.jsonl", tmp_path / "predictions.jsonl"
    gold.write_text(json.dumps(GOLD) + "\n\n", encoding="utf-8-sig")
    predictions.write_text(json.dumps(summary().model_dump(mode="json")) + "\n", encoding="utf-8")
    scores = evaluate(gold, predictions)
    assert scores.micro.f1 == 1.0
    assert scores.without_text == ("bern",)


def test_gold_may_be_in_our_own_shape():
    assert evaluate([summary()], [summary()], {"cmq-1": TEXT}).micro.f1 == 1.0


def test_a_missing_prediction_counts_as_no_records_and_is_named(folders, tmp_path):
    (tmp_path / "none").mkdir()
    scores = evaluate(folders[0], tmp_path / "none")
    assert (scores.micro.recall, scores.to_json()["predictions_missing"]) == (0.0, ["bern"])


def test_a_prediction_of_no_gold_document_is_named():
    scores = evaluate([GOLD], [GOLD, {**GOLD, "id": "rome"}], {"bern": TEXT})
    assert scores.unmatched == ("rome",)
    assert scores.micro.predicted == 3


@pytest.mark.parametrize(
    ("gold", "predictions", "words"),
    [
        ([], [GOLD], "no gold"),
        ([GOLD, GOLD], [GOLD], "twice"),
        ([GOLD], [GOLD, GOLD], "'bern' appears twice"),
        ([GOLD], [{**GOLD, "id": "rome"}], "no prediction matches"),
        ([GOLD], [{"meetings": []}], "row 1: the row has no id"),
        ([GOLD], [{"id": "bern", "meetings": {"a": 1}}], "meetings is not a list"),
    ],
)
def test_gold_and_predictions_that_do_not_fit_are_refused_in_one_line(gold, predictions, words):
    with pytest.raises(ConfigurationError, match=words) as caught:
        evaluate(gold, predictions)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_a_broken_line_is_named_by_its_number(tmp_path):
    path = tmp_path / "p.jsonl"
    path.write_text('{"id": "bern"}\n{"id": \n', encoding="utf-8")
    with pytest.raises(UnreadableDocumentError, match=r"p\.jsonl:2: not JSON"):
        evaluate([GOLD], path)
    path.write_text("[1]\n", encoding="utf-8")
    with pytest.raises(UnreadableDocumentError, match="not a JSON object"):
        evaluate([GOLD], path)


def test_a_path_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UnreadableDocumentError, match="doesn't exist"):
        evaluate(tmp_path / "nowhere", [GOLD])
    with pytest.raises(UnreadableDocumentError, match="not a folder"):
        evaluate([GOLD], [GOLD], tmp_path / "nowhere")


def test_only_the_chosen_documents_are_measured():
    other = {**GOLD, "id": "rome"}
    scores = evaluate([GOLD, other], [GOLD, other], only={"rome"})
    assert [d.id for d in scores.documents] == ["rome"]
    assert scores.unmatched == ()
    with pytest.raises(ConfigurationError, match="none of the gold"):
        evaluate([GOLD], [GOLD], only={"nowhere"})


def test_held_out_articles_are_told_from_the_others(folders, tmp_path):
    assert held_out_ids(folders[0]) == ({"bern"}, set())
    with pytest.raises(ConfigurationError, match="held out"):
        held_out_ids(tmp_path)


def test_the_table_says_what_was_left_out():
    scores = evaluate([GOLD, {**GOLD, "id": "rome"}], [summary(), {**GOLD, "id": "oslo"}], {"bern": TEXT}, bootstrap=5)
    shown = render(scores)
    for words in (
        "no prediction for: rome",
        "predictions without a gold document: oslo",
        "no text to check quotations in, for: rome",
    ):
        assert words in shown
    assert "supported or verified: 2 of 2 records are in the gold, precision 1.000" in shown
    assert max(map(len, shown.splitlines())) <= 100
