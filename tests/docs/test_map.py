"""The map of the rooms is drawn from the code as it is."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_map_is_up_to_date():
    drawn = runpy.run_path(str(DOCS / "write_map.py"))["picture"]()
    assert drawn == (DOCS / "images/rooms.svg").read_text("utf-8"), "run: make fix"
