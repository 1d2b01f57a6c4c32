"""A name ends as SAME only where one entry matches, nothing contradicts, and it is a full name."""

import pytest

from communique.errors import ConfigurationError, OutputError
from communique.screening import Bands, NameIndex
from communique.screening.compare import ask


@pytest.fixture
def index(known):
    with NameIndex.of(known) as index:
        yield index


def asked(index, name, schema="Person", country=None, bands=None):
    names = (name,) if isinstance(name, str) else name
    found = ask(index, schema, names, country, bands or Bands())
    return found.state, found.why, [c.id for c in found.candidates]


@pytest.mark.parametrize("name", ["Ilse Brandt", "Brandt Ilse", "BRANDT, Ilse", "Ильзе Брандт", "Dr. Ilse Brandt"])
def test_one_full_name_in_several_spellings_is_the_same(index, name):
    assert asked(index, name) == ("SAME", (), ["p4"])


def test_a_name_spelled_a_little_otherwise_is_the_same_only_where_a_country_agrees(index):
    assert asked(index, "Ilse Brannt", country="DE") == ("SAME", (), ["p4"])
    assert asked(index, "Ilse Brannt") == ("UNDECIDED", ("country",), ["p4"])


def test_a_public_body_is_the_same_only_where_a_country_agrees(index, tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("name,type,country\nMinistry of the Interior,public_body,cu\n", encoding="utf-8")
    with NameIndex.of(path) as one:
        assert asked(one, "Ministry of the Interior", schema="PublicBody", country="CU")[0] == "SAME"
        assert asked(one, "Ministry of the Interior", schema="PublicBody")[1] == ("country",)
        assert asked(one, "Ministry of the Interior", schema="PublicBody", country="LV")[1] == ("contradiction",)


def test_another_script_is_compared_by_the_list_s_own_spelling(index):
    assert asked(index, "Тамар Орлова")[0::2] == ("SAME", ["p1"])


def test_two_people_of_one_name_are_undecided_unless_a_country_tells_them_apart(index):
    assert asked(index, "John Harrow") == ("UNDECIDED", ("gap",), ["p2", "p3"])
    state, why, found = asked(index, "John Harrow", country="GB")
    assert (state, why, found[0]) == ("SAME", (), "p3")


def test_a_surname_alone_is_never_the_same(index, tmp_path):
    assert asked(index, "Brandt")[0] != "SAME"
    path = tmp_path / "one.csv"
    path.write_text("name,type\nBrandt,person\n", encoding="utf-8")
    with NameIndex.of(path) as one:
        assert asked(one, "Brandt") == ("UNDECIDED", ("one_word",), ["line-2"])
        assert asked(one, "Brandt", schema="LegalEntity")[0] == "UNDECIDED"


def test_another_full_form_of_the_name_in_the_article_counts(index):
    assert asked(index, ("Brandt", "Ilse Brandt"))[0] == "SAME"


def test_a_contradicting_country_or_type_lowers_the_score_and_is_never_the_same(index):
    plain = ask(index, "Person", ("Ilse Brandt",), None, Bands()).candidates[0].score
    found = ask(index, "Person", ("Ilse Brandt",), "FR", Bands())
    assert (found.state, found.why) == ("UNDECIDED", ("contradiction",))
    assert found.candidates[0].score < plain
    assert found.candidates[0].parts == {"name_match": 1.0, "country_mismatch": -0.2}
    other = ask(index, "Company", ("Ilse Brandt",), None, Bands())
    assert (other.state, other.candidates[0].parts["type_mismatch"]) == ("UNDECIDED", -0.3)


def test_strangers_and_relatives_do_not_match(index):
    for name in ("Ulf Brandt", "John Smith", "Maria Orlova", "the government", "…", "\ud800"):
        assert asked(index, name)[0] != "SAME", name
    assert asked(index, "Peter Larsen") == ("NO_MATCH", (), [])


def test_the_bands_are_the_caller_s(index):
    assert asked(index, "John Harrow", country="GB", bands=Bands(gap=0.5))[1] == ("gap",)
    for wrong in ({"same": 0.5}, {"undecided": 0.0}, {"gap": 2.0}, {"alone": 0.7}):
        with pytest.raises(ConfigurationError, match="make no sense"):
            Bands(**wrong)


def test_an_index_is_kept_and_built_anew_when_the_list_changes(known, tmp_path):
    kept = tmp_path / "kept" / "index"
    with NameIndex.of(known, index=kept) as index:
        first = index.version
    changed = kept.stat().st_mtime_ns
    with NameIndex.of(known, index=kept) as index:
        assert index.version == first
    assert kept.stat().st_mtime_ns == changed
    known.write_text("".join(known.read_text("utf-8").splitlines(keepends=True)[:1]), encoding="utf-8")
    with NameIndex.of(known, index=kept) as index:
        assert index.version.entries == 1
        assert asked(index, "Ilse Brandt") == ("NO_MATCH", (), [])
    assert [path.name for path in kept.parent.iterdir()] == ["index"]


def test_a_file_that_is_no_index_is_not_overwritten(known, tmp_path):
    other = tmp_path / "thesis.txt"
    other.write_text("years of work", encoding="utf-8")
    with pytest.raises(OutputError, match="no index of a list"):
        NameIndex.of(known, index=other)
    assert other.read_text("utf-8") == "years of work"


@pytest.fixture
def territories(tmp_path):
    path, names = tmp_path / "territories.csv", "North Korea,kp;South Korea,kr;Niger,ne;Nigeria,ng;Guinea,gn;Kosmara,"
    path.write_text("name,country,type,id\n" + "".join(f"{n},country,{n[:7]}\n" for n in names.split(";")), "utf-8")
    with NameIndex.of(path) as index:
        yield index


def test_a_country_is_the_same_as_the_listed_territory_of_its_name_alone(territories):
    assert asked(territories, "North Korea", "Territory", "KP") == ("SAME", (), ["North K"])
    found = ask(territories, "Territory", ("Kosmara",), None, Bands())
    assert (found.state, found.candidates[0].type, found.candidates[0].parts) == (
        "SAME",
        "Territory",
        {"name_match": 1},
    )
    for name, country in (("Niger", "NE"), ("Nigeria", "NG"), ("South Korea", "KR")):
        assert [c.caption for c in ask(territories, "Territory", (name,), country, Bands()).candidates] == [name]
    for name, country in (("Equatorial Guinea", "GQ"), ("Guinea-Bissau", "GW"), ("Kosmarian Islands", None)):
        assert asked(territories, name, "Territory", country)[0] == "NO_MATCH", name


def test_a_body_named_as_a_listed_territory_is_of_another_type(territories):
    assert asked(territories, "Kosmara", "Company") == ("UNDECIDED", ("score", "contradiction"), ["Kosmara"])
