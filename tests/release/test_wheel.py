"""The release check (`make release-check`): the wheel, built and installed into a bare environment, without extras."""

import email
import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import communique

pytestmark = pytest.mark.release

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
CLIENT = Path(__file__).parent / "client"


def run(*command, cwd=ROOT, ok=True, **options):
    left_out = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME"}
    clean = {k: v for k, v in os.environ.items() if k not in left_out and not k.endswith("_API_KEY")}
    found = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    if ok:
        assert found.returncode == 0, f"{command}\n{found.stdout[-3000:]}{found.stderr[-3000:]}"
    return found


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(dist):
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory):
    """Return the folder of commands of an environment that has the wheel and what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=True)
    run(
        folder / "bin/python",
        "-m",
        "pip",
        "install",
        "-q",
        "--no-input",
        "--disable-pip-version-check",
        wheel,
    )
    return folder / "bin"


def test_both_archives_are_small_and_pass_the_look_at_their_metadata(dist):
    run(sys.executable, "-m", "twine", "check", "--strict", *dist.iterdir())
    sizes = {path.suffix: path.stat().st_size for path in dist.iterdir()}
    assert set(sizes) == {".whl", ".gz"}
    adapter = (ROOT / "src/communique/backends/adapter.gguf").stat().st_size  # hardly shrinks
    assert max(sizes.values()) < adapter + 1_500_000, sizes


def test_the_wheel_holds_the_package_with_its_tables_and_types_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    version = communique.__version__
    assert {name.split("/")[0] for name in names} == {"communique", f"communique-{version}.dist-info"}
    assert "communique/py.typed" in names
    source = ROOT / "src"
    tables = [
        str(p.relative_to(source))
        for p in source.rglob("*")
        if p.is_file() and p.suffix not in {".py", ".pyc", ".typed"} and ".egg-info" not in str(p)
    ]
    assert len(tables) > 3
    assert set(tables) <= set(names)


def test_the_metadata_says_what_the_project_is(wheel):
    version = communique.__version__
    with zipfile.ZipFile(wheel) as archive:
        told = email.message_from_bytes(archive.read(f"communique-{version}.dist-info/METADATA"))
        points = archive.read(f"communique-{version}.dist-info/entry_points.txt").decode()
    assert told["Name"] == "communique"
    assert told["Version"] == version
    assert told["Requires-Python"] == ">=3.11"
    assert told["License-Expression"] == "Apache-2.0"
    assert told.get_all("License-File") == ["LICENSE"]
    assert {"local", "model", "readers", "parquet", "html", "xlsx", "all"} <= set(told.get_all("Provides-Extra"))
    assert "communique = communique.cli.app:main" in points


def test_import_and_help_work_without_any_extra(bare, tmp_path):
    said = run(
        bare / "python",
        "-c",
        "import communique; print(communique.__version__, communique.__file__)",
        cwd=tmp_path,
    )
    assert said.stdout.split()[0] == communique.__version__
    assert str(ROOT) not in said.stdout
    helped = run(bare / "communique", "--help", cwd=tmp_path)
    assert "extract" in helped.stdout
    assert helped.stderr == ""
    missing = (
        "import importlib.util as u; print([m for m in ('xllamacpp','trafilatura','pyarrow','anthropic') if"
        " u.find_spec(m)])"
    )
    assert run(bare / "python", "-c", missing, cwd=tmp_path).stdout.strip() == "[]"


def test_every_verb_has_help_and_every_plug_in_is_listed(bare, tmp_path):
    for verb in (
        "extract",
        "batch",
        "status",
        "evaluate",
        "schema",
        "models",
        "doctor",
        "convert",
        "view",
    ):
        run(bare / "communique", verb, "--help", cwd=tmp_path)
    listed = run(bare / "communique", "show", cwd=tmp_path).stdout
    for name in ("meeting", "warc", "ftm", "openai", "local", "instructor"):
        assert f" {name} " in listed


def test_an_article_is_read_without_any_extra(bare, tmp_path):
    (tmp_path / "a.txt").write_text("Talks\n\nTilda Brask and Ole Vang met in Lund on Monday.\n", "utf-8")
    meeting = {"evidence": [2], "status": "held", "participants": ["Tilda Brask", "Ole Vang"]}
    script = {"meetings": [meeting], "allegations": [], "sanctions_concerns": []}
    (tmp_path / "answer.json").write_text(json.dumps(script), "utf-8")
    read = run(bare / "communique", "extract", "a.txt", "-m", "scripted/answer.json", cwd=tmp_path)
    assert json.loads(read.stdout)["meetings"][0]["verdict"] == "supported"


def test_what_needs_an_extra_says_which(bare, tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4\n")
    (tmp_path / "a.txt").write_text("Tilda Brask met Ole Vang.\n", "utf-8")
    for arguments, extra in (
        (("extract", "a.pdf"), "readers"),
        (("extract", "a.pdf", "-m", "local"), ""),
        (("extract", "a.txt", "-m", "local"), "local"),
        (("extract", "a.txt"), "local,model"),  # and no key is set
    ):
        failed = run(bare / "communique", *arguments, cwd=tmp_path, ok=False)
        assert failed.returncode == 2
        assert "Traceback" not in failed.stderr
        assert "pip install 'communique[" + extra in failed.stderr


def test_a_strangers_code_passes_strict_mypy_against_the_wheel(bare, tmp_path):
    code = tmp_path / "strangers_code.py"
    code.write_bytes((CLIENT / "strangers_code.py").read_bytes())
    run(
        TOOLS / "mypy",
        "--strict",
        "--python-executable",
        bare / "python",
        "--config-file",
        os.devnull,
        code,
        cwd=tmp_path,
    )


def test_a_strangers_code_passes_strict_pyright_against_the_wheel(bare, tmp_path):
    (tmp_path / "strangers_code.py").write_bytes((CLIENT / "strangers_code.py").read_bytes())
    (tmp_path / "pyrightconfig.json").write_text(
        json.dumps({"include": ["strangers_code.py"], "typeCheckingMode": "strict"}), "utf-8"
    )
    run(TOOLS / "pyright", "--pythonpath", bare / "python", cwd=tmp_path)


def test_a_strangers_mistake_is_seen_by_both_checkers(bare, tmp_path):
    wrong = "from communique import Extractor\nExtractor(model=3).extract(b'bytes')\n"
    (tmp_path / "wrong.py").write_text(wrong, "utf-8")
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"include": ["wrong.py"]}), "utf-8")
    assert run(TOOLS / "pyright", "--pythonpath", bare / "python", cwd=tmp_path, ok=False).returncode == 1
    mypy = (TOOLS / "mypy", "--strict", "--python-executable", bare / "python", "--config-file", os.devnull)
    assert run(*mypy, "wrong.py", cwd=tmp_path, ok=False).returncode == 1
