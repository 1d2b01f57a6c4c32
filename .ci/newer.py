"""Put wheels into a folder that are newer than any real release: python .ci/newer.py FOLDER NAME....

Tests make others with it.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path


def wheel(folder: Path, name: str, version: str, *metadata: str) -> Path:
    """Write an empty wheel and return its path.

    Args:
        folder: Where to.
        name: Of the package.
        version: Of the package.
        metadata: More lines of its METADATA.
    """
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *metadata, ""]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{info}/METADATA", "\n".join(lines))
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


if __name__ == "__main__":
    for named in sys.argv[2:]:
        wheel(Path(sys.argv[1]), named, "9999.0")
