"""Options: declared once, listed in groups, readable on a narrow terminal."""

import re

import pytest
import typer.main

from communique.cli.app import app, run

BOTH = {"model", "base_url", "judge", "no_judge", "published", "text_field", "language", "record", "check", "strict"}


def options(verb):
    return {param.name: param for param in typer.main.get_command(app).commands[verb].params}


def test_extract_and_batch_take_the_same_reading_options():
    extract, batch = options("extract"), options("batch")
    assert set(extract) & set(batch) >= BOTH | {"repair_rounds", "keep_text", "full", "quiet", "json"}
    for name in set(extract) & set(batch) - {"output"}:
        assert (extract[name].opts, extract[name].help, extract[name].default) == (
            batch[name].opts,
            batch[name].help,
            batch[name].default,
        )


@pytest.mark.parametrize("verb", ["extract", "batch"])
def test_the_help_has_the_options_in_groups(capsys, verb):
    assert run([verb, "--help"]) == 0
    out = capsys.readouterr().out
    headings = re.findall(r"^([A-Z][a-z ]+):$", out, re.MULTILINE)
    assert headings[:5] == ["Arguments", "Model", "Input", "Records and checks", "Output"]
    assert headings[-1] == "Options"
    model = out.split("\nModel:")[1].split("\nInput:")[0]
    assert "--base-url" in model
    assert "--title-field" not in model


@pytest.mark.parametrize("verb", [[], ["extract"], ["batch"], ["convert"]])
def test_the_help_fits_a_terminal_of_40_columns(capsys, monkeypatch, verb):
    monkeypatch.setenv("COLUMNS", "40")
    assert run([*verb, "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 40, [line for line in lines if len(line) > 40]
    prose = [line for line in lines if line.startswith("   ") and not line.strip().startswith("-")]
    assert all(len(line) - len(line.lstrip()) <= 24 for line in prose)


@pytest.mark.parametrize("verb", sorted(typer.main.get_command(app).commands))
def test_every_verb_has_json(verb):
    assert "--json" in options(verb)["json"].opts
