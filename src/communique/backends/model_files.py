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
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from filelock import FileLock

from communique.backends.known_models import EMBEDDED, KNOWN, SMALL, ModelFile, known
from communique.errors import ConfigurationError, MissingExtraError

Progress = Callable[[int, int], None]  # called with bytes done and bytes in all


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


def locate(name: str = "", model: ModelFile = EMBEDDED, progress: Progress | None = None) -> Path:
    """Return a model file that is ready to use.

    Args:
        name: "" for the embedded model, the name of a known one, a path to a GGUF file, or a hub id
            `ORG/REPO/FILE.gguf` that was pulled.
        model: What the embedded model is.
        progress: Told how far the part packages are joined.

    Raises:
        ConfigurationError: It is nowhere, is not a GGUF file, or its hash is wrong.
    """
    if given := name or os.environ.get("COMMUNIQUE_MODEL", ""):
        return _own(given, model)
    if found := _installed(model, progress):
        return found
    raise ConfigurationError(
        "the embedded model is not installed",
        hint="pip install 'communique[local,model]', or: communique models pull",
    )


def pull(name: str = "", model: ModelFile = EMBEDDED, progress: Progress | None = None) -> Path:
    """Fetch a model, unless the cache has it.

    Args:
        name: "" or the embedded model's name, the name of a known one, or a hub id `ORG/REPO/FILE.gguf`; with or without
            `local/`.
        model: What the embedded model is.
        progress: Told how far the part packages are joined; the hub shows its own bar.

    Raises:
        MissingExtraError: huggingface-hub is not installed.
        ConfigurationError: It can't be fetched, or its hash is wrong.
    """
    name = name.removeprefix("local/")
    if name not in {"", "local", model.name, model.filename}:
        pinned = known(name)
        repo, file = hub_parts(pinned.hub_id if pinned else name)
        target = cache_folder() / repo / file
        if not target.is_file():
            return _fetch(repo, file, target, pinned)
        return checked(target, pinned) if pinned else target
    return _installed(model, progress) or _fetch(model.repo, model.filename, cache_folder() / model.filename, model)


def _installed(model: ModelFile, progress: Progress | None) -> Path | None:
    """Return the model from the cache, or joined from its part packages; None if it is in neither."""
    cached = cache_folder() / model.filename
    if cached.exists():
        return checked(cached, model)
    pieces = part_files(model)
    return join(pieces, cached, model, progress) if pieces else None


def _fetch(repo: str, file: str, target: Path, model: ModelFile | None = None) -> Path:
    """Download beside the cache, verify, and only then move in."""
    with MissingExtraError.naming("pulling a model from the hub", "local"):
        from huggingface_hub import hf_hub_download
    size, revision, parts = (model.size, model.revision, model.parts) if model else (0, None, ())
    with making(target, size) as made:
        try:
            fetched = Path(hf_hub_download(repo, file, revision=revision, local_dir=made.parent))
        except Exception as error:  # whatever the hub's client raises ends as one line
            raise ConfigurationError(
                f"can't download {repo}/{file} from the hub: {type(error).__name__}",
                hint="check the name and the network" + (", or: pip install 'communique[model]'" if parts else ""),
            ) from error
        target.parent.mkdir(parents=True, exist_ok=True)
        if model is not None:
            checked(fetched, model)
            _stamp(fetched).replace(_stamp(target))
        fetched.replace(target)
    return target


def is_small(name: str) -> bool:
    """Tell whether a local model is asked sentence by sentence, by the size of its file. See `locate` for the name.

    Raises:
        ConfigurationError: As `locate`.
    """
    pinned = known(name) if name else EMBEDDED
    return (pinned.size if pinned else locate(name).stat().st_size) < SMALL


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
    """Return a file that the user names; one that claims to be the embedded model must be it, any other be GGUF."""
    path, pinned = Path(name).expanduser(), known(name)
    if not path.is_file():
        try:
            repo, file = hub_parts(pinned.hub_id if pinned else name)
        except ConfigurationError:
            hint = f"give a path to a GGUF file, ORG/REPO/FILE.gguf of the hub, or {', '.join(m.name for m in KNOWN)}"
            raise ConfigurationError(f"there is no model file {name!r}", hint=hint) from None
        path = cache_folder() / repo / file
        if not path.is_file():
            raise ConfigurationError(f"{name!r} is not on this machine", hint=f"communique models pull {name}")
    try:
        if pinned or path.name == model.filename:
            return checked(path, pinned or model)
        with path.open("rb") as opened:
            if opened.read(4) == b"GGUF":
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
        f"{path} is not {model.name}: its SHA-256 doesn't match",
        hint=f"delete it, then: communique models pull{'' if model.parts else ' ' + model.name}",
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex, from its stamp where the file hasn't changed since."""
    if known := stamped(path):
        return known
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, hashlib.sha256).hexdigest()
    stamp(path, digest)
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


def stamp(path: Path, sha256: str) -> None:
    """Note beside a file that it was hashed, with its size and time of change."""
    stat = path.stat()
    seen = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": sha256}
    with contextlib.suppress(OSError):  # a folder that can't be written: it is hashed again next time
        _stamp(path).write_text(json.dumps(seen), "utf-8")


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
            for piece in pieces:
                with piece.open("rb") as file:
                    while chunk := file.read(1 << 22):
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
