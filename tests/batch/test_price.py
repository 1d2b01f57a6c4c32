"""The price is stated, or the cost is unknown, and never zero; only the embedded model is free."""

import re
from pathlib import Path

import pytest

from communique.batch.budget import Price
from communique.cli.app import run
from communique.cli.options import stated_price
from communique.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "models", "price"),
    [
        ("0.25,2", ["openai/a"], Price(0.25, 2.0, 0.5)),
        ("0.25,2,1", ["openai/a"], Price(0.25, 2.0, 1.0)),
        (None, ["openai/a"], None),
        (None, ["localhost-model"], None),
        (None, ["local"], Price(0.0, 0.0)),
        (None, ["local/some/file.gguf"], Price(0.0, 0.0)),
        (None, ["local", "openai/judge"], None),
    ],
)
def test_a_model_costs_what_is_stated_and_only_the_embedded_one_nothing(text, models, price):
    assert stated_price(text, models, needed=False) == price


@pytest.mark.parametrize(
    "text", ["cheap", "1", "-1,1", "nan,1", "1,1000000", "1,1,2", "1,1,-0.5", "1,1,0.5,1", "1,1,nan"]
)
def test_a_price_that_is_none_is_refused(text):
    with pytest.raises(ConfigurationError, match="is no price"):
        stated_price(text, ["m"], needed=False)


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Talks\n\nThe ministers Tilda Brask and Ole Vang met in Lund on Monday.\n", "utf-8")
    return str(path)


@pytest.fixture
def dry_run(capsys, article, tmp_path):
    def said_by(*options):
        code = run(["batch", article, "-o", str(tmp_path / "o.jsonl"), "--dry-run", "-m", "openai/big", *options])
        out, err = capsys.readouterr()
        return code, out + err

    return said_by


def test_a_dry_run_shows_a_cost_only_where_the_price_is_known(dry_run):
    assert "$" not in dry_run()[1]
    assert "$" in dry_run("--price", "900,900")[1]
    assert "$0.00" in dry_run("-m", "local")[1]


def test_a_dry_run_of_a_providers_batch_shows_its_share_of_the_price(dry_run, article, tmp_path):
    """The first document is read live, at the full price; a second one of the same size costs its share."""
    other = tmp_path / "b.txt"
    other.write_text(Path(article).read_text("utf-8").replace("Lund", "Oslo"), "utf-8")

    def cost(*options):
        return float(re.search(r"\$([\d.]+)", dry_run(str(other), *options)[1]).group(1))

    full = cost("--price", "90000,90000")
    assert cost("--price", "90000,90000", "--provider-batch") == pytest.approx(0.75 * full, rel=0.01)
    assert cost("--price", "90000,90000,0.2", "--provider-batch") == pytest.approx(0.6 * full, rel=0.01)


def test_a_bound_in_money_needs_a_known_price(dry_run):
    code, said = dry_run("--max-cost", "1")
    assert code == 2
    assert "--max-cost needs the price of 'openai/big'" in said
    assert dry_run("--max-cost", "1", "--price", "1,1")[0] == 0
