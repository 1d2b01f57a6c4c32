"""Draw docs/images/rooms.svg, the map of the rooms, from the code: python docs/write_map.py.

Rows are the layers of import-linter's contract in pyproject.toml; a line goes from a room down to each room that it
imports. Lines to the rooms that nearly all others import are left out.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs/images/rooms.svg"
EVERYWHERE = {"errors", "plugins", "schemas"}
WIDTH, ROW, BOX, HEIGHT = 900, 74, 132, 36


def layers() -> list[list[str]]:
    """Return the rooms of each layer, the highest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    rows = next(c["layers"] for c in contracts if c["containers"] == ["communique"])
    return [row.replace("|", ":").split(":") for row in rows if "__main__" not in row]


def imports() -> set[tuple[str, str]]:
    """Return which room imports which; imports for type checkers don't count."""
    graph = grimp.build_graph("communique", exclude_type_checking_imports=True, cache_dir=None)
    pairs = ((m.split("."), n.split(".")) for m in graph.modules for n in graph.find_modules_directly_imported_by(m))
    return {(a[1], b[1]) for a, b in pairs if len(a) > 1 and len(b) > 1 and a[1] != b[1] and a[1] != "__main__"}


def picture() -> str:
    """Return the map as SVG, in light and dark."""
    rows = [[room.strip() for room in row] for row in layers()]
    place = {}
    for y, row in enumerate(rows):
        for x, room in enumerate(row):
            place[room] = (WIDTH * (2 * x + 1) // (2 * len(row)), 20 + ROW * y)
    lines = []
    for a, b in sorted(pair for pair in imports() if pair[1] not in EVERYWHERE):
        (x, y), (to, bottom) = place[a], place[b]
        side = 70 * ((bottom - y) // ROW - 1) * (1 if (x + to) >= WIDTH else -1)
        lines.append(
            f'<path d="M{x} {y + HEIGHT}C{x + side} {y + ROW} {to + side} {bottom - ROW + HEIGHT} {to} {bottom}"/>'
        )
    boxes = [
        f'<g transform="translate({x - BOX // 2} {y})"><rect width="{BOX}" height="{HEIGHT}" rx="6"/>'
        f'<text x="{BOX // 2}" y="22">{room}</text></g>'
        for room, (x, y) in place.items()
    ]
    style = (
        "text{font:13px sans-serif;text-anchor:middle;fill:#1d2125}"
        "rect{fill:#f6f4ef;stroke:#0b7285;stroke-width:1.5}path{fill:none;stroke:#b4470f;opacity:.35}"
        "@media(prefers-color-scheme:dark){text{fill:#e9e6df}rect{fill:#14171a;stroke:#4cc3d6}"
        "path{stroke:#ff9a5c}}"
    )
    body = "\n".join((*lines, *boxes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {ROW * len(rows)}" role="img"'
        f' aria-label="The rooms of communique and what they import"><style>{style}</style>\n{body}\n</svg>\n'
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
    sys.exit(0)
