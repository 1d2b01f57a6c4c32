import itertools
import json
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.errors import ConfigurationError, OutputError, UnreadableDocumentError
from communique.evaluation import (
    Calibration,
    Observation,
    auc,
    brier_score,
    cross_validated,
    expected_calibration_error,
    fit,
    read_observations,
    reliability_table,
)
from communique.evaluation.calibration import POOLED, Isotonic, Logistic, fit_isotonic, fit_logistic

probabilities = st.floats(min_value=0.0, max_value=1.0).map(lambda p: round(p, 2))
observed = st.lists(
    st.builds(Observation, st.sampled_from("abc"), st.sampled_from(["q", "r"]), probabilities, st.booleans())
)


def overconfident(count=600, documents=12, question="record", seed=1):
    """Answers whose logits are twice as large as they should be: 0.9 is right about three times in four."""
    chance = random.Random(seed)
    rows = []
    for i in range(count):
        truth = chance.random()
        stated = Logistic(2.0, 0.0)(truth)
        rows.append(Observation(str(i % documents), question, stated, chance.random() < truth))
    return rows


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_overconfident_answers_become_honest_on_documents_not_seen(method):
    before = overconfident()
    after = cross_validated(before, method)
    assert expected_calibration_error(before) > 0.08
    assert expected_calibration_error(after) < 0.06
    assert brier_score(after) < brier_score(before)


def test_the_logistic_curve_finds_the_temperature():
    curve = fit_logistic(overconfident(6000))
    assert curve.slope == pytest.approx(0.5, abs=0.05)
    assert curve.intercept == pytest.approx(0.0, abs=0.08)


def test_answers_that_point_the_wrong_way_become_level():
    backwards = [o.with_probability(1 - o.probability) for o in overconfident()]
    curve = fit_logistic(backwards)
    assert curve.slope == 0.0
    assert curve(0.1) == curve(0.9) == pytest.approx(0.5, abs=0.06)


def test_answers_that_separate_perfectly_stay_within_bounds():
    rows = [Observation("a", "q", p, p > 0.5) for p in (0.0, 0.1, 0.2, 0.8, 0.9, 1.0)]
    curve = fit_logistic(rows)
    assert 0 < curve(0.0) < 0.2
    assert 0.8 < curve(1.0) < 1


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
@given(rows=observed, p=probabilities, q=probabilities)
def test_a_higher_answer_never_becomes_a_lower_one(method, rows, p, q):
    calibration = fit(rows, method, least=2)
    low, high = sorted((p, q))
    for question in ("q", "r", "unknown"):
        fitted = calibration.apply(question, low), calibration.apply(question, high)
        assert 0.0 <= fitted[0] <= fitted[1] + 1e-12 <= 1.0 + 1e-9


def squared_error(curve, rows):
    return math.fsum((curve(o.probability) - o.right) ** 2 for o in rows)


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.4, 0.5, 0.9]), st.booleans()), min_size=1, max_size=9))
def test_no_rising_step_function_is_closer_than_the_isotonic_curve(pairs):
    rows = [Observation("a", "q", p, right) for p, right in pairs]
    best = fit_isotonic(rows)
    levels = sorted({k / n for n in range(1, len(rows) + 1) for k in range(n + 1)})
    inputs = sorted({o.probability for o in rows})
    if len(levels) ** len(inputs) > 3000:
        levels = levels[:: len(levels) // 6]
    for values in itertools.combinations_with_replacement(levels, len(inputs)):
        rival = dict(zip(inputs, values, strict=True))
        assert squared_error(best, rows) <= squared_error(rival.__getitem__, rows) + 1e-9


def test_a_question_with_few_answers_takes_the_pooled_curve():
    calibration = fit([*overconfident(), Observation("a", "rare", 0.9, True)])
    assert set(calibration.curves) == {POOLED, "record"}
    assert calibration.apply("rare", 0.9) == calibration.curves[POOLED](0.9) != 0.9
    assert calibration.knows("rare")


def test_each_question_gets_its_own_curve():
    shy = [
        Observation(o.document, "shy", Logistic(0.5, 0.0)(o.probability), o.right)
        for o in overconfident(seed=2)
    ]
    calibration = fit([*overconfident(), *shy])
    assert calibration.apply("record", 0.8) < 0.75
    assert calibration.apply("shy", 0.8) > 0.75


@pytest.mark.parametrize("rows", [[], overconfident(10), [Observation("a", "q", 0.7, True)] * 50])
def test_too_few_or_one_sided_answers_are_left_as_they_are(rows):
    calibration = fit(rows)
    assert not calibration.knows("q")
    assert calibration.apply("q", 0.7) == 0.7


def test_a_document_is_never_fitted_on_itself():
    rows = overconfident(60, documents=2)
    after = cross_validated(rows)
    others = fit([o for o in rows if o.document == "1"])
    mine = [(b, a) for b, a in zip(rows, after, strict=True) if b.document == "0"]
    assert all(a.probability == others.apply(b.question, b.probability) for b, a in mine)


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_a_calibration_survives_a_file(tmp_path, method):
    calibration = fit(overconfident(), method, model="tiny")
    calibration.save(tmp_path / "c.json")
    assert Calibration.load(tmp_path / "c.json") == calibration


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"method": "logistic"}',
        '{"method": "logistic", "curves": {"q": {"slope": "x", "intercept": 0}}}',
        '{"method": "isotonic", "curves": {"q": {"points": []}}}',
        '{"method": "isotonic", "curves": {"q": {"points": [[0.5, 0.1], [0.5, 0.2]]}}}',
    ],
)
def test_a_file_that_is_no_calibration_is_refused(tmp_path, content):
    path = tmp_path / "c.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is no calibration"):
        Calibration.load(path)


def test_a_calibration_that_can_not_be_written_says_so(tmp_path):
    with pytest.raises(OutputError, match="can't be written"):
        Calibration().save(tmp_path / "nowhere" / "c.json")


def test_a_probability_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        Calibration().apply("q", 1.5)
    with pytest.raises(ValueError, match="between 0 and 1"):
        Observation("a", "q", float("nan"), True)


def test_between_points_the_isotonic_curve_is_straight():
    curve = Isotonic(((0.2, 0.1), (0.6, 0.5)))
    assert [round(curve(p), 3) for p in (0.0, 0.2, 0.4, 0.6, 1.0)] == [0.1, 0.1, 0.3, 0.5, 0.5]


def rows_of(*pairs):
    return [Observation("a", "q", p, right) for p, right in pairs]


def test_the_reliability_table_counts_each_answer_once():
    rows = rows_of((0.0, False), (0.05, True), (0.5, True), (1.0, True))
    table = reliability_table(rows, bins=2)
    assert [(b.low, b.high, b.count, b.share) for b in table] == [(0.0, 0.5, 2, 0.5), (0.5, 1.0, 2, 1.0)]
    assert reliability_table([], bins=1)[0].mean is None


def test_the_expected_calibration_error_is_the_weighted_gap():
    rows = rows_of((0.9, True), (0.9, False), (0.9, False), (0.1, False))
    assert expected_calibration_error(rows) == pytest.approx(0.75 * abs(0.9 - 1 / 3) + 0.25 * 0.1)
    assert expected_calibration_error([]) is None
    assert brier_score([]) is None


@given(observed)
def test_auc_is_the_share_of_pairs_in_the_right_order(rows):
    right = [o.probability for o in rows if o.right]
    wrong = [o.probability for o in rows if not o.right]
    if not right or not wrong:
        assert auc(rows) is None
        return
    pairs = [(a > b) + 0.5 * (a == b) for a in right for b in wrong]
    assert auc(rows) == pytest.approx(sum(pairs) / len(pairs))


def test_observations_are_read_from_lines(tmp_path):
    path = tmp_path / "o.jsonl"
    row = {"document": "a", "question": "q", "probability": 0.5, "right": True}
    path.write_text(json.dumps(row) + "\n\n", encoding="utf-8")
    assert read_observations(path) == [Observation("a", "q", 0.5, True)]


@pytest.mark.parametrize(
    "line",
    [
        '{"document": "a"}',
        "[]",
        "nonsense",
        '{"document": "a", "question": "q", "probability": 7, "right": true}',
        '{"document": "a", "question": "q", "probability": 0.5, "right": "yes"}',
    ],
)
def test_a_row_that_is_no_observation_is_named_by_its_line(tmp_path, line):
    path = tmp_path / "o.jsonl"
    path.write_text("\n" + line, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"o\.jsonl:2: "):
        read_observations(path)


def test_a_file_without_observations_is_refused(tmp_path):
    (tmp_path / "o.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no observations"):
        read_observations(tmp_path / "o.jsonl")
    with pytest.raises(UnreadableDocumentError):
        read_observations(tmp_path / "none.jsonl")
