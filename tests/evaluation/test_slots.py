import pytest

from communique.evaluation.answers import Entry
from communique.evaluation.counts import Found
from communique.evaluation.slots import compare_place, compare_time, interval, same_time

RIGHT, WRONG, MISSED, EXTRA, ALONE = Found(1, 0, 0), Found(0, 1, 1), Found(0, 0, 1), Found(0, 1, 0), Found()


@pytest.mark.parametrize(
    ("gold", "given", "same"),
    [
        ("2024-03-12", "2024-03-12", True),
        ("2024-03-11/2024-03-17", "2024-03-12", True),
        ("2024-03-12", "2024-03", True),
        ("2024-03-12", "2024", False),
        ("2024-03-12", "2024-03-11/2024-03-17", False),
        ("2024-03-12", "2024-03-13", False),
        ("2024-03", "2024-03-XX", True),
        ("2024-03-12", "2024-03-12~", True),
        ("spring", "Spring", True),
        ("2024-03-12", "spring", False),
    ],
)
def test_a_date_is_right_inside_the_gold_interval(gold, given, same):
    assert same_time(gold, given) is same


def test_what_is_no_date_has_no_interval():
    assert interval("soon") is None
    assert interval("") is None
    assert interval("2024") == ((2024, 1, 1), (2024, 12, 31))


@pytest.mark.parametrize(
    ("gold", "given", "found"),
    [
        (
            Entry(when_as_written="Tuesday", when_resolved="2024-03-12"),
            Entry(when_as_written="on Tuesday"),
            RIGHT,
        ),
        (Entry(when_as_written="Tuesday"), Entry(), MISSED),
        (Entry(), Entry(when_as_written="Tuesday"), EXTRA),
        (Entry(accepted={"when": ("2024-03-12",)}), Entry(when_resolved="2024-03-12"), ALONE),
        (Entry(), Entry(), ALONE),
        (
            Entry(when_as_written="Tuesday", when_resolved="2024-03-12"),
            Entry(when_as_written="Tuesday", when_resolved="2024-03-19"),
            WRONG,
        ),
    ],
)
def test_a_time_counts_as(gold, given, found):
    assert compare_time(gold, given) == found


@pytest.mark.parametrize(
    ("gold", "given", "found"),
    [
        (Entry(place="Washington, D.C."), Entry(place="Washington"), RIGHT),
        (Entry(place="Vienna"), Entry(place="Rome"), WRONG),
        (Entry(place="Roma"), Entry(place="Romania"), RIGHT),
        (Entry(place="Rom"), Entry(place="Romania"), WRONG),
        (Entry(place="Vienna", accepted={"place": ("Austria",)}), Entry(place="Austria"), RIGHT),
        (Entry(place="Vienna"), Entry(), MISSED),
        (Entry(place="Vienna", place_may_be_null=True), Entry(), ALONE),
        (Entry(), Entry(place="Rome"), EXTRA),
        (Entry(accepted={"place": ("Rome",)}), Entry(place="Rome"), ALONE),
    ],
)
def test_a_place_counts_as(gold, given, found):
    assert compare_place(gold, given) == found
