"""Rows that nobody should write: they are scored as far as they can be read, and never end in a traceback."""

from hypothesis import given, settings
from hypothesis import strategies as st

from communique.evaluation import evaluate, render, render_differences

FIELDS = [
    "participants", "participants_optional", "participants_group", "accusers", "accused", "raised_by",
    "subjects", "denied_by", "reported_by", "responses", "attributions", "place",
    "place_ok", "place_null_ok", "when", "when_ok", "when_as_written", "when_resolved",
    "derived", "status", "status_ok", "stance", "stance_ok", "commitment",
    "commitment_ok", "stage", "stage_ok", "breach", "measure", "claim",
    "act", "concern", "activity", "regime", "evidence", "optional",
    "verdict",
]  # fmt: skip
words = st.sampled_from(["Iran", "denial", "held", "reported", "2024-03", "", "中国", "met", "The “U.S.” (x), y"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "aliases", "source", "type", "responders", "date", "exact"]), inner)
    ),
    max_leaves=6,
)
records = st.lists(st.dictionaries(st.sampled_from(FIELDS), values, max_size=12) | values, max_size=3)
rows = st.fixed_dictionaries(
    {"id": st.just("a"), "meetings": records, "allegations": records, "sanctions_concerns": records},
    optional={"document": st.just({"id": "a"}), "language": values},
)


@settings(max_examples=60)
@given(rows, rows, st.sampled_from([{}, {"a": "Iran met. The U.S. (x), y met."}]))
def test_any_row_is_scored(gold, predictions, texts):
    scores = evaluate([gold], [predictions], texts, bootstrap=2)
    assert 0.0 <= scores.micro.f1 <= 1.0
    assert render(scores)
    assert render_differences(scores)
