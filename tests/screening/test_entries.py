"""Lists are read row by row: what is broken is told with its line and costs only itself."""

import json

import pytest

from communique.errors import ConfigurationError, OutputError, UnreadableDocumentError
from communique.screening import NameIndex
from communique.screening.index import entries


def read(path, text, mapping=None):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    told = []
    return list(entries(path, mapping, lambda number, why: told.append((number, why)))), told


def test_an_export_of_opensanctions_gives_its_people_and_passes_over_its_addresses(known):
    assert [entry["id"] for entry in entries(known)] == ["p1", "p2", "p3", "p4", "c1"]


def test_nested_targets_can_be_read(tmp_path):
    sanction = {"id": "s", "schema": "Sanction", "properties": {"authority": ["X"]}}
    target = {"id": "t", "schema": "Person", "properties": {"name": ["Ilse Brandt"], "sanctions": [sanction]}}
    found, told = read(tmp_path / "targets.nested.json", json.dumps(target))
    assert found[0]["properties"] == {"name": ["Ilse Brandt"]}
    assert told == []


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("{", "Expecting property name"),
        ("[1]", "no entity"),
        ("3", "no entity"),
        ('{"id": "x", "schema": "Person"}', "no entity"),
        ('{"id": "x", "schema": "Nobody", "properties": {}}', "there is no schema 'Nobody'"),
        ('{"id": "x", "schema": "Person", "properties": {"country": ["de"]}}', "no name"),
        ('{"id": "x", "schema": "Person", "properties": {"name": ["\\ud800"]}}', "surrogates"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_broken_line_of_json_costs_only_itself(tmp_path, broken, why):
    good = '{"id": "g", "schema": "Person", "properties": {"name": "Ilse Brandt"}}'
    found, told = read(tmp_path / "list.json", f"{good}\n{broken}\n{good}\n")
    assert [entry["properties"] for entry in found] == [{"name": ["Ilse Brandt"]}] * 2
    assert [number for number, _ in told] == [2]
    assert why in told[0][1]


def test_csv_with_a_mapping_and_words_for_types_and_countries(tmp_path):
    text = "\ufeffFull Name;also;type;country;birthDate\nIlse Brandt;I. Brandt;individual;Germany;1961-02-03\nKuiseb;;company;;\n"
    found, told = read(tmp_path / "list.csv", text, {"name": "Full Name", "aliases": "also"})
    assert told == [(1, "columns not read: birthDate")]
    assert found[0] == {
        "id": "line-2",
        "schema": "Person",
        "caption": "Ilse Brandt",
        "properties": {"name": ["Ilse Brandt"], "alias": ["I. Brandt"], "country": ["de"]},
    }
    assert found[1]["schema"] == "Company"


@pytest.mark.parametrize("broken", [b'"open', b"\xff,person", b",person", b'"a"b,person'])
def test_a_broken_row_of_csv_costs_only_itself(tmp_path, broken):
    found, told = read(tmp_path / "list.csv", b"name,type\nIlse Brandt,person\n" + broken + b"\nJohn Harrow,person\n")
    assert [entry["caption"] for entry in found] == ["Ilse Brandt", "John Harrow"]
    assert [number for number, _ in told] == [3]


def test_a_country_that_is_none_costs_the_country_and_not_the_name(tmp_path):
    found, told = read(tmp_path / "list.csv", "name,country\nIlse Brandt,Atlantis\n")
    assert found[0]["properties"] == {"name": ["Ilse Brandt"]}
    assert told == [(2, "kept without country 'Atlantis', which isn't known")]


def test_a_type_that_is_not_known_does_not_cost_the_name(tmp_path):
    found, told = read(tmp_path / "list.csv", "name,type\nKuiseb,Firma\nHarbour Road 1,Address\nIlse Brandt,Person\n")
    assert [entry["schema"] for entry in found] == ["LegalEntity", "LegalEntity", "Person"]
    assert told[0] == (2, "kept as a person or organisation: type 'Firma' isn't known")


def test_an_open_quotation_mark_is_told_in_words(tmp_path):
    found, told = read(tmp_path / "list.csv", 'name\n"Kuiseb\nIlse Brandt\n')
    assert [entry["caption"] for entry in found] == ["Ilse Brandt"]
    assert told == [(2, "left out: a quotation mark is left open")]


def test_an_inch_mark_is_no_quotation_mark(tmp_path):
    found, told = read(
        tmp_path / "list.csv", 'name,type\nKuiseb 5" Ltd,company\nIlse 7" Brandt,person\nHarrow,person\n'
    )
    assert [entry["caption"] for entry in found] == ['Kuiseb 5" Ltd', 'Ilse 7" Brandt', "Harrow"]
    assert told == []


def test_a_row_that_is_not_utf_8_is_told_in_words(tmp_path):
    assert read(tmp_path / "list.csv", b"name\nIlse Br\xe4ndt\n")[1] == [
        (2, "left out: not UTF-8: surrogates not allowed")
    ]


def test_a_cell_may_hold_a_line_end(tmp_path):
    found, told = read(tmp_path / "list.csv", 'name,type\n"Ilse\nBrandt",person\n"Kuiseb ""K""",company\n')
    assert [e["properties"]["name"] for e in found] == [["Ilse\nBrandt"], ['Kuiseb "K"']]
    assert told == []


def test_a_column_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"no column 'name'.*it has: who, type"):
        read(tmp_path / "list.csv", "who,type\nIlse Brandt,person\n")
    with pytest.raises(ConfigurationError, match="no 'nome'"):
        read(tmp_path / "list.csv", "who\n", {"nome": "who"})


@pytest.mark.parametrize("text", ["", "\n\n", "name,type\n", "{broken\n"])
def test_a_list_without_an_entry_is_an_error(tmp_path, text):
    path = tmp_path / ("list.csv" if text.startswith("name") else "list.json")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableDocumentError, match="has no entry with a name"):
        NameIndex.of(path)
    assert list(tmp_path.iterdir()) == [path]


def test_many_broken_rows_are_counted(tmp_path, known):
    path = tmp_path / "broken.json"
    path.write_text("x\n" * 9 + known.read_text("utf-8"), encoding="utf-8")
    with NameIndex.of(path) as index:
        assert index.version.entries == 5
        assert index.skipped[0].startswith("broken.json, line 1: ")
        assert len(index.skipped) == 6
        assert index.skipped[-1] == "broken.json: 4 more faults"


def test_of_two_columns_of_one_name_the_first_counts(tmp_path):
    found, _ = read(tmp_path / "list.csv", "name,type,name\nIlse Brandt,person,\n")
    assert found[0]["properties"]["name"] == ["Ilse Brandt"]


def test_a_row_with_more_cells_than_columns_is_told(tmp_path):
    found, told = read(tmp_path / "list.csv", "name\nPereira, Ana\n")
    assert found[0]["properties"]["name"] == ["Pereira"]
    assert told == [(2, "more cells than columns: is a comma in a name not quoted?")]


def test_a_damaged_index_is_told_and_not_a_bug(known, tmp_path):
    from followthemoney import model
    from followthemoney.names import entity_names

    path = tmp_path / "index.db"
    NameIndex.of(known, index=path).__exit__()
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * 4096 + content[12288:])
    with pytest.raises(OutputError, match="damaged"), NameIndex.of(known, index=path) as index:
        list(index.near(entity_names(model.get_proxy(next(entries(known))))))
