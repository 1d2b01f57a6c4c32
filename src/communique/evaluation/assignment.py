"""Optimal one-to-one assignment: the Hungarian method with potentials (Kuhn 1955, Munkres 1957), O(n³).

Written here because no base dependency of the library has one; scipy's is 100 MB of wheels away.
"""

from __future__ import annotations

from collections.abc import Sequence

_FAR = float("inf")


def assign(weights: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return the pairs (row, column) of greatest total weight; pairs of weight 0 are left out.

    Args:
        weights: A rectangular matrix of weights >= 0; 0 means "not a candidate".
    """
    rows, columns = len(weights), len(weights[0]) if weights else 0
    if not columns:
        return []
    size, ceiling = max(rows, columns), max(map(max, weights)) + 1
    costs = [[ceiling - (weights[r][c] if r < rows and c < columns else 0) for c in range(size)] for r in range(size)]
    pairs = ((row, c) for c, row in enumerate(_cheapest(costs)[:columns]))
    return [(r, c) for r, c in pairs if r < rows and weights[r][c] > 0]


def _cheapest(costs: Sequence[Sequence[float]]) -> list[int]:
    """Return for each column of a square matrix its row in the cheapest assignment.

    Rows and columns count from 1 inside; column 0 is where each augmenting path begins, row 0 means "free".
    """
    size = len(costs)
    row_price, column_price = [0.0] * (size + 1), [0.0] * (size + 1)
    row_of = [0] * (size + 1)
    for row in range(1, size + 1):
        row_of[0], column = row, 0
        came_from, slack, visited = [0] * (size + 1), [_FAR] * (size + 1), [False] * (size + 1)
        while row_of[column]:
            visited[column] = True
            here, step, nearest = row_of[column], _FAR, 0
            for c in (c for c in range(1, size + 1) if not visited[c]):
                reduced = costs[here - 1][c - 1] - row_price[here] - column_price[c]
                if reduced < slack[c]:
                    slack[c], came_from[c] = reduced, column
                if slack[c] < step:
                    step, nearest = slack[c], c
            for c in range(size + 1):
                if visited[c]:
                    row_price[row_of[c]] += step
                    column_price[c] -= step
                else:
                    slack[c] -= step
            column = nearest
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    return [row - 1 for row in row_of[1:]]
