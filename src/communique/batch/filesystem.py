"""What the journal and the exports need of the file system."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import TextIO

from communique.errors import ConfigurationError

_REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "lustre"}


def is_remote(path: Path, mounts: str | None = None) -> bool:
    """Tell whether an existing folder lies on a network file system, where SQLite's WAL can't work."""
    if mounts is None:
        try:
            mounts = Path("/proc/mounts").read_text("utf-8", "replace")
        except OSError:
            return False
    where = str(path.resolve())
    best, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ")
        inside = point in {"/", where} or where.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind in _REMOTE


def check_writable(output: Path) -> None:
    """Make sure that an output can be written, before anything is paid for.

    Raises:
        ConfigurationError: It is a folder, a device or standard output, or its folder is missing or read-only.
    """
    if output.is_dir():
        raise ConfigurationError(f"{output} is a folder", hint="give a file name, such as out.jsonl")
    # The file that replaces it would take a device's place.
    if str(output) == "-" or (output.exists() and not output.is_file()):
        raise ConfigurationError(f"{output} is not an ordinary file", hint="give a file name, such as out.jsonl")
    probe = output.parent / f".{output.name}.probe"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ConfigurationError(
            f"{output} can't be written: {error.strerror}", hint="choose another folder"
        ) from error


@contextmanager
def written_whole(path: Path, *, first: bool = False) -> Iterator[TextIO]:
    """Give a stream whose text becomes a file at the end of the block, on disk; before that, and if it fails, nothing.

    Args:
        path: The file.
        first: Leave a file that is there as it is.

    Raises:
        OSError: It can't be written.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if not first or not _linked(temporary, path):
            temporary.replace(path)
        sync_folder(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _linked(temporary: Path, path: Path) -> bool:
    """Give a file its name unless the name is taken; False on a file system without links, where the last one wins."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return True
    except OSError:
        return False
    return True


def sqlite_uri(path: PurePath) -> str:
    """Return the address of an absolute path for SQLite, which takes no host: a Windows share is a path, too."""
    address = path.as_uri()
    return address if address.startswith("file:///") else address.replace("file:", "file://", 1)


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
