"""A stranger's package, built and installed as any other: all five kinds are found and used, with no change in communique."""

import pytest

GAZETTE = """== Launch in Lund
The yard of Lund launched the ASTRID, a ship of 4,200 tons.

== Plans
The MARGIT is planned for next year.

== Nothing

"""


@pytest.fixture
def gazette(communique):
    path = communique.folder / "week.gazette"
    path.write_text(GAZETTE, encoding="utf-8")
    return path.name


def test_show_lists_all_five_kinds_with_their_package(communique):
    shown = communique.in_a_new_interpreter("show")

    assert shown.returncode == 0, shown.stderr
    for kind, name in [
        ("records", "ship_launch"),
        ("readers", "gazette"),
        ("sinks", "ships"),
        ("backends", "shouting"),
        ("checks", "no_paper_ships"),
    ]:
        (line,) = [x for x in shown.stdout.splitlines() if x.split()[:2] == [kind, name]]
        assert "(gazette-plugin 1.2.0)" in line


def test_show_plugins_says_what_is_wrong_with_each(communique):
    shown = communique("show", "plugins")

    state = {tuple(x.split()[:2]): x for x in shown.stdout.splitlines()}
    assert state["records", "ship_launch"].endswith("ok")
    assert "HIDDEN: 'jsonl' is a built-in" in state["sinks", "jsonl"]
    assert "RuntimeError: out of ink" in state["readers", "broken_reader"]
    assert "SystemExit: 3" in state["backends", "quits"]
    assert "pip install 'gazette-plugin[tables]'" in state["sinks", "tables"]
    assert not any("(communique " in line for line in shown.stdout.splitlines())


def test_a_strangers_language_is_known_and_a_broken_one_disturbs_no_other(communique):
    shown = communique("show", "languages")
    lines = {x.split()[0]: x for x in shown.stdout.splitlines()}
    assert shown.returncode == 0, shown.stderr
    assert "Esperanto" in lines["eo"]
    assert "accusation" in lines["eo"]
    assert "English" in lines["en"]
    assert "FAULT" in lines["io"]
    assert "language.toml" in lines["io"]

    state = {tuple(x.split()[:2]): x for x in communique("show", "plugins").stdout.splitlines()}
    assert state["languages", "eo"].endswith("ok")
    assert "HIDDEN: 'en' is a built-in" in state["languages", "en"]
    assert "FAULT" in state["languages", "io"]


def test_record_reader_backend_check_and_sink_work_in_one_run(communique, gazette):
    run = communique(
        "batch", gazette, "-o", "o.jsonl", "-q", "-m", "shouting",
        "--record", "ship_launch", "--check", "no_paper_ships",
    )  # fmt: skip
    assert run.returncode == 3, run.stderr  # the notice without a text is skipped, and said so
    first, second = communique.rows("o.jsonl")
    (ship,) = first["ship_launches"]
    assert (ship["ship"], ship["verdict"]) == ("ASTRID", "flagged")
    assert first["sentences"][0]["exact"].startswith("The yard of Lund launched")
    assert [c["reason"] for c in ship["checks"] if c["severity"] == "flag"] == ["no_date"]
    assert second["ship_launches"] == []
    assert second["rejections"][0]["reason"] == "only_planned"
    assert communique.rows("o.failed.jsonl")[0]["reason"] == "empty"

    written = communique("convert", "o.jsonl", "-o", "o.ships")
    assert written.returncode == 0, written.stderr
    assert (communique.folder / "o.ships").read_text() == "ASTRID\n"
    assert communique("convert", "o.jsonl", "-o", "o.csv", "--record", "ship_launch").returncode == 0
    assert "ASTRID" in (communique.folder / "o.ship_launches.csv").read_text()


def test_a_plain_model_is_a_record_type_by_name(communique, gazette):
    run = communique("batch", gazette, "-o", "o.jsonl", "-q", "-m", "shouting", "--record", "port-call")

    (call,) = communique.rows("o.jsonl")[0]["port_calls"]
    assert run.returncode == 3
    assert (call["ship"], call["verdict"]) == ("ASTRID", "flagged")


def test_a_check_that_raises_flags_the_record_and_the_run_goes_on(communique, gazette):
    run = communique(
        "batch",
        gazette,
        "-o",
        "o.jsonl",
        "-q",
        "-m",
        "shouting",
        "--record",
        "ship_launch",
        "--check",
        "stumbles",
    )
    first, second = communique.rows("o.jsonl")
    assert run.returncode == 3
    assert [c["reason"] for c in first["ship_launches"][0]["checks"] if c["severity"] == "flag"] == ["check_failed"]
    assert second["ship_launches"][0]["verdict"] == "flagged"


def test_another_set_of_checks_is_another_configuration(communique, gazette):
    batch = ["batch", gazette, "-o", "o.jsonl", "-q", "-m", "shouting", "--record", "ship_launch"]

    assert communique(*batch).returncode == 3
    changed = communique(*batch, "--check", "no_paper_ships")
    assert changed.returncode == 2
    assert "checks: [] → ['no_paper_ships']" in changed.stderr


def test_a_reader_that_raises_skips_its_file_and_the_others_are_read(communique, gazette):
    (communique.folder / "torn.gazette").write_text("!! torn")
    run = communique(
        "batch", "torn.gazette", gazette, "-o", "o.jsonl", "-q", "-m", "shouting", "--record", "ship_launch"
    )

    assert run.returncode == 3
    assert len(communique.rows("o.jsonl")) == 2
    torn = communique.rows("o.failed.jsonl")[0]
    assert torn["reason"] == "extract_failed"
    assert "RuntimeError: the press broke" in torn["detail"]


def test_a_sink_that_raises_is_named_in_one_line_and_leaves_no_file(communique, gazette):
    text = GAZETTE.replace("ASTRID", "KRAKEN")
    (communique.folder / gazette).write_text(text)
    communique("batch", gazette, "-o", "o.jsonl", "-q", "-m", "shouting", "--record", "ship_launch")
    lines = (communique.folder / "o.jsonl").read_text().replace('"ship":"KRAKEN"', '"ship":"Kraken"')
    (communique.folder / "o.jsonl").write_text(lines)

    written = communique("convert", "o.jsonl", "-o", "o.ships")
    assert written.returncode == 6
    assert "the sink 'ships' raised RuntimeError" in written.stderr.splitlines()[-1]
    assert "Traceback" not in written.stderr
    assert not (communique.folder / "o.ships").exists()


def test_a_backend_that_raises_is_named_in_one_line_and_is_no_bug_of_ours(communique, gazette):
    (communique.folder / "a.txt").write_text("The yard launched the ASTRID.")
    run = communique("extract", "a.txt", "-m", "shouting/hoarse", "--record", "ship_launch")

    assert run.returncode == 3
    line = run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr
    assert "the backend 'shouting' (gazette_plugin.shouting_backend:ShoutingBackend)" in line
    assert "failed with RuntimeError: no voice left (" in line
    assert run.stdout == ""

    run = communique("batch", gazette, "-o", "o.jsonl", "-q", "-m", "shouting/hoarse", "--record", "ship_launch")
    assert run.returncode == 3
    failed = [r for r in communique.rows("o.failed.jsonl") if r["reason"] != "empty"]
    assert len(failed) == 2
    assert {r["reason"] for r in failed} == {"backend"}
    assert all("ShoutingBackend) failed with RuntimeError" in r["detail"] for r in failed)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["extract", "a.txt", "-m", "quits"], "SystemExit: 3"),
        (["extract", "a.txt", "-m", "shoutin"], "did you mean 'shouting'"),
        (["extract", "a.txt", "-m", "shouting/loud/er", "-r", "ship_lunch"], "did you mean 'ship_launch'"),
        (["extract", "a.txt", "-m", "shouting", "--check", "no_paper_ship"], "did you mean 'no_paper_ships'"),
        (["convert", "a.txt", "-t", "tables"], "pip install 'gazette-plugin[tables]'"),
        (["convert", "a.txt", "-t", "shps"], "did you mean 'ships'"),
    ],
)
def test_a_name_that_cannot_be_used_is_one_line_with_the_way_out(communique, arguments, said):
    (communique.folder / "a.txt").write_text("The yard launched the ASTRID.")
    run = communique(*arguments)

    assert run.returncode == 2
    assert said in run.stderr.splitlines()[-1]
    assert all(line.startswith("communique: ") for line in run.stderr.splitlines())


def test_a_broken_plug_in_does_not_disturb_what_is_ours(communique):
    (communique.folder / "a.txt").write_text("Odo Brask met Ilya Tarn in Lund.")
    (communique.folder / "answer.json").write_text("{}")
    run = communique("batch", "a.txt", "-o", "o.jsonl", "-q", "-m", "scripted/answer.json")
    assert run.returncode == 0, run.stderr
    assert communique("convert", "o.jsonl", "-o", "o.jsonl2.json").returncode == 0
    assert communique("convert", "o.jsonl", "-t", "jsonl").stdout.startswith('{"schema_version"')


def test_what_a_stranger_s_code_does_is_told_in_one_line_and_in_the_log_with_its_traceback(communique):
    (communique.folder / "b.gazette").write_text("== One\nThe ASTRID sailed.")
    run = communique("extract", "b.gazette", "-m", "shouting", "-r", "ship_launch", "--check", "stumbles")

    assert run.stderr.count("out of ink") == 1
    assert "Traceback" not in run.stderr
    logged = communique(
        "extract",
        "b.gazette",
        "-m",
        "shouting",
        "-r",
        "ship_launch",
        "--check",
        "stumbles",
        COMMUNIQUE_LOG="warning",
    )
    assert "ValueError: stumbled" in logged.stderr
    assert "Traceback" in logged.stderr


def test_two_plug_ins_of_one_name_stand_for_neither_and_disturb_nothing_else(
    communique, plugin_folder, tmp_path_factory
):
    other = tmp_path_factory.mktemp("other")
    info = other / "rival_plugin-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rival-plugin\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[communique.sinks]\nships = rival_plugin:Sink\n")
    communique.targets.append(str(other))
    (communique.folder / "o.jsonl").write_text("")

    named = communique("convert", "o.jsonl", "-t", "ships")
    assert named.returncode == 2
    assert "two plug-ins offer the sink 'ships'" in named.stderr
    assert "gazette-plugin 1.2.0" in named.stderr
    assert "rival-plugin 0.1" in named.stderr
    assert communique("convert", "o.jsonl", "-o", "o.csv").returncode == 0
    assert "two plug-ins offer" in communique("show", "plugins").stdout
