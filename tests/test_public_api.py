"""The public names: all there, all documented, and cheap to import."""

import ast
import contextlib
import importlib.util
import inspect
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import communique
from communique.errors import MissingExtraError

ROOT = Path(__file__).parents[1]
ROOMS = (
    "backends",
    "batch",
    "documents",
    "engine",
    "evaluation",
    "observability",
    "schemas",
    "sinks",
    "testing",
)


@pytest.mark.parametrize("name", communique.__all__)
def test_every_public_name_is_there_and_documented(name):
    found = getattr(communique, name)
    if name != "__version__":
        assert found.__doc__
        assert found.__doc__.strip()


def test_dir_lists_the_public_names():
    assert set(dir(communique)) >= set(communique.__all__)
    assert len(set(communique.__all__)) == len(communique.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Extracter"):
        communique.Extracter  # noqa: B018


def test_star_import_gives_the_public_names():
    names: dict[str, object] = {}
    exec("from communique import *", names)
    assert set(communique.__all__) <= set(names)


@pytest.mark.parametrize("line", ["import communique", "import communique.cli.app"])
def test_importing_loads_nothing_heavy(line):
    heavy = "{'pydantic', 'openai', 'instructor', 'httpx2', 'babel', 'xllamacpp', 'pyarrow', 'sentencex', 'mcp'}"
    code = f"import sys; {line}; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_library_without_a_backend_loads_no_network():
    code = (
        "import sys; from communique import Extractor; from communique.backends.scripted import ScriptedBackend; "
        "Extractor(ScriptedBackend([{}])).extract('Odo Brask met Ilya Tarn.'); "
        "print(sorted({'openai', 'instructor', 'httpx2', 'xllamacpp'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_public_names_are_few_and_sorted():
    assert communique.__all__ == sorted(communique.__all__)
    assert len(communique.__all__) <= 40


@pytest.mark.parametrize("room", ROOMS)
def test_the_names_of_a_room_are_there_and_sorted(room):
    module = importlib.import_module(f"communique.{room}")
    assert module.__all__ == sorted(module.__all__, key=lambda name: (not name.isupper(), name))  # constants first
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def shown_code():
    """Return every piece of Python that a reader may copy: the pages' blocks, the README's and the examples."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    blocks = [
        (str(page.relative_to(ROOT)), textwrap.dedent(code))
        for page in pages
        for code in re.findall(r"^ *```python[^\n]*\n(.*?)^ *```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    ]
    files = [(str(f.relative_to(ROOT)), f.read_text("utf-8")) for f in (ROOT / "examples").rglob("*.py")]
    return blocks + files


def test_nothing_that_is_shown_needs_a_private_import():
    needed = []
    for place, code in shown_code():
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("communique"):
                needed += [(place, node.module, alias.name) for alias in node.names]
            elif isinstance(node, ast.Import):
                needed += [(place, alias.name, "") for alias in node.names if alias.name.startswith("communique")]
    assert len(needed) > 30
    private = [n for n in needed if any(part.startswith("_") for part in (*n[1].split("."), n[2]))]
    assert private == []
    modules = {name: _installed(name) for _, name, _ in needed}
    borrowed = [n for n in needed if n[2] and (module := modules[n[1]]) and not _offers(module, n[2])]
    assert borrowed == []


def _installed(module):
    """Return a module, or None where the extra that it needs isn't installed: `make check` does without some."""
    with contextlib.suppress(MissingExtraError):
        return importlib.import_module(module)
    return None


def test_what_the_guides_import_is_public():
    page = (ROOT / "docs/deprecation.md").read_text("utf-8")
    pages = [
        (place, code)
        for place, code in shown_code()
        if place.startswith(("README", "docs/")) and "/design/" not in place
    ]
    modules = {
        (node.module or "")
        for _, code in pages
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("communique.")
    }
    assert {m for m in modules if f"`{m}`" not in page and f"`{m.removeprefix('communique')}`" not in page} <= {
        "communique.backends.scripted"
    }


def _offers(module, name):
    """Tell whether a module offers a name: it lists it, defines it, or it is a module inside it."""
    found = getattr(module, name, None)
    if name in getattr(module, "__all__", ()):
        return True
    if found is None:
        return importlib.util.find_spec(f"{module.__name__}.{name}") is not None
    return inspect.ismodule(found) or getattr(found, "__module__", module.__name__) == module.__name__
