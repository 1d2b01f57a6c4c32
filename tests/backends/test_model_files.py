"""Where the embedded model is looked for, and that nothing but its hash makes it trusted."""

import hashlib
import json
import os
import re
import sys
import tomllib
import types
from dataclasses import replace
from pathlib import Path

import pytest

from communique.backends import model_files
from communique.backends.model_files import (
    EMBEDDED,
    KNOWN,
    ModelFile,
    cache_folder,
    checked,
    hub_parts,
    is_small,
    join,
    locate,
    part_files,
    pull,
    stamped,
)
from communique.errors import ConfigurationError, MissingExtraError

PIECES = [b"GGUF" + b"a" * 996, b"b" * 1000, b"c" * 17]
WHOLE = b"".join(PIECES)
TINY = ModelFile(
    name="tiny",
    filename="tiny.gguf",
    size=len(WHOLE),
    sha256=hashlib.sha256(WHOLE).hexdigest(),
    repo="org/tiny-GGUF",
    revision="f" * 40,
    parts=("tiny-model-part1", "tiny-model-part2", "tiny-model-part3"),
    parts_version="0.2.0",
)
SMALLISH = replace(
    TINY, name="smallish", filename="q4/smallish.gguf", repo="org/smallish-GGUF", revision="e" * 40, parts=()
)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COMMUNIQUE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("COMMUNIQUE_MODEL", raising=False)
    monkeypatch.setattr(model_files, "EMBEDDED", TINY)
    folder = cache_folder()
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def parts(tmp_path, monkeypatch):
    """Install the part packages into a folder of their own; their modules must never run."""

    def install(pieces=PIECES, version="0.2.0"):
        site = tmp_path / "site"
        for number, piece in enumerate(pieces, 1):
            package = site / f"tiny_model_part{number}"
            (package / "data").mkdir(parents=True, exist_ok=True)
            (package / "__init__.py").write_text("raise SystemExit('imported')")
            (package / "data" / f"part{number:02d}.bin").write_bytes(piece)
            info = site / f"tiny_model_part{number}-{version}.dist-info"
            info.mkdir(exist_ok=True)
            (info / "METADATA").write_text(
                f"Metadata-Version: 2.1\nName: tiny-model-part{number}\nVersion: {version}\n"
            )
            (info / "RECORD").write_text(
                f"{package.name}/__init__.py,,\n{package.name}/data/part{number:02d}.bin,,\n{info.name}/RECORD,,\n"
            )
        monkeypatch.syspath_prepend(str(site))
        return site

    return install


@pytest.fixture
def hub(monkeypatch):
    """A stand-in for huggingface_hub that serves bytes and notes what it was asked."""
    asked = []
    served = {"content": WHOLE}

    def hf_hub_download(repo, file, *, revision=None, local_dir=None):
        asked.append((repo, file, revision))
        if isinstance(served["content"], Exception):
            raise served["content"]
        target = Path(local_dir) / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(served["content"])
        return str(target)

    module = types.ModuleType("huggingface_hub")
    module.hf_hub_download = hf_hub_download
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)
    return types.SimpleNamespace(asked=asked, served=served)


def count_hashing(monkeypatch):
    runs = []
    real = hashlib.sha256
    monkeypatch.setattr(model_files.hashlib, "sha256", lambda *a: runs.append(1) or real(*a))
    return runs


def leftovers(cache):
    return sorted(p.name for p in cache.iterdir() if p.name.startswith(".making"))


def test_a_cached_file_with_the_right_hash_is_found(cache):
    (cache / "tiny.gguf").write_bytes(WHOLE)
    assert locate("") == cache / "tiny.gguf"


def test_a_verified_file_is_not_hashed_again(cache, monkeypatch):
    (cache / "tiny.gguf").write_bytes(WHOLE)
    locate("")
    runs = count_hashing(monkeypatch)
    locate("")
    assert runs == []


@pytest.mark.parametrize("wrong", [WHOLE[:-1] + b"x", WHOLE[:-1], b""])
def test_a_cached_file_with_another_hash_is_never_used(cache, wrong):
    (cache / "tiny.gguf").write_bytes(wrong)
    with pytest.raises(ConfigurationError, match="SHA-256"):
        locate("")


def test_a_file_that_changed_after_it_was_verified_is_hashed_again(cache):
    file = cache / "tiny.gguf"
    file.write_bytes(WHOLE)
    locate("")
    file.write_bytes(WHOLE[:-1] + b"x")
    os.utime(file, ns=(1, 1))
    with pytest.raises(ConfigurationError, match="SHA-256"):
        locate("")


@pytest.mark.parametrize("stamp", ["", "[]", "{}", "null", '{"size": 1, "mtime_ns": 1, "sha256": "x"}'])
def test_a_stamp_that_says_nothing_is_no_stamp(cache, stamp):
    file = cache / "tiny.gguf"
    file.write_bytes(WHOLE)
    (cache / "tiny.gguf.verified.json").write_text(stamp)
    assert stamped(file) == ""
    assert checked(file, TINY) == file
    assert stamped(file) == TINY.sha256


def test_a_stamp_of_another_hash_does_not_make_a_file_trusted(cache):
    file = cache / "tiny.gguf"
    file.write_bytes(WHOLE)
    stat = file.stat()
    seen = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": "0" * 64}
    (cache / "tiny.gguf.verified.json").write_text(json.dumps(seen))
    with pytest.raises(ConfigurationError, match="SHA-256"):
        checked(file, TINY)


def test_a_model_that_is_nowhere_says_how_to_get_it():
    with pytest.raises(ConfigurationError) as caught:
        locate("")
    assert "communique[local,model]" in caught.value.hint
    assert "communique models pull" in caught.value.hint


def test_a_given_path_comes_before_the_cache(cache, tmp_path):
    (cache / "tiny.gguf").write_bytes(WHOLE)
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF of mine")
    assert locate(str(mine)) == mine


def test_the_environment_comes_before_the_cache(cache, tmp_path, monkeypatch):
    (cache / "tiny.gguf").write_bytes(WHOLE)
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF of mine")
    monkeypatch.setenv("COMMUNIQUE_MODEL", str(mine))
    assert locate("") == mine


def test_a_path_that_is_not_there_is_not_replaced_by_the_cache(cache, monkeypatch):
    (cache / "tiny.gguf").write_bytes(WHOLE)
    monkeypatch.setenv("COMMUNIQUE_MODEL", "/nowhere/mine.gguf")
    with pytest.raises(ConfigurationError, match=r"no model file '/nowhere/mine\.gguf'"):
        locate("")


def test_a_file_that_is_no_gguf_is_refused(tmp_path):
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"PK\x03\x04 a zip")
    with pytest.raises(ConfigurationError, match="not a GGUF file"):
        locate(str(mine))


def test_a_file_that_bears_the_embedded_name_must_be_it(tmp_path):
    mine = tmp_path / "tiny.gguf"
    mine.write_bytes(b"GGUF of another")
    with pytest.raises(ConfigurationError, match="SHA-256"):
        locate(str(mine))


def test_the_parts_are_joined_verified_and_stamped(cache, parts, monkeypatch):
    parts()
    seen = []
    path = locate("", progress=lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == WHOLE
    assert path.parent == cache
    assert seen[-1] == (len(WHOLE), len(WHOLE))
    assert leftovers(cache) == []
    runs = count_hashing(monkeypatch)
    assert locate("") == path
    assert runs == []


def test_the_modules_of_the_parts_are_never_imported(parts):
    parts()
    locate("")
    assert not [name for name in sys.modules if name.startswith("tiny_model_part")]


def test_parts_in_the_wrong_order_or_damaged_leave_nothing_behind(cache, parts):
    parts([PIECES[1], PIECES[0], PIECES[2]])
    with pytest.raises(ConfigurationError, match="packages don't contain"):
        locate("")
    assert leftovers(cache) == []
    assert not (cache / "tiny.gguf").exists()


def test_a_missing_part_is_as_good_as_none(parts):
    parts(PIECES[:2])
    assert part_files() == []


def test_parts_of_another_version_are_not_taken(parts):
    parts(version="0.3.0")
    assert part_files() == []


def test_a_part_without_its_file_is_as_good_as_none(parts):
    site = parts()
    (site / "tiny_model_part2" / "data" / "part02.bin").unlink()
    assert part_files() == []


def test_ten_parts_and_more_stay_in_order(parts, monkeypatch):
    pieces = [bytes([65 + n]) * 3 for n in range(12)]
    parts(pieces)
    many = ModelFile(
        "m", "m.gguf", 36, "", parts=tuple(f"tiny-model-part{n}" for n in range(1, 13)), parts_version="0.2.0"
    )
    monkeypatch.setattr(model_files, "EMBEDDED", many)
    assert b"".join(p.read_bytes() for p in part_files()) == b"".join(pieces)


def test_a_full_disk_is_said_before_anything_is_written(cache, parts, monkeypatch):
    parts()
    monkeypatch.setattr("shutil.disk_usage", lambda _: types.SimpleNamespace(free=10))
    with pytest.raises(ConfigurationError, match=r"GB are free") as caught:
        locate("")
    assert "COMMUNIQUE_CACHE" in caught.value.hint
    assert leftovers(cache) == []


def test_a_cache_that_is_a_file_is_one_line(parts, tmp_path, monkeypatch):
    parts()
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("COMMUNIQUE_CACHE", str(tmp_path / "file"))
    with pytest.raises(ConfigurationError, match="can't be written"):
        locate("")


def test_two_that_join_at_once_give_one_file(cache, tmp_path):
    pieces = []
    for number, piece in enumerate(PIECES):
        pieces.append(tmp_path / f"{number}.bin")
        pieces[-1].write_bytes(piece)
    target = cache / "tiny.gguf"
    assert join(pieces, target) == target
    assert join([], target) == target  # the second finds it there and reads no piece


def test_pull_takes_the_cache_before_the_parts_before_the_hub(cache, parts, hub):
    parts()
    assert pull("") == cache / "tiny.gguf"
    assert pull("tiny") == pull("local/tiny") == cache / "tiny.gguf"
    assert hub.asked == []


def test_pull_asks_the_hub_for_the_pinned_revision(cache, hub, monkeypatch):
    assert pull("").read_bytes() == WHOLE
    assert hub.asked == [("org/tiny-GGUF", "tiny.gguf", "f" * 40)]
    assert leftovers(cache) == []
    runs = count_hashing(monkeypatch)
    assert locate("") == cache / "tiny.gguf"
    assert runs == []


def test_a_wrong_file_from_the_hub_never_reaches_the_cache(cache, hub):
    hub.served["content"] = WHOLE[:-1] + b"x"
    with pytest.raises(ConfigurationError, match="SHA-256"):
        pull("")
    assert not (cache / "tiny.gguf").exists()
    assert leftovers(cache) == []


def test_another_model_of_the_hub_is_pulled_by_id_and_then_found(cache, hub):
    hub.served["content"] = b"GGUF other"
    name = "org/other-GGUF/q4/other.gguf"
    with pytest.raises(ConfigurationError, match="not on this machine") as caught:
        locate(name)
    assert caught.value.hint == f"communique models pull {name}"
    path = pull(name)
    assert hub.asked == [("org/other-GGUF", "q4/other.gguf", None)]
    assert locate(name) == path
    assert pull(name) == pull(f"local/{name}") == path
    assert len(hub.asked) == 1


@pytest.mark.parametrize("name", [SMALLISH.name, SMALLISH.hub_id])
def test_a_known_model_is_pulled_at_its_revision_and_trusted_by_its_hash(cache, hub, monkeypatch, name):
    monkeypatch.setattr(model_files, "KNOWN", (SMALLISH,))
    with pytest.raises(ConfigurationError, match="not on this machine"):
        locate(name)
    hub.served["content"] = b"GGUF another"
    with pytest.raises(ConfigurationError, match="its SHA-256 doesn't match") as caught:
        pull(name)
    assert caught.value.hint.endswith("pull smallish")
    assert leftovers(cache) == []
    hub.served["content"] = WHOLE
    path = pull(name)
    assert hub.asked[-1] == ("org/smallish-GGUF", "q4/smallish.gguf", "e" * 40)
    assert locate(name) == pull(name) == pull(f"local/{name}") == path
    path.write_bytes(b"GGUF changed")
    with pytest.raises(ConfigurationError, match="its SHA-256 doesn't match"):
        locate(name)


def test_the_pins_of_the_known_models_are_whole():
    assert len({m.name for m in KNOWN}) == len(KNOWN) >= 3
    for model in KNOWN:
        assert re.fullmatch(r"[0-9a-f]{64}", model.sha256), model.name
        assert re.fullmatch(r"[0-9a-f]{40}", model.revision), model.name
        assert hub_parts(model.hub_id) == (model.repo, model.filename)
        assert model.size > EMBEDDED.size
        assert model.licence


def test_what_a_model_is_asked_follows_its_size(tmp_path):
    assert is_small("")
    assert [is_small(m.name) for m in KNOWN] == [m.size < 4e9 for m in KNOWN]
    big = tmp_path / "big.gguf"
    big.write_bytes(b"GGUF")
    assert is_small(str(big))
    with big.open("r+b") as file:
        file.truncate(4_000_000_000)
    assert not is_small(str(big))


def test_a_fault_of_the_hub_is_one_line(hub):
    hub.served["content"] = OSError("no route to host")
    with pytest.raises(ConfigurationError, match=r"can't download org/tiny-GGUF/tiny\.gguf from the hub: OSError"):
        pull("")


def test_without_the_hubs_client_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"communique\[local\]"):
        pull("")


@pytest.mark.parametrize(
    "name", ["org/file.gguf", "org/repo/file.bin", "../../x/y.gguf", "/org/repo/f.gguf", "org/../../f.gguf"]
)
def test_what_is_no_hub_id_is_refused(name):
    with pytest.raises(ConfigurationError, match="not a model on the hub"):
        hub_parts(name)


def test_the_extra_lists_the_packages_that_hold_the_embedded_model():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    pinned = [f"{name}=={EMBEDDED.parts_version}" for name in EMBEDDED.parts]
    assert project["optional-dependencies"]["model"] == pinned
