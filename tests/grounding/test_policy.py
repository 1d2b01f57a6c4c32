"""Policies: what a reason does to a verdict; a file that is wrong is told by its name and the place."""

import pytest

from communique import Extractor, Plan
from communique.backends.scripted import ScriptedBackend
from communique.documents import Document
from communique.errors import ConfigurationError
from communique.grounding import load_policy, verify
from communique.grounding.policy import NAMES
from communique.prompts import parse_answer
from communique.schemas import STANDARD_RECORDS, Allegation, Meeting, SanctionsConcern

HEAD = 'name = "mine"\nversion = 3\n'
TEXT = "Odo Brask will meet Ilya Tarn in Geneva on Monday.\nOdo Brask had expected talks on grain and on fish."


@pytest.fixture
def policy(tmp_path):
    """Return a function that writes a policy and loads it."""

    def of(text, head=HEAD):
        path = tmp_path / "mine.toml"
        path.write_text(head + text, "utf-8")
        return load_policy(str(path))

    return of


@pytest.mark.parametrize("name", NAMES)
def test_our_own_have_a_name_a_version_and_a_digest(name):
    found = load_policy(name)
    assert str(found) == f"{name}/{found.version} {found.digest}"
    assert len(found.digest) == 16
    assert 0 < found.refute < found.accept < 1


def test_of_what_a_strong_model_said_nothing_is_changed():
    assert load_policy("strong").adopt == frozenset()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('leave_out = ["no_such_rule"]', "leave_out.0: there is no rule 'no_such_rule'"),
        ('adopt = ["no_such_rule"]', "adopt.0: there is no rule 'no_such_rule'"),
        ('[severity]\nno_such_rule = "flag"', "severity.no_such_rule: there is no rule"),
        (
            '[severity]\nplan_words = "fatal"',
            "severity.plan_words: Input should be 'note', 'flag' or 'reject'",
        ),
        ("[severity]\nplan_words = 3", "severity.plan_words"),
        ('severity = ["plan_words"]', "severity"),
        ("strict = true", "strict: there is no such key"),
        ("[judge]\nrejects = 0.1", "judge.rejects: there is no such key"),
        ("[judge]\naccept = 0.2\nrefute = 0.3", "judge: refute is above accept"),
        ("[judge]\nrefute = -0.1", "judge.refute"),
        ("[judge]\naccept = 1.1", "judge.accept"),
        ("[judge]\naccept = nan", "judge.accept"),
        ('[judge]\naccept = "high"', "judge.accept"),
        ("judge = 0.5", "judge"),
        ("leave_out = 5", "leave_out"),
        ('leave_out = "plan_words"', "leave_out"),
        ("leave_out = [[]]", "leave_out.0"),
        ('add_denials = "no"', "add_denials"),
    ],
)
def test_a_wrong_file_is_told_with_its_name_and_the_place(policy, tmp_path, text, said):
    with pytest.raises(ConfigurationError) as error:
        policy(text)
    assert str(tmp_path / "mine.toml") in str(error.value)
    assert said in str(error.value)
    assert error.value.hint


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("", "name: Field required"),
        ('name = "mine"\n', "version: Field required"),
        ('name = ""\nversion = 1\n', "name"),
        ("name = 1\nversion = 1\n", "name"),
        ('name = "mine"\nversion = "one"\n', "version"),
        ('name = "mine"\nversion = true\n', "version"),
        ("name = mine\n", "not valid TOML"),
        ("[severity\n", "not valid TOML"),
    ],
)
def test_a_file_without_a_name_and_a_version_is_none(policy, head, said):
    with pytest.raises(ConfigurationError, match=said):
        policy("", head)


@pytest.mark.parametrize("name", ["medium", "", "no/such/file.toml", "a\0b", "."])
def test_a_policy_that_is_not_there_is_named_with_what_there_is(name):
    with pytest.raises(ConfigurationError) as error:
        load_policy(name)
    assert f"there is no policy {name!r}" in str(error.value)
    assert "strong or small" in error.value.hint


def test_bytes_that_are_no_text_are_no_toml(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        load_policy(str(path))


def test_the_digest_is_that_of_the_file_as_it_is_now(policy):
    first, other = policy(""), policy("add_denials = true")
    assert (first.add_denials, other.add_denials) == (False, True)
    assert first.digest != other.digest
    assert policy("") == first


def test_a_severity_of_its_own_decides_the_verdict(outcome, policy):
    held = (Meeting, {})
    assert outcome(held, TEXT).verdict == "flagged"
    noted = outcome(held, TEXT, policy=policy('[severity]\nplan_words = "note"'))
    assert (noted.verdict, [c.severity for c in noted.checks]) == ("supported", ["note"])
    rejected = outcome(held, TEXT, policy=policy('[severity]\nplan_words = "reject"'))
    assert (rejected.reason, rejected.draft["status"]) == ("plan_words", "held")
    lifted = policy('[severity]\nnot_in_article = "note"')
    assert outcome((Meeting, {"participants": ["Odo Brask", "Eva Holt"]}), TEXT, policy=lifted).flags[0].reason == (
        "plan_words"
    )


def test_a_proposal_that_is_adopted_takes_the_values_place_and_the_check_says_what_it_was(outcome, policy):
    record = outcome((Meeting, {}), TEXT, policy=policy('adopt = ["plan_words"]'))
    assert record.status == "planned"
    (check,) = [c for c in record.checks if c.reason == "plan_words"]
    assert (check.change, check.was, check.proposal) == ("replaced", "held", "planned")
    assert outcome((Meeting, {}), TEXT).status == "held"


def test_what_has_no_proposal_is_not_adopted(outcome, policy):
    concern = (SanctionsConcern, {"stage": "imposed"})
    text = "Freedonia lifted the sanctions on Sylvania."
    record = outcome(concern, text, policy=policy('adopt = ["stage_words"]'))
    (check,) = record.checks
    assert (record.stage, check.change, check.was) == ("imposed", "kept", None)


def test_what_is_left_out_goes_and_the_support_of_the_rest_follows(outcome, policy):
    text = TEXT.replace("will meet", "met")
    draft = (Meeting, {"evidence": [1, 2], "topics": ["grain", "Geneva", "fish"]})
    assert outcome(draft, text).topics == ("grain", "Geneva", "fish")
    record = outcome(draft, text, policy=policy('leave_out = ["anticipated_not_discussed"]'))
    assert record.topics == ("Geneva",)
    told = [c for c in record.checks if c.reason == "anticipated_not_discussed"]
    assert [(c.change, c.was) for c in told] == [("left_out", "grain"), ("left_out", "fish")]
    places = {s.field: text[s.start : s.end] for s in record.support}
    assert places["topics[0]"] == "Geneva"
    assert "topics[1]" not in places


def test_a_record_that_loses_what_it_needs_is_rejected(outcome, policy):
    record = outcome((Meeting, {}), TEXT, policy=policy('leave_out = ["plan_words"]'))
    assert record.reason == "plan_words"
    assert [(c.reason, c.was) for c in record.checks if c.change == "left_out"] == [("plan_words", "held")]


def test_what_is_not_left_out_is_kept_even_if_the_article_lacks_it(outcome, policy):
    draft = (Meeting, {"participants": ["Odo Brask", "Eva Holt"], "place": "Klow"})
    record = outcome(draft, TEXT, policy=policy(""))
    assert [p.name for p in record.participants] == ["Odo Brask", "Eva Holt"]
    assert record.place.name == "Klow"
    assert {"not_in_article", "place_not_in_article"} <= {c.reason for c in record.flags}


@pytest.mark.parametrize(("line", "denials"), [("add_denials = true", 1), ("add_denials = false", 0)])
def test_denials_are_added_where_the_policy_says_so(outcome, policy, line, denials):
    text = "Freedonia accused Sylvania of theft.\nSylvania denied it."
    assert len(outcome((Allegation, {}), text, policy=policy(line)).responses) == denials


def test_a_plan_takes_a_policy_by_its_path_and_the_output_names_it(policy, tmp_path):
    named = policy('[severity]\nplan_words = "note"')
    answer = {"meetings": [{"evidence": [1], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}]}
    plan = Plan(policy=str(tmp_path / "mine.toml"), repair_rounds=0)
    document = Document.from_text(TEXT, language="en")
    summary = Extractor(ScriptedBackend([answer]), plan=plan).extract(document)
    assert [m.verdict for m in summary.meetings] == ["supported"]
    assert summary.provenance.policy == str(named) == f"mine/3 {named.digest}"
    with pytest.raises(ConfigurationError, match="there is no policy 'nowhere'"):
        Plan(policy="nowhere")


def test_a_suspect_whom_a_small_model_takes_for_the_accuser_becomes_the_accused():
    said = {"evidence": [1], "claim": "He stole.", "accusers": ["Odo Brask"], "accused": ["the prosecutor", "Zenda"]}
    text = "The defendant Odo Brask stole gold of Zenda, said the prosecutor."
    draft = parse_answer({"allegations": [{**said, "commitment": "asserted"}]}, STANDARD_RECORDS)
    (record,) = verify(draft, Document.from_text(text), policy=load_policy("small")).records
    assert ([a.name for a in record.accusers], [a.name for a in record.accused]) == ([], ["Odo Brask"])
    changes = {(c.field, c.was, c.change) for c in record.checks if c.reason == "suspect_accuses"}
    assert changes == {
        ("accusers[0].name", "Odo Brask", "left_out"),
        ("accused[0].name", "the prosecutor", "replaced"),
        ("accused[1].name", "Zenda", "left_out"),
    }
    assert {s.field for s in record.support} >= {"accused[0].name"}


def test_the_rules_look_at_what_a_correction_made_of_a_record():
    said = {"evidence": [1], "claim": "He stole.", "accusers": ["defendant"], "accused": ["gold"]}
    draft = parse_answer({"allegations": [{**said, "commitment": "asserted"}]}, STANDARD_RECORDS)
    document = Document.from_text("The defendant stole gold, said the prosecutor.")
    (record,) = verify(draft, document, policy=load_policy("small")).records
    assert [a.name for a in record.accused] == ["defendant"]
    assert {s.field for s in record.support} >= {"accused[0].name"}
    assert "no_name" not in {c.reason for c in record.checks}
