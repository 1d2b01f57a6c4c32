"""Programme keys from the words that an article has for sanctions."""

import pytest

from communique.grounding.programmes import _entries, programmes_for


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
    ("regime", "targets", "keys"),
    [
        ("EU Restrictive measures in view of Russia's destabilising activities", ["ru"], ["EU-RUSDA"]),
        ("EU sanctions on designated vessels of the shadow fleet", ["ru"], ["EU-MARE"]),
        ("EU sanctions", ["ru"], ["EU-RUS"]),
        ("EU human rights sanctions", [], ["EU-HR"]),
        ("the U.S. Entity List", ["cn"], ["US-BIS-EL"]),
        ("the Entity List", [], ["US-BIS-EL"]),
        ("Global Magnitsky sanctions", ["ug"], ["US-GLOMAG"]),
        ("sectoral U.S. sanctions", ["ru"], ["US-SSI"]),
        ("sectoral U.S. sanctions", ["ir"], ["US-IRAN"]),
        ("UK sanctions over Iran's nuclear weapons", ["ir"], ["GB-IRAN-NW"]),
        ("EU sanctions", ["sd"], []),
        ("EU sanctions", ["ye", "ly"], ["EU-YEM", "EU-LBY"]),
        ("Swiss sanctions", ["by"], ["SECO-BRUS"]),
        ("U.N. sanctions against Al-Qaida", [], ["UN-SCISIL"]),
        ("EU-Sanktionen gegen die Schattenflotte", ["ru"], ["EU-MARE"]),
        ("human rights sanctions", ["ru"], []),
    ],
)
def test_words_choose_among_the_programmes_of_an_issuer(regime, targets, keys):
    assert [p.key for p in programmes_for([regime], targets)] == keys


def test_an_issuer_has_one_programme_without_words_for_a_territory():
    seen = [(e.issuer, t) for e in _entries() if not e.phrases for t in e.territories]
    assert len(seen) == len(set(seen)) > 100


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
    assert [p.key for p in programmes_for(["resolutions 2375 and 2397", "U.N. sanctions"], ["kp"])] == ["UN-SC1718"]
