"""What the command line says of itself."""

import pytest

from communique import __version__
from communique.cli.app import run


@pytest.mark.parametrize("arguments", [["--version"], ["-V"]])
def test_it_says_its_version(capsys, arguments):
    assert run(arguments) == 0
    assert capsys.readouterr().out == f"communique {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_without_arguments_it_shows_the_help_as_it_is_set(capsys, arguments):
    assert run(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Usage: ")
    assert any(line.strip().startswith("extract ") for line in lines)


def test_every_verb_has_a_short_help_option(capsys):
    assert run(["extract", "-h"]) == 0
    assert "--published" in capsys.readouterr().out


def test_an_address_is_told_how_to_be_read(capsys):
    assert run(["extract", "https://example.org/a"]) == 2
    assert "curl -L 'https://example.org/a' | communique extract -" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "completed"), [("communique ex", ["extract"]), ("communique extract --base-u", ["--base-url"])]
)
def test_a_shell_completes_verbs_and_options(monkeypatch, capsys, words, completed):
    monkeypatch.setenv("_COMMUNIQUE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMMUNIQUE_EXTRACT_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))

    with pytest.raises(SystemExit) as ended:
        run([])

    assert ended.value.code == 0
    assert capsys.readouterr().out.split() == completed
