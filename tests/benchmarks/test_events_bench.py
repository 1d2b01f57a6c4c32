"""The corpus of events is whole, and its scorer counts right."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks" / "events"
SIDES = ("tune", "locked")

EVENT = {"a1": "a", "a2": "a", "a3": "a", "b1": "b", "b2": "b", "c1": "c"}
GROUPS = [{"a1", "a2", "b1"}, {"b2"}, {"a3", "undecided"}]
"""Two of three links of a are missed, the one of b, too; b1 is joined with a1 and a2."""


@pytest.fixture(scope="module")
def bench(script):
    return script("events")


@pytest.fixture(scope="module")
def corpora(bench):
    return {side: bench.load(FOLDER / side) for side in SIDES}


@pytest.mark.parametrize("side", SIDES)
def test_every_member_of_the_gold_is_a_record_that_the_checks_let_pass(corpora, side):
    corpus = corpora[side]
    assert corpus.lost == []
    records = {record.id for summary in corpus.summaries for record in summary.all_records()}
    assert set(corpus.event) <= records
    assert len(records) == len(corpus.event) + corpus.undecided


def test_copies_and_near_misses_name_articles_and_events_that_exist(bench, corpora):
    for side, corpus in corpora.items():
        assert set().union(*corpus.copies) <= {document.id for document in corpus.documents}
        near = bench.stored(FOLDER / side, "gold")["near_misses"]
        assert all(row["why"] and set(row["events"]) <= set(corpus.event.values()) for row in near)


def test_the_sides_share_no_event_and_are_as_large_as_told(corpora):
    tune, locked = (set(corpora[side].event.values()) for side in SIDES)
    assert not tune & locked
    assert sum(len(corpus.documents) for corpus in corpora.values()) >= 60


def test_figures_of_an_example_worked_by_hand(bench):
    figures = bench.score(GROUPS, EVENT).figures
    assert figures["pair P"] == pytest.approx(1 / 3)  # a1-a2 of a1-a2, a1-b1, a2-b1
    assert figures["pair R"] == pytest.approx(1 / 4)  # of a1-a2, a1-a3, a2-a3, b1-b2
    assert figures["B³ P"] == pytest.approx((2 / 3 + 2 / 3 + 1 + 1 / 3 + 1 + 1) / 6)
    assert figures["B³ R"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2 + 1) / 6)
    assert figures["pair F1"] == pytest.approx(2 / 7)


def test_faults_are_listed_one_by_one(bench):
    found = bench.score(GROUPS, EVENT)
    assert found.false_merges == {("a", "b"): ["a1", "a2", "b1"]}
    assert found.missed_links == {"a": [["a1", "a2"], ["a3"]], "b": [["b1"], ["b2"]]}


def test_intervals_hold_the_figure_and_a_perfect_grouping_is_perfect(bench):
    found = bench.score([{"a1", "a2", "a3"}, {"b1", "b2"}], EVENT)
    assert set(found.figures.values()) == {1.0}
    low, high = bench.score(GROUPS, EVENT).intervals["B³ F1"]
    assert low <= bench.score(GROUPS, EVENT).figures["B³ F1"] <= high


def test_nothing_grouped_has_no_pairwise_precision(bench):
    figures = bench.score((), EVENT).figures
    assert (figures["pair P"], figures["pair R"], figures["B³ P"]) == (None, 0, 1)


def test_a_record_in_two_groups_is_an_error(bench):
    with pytest.raises(ValueError, match="a1"):
        bench.score([{"a1", "a2"}, {"a1"}], EVENT)


def test_copies_are_counted_by_pair(bench):
    found = bench.copies([{"x", "y", "z"}], [{"x", "y"}, {"u", "v"}])
    assert {name: len(pairs) for name, pairs in found.items()} == {"found": 1, "missed": 1, "wrong": 2}


def test_the_command_prints_the_baselines_and_a_grouping_of_ones_own(bench, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["events", str(FOLDER / "tune"), "--grouping", "events_script:same"])
    bench.main()
    printed = capsys.readouterr().out
    assert "| grouping | event |" in printed
    assert "suwalki + vilnius" in printed
