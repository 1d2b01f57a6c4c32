"""Folders: what is wrong with one is said with the file and the field; a stranger's is found by its entry point."""

import importlib.metadata
import sys

import pytest

from communique.errors import ConfigurationError
from communique.languages import (
    known_languages,
    language,
    languages_digest,
    lexicon,
    load_folder,
    loader,
    phrases_in,
)

CACHED = (
    loader._folders,
    loader._known,
    loader.language,
    loader.lexicon,
    loader.known_languages,
    loader.languages_digest,
    loader.phrases_in,
)
PLAIN = 'code = "sw"\nname = "Swahili"\n'


def forget():
    for cached in CACHED:
        cached.cache_clear()


def folder(path, **files):
    for name, text in files.items():
        (path / f"{name}.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"language": "code = "}, ["language.toml", "not valid TOML"]),
        ({"language": b'name = "\xff"'}, ["language.toml", "not valid TOML"]),
        ({"language": PLAIN, "phrases": "meeting = ["}, ["phrases.toml", "not valid TOML"]),
        ({"phrases": "meeting = []"}, ["no language.toml"]),
        ({}, ["no language.toml"]),
        ({"language": PLAIN + "colour = 1"}, ["language.toml", "colour"]),
        ({"language": PLAIN + 'abbreviations = ["dk"]'}, ["language.toml", "abbreviations", "'dk'"]),
        ({"language": PLAIN + 'quoting = "("'}, ["language.toml", "quoting"]),
        ({"language": PLAIN + 'abbreviations = ["(a.m."]'}, ["language.toml", "abbreviations"]),
        ({"language": 'name = "Swahili"'}, ["language.toml", "code"]),
        ({"language": 'code = "swahili"\nname = ""'}, ["language.toml", "code"]),
        ({"language": PLAIN, "phrases": 'meetings = ["met"]'}, ["phrases.toml", "meetings", "known are"]),
        ({"language": PLAIN, "phrases": 'meeting = "met"'}, ["phrases.toml", "meeting"]),
        ({"language": PLAIN, "phrases": 'meeting = ["met", "(a"]'}, ["phrases.toml", "meeting", "'(a'"]),
        ({"language": PLAIN, "time": "today = 0"}, ["time.toml", "today"]),
        ({"language": PLAIN, "numbers": "moja = 1"}, ["numbers.toml", "moja"]),
        ({"language": PLAIN, "numbers": '[words]\nmoja = "one"'}, ["numbers.toml", "moja"]),
        ({"language": PLAIN, "roles": '[[verb]]\nverb = ["x"]'}, ["roles.toml", "verb"]),
        ({"language": PLAIN, "examples": '[[examples]]\nfinds = ["meeting"]'}, ["examples.toml", "text"]),
        ({"language": PLAIN, "countries": 'ke = ["Kenya"]'}, ["countries.toml", "ke"]),
        ({"language": PLAIN, "countries": 'ken = "Kenya"'}, ["countries.toml", "countries", "'ken'", "two small letters"]),
        ({"language": PLAIN, "countries": 'ke = "Kenya | a | b | c | d"'}, ["countries.toml", "ke", "4 parts"]),
        ({"language": PLAIN, "time": 'tomorow = ["kesho"]'}, ["time.toml", "'tomorow'"]),
        ({"language": PLAIN, "time": 'day = ["leo"]\nweek = ["leo"]'}, ["time.toml", "'leo'", "'day'", "'week'"]),
        ({"language": PLAIN, "numbers": "[scales]\nmilioni = 1000"}, ["numbers.toml", "'milioni'", "a million is 6"]),
        ({"language": PLAIN + "[inflection]\nprefixes = 'a'"}, ["language.toml", "inflection.prefixes"]),
        ({"language": PLAIN + "[inflection]\nchanges = [['(', 'a']]"}, ["language.toml", "inflection.changes"]),
    ],
)  # fmt: skip
def test_a_broken_folder_is_refused_with_its_file_and_field(files, said, tmp_path):
    with pytest.raises(ConfigurationError) as error:
        load_folder(folder(tmp_path, **files))
    message = str(error.value)
    assert str(tmp_path) in message
    assert "\n" not in message
    for words in said:
        assert words in message


def test_a_folder_with_nothing_but_its_name_is_a_language_that_misses_every_list(tmp_path):
    known = load_folder(folder(tmp_path, language=PLAIN))
    assert (known.code, known.name, known.lists) == ("sw", "Swahili", {})
    assert "meeting" in known.missing()
    assert "denial" in known.missing()


def test_the_digest_changes_with_any_file(tmp_path):
    before = load_folder(folder(tmp_path, language=PLAIN)).digest
    after = load_folder(folder(tmp_path, time='"today+0" = ["leo"]')).digest
    assert before != after
    assert load_folder(tmp_path).digest == after


def test_there_is_nothing_for_a_language_without_a_folder():
    assert language("qq") is None
    assert lexicon("qq") is None
    assert dict(phrases_in("They met.", "qq")) == {}


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """Offer folders by entry points as other packages do: code -> files."""
    offered = []

    def offer(code, value=None, **files):
        package = tmp_path / f"lang_{code}"
        package.mkdir()
        (package / "__init__.py").touch()
        folder(package, **files)
        offered.append(importlib.metadata.EntryPoint(code, value or package.name, loader.GROUP))

    monkeypatch.setattr(loader, "entry_points", lambda group: offered if group == loader.GROUP else [])
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    yield offer
    monkeypatch.undo()
    forget()
    for name in [n for n in sys.modules if n.startswith("lang_")]:
        del sys.modules[name]


def test_a_strangers_folder_is_found_by_its_entry_point(stranger):
    before = languages_digest()
    stranger("sw", language=PLAIN, phrases='meeting = ["kukutana", "walikutana"]')
    forget()

    assert "sw" in known_languages()
    assert phrases_in("Mawaziri walikutana Jumanne.", "sw")["meeting"] == ((9, 19),)
    assert languages_digest() != before


def test_a_built_in_keeps_its_code(stranger):
    stranger("en", language='code = "en"\nname = "Stranger"')
    assert language("en").name == "English"


def test_a_strangers_broken_folder_stops_only_who_needs_that_language(stranger):
    stranger("sw", language="code = ")
    stranger("yo", value="not_there.yo", language=PLAIN)

    assert language("en").name == "English"
    assert len(languages_digest()) == 16
    with pytest.raises(ConfigurationError, match=r"language\.toml"):
        language("sw")
    with pytest.raises(ConfigurationError, match=r"not_there\.yo"):
        language("yo")


def test_a_folder_must_have_the_code_that_it_is_offered_under(stranger):
    stranger("yo", language=PLAIN)
    with pytest.raises(ConfigurationError, match=r"'yo'.*'sw'"):
        language("yo")
