"""communique beside its peers: the peers' own runner, mock server and drivers, with ours put in.

    python benchmarks/peers/interleaved.py --bench FOLDER --drivers floor,raw,instructor,communique --concurrency 64 --n
    640

FOLDER holds `run.py`, `mock_server.py` and `drivers/` (the environment variable PEERS_BENCH does as well). All drivers
run with this Python, unless BENCH_VENV names the peers' environments. The other options are those of FOLDER/run.py.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    arguments = sys.argv[1:]
    folder = os.environ.get("PEERS_BENCH", "")
    if "--bench" in arguments:
        at = arguments.index("--bench")
        folder = arguments[at + 1]
        del arguments[at : at + 2]
    if not (Path(folder) / "run.py").is_file() or not folder:
        sys.exit(__doc__)
    os.environ["PEERS_BENCH"] = folder
    own = "BENCH_VENV" not in os.environ
    os.environ.setdefault("BENCH_VENV", sys.prefix)
    sys.path.insert(0, folder)
    run = importlib.import_module("run")
    if own:  # one environment for all
        run.DRIVERS = {name: driver._replace(venv="") for name, driver in run.DRIVERS.items()}
    run.DRIVERS["communique"] = run.Driver(str(HERE / "communique_driver"), "", "raw")
    sys.argv = [sys.argv[0], *arguments]
    run.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
