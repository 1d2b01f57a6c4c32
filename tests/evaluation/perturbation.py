"""Predictions as a model might make them, by spoiling gold: dropped, doubled, renamed, re-quoted, moved."""

import copy
import random

KINDS = ("meetings", "allegations", "sanctions_concerns")
ROLES = {
    "meetings": ("participants", "reported_by"),
    "allegations": ("accusers", "accused", "denied_by"),
    "sanctions_concerns": ("raised_by", "subjects"),
}
STATES = {
    "meetings": ("status", ("held", "planned", "proposed", "cancelled")),
    "allegations": ("stance", ("asserted", "speculated", "reported")),
    "sanctions_concerns": ("status", ("potential", "alleged", "found", "imposed", "proposed")),
}
STRANGERS = (
    "Nobody Inparticular",
    "Iran",
    "the Russian government",
    "Lavrov",
    "foreign ministry",
    "UN",
    "Ministerin (SPD)",
)
DATES = ("1990-01-01", "2024-03", "2006-12-05", "2024", "2023-10-23/2023-10-29", "not a date")


def spoil(gold, text, seed):
    """Return predictions for one gold document in the gold's shape."""
    chance = random.Random(seed)
    answer = {"id": gold["id"]}
    for kind in KINDS:
        records = []
        for record in gold[kind]:
            if chance.random() < 0.25:
                continue
            times = 2 if chance.random() < 0.15 else 1
            records += [_record(kind, record, gold[kind], text, chance) for _ in range(times)]
        if chance.random() < 0.2:
            records.append(_record(kind, _invented(kind, text, chance), gold[kind], text, chance))
        chance.shuffle(records)
        answer[kind] = records
    return answer


def _record(kind, record, siblings, text, chance):
    spoilt = {k: copy.deepcopy(v) for k, v in record.items() if not k.endswith(("_ok", "_group", "_optional"))}
    for role in ROLES[kind]:
        spoilt[role] = [_actor(a, chance) for a in spoilt.get(role, []) if chance.random() < 0.85]
        if chance.random() < 0.15:
            spoilt[role].append(chance.choice(STRANGERS))
        if record.get(role + "_group") and chance.random() < 0.2:
            spoilt[role] = [chance.choice(record[role + "_group"])]
        if record.get(role + "_optional") and chance.random() < 0.3:
            spoilt[role].append(record[role + "_optional"][0])
    if kind == "allegations" and chance.random() < 0.1:
        spoilt["accusers"], spoilt["accused"] = spoilt["accused"], spoilt["accusers"]
    spoilt["evidence"] = _evidence(spoilt["evidence"], siblings, text, chance)
    field, values = STATES[kind]
    if chance.random() < 0.3:
        spoilt[field] = chance.choice(values)
    if kind == "meetings":
        _place_and_time(spoilt, chance)
    return spoilt


def _actor(forms, chance):
    if isinstance(forms, str):
        forms = [forms]
    form = chance.choice(forms)
    return chance.choice(
        (
            form,
            [form],
            list(forms),
            {"name": form, "aliases": list(forms[1:])},
            form.upper(),
            "the " + form,
            "Minister " + form,
            form + ", a spokesman",
            form + " (the press office)",
            form + " government",
            form.split()[-1],
            form[:-1],
            chance.choice(STRANGERS),
        )
    )


def _evidence(evidence, siblings, text, chance):
    choice = chance.random()
    if choice < 0.35:
        return evidence[:1]
    if choice < 0.5:
        return [e[: max(20, len(e) * 2 // 3)] for e in evidence]
    if choice < 0.6:
        return ["This sentence is not in the article."]
    if choice < 0.7:
        return [*evidence, *chance.choice(siblings)["evidence"]] if siblings else evidence
    if choice < 0.75:
        return [text.strip()]
    if choice < 0.85:
        lines = [line for line in text.split("\n") if line.strip()]
        return [chance.choice(lines), *evidence[-1:]]
    if choice < 0.9:
        return []
    return [e.replace("“", '"').replace("’", "'").replace(" ", "  ") for e in evidence]


def _place_and_time(record, chance):
    if chance.random() < 0.3:
        record["place"] = chance.choice(
            (None, "Geneva", "Ulan Bator", (record.get("place") or "Rome") + ", the capital")
        )
    if chance.random() < 0.4:
        record["when_resolved"] = chance.choice((None, *DATES))
    if chance.random() < 0.2:
        record["when_as_written"] = chance.choice(
            (None, "Tuesday", "next week", "on " + (record["when_as_written"] or "May"))
        )


def _invented(kind, text, chance):
    lines = [line for line in text.split("\n") if line.strip()]
    record = {role: [[chance.choice(STRANGERS)]] for role in ROLES[kind]}
    record |= {"evidence": [chance.choice(lines)], STATES[kind][0]: STATES[kind][1][0], "optional": False}
    if kind == "meetings":
        record |= {"place": None, "when_as_written": "Friday", "when_resolved": "2024-03-15"}
    return record
