"""Programme keys from the words that an article has for sanctions."""

import pytest

from communique.grounding.programmes import programmes_for


@pytest.mark.parametrize(
    ("regime", "targets", "key", "basis"),
    [
        ("U.N. Security Council resolutions", ["kp"], "UN-SC1718", "issuer UN + target territory kp"),
        ("U.N. sanctions", ["kp"], "UN-SC1718", "issuer UN + target territory kp"),
        ("UNSC resolutions", ["kp"], "UN-SC1718", "issuer UN + target territory kp"),
        ("Security Council Resolution 2397", ["ru"], "UN-SC1718", "issuer UN + resolution 2397"),
        ("U.S. sanctions", ["ir"], "US-IRAN", "issuer US + target territory ir"),
        ("US sanctions", ["kp"], "US-NK", "issuer US + target territory kp"),
        ("EU sanctions", ["kp"], "EU-PRK", "issuer EU + target territory kp"),
        ("British sanctions", ["ru"], "GB-RUS", "issuer GB + target territory ru"),
        ("UN-Sanktionen", ["kp"], "UN-SC1718", "issuer UN + target territory kp"),
        ("les sanctions de l'ONU", ["kp"], "UN-SC1718", "issuer UN + target territory kp"),
        ("las sanciones de la Unión Europea", ["by"], "EU-BLR", "issuer EU + target territory by"),
    ],
)
def test_issuer_and_target_or_a_numbered_resolution_give_the_key(regime, targets, key, basis):
    (found,) = programmes_for([regime], targets)
    assert (found.key, found.basis) == (key, basis)


@pytest.mark.parametrize(
    ("regime", "targets"),
    [
        ("sanctions", ["kp"]),
        ("U.N. sanctions", []),
        ("U.N. sanctions", ["fr"]),
        ("US sanctions", ["ru"]),
        ("told us about sanctions", ["kp"]),
        ("unilateral sanctions", ["kp"]),
        ("UN resolution 181", ["kp"]),
        ("", ["kp"]),
        ("UN " * 1000, ["kp"]),
    ],
)
def test_nothing_is_added_where_the_words_do_not_decide(regime, targets):
    assert programmes_for([regime], targets) == ()


def test_two_resolutions_of_one_programme_are_one_programme():
    assert [p.key for p in programmes_for(["resolutions 2375 and 2397", "U.N. sanctions"], ["kp"])] == [
        "UN-SC1718"
    ]
