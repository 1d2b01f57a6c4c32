"""KeptResults: one file a document, named by its key, written whole or not at all: what makes a killed worker harmless.

The folder must be one that all workers see. A file that is there is never written again, so that two workers that read
the same document at the same time both give the row that was stored first.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from communique.batch.filesystem import written_whole
from communique.batch.fingerprint import fingerprint
from communique.batch.outcome import Outcome
from communique.errors import OutputError
from communique.schemas import Usage


class KeptResults:
    """Results of one configuration in a folder; those of other configurations lie beside it.

    Raises:
        OutputError: The folder can't be written.
    """

    def __init__(self, folder: Path, config: dict[str, Any]) -> None:
        self.folder = folder / fingerprint(config)[:16]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(config, sort_keys=True, indent=1, ensure_ascii=False)
            with written_whole(self.folder / "configuration.json", first=True) as stream:
                stream.write(text)
        except OSError as error:
            raise _unwritable(folder, error) from error

    def get(self, key: bytes) -> Outcome | None:
        """Return what is stored for a document, or None.

        Raises:
            OutputError: The file can't be read.
        """
        try:
            stored = json.loads(self._path(key).read_bytes())
            return Outcome(**{**stored, "key": key, "usage": Usage(**stored["usage"])})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, LookupError) as error:
            raise OutputError(
                f"{self._path(key)} can't be read: {type(error).__name__}",
                hint="delete it, and the document is read again",
            ) from error

    def put(self, outcome: Outcome) -> Outcome:
        """Store a result; returns the one that is stored, which is another worker's if that was first.

        Raises:
            OutputError: It can't be written.
        """
        path = self._path(outcome.key)
        kept = {f.name: getattr(outcome, f.name) for f in dataclasses.fields(outcome) if f.name != "key"}
        kept["usage"] = outcome.usage.model_dump()
        try:
            path.parent.mkdir(exist_ok=True)
            with written_whole(path, first=True) as stream:
                stream.write(json.dumps(kept, ensure_ascii=True))
        except OSError as error:
            raise _unwritable(path, error) from error
        return self.get(outcome.key) or outcome

    def forget(self, key: bytes) -> None:
        """Drop a result."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: bytes) -> Path:
        name = key.hex()
        return self.folder / name[:2] / f"{name}.json"


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} can't be written: {error.strerror}", hint="all workers need to write to this folder")
