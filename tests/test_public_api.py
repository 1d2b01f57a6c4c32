"""The public names: all there, all documented, and cheap to import."""

import subprocess
import sys

import pytest

import communique


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
    heavy = "{'pydantic', 'openai', 'instructor', 'httpx2', 'babel', 'xllamacpp', 'pyarrow', 'sentencex'}"
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
