"""One pass feeds many sinks; a file appears under its name only when it is complete."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from communique.errors import CommuniqueError, OutputError
from communique.schemas import VerifiedSummary
from communique.sinks.sink import Sink, SinkOptions


@dataclass(frozen=True, slots=True)
class _Staged:
    sink: Sink
    target: Path
    folder: Path


class FanOut:
    """Feeds every summary to several sinks.

    Use it as a context manager: an exception leaves no file, old or new, touched.

    Each sink writes into a hidden folder beside its target; at the end every file is flushed to disk and renamed over
    the target, so a reader sees the old file or the whole new one.

    Args:
        targets: Sinks with the paths they are to leave. A sink with several files may be given an existing folder.
        options: Choices for all of them.

    Raises:
        OutputError: A target is a folder, a symbolic link, a device, or can't be written; two targets are the same
            file.
    """

    def __init__(self, targets: Iterable[tuple[Sink, Path | str]], options: SinkOptions | None = None) -> None:
        self._options = options or SinkOptions()
        self._targets = [(sink, _settled(sink, Path(path))) for sink, path in targets]
        self._staged: list[_Staged] = []
        self.written: tuple[Path, ...] = ()
        """The files that were left, once it is done; one with tables leaves several."""
        paths = [path.absolute() for _, path in self._targets]
        for path in paths:
            if paths.count(path) > 1:
                raise OutputError(f"two outputs would be written to {path}", hint="give each output its own path")

    def __enter__(self) -> Self:
        """Open the sinks on their temporary files."""
        try:
            for sink, path in self._targets:
                with _told(sink, path):
                    _refuse(path)
                    folder = Path(tempfile.mkdtemp(prefix=f".{path.name[:100]}.", dir=path.parent))
                    self._staged.append(_Staged(sink, path, folder))
                    sink.open(folder / path.name, self._options)
        except BaseException:
            self._abandon()
            raise
        return self

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Give one summary to every sink.

        Args:
            summary: The checked summary.
            text: The article; `summary.document.text` if None.

        Raises:
            OutputError: A file can't be written.
        """
        text = summary.document.text if text is None else text
        for staged in self._staged:
            with _told(staged.sink, staged.target):
                staged.sink.write(summary, text)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Publish the files, or drop them all if there was an exception."""
        if kind is not None:
            self._abandon()
            return
        try:
            for step in (lambda staged: staged.sink.close(), _ready, self._publish):
                for staged in self._staged:
                    with _told(staged.sink, staged.target):
                        step(staged)
        finally:
            self._remove()

    def _publish(self, staged: _Staged) -> None:
        """Give the files their names."""
        folder = staged.target.parent
        self.written += tuple(file.replace(folder / file.name) for file in sorted(staged.folder.iterdir()))
        directory = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _abandon(self) -> None:
        for staged in self._staged:
            with contextlib.suppress(Exception):  # it is the first fault that is told
                staged.sink.close()
        self._remove()

    def _remove(self) -> None:
        for staged in self._staged:
            shutil.rmtree(staged.folder, ignore_errors=True)
        self._staged = []


@contextlib.contextmanager
def _told(sink: Sink, target: Path) -> Iterator[None]:
    """Turn whatever a sink raises, a stranger's too, into our error that names it."""
    try:
        yield
    except CommuniqueError:
        raise
    except OSError as error:
        raise _output_error(target, error) from error
    except Exception as error:
        name = getattr(sink, "name", type(sink).__name__)
        raise OutputError(
            f"the sink {name!r} raised {type(error).__name__} while writing {target}: {error}",
            hint="COMMUNIQUE_LOG=debug logs where",
        ) from error


def _settled(sink: Sink, path: Path) -> Path:
    if not path.is_dir():
        return path
    if not getattr(sink, "tables", False):
        raise OutputError(f"{path} is a folder", hint=f"name a file in it: {path / ('results' + sink.suffix)}")
    return path / f"records{sink.suffix}"


def _refuse(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise OutputError(f"there is no folder {path.parent}", hint=f"mkdir -p {path.parent}") from None
        return
    except OSError as error:
        raise _output_error(path, error) from error
    if stat.S_ISLNK(mode):
        raise OutputError(
            f"{path} is a symbolic link; outputs are not written through links", hint="give the real path"
        )
    if not stat.S_ISREG(mode):
        raise OutputError(f"{path} is not an ordinary file", hint="give a file name")


def _ready(staged: _Staged) -> None:
    """Bring the files to disk and look at what stands under their names: nothing is replaced where one can't be."""
    for file in staged.folder.iterdir():
        _refuse(staged.target.parent / file.name)
        with file.open("rb") as handle:
            os.fsync(handle.fileno())


def _output_error(path: Path, error: OSError) -> OutputError:
    """Return our error for a fault of the file system, in one line."""
    return OutputError(
        f"can't write {path}: {error.strerror or error}", hint="is the disk full or the folder read-only?"
    )
