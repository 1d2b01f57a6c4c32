"""What the journal and the exports need of the file system."""

from __future__ import annotations

import os
from pathlib import Path

from communique.errors import ConfigurationError

_REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "lustre"}


def is_remote(path: Path, mounts: str | None = None) -> bool:
    """Tell whether a path lies on a network file system, where SQLite's WAL can't work.

    Args:
        path: An existing folder.
        mounts: Text of /proc/mounts; read if None. False where there is none.
    """
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
        ConfigurationError: It is a folder, or its folder is missing or read-only.
    """
    if output.is_dir():
        raise ConfigurationError(f"{output} is a folder", hint="give a file name, such as out.jsonl")
    probe = output.parent / f".{output.name}.probe"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ConfigurationError(
            f"{output} can't be written: {error.strerror}", hint="choose another folder"
        ) from error


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
