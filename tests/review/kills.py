"""Kill -9 whoever writes decisions, again and again: python tests/review/kills.py FILE KILLS.

Each child appends decisions and acknowledges each on a pipe; it is killed at a random moment after its first few.
Prints the numbers of kills, of acknowledged decisions, and of those that the file doesn't have.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from communique.review import Decision, DecisionsFile


def write_on(path, pipe):
    file = DecisionsFile(path)
    while True:
        decision = Decision(
            by="ana", decision="accept", key=f"{random.randrange(50):032x}", document="d" * 64, comment="ж" * 500
        )
        file.add(decision)
        os.write(pipe, decision.id.encode() + b"\n")


def main(path, kills):
    """A new file every 10 kills, since each child reads all that is there."""
    total = lost = 0
    for first in range(0, kills, 10):
        file = path.with_name(f"{first}-{path.name}")
        acknowledged = killed(file, min(10, kills - first), random.Random(first))
        decisions = DecisionsFile(file)
        stored = {decision.id for number in range(50) for decision in decisions.of(f"{number:032x}")}
        total, lost = total + len(acknowledged), lost + len(acknowledged - stored)
        print(first + 10, total, lost, flush=True)


def killed(path, kills, rng):
    acknowledged = set()
    for _ in range(kills):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            write_on(path, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            lines = [pipe.readline() for _ in range(rng.randrange(3))]
            time.sleep(rng.uniform(0, 0.004))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            lines += pipe.readlines()
        acknowledged |= {line.decode().strip() for line in lines if line.endswith(b"\n")}
    return acknowledged


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
