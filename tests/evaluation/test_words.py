import pytest

from communique.evaluation.ruler import same_form


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
