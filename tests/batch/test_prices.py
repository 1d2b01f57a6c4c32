"""Prices: from tables that users replace; what no table knows has no cost, and never a cost of zero."""

import re
from pathlib import Path

import pytest

from communique.batch.budget import Price
from communique.batch.prices import PriceTable, price_of
from communique.cli.app import run
from communique.errors import ConfigurationError

HEAD = 'as_of = 2026-11-25\nsource = "an offer by letter"\n'
OWN = (
    HEAD + '[[price]]\nmodel = "openai/big*"\ninput = 2\noutput = 8.5\n[[price]]\nmodel = "*"\ninput = 1\noutput = 1\n'
)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "prices.toml"
    path.write_text(OWN, "utf-8")
    return path


def test_the_packaged_table_knows_only_that_the_local_model_is_free():
    packaged = PriceTable.packaged()
    assert {pattern: (p.input, p.output) for pattern, p in packaged.rows} == {
        "local": (0, 0),
        "local/*": (0, 0),
    }
    assert packaged.source


def test_a_model_in_no_table_has_no_known_price():
    assert price_of("openai/gpt-5-mini") is None
    assert price_of("localhost-model") is None
    assert price_of("local/some/file.gguf") == Price(0, 0)


def test_the_users_table_comes_first_and_its_first_fit_counts(table):
    assert price_of("openai/bigger", table) == Price(2, 8.5)
    assert price_of("openai/small", table) == Price(1, 1)
    assert price_of("local", table) == Price(1, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("price = [", "is no TOML"),
        ("", "from when and where"),
        ('as_of = "today"\nsource = "x"', "from when and where"),
        (HEAD + "price = 3", "no list of prices"),
        (HEAD + "[[price]]\ninput = 1\noutput = 1", "names no model"),
        (HEAD + '[[price]]\nmodel = "m"\ninput = 1', "not two numbers"),
        (HEAD + '[[price]]\nmodel = "m"\ninput = -1\noutput = 1', "not two numbers"),
        (HEAD + '[[price]]\nmodel = "m"\ninput = true\noutput = 1', "not two numbers"),
        (HEAD + '[[price]]\nmodel = "m"\ninput = nan\noutput = 1', "not two numbers"),
        (HEAD + '[[price]]\nmodel = "m"\ninput = 1\noutput = 1\ncached = 0.1', "has 'cached'"),
        (HEAD + "provider_batch = 2", "no share of a price"),
        (HEAD + 'provider_batch = "half"', "no share of a price"),
        (HEAD + '[[price]]\nmodel = "m"\ninput = 1\noutput = 1\nprovider_batch = -1', "no share of a price"),
    ],
)
def test_a_table_that_is_none_says_what_is_wrong(text, said):
    with pytest.raises(ConfigurationError, match=said):
        PriceTable.parse(text, "mine.toml")


def test_a_table_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(ConfigurationError, match="No such file"):
        price_of("m", tmp_path / "none.toml")


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Talks\n\nThe ministers Tilda Brask and Ole Vang met in Lund on Monday.\n", "utf-8")
    return str(path)


def said_by(capsys, article, tmp_path, *options):
    code = run(["batch", article, "-o", str(tmp_path / "o.jsonl"), "--dry-run", "-m", "openai/bigger", *options])
    out, err = capsys.readouterr()
    return code, out + err


def test_a_dry_run_shows_a_cost_only_where_the_price_is_known(capsys, article, tmp_path, table, monkeypatch):
    assert "$" not in said_by(capsys, article, tmp_path)[1]
    assert "$" in said_by(capsys, article, tmp_path, "--prices", str(table))[1]
    monkeypatch.setenv("COMMUNIQUE_PRICES", str(table))
    by_table = said_by(capsys, article, tmp_path)[1]
    assert "$" in by_table
    assert said_by(capsys, article, tmp_path, "--price", "900,900")[1] != by_table


def cost_in(said):
    return float(re.search(r"\$([\d.]+)", said).group(1))


def test_a_dry_run_of_a_providers_batch_shows_its_share_of_the_price(capsys, article, tmp_path, table):
    """The first document is read live, at the full price; a second one of the same size costs its share."""
    text = Path(article).read_text("utf-8").replace("Lund", "Oslo")
    other = tmp_path / "b.txt"
    other.write_text(text, "utf-8")

    def cost(*options):
        return cost_in(said_by(capsys, article, tmp_path, str(other), *options)[1])

    full = cost("--price", "90000,90000")
    assert cost("--price", "90000,90000", "--provider-batch") == pytest.approx(0.75 * full, rel=0.01)
    table.write_text(HEAD + "provider_batch = 0.2\n", "utf-8")
    other_share = cost("--price", "90000,90000", "--prices", str(table), "--provider-batch")
    assert other_share == pytest.approx(0.6 * full, rel=0.01)


def test_the_share_of_a_providers_batch_is_the_rows_then_the_tables_then_a_half(table):
    assert PriceTable.packaged().provider_batch == 0.5
    assert price_of("openai/small", table) == Price(1, 1, 0.5)
    table.write_text(HEAD + "provider_batch = 0.4\n" + OWN.removeprefix(HEAD) + "provider_batch = 1\n", "utf-8")
    assert price_of("openai/bigger", table).provider_batch == 0.4
    assert price_of("openai/small", table).provider_batch == 1
    assert price_of("openai/bigger", table).batched == Price(2 * 0.4, 8.5 * 0.4, 1)


def test_a_bound_in_money_needs_a_known_price(capsys, article, tmp_path, table):
    code, said = said_by(capsys, article, tmp_path, "--max-cost", "1")
    assert code == 2
    assert "--max-cost needs the price of 'openai/bigger'" in said
    assert said_by(capsys, article, tmp_path, "--max-cost", "1", "--prices", str(table))[0] == 0
