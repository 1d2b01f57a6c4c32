"""Words for countries and their codes."""

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from communique.grounding.countries import aliases_of, country_code, exact_code, is_country, same_territory
from communique.languages import known_languages


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("the U.S.", "us"),
        ("U.S", "us"),
        ("US", "us"),
        ("USA", "us"),
        ("America", "us"),
        ("Washington", "us"),
        ("the U.S.’s", "us"),
        ("UK", "gb"),
        ("Britain", "gb"),
        ("London", "gb"),
        ("Northern Ireland", "gb"),
        ("Ireland", "ie"),
        ("Kremlin", "ru"),
        ("Moscow", "ru"),
        ("Russia's", "ru"),
        ("Beijing", "cn"),
        ("Republic of China", "tw"),
        ("North Korean", "kp"),
        ("DPRK", "kp"),
        ("D.P.R.K.", "kp"),
        ("Democratic People’s Republic of Korea", "kp"),
        ("Pyongyang", "kp"),
        ("N. Korea", "kp"),
        ("South Koreans", "kr"),
        ("Republic of Korea", "kr"),
        ("ROK", "kr"),
        ("Seoul", "kr"),
        ("UAE", "ae"),
        ("EU", "eu"),
        ("Kosovo", "xk"),
        ("Republic of the Congo", "cg"),
        ("DR Congo", "cd"),
        ("Guinea-Bissau", "gw"),
        ("Guinea", "gn"),
        ("Equatorial Guinea", "gq"),
        ("Papua New Guinea", "pg"),
        ("Niger", "ne"),
        ("Nigerien", "ne"),
        ("Nigeria", "ng"),
        ("Nigerian", "ng"),
        ("Georgia", "ge"),
        ("South Sudan", "ss"),
        ("Sudan", "sd"),
        ("Côte d’Ivoire", "ci"),
        ("Cote d'Ivoire", "ci"),
        ("Turkey", "tr"),
        ("Burma", "mm"),
        ("Bosnia and Herzegovina", "ba"),
    ],
)
def test_a_name_a_demonym_a_seat_or_an_abbreviation_gives_the_code(words, code):
    assert country_code(words) == code


@pytest.mark.parametrize(
    "words",
    ["us", "tell us", "Congo", "Korea", "Korean Central News Agency", "United Nations", "the South China Sea",
     "Latin America", "Eurozone", "", "the", "Georgia, US", "US and UK", "x" * 5000],
)  # fmt: skip
def test_words_for_no_country_or_for_several_give_none(words):
    assert country_code(words) is None


@pytest.mark.parametrize(
    ("language", "words", "code"),
    [
        ("de", "der Ukraine", "ua"),
        ("de", "die Vereinigten Staaten", "us"),
        ("de", "US-amerikanischer", "us"),
        ("de", "nordkoreanischen", "kp"),
        ("de", "Großbritannien", "gb"),
        ("de", "Franzosen", "fr"),
        ("fr", "les États-Unis", "us"),
        ("fr", "l’Iran", "ir"),
        ("fr", "nord-coréenne", "kp"),
        ("fr", "sud-coréens", "kr"),
        ("fr", "Pékin", "cn"),
        ("es", "EE. UU.", "us"),
        ("es", "los Estados Unidos", "us"),
        ("es", "norcoreanos", "kp"),
        ("es", "Corea del Sur", "kr"),
        ("pl", "Korea Północna", "kp"),
        ("it", "Corea del Nord", "kp"),
        ("ru", "КНДР", "kp"),
        ("ja", "北朝鮮", "kp"),
        ("ko", "대한민국", "kr"),
        ("bg", "българската", "bg"),
        ("bg", "Северна Македония", "mk"),
        ("hi", "फ्रांस", "fr"),
        ("hi", "उत्तर कोरियाई", "kp"),
        ("hi", "ईरानी अधिकारियों", "ir"),
        ("qq", "Russia", "ru"),
    ],
)
def test_other_languages_have_their_own_words(language, words, code):
    assert country_code(words, language) == code


@pytest.mark.parametrize(
    ("language", "words", "code"),
    [
        ("en", "Peoples Republic of China", "cn"),
        ("en", "Islamic Republic of Pakistan", "pk"),
        ("en", "South Georgia", "gs"),
        ("en", "Turks and Caicos", "tc"),
        ("en", "Southern Sudan", "ss"),
        ("en", "Saint Kitts and Nevis", "kn"),
        ("en", "East Germany", None),
        ("en", "New Mexico", "us"),
        ("de", "Demokratische Volksrepublik Korea", "kp"),
        ("de", "Palästina", "ps"),
        ("de", "Tschechische Republik", "cz"),
        ("de", "Bundesrepublik Nigeria", "ng"),
        ("de", "kenianischen", "ke"),
        ("de", "Palästinenser", "ps"),
        ("fr", "arméniennes", "am"),
        ("fr", "argentin", "ar"),
        ("fr", "australienne", "au"),
        ("fr", "birmans", "mm"),
        ("fr", "République de Guinée équatoriale", "gq"),
        ("fr", "Maurice", None),
        ("es", "República Popular Democrática de Corea", "kp"),
        ("es", "Costa de Marfil", "ci"),
        ("es", "portuguesas", "pt"),
        ("es", "marroquíes", "ma"),
        ("ja", "中国外務省の報道官", "cn"),
        ("zh", "中华人民共和国外交部", "cn"),
        ("vi", "Bộ Tư pháp Mỹ", "us"),
        ("vi", "Bộ Tư pháp", None),
        ("vi", "Tổng Bí thư", None),
        ("vi", "Bộ Thống nhất Hàn Quốc", "kr"),
        ("vi", "Lào Cai", None),
        ("vi", "Điện Kremlin", "ru"),
        ("id", "Kementerian Luar Negeri AS", "us"),
        ("id", "as roda", None),
        ("id", "Laut China Selatan", None),
        ("id", "Menlu RI", "id"),
        ("zh", "日中両国", None),
        ("ru", "Объединённые Арабские Эмираты", "ae"),
        ("de", "der Demokratischen Republik Kongo", "cd"),
        ("de", "der Demokratischen Volksrepublik Korea", "kp"),
        ("de", "den Niederlanden", "nl"),
        ("de", "des Vereinigten Königreichs", "gb"),
        ("de", "Russlands", "ru"),
        ("de", "Vertreter Chinas", "cn"),
        ("de", "deutsch", "de"),
        ("de", "Deutscher Bundestag", "de"),
        ("de", "libyscher", "ly"),
        ("de", "são-toméisch", "st"),
        ("de", "Iren", "ie"),
        ("de", "Villa d’Este", None),
        ("de", "Cook Islands", "ck"),
        ("es", "vanuatuenses", "vu"),
        ("es", "santotomense", "st"),
        ("es", "congoleño", None),
        ("en", "Sakartvelo", "ge"),
        ("en", "Saint-Martin (partie néerlandaise)", "sx"),
        ("fr", "Saint-Martin", "mf"),
        ("pl", "Chiny", "cn"),
        ("sr", "Француска", "fr"),
        ("sr", "Холандија", "nl"),
        ("uk", "Великобританія", "gb"),
    ],
)
def test_longer_names_and_adjectives_give_their_own_code(language, words, code):
    assert country_code(words, language) == code


def test_a_part_of_a_country_gives_its_code_and_is_no_country():
    assert country_code("New England") == "us"
    assert not is_country("New England")
    assert "new england" not in aliases_of("us")


def test_aliases_are_those_of_the_language_and_of_english():
    assert {"pékin", "chinoises", "beijing"} <= aliases_of("cn", "fr")
    assert "pékin" not in aliases_of("cn", "de")


def test_a_country_inside_the_words_counts_only_if_it_is_the_only_one():
    assert country_code("the Primorye region in the Russian Far East") == "ru"
    assert country_code("senior South Korean officials") == "kr"
    assert country_code("Russian and Chinese officials") is None
    assert exact_code("senior South Korean officials") is None


def test_adjectives_name_no_country_and_seats_stand_for_one():
    assert is_country("the United States")
    assert is_country("Moscow")
    assert not is_country("Russian")
    assert not is_country("Russian officials")
    assert not is_country("Latin America")


def test_two_phrases_are_the_same_territory_by_code():
    assert same_territory("the U.S.", "Washington")
    assert not same_territory("North Korea", "South Korea")
    assert not same_territory("Atlantis", "Atlantis")


def test_aliases_are_casefolded_and_never_shared_by_the_two_koreas():
    assert {"u.s.", "washington", "american"} <= aliases_of("us")
    assert all(a == a.casefold() for a in aliases_of("us"))
    assert not aliases_of("kp") & aliases_of("kr")
    assert aliases_of("zz") == frozenset()


@given(st.text(max_size=60), st.sampled_from(["en", "de", "fr", "es", "ja", "", "xx"]))
def test_any_text_gives_a_code_or_none(words, language):
    code = country_code(words, language)
    assert code is None or (len(code) == 2 and code.islower())


@given(
    st.sampled_from(sorted(aliases_of("kp"))),
    st.sampled_from(["{}", "the {}", "{} officials", "officials of {}"]),
)
def test_words_for_north_korea_never_give_south_korea(alias, frame):
    assert country_code(frame.format(alias)) != "kr"


@pytest.mark.parametrize("language", ["de", "da", "sv", "no", "cs", "sk", "hr", "et"])
@pytest.mark.parametrize(
    ("words", "code"),
    [("Rhode Island", "us"), ("Prince Edward Island", "ca"), ("Easter Island", "cl"), ("Island", "is")],
)
def test_an_island_is_not_iceland_where_iceland_is_called_island(language, words, code):
    assert country_code(words, language) == code


@pytest.mark.parametrize("language", known_languages())
def test_the_name_that_a_language_has_for_a_country_is_no_other_country(language):
    codes = [c for c, name in Locale.parse("en").territories.items() if country_code(name) == c.lower()]
    names = {code.lower(): Locale.parse(language).territories.get(code, "") for code in codes}
    found = {code: country_code(name, language) for code, name in names.items()}
    assert {code: names[code] for code, got in found.items() if got not in {code, None}} == {}
