"""The model that is asked where none is named, for each of what can be installed and set."""

import os
import sys

import pytest

from communique.backends import connect, default_model
from communique.backends.providers import PROVIDERS
from communique.cli.app import run
from communique.cli.options import Asking
from communique.errors import ConfigurationError, MissingKeyError

KEYS = {"COMMUNIQUE_API_KEY", *(key for provider in PROVIDERS.values() for key in provider.keys)}


@pytest.fixture(autouse=True)
def _nothing(monkeypatch):
    """A plain install, and an environment without keys."""
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    for name in {*KEYS, "COMMUNIQUE_MODEL", "OPENAI_BASE_URL"} & set(os.environ):
        monkeypatch.delenv(name)


@pytest.fixture
def _local(monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", type(sys)("xllamacpp"))
    sys.modules["xllamacpp"].__spec__ = sys.__spec__


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text("Odo Brask met Ilya Tarn in Szohod.\n", "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("key", "model"),
    [
        ("OPENAI_API_KEY", "openai/gpt-5-mini"),
        ("COMMUNIQUE_API_KEY", "openai/gpt-5-mini"),
        ("ANTHROPIC_API_KEY", "anthropic/claude-sonnet-5-5"),
    ],
)
def test_a_key_chooses_its_provider(monkeypatch, key, model):
    monkeypatch.setenv(key, "k")

    assert default_model() == model


def test_openai_comes_before_the_others(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    monkeypatch.setenv("OPENAI_API_KEY", "k")

    assert default_model() == "openai/gpt-5-mini"


def test_a_key_whose_sdk_is_not_installed_chooses_nothing(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    monkeypatch.setitem(sys.modules, "anthropic", None)

    with pytest.raises(MissingKeyError):
        default_model()


@pytest.mark.usefixtures("_local")
def test_the_local_extra_comes_before_a_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")

    assert default_model() == "local"


def test_a_model_file_that_is_named_is_never_passed_over_for_a_key(monkeypatch):
    monkeypatch.setenv("COMMUNIQUE_MODEL", "model.gguf")
    monkeypatch.setenv("OPENAI_API_KEY", "k")

    assert default_model() == "local"


def test_a_provider_without_a_usual_model_has_to_be_asked_by_name(monkeypatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", "k")

    with pytest.raises(ConfigurationError, match=r"no model given .*--model openrouter/MODEL"):
        default_model()


@pytest.mark.parametrize("how", ["argument", "variable"])
def test_a_server_that_is_named_needs_a_model_that_is_named(monkeypatch, how):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    if how == "variable":
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    with pytest.raises(ConfigurationError, match="no model given for the server"):
        connect(base_url="http://127.0.0.1:9/v1" if how == "argument" else None)


@pytest.mark.parametrize("name", ["openai", "openai/", "local/", "local:", "instructor"])
def test_a_backend_without_its_model_says_how_to_write_it(name):
    with pytest.raises(ConfigurationError, match=f"^'{name}' doesn't name a model") as caught:
        connect(name)
    assert caught.value.hint == f"use {name.strip('/:')}/MODEL"


@pytest.mark.parametrize("verb", [["extract"], ["batch", "-o", "out.jsonl"]])
def test_with_nothing_the_line_has_both_ways(monkeypatch, tmp_path, capsys, article, verb):
    monkeypatch.chdir(tmp_path)

    assert run([*verb, article]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert "no model is available" in line
    assert "pip install 'communique[local,model]'" in line
    assert "OPENAI_API_KEY" in line
    assert not (tmp_path / "out.jsonl").exists()


def test_the_command_line_tells_where_the_text_goes(monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", "k")

    assert Asking().chosen_model() == "openai/gpt-5-mini"
    assert capsys.readouterr().err == "no --model: openai/gpt-5-mini gets the text\n"
    assert Asking(model="openai/other").chosen_model() == "openai/other"
    assert capsys.readouterr().err == ""
