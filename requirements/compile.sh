#!/usr/bin/env bash
# Write requirements/check.txt, demo.txt and interop.txt: every package of `make check`, `make demo` and `make interop`,
# pinned and hashed.
# Needs pip-tools and Python 3.11 on Linux. Settings of this machine's pip (indexes, folders) are left out on purpose.
set -euo pipefail
cd "$(dirname "$0")/.."
export PIP_CONFIG_FILE=/dev/null
unset PIP_FIND_LINKS PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_CONSTRAINT
sources=$(mktemp -d)
trap 'rm -rf "$sources"' EXIT
python3 - "$sources" <<'PY'
import pathlib, sys, tomllib

project = tomllib.loads(pathlib.Path("pyproject.toml").read_text("utf-8"))
extras = project["project"]["optional-dependencies"]
groups = project["dependency-groups"]
plain = [*project["project"]["dependencies"], *project["build-system"]["requires"], "editables"]  # for pip install -e
every = [e for name, listed in extras.items() if name not in ("model", "all", "ray") for e in listed]
out = pathlib.Path(sys.argv[1])
out.joinpath("check.in").write_text("\n".join([*plain, *every, *groups["test"], *groups["check"], *groups["docs"]]))
out.joinpath("demo.in").write_text("\n".join([*plain, *extras["local"], *extras["model"]]))
out.joinpath("interop.in").write_text("\n".join([*groups["interop"], *extras["ray"]]))
PY
compile() {
  pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links "$@"
}
cp requirements/{check,demo,interop}.txt "$sources/" 2>/dev/null || true  # what is there stays, where it fits
compile "$sources/check.in" -o "$sources/check.txt"
compile -c <(sed -E 's/ \\$//; /^ +--hash/d' "$sources/check.txt") "$sources/demo.in" -o "$sources/demo.txt"
compile -c <(sed -E 's/ \\$//; /^ +--hash/d' "$sources/check.txt") "$sources/interop.in" -o "$sources/interop.txt"
cp "$sources"/{check,demo,interop}.txt requirements/
