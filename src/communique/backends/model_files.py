"""The local models that are pinned, and finding a model's file: trusted by its SHA-256 and by nothing else.

Looked for in this order: a path that the user gives, `COMMUNIQUE_MODEL`, the cache, the part packages of the extra
`model` (data only, never imported), and, when it is pulled, the Hugging Face hub at a pinned revision.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

from filelock import FileLock

from communique.errors import ConfigurationError, MissingExtraError

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all while the part packages are joined; the hub shows its own bar."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that is known by its hash."""

    name: str  # for people; `local/NAME` asks it
    filename: str  # in the cache and on the hub
    size: int  # bytes
    sha256: str  # of the file, hex
    licence: str = ""  # SPDX identifier
    repo: str = ""  # on the hub
    revision: str = ""  # pinned commit of it
    parts: tuple[str, ...] = ()  # distributions that hold the file in pieces, in order
    parts_version: str = ""  # the only version of them that is taken

    @property
    def hub_id(self) -> str:
        """Name on the hub: `ORG/REPO/FILE.gguf`."""
        return f"{self.repo}/{self.filename}"


_HERE = files("communique.backends")
_DATA = tomllib.loads((_HERE / "known_models.toml").read_text("utf-8"))
_PART_NAME, _PART_COUNT = (_DATA["embedded"].pop(key) for key in ("part_name", "part_count"))
EMBEDDED = ModelFile(**_DATA["embedded"], parts=tuple(map(_PART_NAME.format, range(1, _PART_COUNT + 1))))
"""The model that is asked where none is named."""
KNOWN = tuple(ModelFile(**entry) for entry in _DATA["known"])  # larger models. We have not measured them
ADAPTER = Path(str(_HERE / "adapter.gguf"))
"""Weights that are added to the embedded model's: benchmarks/adapter learned them for the question on one sentence."""
SMALL = 4_000_000_000
"""Bytes. A model with a smaller file is asked sentence by sentence, a larger one for all records of an article at once, as
a remote one is. The threshold is a guess: only the embedded model was measured."""


@cache
def adapter_name() -> str:
    """Return what stands behind the embedded model's name in results: `adapter-` and eight hex digits of its SHA-256."""
    return f"adapter-{hashlib.sha256(ADAPTER.read_bytes()).hexdigest()[:8]}"


def known(name: str) -> ModelFile | None:
    """Return the larger model of a name or a hub id; None if it is not pinned."""
    return next((model for model in KNOWN if name in {model.name, model.hub_id}), None)


def cache_folder() -> Path:
    """Return the folder of cached models: `$COMMUNIQUE_CACHE/models`, else one in the platform's cache."""
    if given := os.environ.get("COMMUNIQUE_CACHE"):
        return Path(given) / "models"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "communique" / "models"


def locate(name: str = "", progress: Progress | None = None) -> Path:
    """Return a model file that is ready to use.

    The embedded one without a name, or a known one of that name, a path to a GGUF file, or a hub id that was pulled.

    Raises:
        ConfigurationError: It is nowhere, is not a GGUF file, or its hash is wrong.
    """
    if given := name or os.environ.get("COMMUNIQUE_MODEL", ""):
        return _own(given)
    if found := _installed(progress):
        return found
    hint = "pip install 'communique[local,model]', or: communique models pull"
    raise ConfigurationError("the embedded model is not installed", hint=hint)


def pull(name: str = "", progress: Progress | None = None) -> Path:
    """Fetch the embedded model, a known one, or one by its hub id, `local/` before it or not; unless the cache has it.

    Raises:
        MissingExtraError: huggingface-hub is not installed.
        ConfigurationError: It can't be fetched, or its hash is wrong.
    """
    name = name.removeprefix("local/")
    if name in {"", "local", EMBEDDED.name, EMBEDDED.filename}:
        target = cache_folder() / EMBEDDED.filename
        return _installed(progress) or _fetch(EMBEDDED.repo, EMBEDDED.filename, target, EMBEDDED)
    pinned = known(name)
    repo, file = hub_parts(pinned.hub_id if pinned else name)
    target = cache_folder() / repo / file
    if not target.is_file():
        return _fetch(repo, file, target, pinned)
    return checked(target, pinned) if pinned else target


def _installed(progress: Progress | None) -> Path | None:
    """Return the embedded model from the cache, or joined from its part packages; None if it is in neither."""
    cached = cache_folder() / EMBEDDED.filename
    if cached.exists():
        return checked(cached)
    pieces = part_files()
    return join(pieces, cached, progress) if pieces else None


def _fetch(repo: str, file: str, target: Path, model: ModelFile | None) -> Path:
    with MissingExtraError.naming("pulling a model from the hub", "local"):
        from huggingface_hub import hf_hub_download
    size, revision, parts = (model.size, model.revision, model.parts) if model else (0, None, ())
    with _making(target, size) as made:
        try:
            fetched = Path(hf_hub_download(repo, file, revision=revision, local_dir=made.parent))
        except Exception as error:  # whatever the hub's client raises ends as one line
            told = f"can't download {repo}/{file} from the hub: {type(error).__name__}"
            hint = "check the name and the network" + (", or: pip install 'communique[model]'" if parts else "")
            raise ConfigurationError(told, hint=hint) from error
        if model is not None:
            checked(fetched, model)
            _stamp(fetched).replace(_stamp(made))
        fetched.replace(made)
    return target


def is_small(name: str) -> bool:
    """Tell by its size whether a local model is asked sentence by sentence. Takes and raises as `locate`."""
    pinned = known(name) if name else EMBEDDED
    return (pinned.size if pinned else locate(name).stat().st_size) < SMALL


def hub_parts(name: str) -> tuple[str, str]:
    """Split a hub id into its repository and the file in it. Raises ConfigurationError where it is none."""
    parts = PurePosixPath(name).parts
    if len(parts) < 3 or ".." in parts or name.startswith("/") or not name.endswith(".gguf"):
        raise ConfigurationError(f"{name!r} is not a model on the hub", hint="use a name such as ORG/REPO/FILE.gguf")
    return "/".join(parts[:2]), "/".join(parts[2:])


def _own(name: str) -> Path:
    """Return a file that the user names; one that claims to be the embedded model must be it, any other be GGUF."""
    path, pinned = Path(name).expanduser(), known(name)
    if not path.is_file():
        try:
            path = cache_folder().joinpath(*hub_parts(pinned.hub_id if pinned else name))
        except ConfigurationError:
            hint = f"give a path to a GGUF file, ORG/REPO/FILE.gguf of the hub, or {', '.join(m.name for m in KNOWN)}"
            raise ConfigurationError(f"there is no model file {name!r}", hint=hint) from None
        if not path.is_file():
            raise ConfigurationError(f"{name!r} is not on this machine", hint=f"communique models pull {name}")
    try:
        if pinned or path.name == EMBEDDED.filename:
            return checked(path, pinned)
        with path.open("rb") as opened:
            if opened.read(4) == b"GGUF":
                return path
    except OSError as error:
        raise ConfigurationError(f"the model {path} can't be read: {error.strerror}") from error
    raise ConfigurationError(f"{path} is not a GGUF file", hint="llama.cpp reads GGUF only")


def checked(path: Path, model: ModelFile | None = None) -> Path:
    """Verify size and SHA-256 of a model, the embedded one if None. ConfigurationError: it is another file."""
    model = model or EMBEDDED
    if path.stat().st_size == model.size and sha256_of(path) == model.sha256:
        return path
    hint = f"delete it, then: communique models pull{'' if model.parts else ' ' + model.name}"
    raise ConfigurationError(f"{path} is not {model.name}: its SHA-256 doesn't match", hint=hint)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex; a stamp beside it spares hashing it again until it changes."""
    if seen := stamped(path):
        return seen
    with path.open("rb") as file:
        return _remembered(path, hashlib.file_digest(file, hashlib.sha256).hexdigest())


def _remembered(path: Path, digest: str) -> str:
    """Put a file's SHA-256 into its stamp, and return it."""
    stat = path.stat()
    seen = json.dumps({"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": digest})
    with suppress(OSError):  # a folder that can't be written: it is hashed again next time
        _stamp(path).write_text(seen, "utf-8")
    return digest


def stamped(path: Path) -> str:
    """Return the SHA-256 that the file's stamp holds, or "" if there is none or the file has changed."""
    try:
        seen, stat = json.loads(_stamp(path).read_text("utf-8")), path.stat()
        same = (seen["size"], seen["mtime_ns"]) == (stat.st_size, stat.st_mtime_ns)
        return str(seen["sha256"]) if same else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _stamp(path: Path) -> Path:
    return path.with_name(path.name + ".verified.json")


def part_files() -> list[Path]:
    """Return the data files of the part packages in order; none unless all are installed in the pinned version."""
    found: list[Path] = []
    for number, name in enumerate(EMBEDDED.parts, 1):
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            return []
        wanted = ("data", f"part{number:02d}.bin")
        data = [Path(str(f.locate())) for f in distribution.files or () if f.parts[-2:] == wanted]
        if distribution.version != EMBEDDED.parts_version or len(data) != 1 or not data[0].is_file():
            return []
        found += data
    return found


def join(pieces: list[Path], target: Path, progress: Progress | None = None) -> Path:
    """Join the pieces of the embedded model into the cache. Raises ConfigurationError where they aren't the model."""
    with _making(target, EMBEDDED.size) as made:
        if target.exists():  # another process was faster
            return checked(target)
        digest = hashlib.sha256()
        with made.open("wb") as out:
            for piece in pieces:
                with piece.open("rb") as file:
                    while chunk := file.read(1 << 22):
                        out.write(chunk)
                        digest.update(chunk)
                        if progress is not None:
                            progress(out.tell(), EMBEDDED.size)
            out.flush()
            os.fsync(out.fileno())
        if _remembered(made, digest.hexdigest()) != EMBEDDED.sha256:
            told = f"the model's packages don't contain {EMBEDDED.name}: the SHA-256 doesn't match"
            raise ConfigurationError(told, hint="install them again, or: communique models pull")
    return target


@contextmanager
def _making(target: Path, size: int) -> Iterator[Path]:
    """Give a path whose file becomes `target`, with its stamp, when it is whole. One process at a time."""
    root = cache_folder()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / ".lock"), tempfile.TemporaryDirectory(dir=root, prefix=".making-") as folder:
            free = shutil.disk_usage(root).free
            if free < size and not target.exists():
                told = f"the model needs {size / 1e9:.1f} GB in {root}, and {free / 1e9:.1f} GB are free"
                raise ConfigurationError(
                    told, hint="free some space, or set COMMUNIQUE_CACHE to a folder on another disk"
                )
            made = Path(folder) / target.name
            yield made
            target.parent.mkdir(parents=True, exist_ok=True)
            for file, place in ((_stamp(made), _stamp(target)), (made, target)):
                if file.exists():
                    file.replace(place)
    except OSError as error:
        told = f"the model can't be written to {root}: {error.strerror or error}"
        raise ConfigurationError(told, hint="set COMMUNIQUE_CACHE to another folder") from error
