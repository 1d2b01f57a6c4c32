"""Finding the embedded model's file: trusted by its SHA-256 and by nothing else.

Looked for in this order: a path that the user gives, `COMMUNIQUE_MODEL`, the cache, the part packages of the extra
`model` (data files only, found through package metadata; their modules are never imported), and, when it is pulled, the
Hugging Face hub at a pinned revision.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path, PurePosixPath

from filelock import FileLock

from communique.errors import ConfigurationError

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that is known by its hash.

    Attributes:
        name: Name for people.
        filename: File in the cache and on the hub.
        size: Bytes.
        sha256: Of the file, hex.
        repo: Hub repository.
        revision: Pinned commit of it.
        parts: Distributions that hold the file in pieces, in order.
        parts_version: The only version of them that is taken.
    """

    name: str
    filename: str
    size: int
    sha256: str
    repo: str = ""
    revision: str = ""
    parts: tuple[str, ...] = ()
    parts_version: str = ""


def _embedded() -> ModelFile:
    data = tomllib.loads((files("communique.backends") / "embedded_model.toml").read_text("utf-8"))
    name, count = data.pop("part_name"), data.pop("part_count")
    return ModelFile(**data, parts=tuple(name.format(number) for number in range(1, count + 1)))


EMBEDDED = _embedded()
_CHUNK = 1 << 22
_MAGIC = b"GGUF"


def cache_folder() -> Path:
    """Return the folder of cached models: `$COMMUNIQUE_CACHE/models`, else one in the platform's cache."""
    given = os.environ.get("COMMUNIQUE_CACHE")
    if given:
        return Path(given) / "models"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "communique" / "models"


def locate(name: str = "", model: ModelFile = EMBEDDED, progress: Progress | None = None) -> Path:
    """Return a model file that is ready to use.

    Args:
        name: "" for the embedded model, a path to a GGUF file, or a hub id `ORG/REPO/FILE.gguf` that was pulled.
        model: What the embedded model is.
        progress: Told how far the part packages are joined.

    Raises:
        ConfigurationError: It is nowhere, is not a GGUF file, or its hash is wrong.
    """
    given = name or os.environ.get("COMMUNIQUE_MODEL", "")
    if given:
        return _own(given, model)
    cached = cache_folder() / model.filename
    if cached.exists():
        return checked(cached, model)
    pieces = part_files(model)
    if pieces:
        return join(pieces, cached, model, progress)
    raise ConfigurationError(
        "the embedded model is not installed",
        hint="pip install 'communique[local,model]', or: communique models pull",
    )


def hub_parts(name: str) -> tuple[str, str]:
    """Split a hub id into its repository and the file in it.

    Raises:
        ConfigurationError: It is no hub id.
    """
    parts = PurePosixPath(name).parts
    if len(parts) < 3 or ".." in parts or name.startswith("/") or not name.endswith(".gguf"):
        raise ConfigurationError(f"{name!r} is not a model on the hub", hint="use a name such as ORG/REPO/FILE.gguf")
    return "/".join(parts[:2]), "/".join(parts[2:])


def _own(name: str, model: ModelFile) -> Path:
    path = Path(name).expanduser()
    if path.is_file():
        return _gguf(path, model)
    try:
        repo, file = hub_parts(name)
    except ConfigurationError:
        raise ConfigurationError(
            f"there is no model file {name!r}",
            hint="give a path to a GGUF file, or ORG/REPO/FILE.gguf of the hub",
        ) from None
    cached = cache_folder() / repo / file
    if cached.is_file():
        return _gguf(cached, model)
    raise ConfigurationError(f"the model {name!r} is not on this machine", hint=f"communique models pull {name}")


def _gguf(path: Path, model: ModelFile) -> Path:
    """A file that claims to be the embedded model must be it; any other must at least be a GGUF file."""
    try:
        if path.name == model.filename:
            return checked(path, model)
        with path.open("rb") as file:
            if file.read(4) == _MAGIC:
                return path
    except OSError as error:
        raise ConfigurationError(f"the model {path} can't be read: {error.strerror}") from error
    raise ConfigurationError(f"{path} is not a GGUF file", hint="llama.cpp reads GGUF only")


def checked(path: Path, model: ModelFile = EMBEDDED) -> Path:
    """Verify size and SHA-256; a stamp beside the file spares hashing it again until it changes.

    Raises:
        ConfigurationError: It is another file; it is never used.
    """
    if path.stat().st_size == model.size and sha256_of(path) == model.sha256:
        return path
    raise ConfigurationError(
        f"{path} is not {model.name}: its SHA-256 doesn't match", hint="delete it, then: communique models pull"
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex, from its stamp where the file hasn't changed since."""
    known = stamped(path)
    if known:
        return known
    digest = hashlib.sha256()
    for chunk in _chunks([path]):
        digest.update(chunk)
    stamp(path, digest.hexdigest())
    return digest.hexdigest()


def stamped(path: Path) -> str:
    """Return the SHA-256 that the file's stamp holds, or "" if there is none or the file has changed."""
    try:
        seen = json.loads(_stamp_of(path).read_text("utf-8"))
        stat = path.stat()
        same = (seen["size"], seen["mtime_ns"]) == (stat.st_size, stat.st_mtime_ns)
        return str(seen["sha256"]) if same else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _stamp_of(path: Path) -> Path:
    return path.with_name(path.name + ".verified.json")


def stamp(path: Path, sha256: str) -> None:
    """Note beside a file that it was hashed, with its size and time of change."""
    stat = path.stat()
    seen = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": sha256}
    with contextlib.suppress(OSError):  # a folder that can't be written: it is hashed again next time
        _stamp_of(path).write_text(json.dumps(seen), "utf-8")


def part_files(model: ModelFile = EMBEDDED) -> list[Path]:
    """Return the data files of the part packages in order; none unless all are installed in the pinned version."""
    found: list[Path] = []
    for number, name in enumerate(model.parts, 1):
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            return []
        wanted = ("data", f"part{number:02d}.bin")
        data = [Path(str(f.locate())) for f in distribution.files or () if f.parts[-2:] == wanted]
        if distribution.version != model.parts_version or len(data) != 1 or not data[0].is_file():
            return []
        found += data
    return found


def join(pieces: list[Path], target: Path, model: ModelFile = EMBEDDED, progress: Progress | None = None) -> Path:
    """Join pieces into the cache, hashed on the way.

    Raises:
        ConfigurationError: The joined bytes are not the model, or the cache can't be written.
    """
    digest = hashlib.sha256()
    done = 0
    with making(target, model.size) as made:
        if target.exists():  # another process was faster
            return checked(target, model)
        with made.open("wb") as out:
            for chunk in _chunks(pieces):
                digest.update(chunk)
                out.write(chunk)
                done += len(chunk)
                if progress is not None:
                    progress(done, model.size)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != model.sha256:
            raise ConfigurationError(
                f"the model's packages don't contain {model.name}: the SHA-256 doesn't match",
                hint="install them again, or: communique models pull",
            )
        made.replace(target)
        stamp(target, model.sha256)
    return target


@contextlib.contextmanager
def making(target: Path, size: int = 0) -> Iterator[Path]:
    """Give a path at which a file of the cache is made, to be renamed to `target` when it is whole. One process at a time.

    Raises:
        ConfigurationError: The cache can't be written, or has no room.
    """
    root = cache_folder()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / ".lock"), tempfile.TemporaryDirectory(dir=root, prefix=".making-") as folder:
            free = shutil.disk_usage(root).free
            if free < size and not target.exists():
                raise ConfigurationError(
                    f"the model needs {size / 1e9:.1f} GB in {root}, and {free / 1e9:.1f} GB are free",
                    hint="free some space, or set COMMUNIQUE_CACHE to a folder on another disk",
                )
            yield Path(folder) / target.name
    except OSError as error:
        raise ConfigurationError(
            f"the model can't be written to {root}: {error.strerror or error}",
            hint="set COMMUNIQUE_CACHE to another folder",
        ) from error


def _chunks(pieces: Iterable[Path]) -> Iterator[bytes]:
    for piece in pieces:
        with piece.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
