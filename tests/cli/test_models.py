"""`communique models` and `communique doctor`: what they print and how they end."""

import hashlib
import sys

import pytest

from communique.backends import model_files
from communique.cli.app import run
from communique.testing import FakeServer

CONTENT = b"GGUF tiny"
TINY = model_files.ModelFile("tiny", "tiny.gguf", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "MIT")
KNOWN_TINY = model_files.ModelFile("other", "o.gguf", 9, TINY.sha256, "Apache-2.0", "org/o-GGUF", "f" * 40)
KNOWN_ROW = "local/other  9 bytes  Apache-2.0  not here: communique models pull other  o.gguf\n"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COMMUNIQUE_CACHE", str(tmp_path))
    for name in ("COMMUNIQUE_MODEL", "COMMUNIQUE_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    folder = model_files.cache_folder()
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def tiny(monkeypatch):
    """Let a file of nine bytes be the embedded model."""
    monkeypatch.setattr(model_files, "EMBEDDED", TINY)
    monkeypatch.setattr(model_files, "KNOWN", (KNOWN_TINY,))


@pytest.fixture
def present(tiny, cache):
    (cache / TINY.filename).write_bytes(CONTENT)
    return cache / TINY.filename


def test_a_model_that_is_not_here_is_listed_with_the_way_to_get_it(tiny, capsys):
    assert run(["models"]) == 0
    assert capsys.readouterr().out == "local  9 bytes  MIT  not here: communique models pull  tiny.gguf\n" + KNOWN_ROW


def test_a_cached_model_is_listed_with_size_place_and_whether_it_was_verified(present, capsys):
    run(["models"])
    assert (
        capsys.readouterr().out
        == f"local  9 bytes  MIT  not verified yet: before its first use  {present}\n" + KNOWN_ROW
    )
    model_files.checked(present, TINY)
    run(["models"])
    assert "verified by SHA-256" in capsys.readouterr().out


def test_a_pulled_model_of_the_hub_is_listed_by_the_name_that_uses_it(present, cache, capsys):
    other = cache / "org" / "repo" / "other.gguf"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"GGUF")
    (cache / ".pulling-x").mkdir()
    (cache / ".pulling-x" / "half.gguf").write_bytes(b"GG")
    run(["models"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("local/org/repo/other.gguf  4 bytes  licence not known  another model, not verified")


def test_pull_of_what_is_no_model_is_a_mistake_of_usage(capsys):
    assert run(["models", "pull", "qwen"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "ORG/REPO/FILE.gguf" in err


def test_a_list_of_one_model_is_a_mistake_of_usage(capsys):
    assert run(["models", "list", "qwen3-4b"]) == 2
    assert "communique models pull qwen3-4b" in capsys.readouterr().err


def test_an_unknown_action_has_a_suggestion(capsys):
    assert run(["models", "pul"]) == 2
    assert "did you mean 'pull'?" in capsys.readouterr().err


def test_doctor_names_versions_model_and_key_one_line_each(present, capsys, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-123456789")
    assert run(["doctor"]) == 0
    out = capsys.readouterr().out
    names = [line.split("  ")[0] for line in out.splitlines()]
    for name in (
        "python",
        "communique",
        "openai",
        "instructor",
        "pydantic",
        "tenacity",
        "sqlite",
        "local model",
        "API key",
        "without --model",
    ):
        assert names.count(name) == 1
    assert str(present) in out
    assert "present in OPENAI_API_KEY" in out
    assert "canary" not in out


def test_doctor_ends_with_1_where_there_is_no_way_to_a_model(tiny, capsys):
    assert run(["doctor"]) == 1
    assert "not usable: the embedded model is not installed" in capsys.readouterr().out


def test_doctor_does_not_pass_a_damaged_model(present, capsys):
    present.write_bytes(b"GGUF tinx")
    assert run(["doctor"]) == 1
    assert "SHA-256" in capsys.readouterr().out


def test_doctor_says_what_is_wrong_with_an_endpoint(present, capsys):
    with FakeServer() as server:  # it serves no list of models
        assert run(["doctor", "--base-url", server.url]) == 1
    assert "FAULT" in capsys.readouterr().out.splitlines()[-1]
    assert run(["doctor", "--base-url", server.url]) == 1
    assert "no connection" in capsys.readouterr().out


def test_doctor_takes_no_url_that_is_none(tiny, capsys):
    assert run(["doctor", "--base-url", "localhost:8080"]) == 1
    assert "is not the URL of an endpoint" in capsys.readouterr().out


def test_neither_command_imports_the_hub_or_the_model(present, capsys):
    for module in ("huggingface_hub", "xllamacpp"):
        sys.modules.pop(module, None)
    run(["models"])
    run(["doctor"])
    assert not {"huggingface_hub", "xllamacpp"} & set(sys.modules)


def test_doctor_names_other_providers_that_could_be_asked(tiny, capsys, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-canary-123")
    assert run(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "anthropic/ (key in ANTHROPIC_API_KEY)" in out
    assert "canary" not in out
