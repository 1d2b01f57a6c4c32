import pytest

from communique.evaluation.answers import Entry, Named
from communique.evaluation.counts import Found
from communique.evaluation.kinds import compare_place, compare_role, compare_time, same_time
from communique.grounding.periods import decade, season
from communique.schemas.edtf import interval

RIGHT, WRONG, MISSED, EXTRA, ALONE = Found(1, 0, 0), Found(0, 1, 1), Found(0, 0, 1), Found(0, 1, 0), Found()


def time(when=None, date=None, **more):
    return Entry({"when": when, "derived": {"date": date}, **more})


def place(name=None, **more):
    return Entry({"place": name and {"name": name}, **more})


def accusers(*actors, group=()):
    return Entry({"accusers_group": list(group)}, actors={"accusers": tuple(Named(*actor) for actor in actors)})


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
        ("2025-06/2025-08", "2025-22", True),
        ("2023-24", "2024-02-10", True),
        ("2024-05-12", "2024-21", False),
        ("199X", "1994", True),
        ("1994", "199X", False),
    ],
)
def test_a_date_is_right_inside_the_gold_interval(gold, given, same):
    assert same_time(gold, given) is same


def test_what_is_no_date_has_no_interval():
    assert interval("soon") is None
    assert interval("") is None
    assert interval("2024-2x") is None
    assert interval("2024") == ((2024, 1, 1), (2024, 12, 31))


@pytest.mark.parametrize("name", ["spring", "summer", "autumn", "winter"])
@pytest.mark.parametrize("approximate", [False, True])
def test_seasons_and_decades_are_read_as_they_are_written(name, approximate):
    for period in (season(name, 2023, approximate=approximate), decade(1990, approximate=approximate)):
        first, last = interval(period.edtf)
        assert first == tuple(map(int, period.first.isoformat().split("-")))
        assert last == (period.last.year, period.last.month, 31)
    assert interval("2023-21/2023-23") == ((2023, 3, 1), (2023, 11, 31))
    assert interval("198X/199X") == ((1980, 1, 1), (1999, 12, 31))


@pytest.mark.parametrize(
    ("gold", "given", "found"),
    [
        (
            time("Tuesday", "2024-03-12"),
            time("on Tuesday"),
            RIGHT,
        ),
        (time("Tuesday"), time(), MISSED),
        (time(), time("Tuesday"), EXTRA),
        (time(when_ok=["2024-03-12"]), time(date="2024-03-12"), ALONE),
        (time(), time(), ALONE),
        (
            time("Tuesday", "2024-03-12"),
            time("Tuesday", "2024-03-19"),
            WRONG,
        ),
    ],
)
def test_a_time_counts_as(gold, given, found):
    assert compare_time(gold, given) == found


@pytest.mark.parametrize(
    ("gold", "given", "found"),
    [
        (place("Washington, D.C."), place("Washington"), RIGHT),
        (place("Vienna"), place("Rome"), WRONG),
        (place("Roma"), place("Romania"), RIGHT),
        (place("Rom"), place("Romania"), WRONG),
        (place("Vienna", place_ok=["Austria"]), place("Austria"), RIGHT),
        (place("Vienna"), place(), MISSED),
        (place("Vienna", place_ok=[None]), place(), ALONE),
        (place(), place("Rome"), EXTRA),
        (place(place_ok=["Rome"]), place("Rome"), ALONE),
    ],
)
def test_a_place_counts_as(gold, given, found):
    assert compare_place(gold, given) == found


def test_an_actor_that_fits_nothing_is_extra_and_one_not_named_is_missed():
    gold = accusers([("Iran", "Tehran")], [("Russia",)])
    assert compare_role(gold, accusers([("Tehran",)], [("France",)]), "accusers", "en") == Found(1, 1, 1)


def test_an_optional_actor_counts_neither_way():
    gold = accusers([("Iran",)], [("Russia",), True])
    assert compare_role(gold, accusers([("Iran",)], [("Russia",)]), "accusers", "en") == Found(1, 0, 0)


def test_a_form_of_the_group_stands_for_all_its_members():
    gold = accusers([("Iran",)], [("Russia",)], group=["both sides"])
    assert compare_role(gold, accusers([("both sides",)]), "accusers", "en") == Found(2, 0, 0)


def test_an_actor_named_twice_is_found_once():
    gold = accusers([("Iran", "Tehran")])
    assert compare_role(gold, accusers([("Iran",)], [("Tehran",)]), "accusers", "en") == Found(1, 0, 0)
