"""The scripts that take other people's corpora, on corpora of two lines."""

import json

import pytest


@pytest.fixture(scope="module")
def corpora(script):
    return script("corpora")


@pytest.mark.parametrize(
    ("date", "precision", "timex"),
    [
        ("2026-03-05", "day", "2026-03-05"),
        ("2026-03~", "month", "2026-03"),
        ("2026-22", "season", "2026-SU"),
        ("2026-03-02/2026-03-08", "week", "2026-W10"),
        ("2026-03-07/2026-03-08", "day", "2026-W10-WE"),
        ("2026-03-03/2026-03-05", "day", "2026-03-03/2026-03-05"),
        (None, None, None),
    ],
)
def test_dates_are_compared_as_timeml_writes_them(corpora, date, precision, timex):
    assert corpora.as_timex(date, precision) == timex


def test_marked_dates_count_as_right_wrong_or_none(corpora, tmp_path, capsys):
    folder = tmp_path / "KRAUTS" / "KRAUTS_Blatt"
    folder.mkdir(parents=True)
    marked = "".join(
        f'<TIMEX3 tid="t{n}" type="DATE" value="{value}">{words}</TIMEX3> '
        for n, (words, value) in enumerate(
            [("gestern", "2026-03-04"), ("morgen", "2026-03-07"), ("neulich", "2026-01-01")]
        )
    )
    dated = '<DCT><TIMEX3 functionInDocument="CREATION_TIME" type="DATE" value="2026-03-05">5. März</TIMEX3></DCT>'
    (folder / "a.tml").write_text(f"<TimeML>{dated}<TEXT>{marked}</TEXT></TimeML>", "utf-8")

    corpora.krauts(tmp_path, 0)
    assert capsys.readouterr().out.startswith("KRAUTS: 3, 1 right, 0 coarser, 1 wrong, 1 none")


def test_sentence_ends_are_compared_document_by_document(corpora, tmp_path, capsys):
    lines = ["# sent_id = n01001", "# text = They met in Lund.", "# sent_id = n01002", "# text = They left."]
    (tmp_path / "en_pud-ud-test.conllu").write_text("\n".join(lines) + "\n", "utf-8")

    corpora.pud([tmp_path], 0)
    assert "F1 1.0000" in capsys.readouterr().out


def test_adjectives_are_looked_up_in_two_lists_of_nationalities(corpora, tmp_path, capsys):
    entry = {"iso2": "FR", "staatsangehoerigkeit": "französisch", "gueltigBis": None}
    rows = {"daten": [{"historie": [entry, {**entry, "gueltigBis": 2010}]}, {"historie": [{**entry, "iso2": "XA"}]}]}
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    (tmp_path / "a.js").write_text('[{"codigo": "FR",\n "nacionalidad": "francés/francesa"}]', "utf-8")

    corpora.nationalities(tmp_path / "a.json", 0)
    corpora.nationalities(tmp_path / "a.js", 0)
    assert "de adjectives: 1, 1 right" in (out := capsys.readouterr().out)
    assert "es adjectives: 2, 2 right" in out
