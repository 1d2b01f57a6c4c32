"""`communique show`: what is installed, by group."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from communique.grounding.rules import Reason


def show(
    group: Annotated[
        str,
        typer.Argument(
            help=(
                "records, readers, sinks, backends, checks, languages; rules for what the checks say; plugins for"
                " third-party ones."
            )
        ),
    ] = "",
) -> None:
    """List the records, readers, sinks, backends and checks that are installed, built-in and third-party.

    `show plugins` lists what other packages provide, loads each, and says what is wrong with those that can't be used.
    `show rules` lists each rule of the checks with what it does under each policy, and the sentence that a reader sees.
    `show languages` shows what is known about each language, and which phrase lists it lacks.
    """
    from communique import plugins
    from communique.errors import UnknownNameError

    if group == "plugins":
        _third_party()
        return
    if group == "rules":
        _rules()
        return
    if group == "languages":
        _languages()
        return
    if group and group not in plugins.GROUPS:
        raise UnknownNameError.of("group", group, (*plugins.GROUPS, "languages", "plugins", "rules"))
    for name in (group,) if group else plugins.GROUPS:
        for key, entry in plugins.entries(name).items():
            _line(name, key, entry)


def effects(reason: Reason) -> dict[str, str]:
    """Return what a rule does to the verdict and the value, by policy: `flag, left out`."""
    from communique.grounding.policy import NAMES, load_policy

    found = {}
    for policy in map(load_policy, NAMES):
        change = ", left out" * (reason.id in policy.leave_out) or ", corrected" * (reason.id in policy.adopt)
        found[policy.name] = policy.severity.get(reason.id, reason.severity) + change
    return found


def _rules() -> None:
    from communique.grounding.policy import NAMES
    from communique.grounding.rules import REASONS

    rows = [("rule", dict(zip(NAMES, NAMES, strict=True)), "what it says")]
    rows += [(r.id, effects(r), r.message) for r in REASONS.values()]
    for name, done, message in rows:
        sys.stdout.write(f"{name:26} {' '.join(f'{done[policy]:15}' for policy in NAMES)} {message}\n")


def _third_party() -> None:
    from communique import plugins
    from communique.errors import CommuniqueError
    from communique.languages import built_in, language

    found = False
    for group in (*plugins.GROUPS, "languages"):
        for key, several in plugins.offers(group).items():
            first = several[0]
            for entry in several:
                if plugins.is_ours(entry):
                    continue
                found = True
                if plugins.is_ours(first) or (group == "languages" and built_in(key)):
                    _line(group, key, entry, f"HIDDEN: {key!r} is a built-in")
                    continue
                try:
                    language(key) if group == "languages" else plugins.load(group, key)
                except CommuniqueError as error:
                    _line(group, key, entry, f"FAULT: {error}")
                else:
                    _line(group, key, entry, "ok")
    if not found:
        sys.stdout.write("no plug-in is installed; docs/guides/plug-ins.md shows how one is made\n")


def _languages() -> None:
    from communique.errors import ConfigurationError
    from communique.languages import LISTS, known_languages, language
    from communique.sinks.control_chars import visible

    columns = "{:4} {:14} {:>6} {:>6} {:>6} {:>9} {:>8} {:>8}  {}"
    heads = columns.format(
        "code", "language", "lists", "roles", "time", "countries", "numbers", "endings", "lists missing"
    )
    sys.stdout.write(heads + "\n")
    for code in known_languages():
        try:
            known = language(code)
        except ConfigurationError as error:
            sys.stdout.write(visible(f"{code:4} FAULT: {error}") + "\n")
            continue
        if known is None:
            continue
        missing = known.missing()
        endings = len(known.inflection.whole) + len(known.inflection.stripped) if known.inflection else 0
        counts = (
            len(known.roles),
            len(known.time),
            len(known.countries),
            len(known.number_words) + len(known.number_scales),
            endings,
        )
        shown = ["-" if not n else str(n) for n in counts]
        lists = f"{len(LISTS) - len(missing)}/{len(LISTS)}"
        line = columns.format(
            code, known.name, lists, *shown, "all" if len(missing) == len(LISTS) else ", ".join(missing)
        )
        sys.stdout.write(visible(line.rstrip()) + "\n")


def _line(group: str, key: str, entry: EntryPoint, state: str = "") -> None:
    from communique.sinks.control_chars import visible

    dist = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "?"
    text = f"{group:9} {key:20} {entry.value}  ({dist})" + (f"  {state}" if state else "")
    sys.stdout.write(visible(" ".join(text.split("\n"))) + "\n")
