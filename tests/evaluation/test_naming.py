import pytest

from communique.evaluation.answers import Entry
from communique.evaluation.counts import Found
from communique.evaluation.naming import compare_role, same_form


@pytest.mark.parametrize(
    ("given", "wanted", "language"),
    [
        ("The United States", "U.S.", "en"),
        ("DPRK", "North Korea", "en"),
        ("Foreign Minister Sergei Lavrov", "Sergei Lavrov", "en"),
        ("Syrian government", "Syrian", "en"),
        ("Syria", "Syria's government", "en"),
        ("Karoline Leavitt, the spokeswoman", "Karoline Leavitt", "en"),
        ("the agency (KCNA)", "KCNA", "en"),
        ("Bureau of Fisheries", "Philippine Bureau of Fisheries", "en"),
        ("Teheran", "Teheranu", "pl"),
        ("Iranern", "Iran", "de"),
        ("中国外交部", "中国", "zh"),
    ],
)
def test_forms_of_one_actor_are_the_same(given, wanted, language):
    assert same_form(given, wanted, language)


@pytest.mark.parametrize(
    ("given", "wanted", "language"),
    [
        ("North Korea", "South Korea", "en"),
        ("Lavrov", "Sergei Lavrov", "en"),
        ("Teheran", "Teheranu", "en"),
        ("Iran", "Irak", "de"),
        ("", "Iran", "en"),
        ("Marine Fisheries", "Philippine Bureau of Inland and Marine Fisheries", "en"),
        ("Iranischen", "Iran", "de"),
    ],
)
def test_forms_of_different_actors_are_not(given, wanted, language):
    assert not same_form(given, wanted, language)


def entry(**roles):
    groups = {k.removesuffix("_group"): v for k, v in roles.items() if k.endswith("_group")}
    return Entry(roles={k: v for k, v in roles.items() if not k.endswith("_group")}, groups=groups)


def test_an_actor_that_fits_nothing_is_extra_and_one_not_named_is_missed():
    gold = entry(accusers=(("Iran", "Tehran"), ("Russia",)))
    assert compare_role(gold, entry(accusers=(("Tehran",), ("France",))), "accusers", "en") == Found(1, 1, 1)


def test_an_optional_actor_counts_neither_way():
    gold = entry(accusers=(("Iran",),), accusers_optional=(("Russia",),))
    assert compare_role(gold, entry(accusers=(("Iran",), ("Russia",))), "accusers", "en") == Found(1, 0, 0)


def test_a_form_of_the_group_stands_for_all_its_members():
    gold = entry(accusers=(("Iran",), ("Russia",)), accusers_group=("both sides",))
    assert compare_role(gold, entry(accusers=(("both sides",),)), "accusers", "en") == Found(2, 0, 0)


def test_an_actor_named_twice_is_found_once():
    gold = entry(accusers=(("Iran", "Tehran"),))
    assert compare_role(gold, entry(accusers=(("Iran",), ("Tehran",))), "accusers", "en") == Found(1, 0, 0)
