"""Results as tables of pandas and Arrow: the rows, with a type for every column."""

import sys

import pytest

from communique import extract
from communique.backends.scripted import ScriptedBackend
from communique.errors import MissingExtraError

ANSWER = {
    "meetings": [{"evidence": [1], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}],
    "allegations": [],
    "sanctions_concerns": [],
}
NOTHING = {"meetings": [], "allegations": [], "sanctions_concerns": []}


def read(answer):
    return extract("Odo Brask met Ilya Tarn.", model=ScriptedBackend([answer] * 2))


def test_a_frame_has_the_rows():
    pytest.importorskip("pandas")
    summary = read(ANSWER)
    frame = summary.to_pandas()
    assert list(frame.columns) == list(summary.rows()[0])
    assert frame["participants"][0] == "Odo Brask; Ilya Tarn"
    assert read(NOTHING).to_pandas().empty


def test_a_table_has_the_rows():
    pytest.importorskip("pyarrow")
    summary = read(ANSWER)
    table = summary.to_arrow()
    assert table.column_names == list(summary.rows()[0])
    assert table.to_pylist() == summary.rows()
    assert read(NOTHING).to_arrow().num_rows == 0


@pytest.mark.parametrize(
    ("method", "module", "said"), [("to_pandas", "pandas", "pip install pandas"), ("to_arrow", "pyarrow", "parquet")]
)
def test_without_the_package_it_says_which(monkeypatch, method, module, said):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=said):
        getattr(read(ANSWER), method)()
