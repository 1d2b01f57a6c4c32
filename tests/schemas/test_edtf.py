"""The plain dates that an EDTF date begins and ends with."""

import datetime as dt

import pytest

from communique.grounding import periods
from communique.schemas.edtf import bounds


@pytest.mark.parametrize(
    ("edtf", "first", "last"),
    [
        ("2024-05-13", "2024-05-13", "2024-05-13"),
        ("2024-05", "2024-05", "2024-05"),
        ("2024", "2024", "2024"),
        ("2023-09~", "2023-09", "2023-09"),
        ("2023?", "2023", "2023"),
        ("2024-05-06/2024-05-08", "2024-05-06", "2024-05-08"),
        ("2024-01/2024-03", "2024-01", "2024-03"),
        ("2023-21", "2023-03", "2023-05"),
        ("2023-24~", "2023-12", "2024-02"),
        ("2023-22/2023-23", "2023-06", "2023-11"),
        ("199X", "1990", "1999"),
        ("198X/199X~", "1980", "1999"),
        ("2024-05-03/..", "2024-05-03", None),
        ("../2024-05-03", None, "2024-05-03"),
        ("2024-25", None, None),
        ("in May", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_the_ends_of_a_date(edtf, first, last):
    assert bounds(edtf) == (first, last)


@pytest.mark.parametrize(
    "period",
    [
        periods.day(dt.date(2024, 5, 13)),
        periods.week(dt.date(2024, 5, 13)),
        periods.month(2024, 2, approximate=True),
        periods.months(2024, 2, 3),
        periods.year(2024, approximate=True),
        periods.decade(1990, approximate=True),
        *(periods.season(name, 2024, approximate=True) for name in ("spring", "summer", "autumn", "winter")),
    ],
    ids=lambda p: p.edtf,
)
def test_every_period_that_is_written_is_read(period):
    first, last = bounds(period.edtf)

    assert period.first.isoformat().startswith(first)
    assert period.last.isoformat().startswith(last)
