import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from communique.evaluation.counts import assign

weights = st.one_of(
    st.just(0.0), st.floats(min_value=0.0, max_value=2.0, allow_subnormal=False).map(lambda x: round(x, 3))
)
matrices = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda size: st.lists(st.lists(weights, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0])
)


def best_by_trying(matrix):
    rows, columns = len(matrix), len(matrix[0])
    if rows > columns:
        return best_by_trying([list(column) for column in zip(*matrix, strict=True)])
    return max(
        math.fsum(matrix[r][c] for r, c in enumerate(chosen)) for chosen in itertools.permutations(range(columns), rows)
    )


@given(matrices)
def test_no_other_assignment_weighs_more(matrix):
    total = math.fsum(matrix[r][c] for r, c in assign(matrix))
    assert math.isclose(total, best_by_trying(matrix), abs_tol=1e-9)


@given(matrices)
def test_each_row_and_column_is_taken_once_and_never_for_nothing(matrix):
    pairs = assign(matrix)
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)
    assert all(matrix[r][c] > 0 for r, c in pairs)


def test_the_greedy_choice_is_not_taken():
    assert sorted(assign([[0.9, 0.8], [0.8, 0.0]])) == [(0, 1), (1, 0)]


def test_nothing_is_assigned_where_there_is_nothing():
    assert assign([]) == []
    assert assign([[], []]) == []
    assert assign([[0.0, 0.0]]) == []
