"""Grouping by Ray gives the groups of one machine: its functions on a stand-in for a dataset, and on Ray itself."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("datasketch")
pytest.importorskip("rigour")
pytest.importorskip("pandas")
sys.path.insert(0, str(Path(__file__).parent))

import pandas as pd
from made import FINLAND, HOLM, VARGA, meeting, result

from communique.events import group_events
from communique.events.ray import group_dataset

TOLD = [
    result("a", meeting("m1", date="2024-03-12")),
    result("b", meeting("m2", {**VARGA, "name": "Ильзе Варга"}, HOLM, date="2024-03-12"), language="ru"),
    result("c", meeting("m3", VARGA, FINLAND, date="2024-03-12")),
    result("d", meeting("m4", date="2024-05-12"), published="2024-05-13"),
    result("e"),
]


class Rows(list):
    """What `group_dataset` asks of a dataset of Ray."""

    def flat_map(self, function):
        return Rows(made for row in self for made in function(row))

    def map(self, function):
        return Rows(map(function, self))

    def materialize(self):
        return self

    def iter_rows(self):
        return iter(self)

    def groupby(self, key):
        self.key = key
        return self

    def map_groups(self, function, *, batch_format):
        assert batch_format == "pandas"
        groups = pd.DataFrame(list(self)).groupby(self.key)
        return Rows(row for _, group in groups for row in function(group).to_dict("records"))


def rows():
    return [{"line": one.to_json()} for one in TOLD] + [{"line": ""}]


def test_the_groups_are_those_of_one_machine():
    found = group_dataset(Rows(rows()))
    assert sorted(row["line"] for row in found) == sorted(event.to_json() for event in group_events(TOLD))


@pytest.mark.slow
@pytest.mark.skipif(" " in sys.executable, reason="where Python's path has a blank, Ray's later workers never start")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:ray", "ignore::FutureWarning:ray", "ignore::ResourceWarning")
def test_ray_itself_gives_the_same(ray):
    found = group_dataset(ray.data.from_items(rows())).take_all()
    assert sorted(row["line"] for row in found) == sorted(event.to_json() for event in group_events(TOLD))
