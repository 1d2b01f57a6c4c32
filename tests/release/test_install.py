"""`requirements/install.py` against an index of our own: what is newer there changes nothing, what fails is one line."""

import functools
import hashlib
import json
import os
import runpy
import shutil
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "requirements/install.py"
WHEEL = runpy.run_path(str(ROOT / ".ci/newer.py"))["wheel"]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Index:
    """A folder of wheels, served as a package index."""

    def __init__(self, folder):
        self.folder = folder
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server.server_port}/simple"

    def add(self, name, version, *needs, extra=""):
        """Put a wheel there and return its pin."""
        home = self.folder / "simple" / name
        home.mkdir(parents=True, exist_ok=True)
        lines = [f"Provides-Extra: {extra}"] * bool(extra) + [f"Requires-Dist: {need}" for need in needs]
        file = WHEEL(home, name, version, *lines)
        links = "".join(f'<a href="{w.name}">{w.name}</a>' for w in home.glob("*.whl"))
        (home / "index.html").write_text(links, "utf-8")
        return f"{name}=={version} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    found = Index(tmp_path_factory.mktemp("index"))
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


@pytest.fixture(scope="module")
def pins(index):
    """Pin a package with an extra, and one that needs it with that extra. A newer one of the first is on offer."""
    first = index.add("alpha", "1.0", 'gamma; extra == "toml"', extra="toml")
    index.add("alpha", "2.0", 'gamma; extra == "toml"', extra="toml")
    return [first, index.add("beta", "1.0", "alpha[toml]>=1"), index.add("gamma", "1.0")]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return tmp_path_factory.mktemp("a path with spaces") / "env"


def install(index_url, environment, *pinned, folder=None):
    file = (folder or environment.parent) / "pins.txt"
    file.write_text("\n".join(pinned) + "\n", "utf-8")
    ours = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": index_url,
        "PIP_NO_CACHE_DIR": "1",
        "TMPDIR": str(file.parent),
    }
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    command = [sys.executable, str(SCRIPT), str(environment), str(file)]
    return subprocess.run(command, env=kept | ours, capture_output=True, text=True, check=False)


def one_line(done):
    """Return the only line that a failure prints."""
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line


def installed(environment):
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command = [str(python), "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"]
    listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {package["name"]: package["version"] for package in listed}


def test_the_pins_are_installed_whatever_newer_is_on_offer(index, pins, environment):
    done = install(index.url, environment, *pins)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}.items() <= installed(environment).items()


def test_a_missing_pin_is_named(index, environment):
    done = install(index.url, environment, index.add("delta", "1.0", "epsilon>=3"))

    assert "the pins don't fit together, make pins writes them anew: delta 1.0 requires epsilon" in one_line(done)


def test_a_file_that_the_index_lacks_is_named(index, environment):
    line = one_line(install(index.url, environment, "gamma==7.0 --hash=sha256:" + "0" * 64))

    assert line.startswith("error: the package index has no gamma==7.0 for Python 3.")


def test_another_file_than_the_pinned_one_is_named(index, environment):
    index.add("eta", "1.0")
    line = one_line(install(index.url, environment, "eta==1.0 --hash=sha256:" + "0" * 64))

    assert line.startswith(
        "error: the package index gives another file for eta==1.0 than the pinned one (pip's own words: "
    )
    assert "Expected sha256" in Path(line.rpartition(": ")[2].rstrip(")")).read_text("utf-8")


def test_no_index_is_told(environment):
    line = one_line(install("http://127.0.0.1:9/simple", environment, "eta==2.0 --hash=sha256:" + "0" * 64))

    assert line.startswith("error: no package index can be reached")


def test_a_folder_that_cant_be_written_is_told(index, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")

    assert "file/env can't be made" in one_line(install(index.url, tmp_path / "file/env", folder=tmp_path)).replace(
        "\\", "/"
    )


def test_an_environment_of_another_python_is_told(index, environment, tmp_path):
    other = tmp_path / "env"
    shutil.copytree(environment, other, symlinks=True)
    (other / "pyvenv.cfg").write_text("version = 3.2.1\n", "utf-8")

    assert "env is of Python 3.2, this is Python 3." in one_line(install(index.url, other))


def test_an_old_python_is_told(monkeypatch):
    script = runpy.run_path(str(SCRIPT))
    monkeypatch.setitem(script["main"].__globals__, "OLDEST", (99, 0))

    with pytest.raises(SystemExit, match=r"^error: communique needs Python 3\.11 or newer, this is Python 3"):
        script["main"]("nowhere", "no.txt")


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_a_python_that_is_not_there_is_told():
    done = subprocess.run(["make", "lint", "PYTHON=python3.99"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "there is no python3.99 here: make needs Python 3.11 or newer" in done.stderr
