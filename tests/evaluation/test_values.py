import pytest

from communique.evaluation.answers import Entry, Named
from communique.evaluation.counts import Found
from communique.evaluation.values import compare_place, compare_role, compare_time, interval, same_time

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
