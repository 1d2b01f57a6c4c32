"""Defaults from files and the environment; the command line wins."""

import json

import pytest

from communique.cli.app import run

ANSWER = {"meetings": [], "allegations": [], "sanctions_concerns": []}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("Odo Brask met Ilya Tarn.\n", "utf-8")
    (tmp_path / "answer.json").write_text(json.dumps(ANSWER), "utf-8")
    return tmp_path


def shown(capsys):
    assert run(["show", "config", "--json"]) == 0
    return {
        (s["verb"], s["option"]): (s["value"], s["origin"]) for s in json.loads(capsys.readouterr().out)["settings"]
    }


def test_options_come_from_files_and_the_environment_in_this_order(capsys, folder, monkeypatch):
    (folder / "pyproject.toml").write_text(
        '[tool.communique]\noutlet = "pyproject"\nlanguage = "de"\ntext-field = "t"\n'
    )
    (folder / "communique.toml").write_text(
        'outlet = "all"\n[extract]\noutlet = "file"\nmodel = "scripted/answer.json"\n'
    )
    assert run(["extract", "a.txt", "-q"]) == 0
    found = json.loads(capsys.readouterr().out)["document"]
    assert (found["outlet"], found["language"]) == ("file", "de")
    monkeypatch.setenv("COMMUNIQUE_EXTRACT_OUTLET", "environment")
    run(["extract", "a.txt", "-q"])
    assert json.loads(capsys.readouterr().out)["document"]["outlet"] == "environment"
    run(["extract", "a.txt", "-q", "--outlet", "line"])
    assert json.loads(capsys.readouterr().out)["document"]["outlet"] == "line"
    told = shown(capsys)
    assert told["extract", "outlet"] == ("environment", "COMMUNIQUE_EXTRACT_OUTLET")
    assert told["extract", "model"] == ("scripted/answer.json", "communique.toml")
    assert told["extract", "text-field"] == ("t", "pyproject.toml")
    assert told["batch", "outlet"] == ("all", "communique.toml")
    assert ("batch", "model") not in told


def test_a_list_may_be_one_value_and_a_switch_is_true_or_false(capsys, folder):
    (folder / "communique.toml").write_text(
        '[extract]\nrecord = "meeting"\nkeep_text = true\nmodel = "scripted/answer.json"\n'
    )
    assert run(["extract", "a.txt", "-q"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["document"]["text"].startswith("Odo Brask")
    assert "allegations" not in found


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("communique.toml", "[extract]\nmodle = 1\n", "communique.toml, [extract]: there is no option 'modle' (did you"),
        ("communique.toml", 'langage = "de"\n', "communique.toml: there is no option or command 'langage' (did you mean 'lan"),
        ("communique.toml", "[extrct]\nstrict = true\n", "(did you mean 'extract'?)"),
        ("communique.toml", "extract = 1\n", "communique.toml: 'extract' is a command, not an option"),
        ("communique.toml", "[extract.model]\na = 1\n", "communique.toml, [extract]: 'model' has no usable value"),
        ("communique.toml", "a =", "communique.toml: "),
        ("communique.toml", '[batch]\nconcurrency = "many"\n', "from communique.toml"),
        ("pyproject.toml", "[tool.communique.batch]\nconcurency = 4\n", "pyproject.toml, [tool.communique.batch]: there is no"),
        ("pyproject.toml", "[tool]\ncommunique = 4\n", "pyproject.toml: [tool.communique] is not a table"),
    ],
)  # fmt: skip
def test_what_a_file_may_not_say_is_one_line_with_the_place_and_the_nearest(capsys, folder, name, content, said):
    (folder / name).write_text(content)
    assert run(["batch", "a.txt", "-o", "o.jsonl", "--dry-run", "-m", "scripted/answer.json"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("communique: ")
    assert said in line


def test_a_file_that_is_not_utf_8_is_one_line(capsys, folder):
    (folder / "communique.toml").write_bytes(b'outlet = "\xe4"\n')
    assert run(["show", "config"]) == 2
    assert "communique.toml" in capsys.readouterr().err


def test_an_unknown_variable_of_a_verb_is_told_with_the_nearest(capsys, monkeypatch):
    monkeypatch.setenv("COMMUNIQUE_EXTRACT_OUTLETT", "x")
    assert run(["extract", "a.txt"]) == 2
    assert "did you mean 'COMMUNIQUE_EXTRACT_OUTLET'?" in capsys.readouterr().err


def test_without_settings_show_config_says_where_they_would_be(capsys):
    assert run(["show", "config"]) == 0
    said = capsys.readouterr().err
    assert "communique.toml" in said
    assert "COMMUNIQUE_EXTRACT_" in said


def test_a_server_that_a_file_names_is_told_before_it_gets_the_text(capsys, folder):
    (folder / "communique.toml").write_text('base-url = "http://127.0.0.1:9/v1"\n')
    run(["extract", "a.txt", "-m", "m1", "-q"])
    assert "http://127.0.0.1:9/v1 gets the text: communique.toml says so" in capsys.readouterr().err


def test_help_and_version_need_no_settings(capsys, folder):
    (folder / "communique.toml").write_text("nonsense = ")
    assert run(["--version"]) == 0
    assert run(["--help"]) == 0


def test_every_option_is_set_by_its_name_without_dashes(capsys, folder, monkeypatch):
    (folder / "communique.toml").write_text('[batch]\nretry-failed = true\n[screen]\nlist = "list.csv"\n')
    monkeypatch.setenv("COMMUNIQUE_SCREEN_MAP", "name=Full Name")
    told = shown(capsys)
    assert told["screen", "list"] == ("list.csv", "communique.toml")
    assert told["screen", "map"] == ("name=Full Name", "COMMUNIQUE_SCREEN_MAP")
    assert run(["batch", "a.txt", "-m", "scripted/answer.json", "-o", "o.jsonl", "-q"]) == 0
    assert not [option for _, option in told if option.endswith("-")]


@pytest.mark.parametrize(
    "command",
    [
        ["extract", ""],
        ["batch", "", "-o", "o.jsonl"],
        ["batch", "a.txt", "-o", ""],
        ["extract", "a.txt", "-o", ""],
        ["status", ""],
    ],
)
def test_an_empty_name_of_a_variable_that_is_not_set_is_one_line(capsys, folder, command):
    model = [] if command[0] == "status" else ["-m", "scripted/answer.json"]
    assert run([*command, *model]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert sorted(p.name for p in folder.iterdir()) == ["a.txt", "answer.json"]
