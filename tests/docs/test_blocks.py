"""Every code block of the documentation and of the README runs, or says why not."""

import sys
from collections import Counter

import pytest

NOT_RUN_AT_MOST = {"network": 9, "checkout": 3, "paid": 1, "model": 5, "cluster": 2, "browser": 4}
"""Blocks that are left out, by reason. Raising a number is a decision; the test says where they are."""


def test_the_blocks_of_a_page_run(page, place, server, doc_pages, monkeypatch):
    shell = doc_pages.Shell(place, server.url)
    namespace = {"__name__": "__main__"}
    before = set(sys.modules)
    for block in doc_pages.blocks(page):
        if block.skip:
            continue
        if block.language in doc_pages.PARSED:
            doc_pages.parse(block)
        if block.title:
            doc_pages.write(block, place)
        if block.language == "python" and not block.title.startswith("test_"):
            exec(compile(block.text, str(block), "exec", dont_inherit=True), namespace)
        elif block.language == "bash":
            shell.clear(block)
            shell.bash(block)
        elif block.language == "console":
            shell.clear(block)
            shell.console(block)
    for name in set(sys.modules) - before:
        origin = getattr(sys.modules[name], "__file__", None) or ""
        if origin.startswith(str(place)):
            del sys.modules[name]


def test_every_block_says_what_language_it_is(page, doc_pages):
    known = doc_pages.RUN | doc_pages.PARSED | doc_pages.SHOWN
    unknown = [f"{b}: {b.language or 'no language'}" for b in doc_pages.blocks(page) if b.language not in known]
    assert unknown == []


def test_what_is_not_run_is_counted_by_reason(doc_pages):
    blocks = [b for p in doc_pages.pages() for b in doc_pages.blocks(p)]
    skipped = [b for b in blocks if b.skip and b.skip != "needs"]
    counted = Counter(b.skip for b in skipped)
    assert set(counted) <= doc_pages.REASONS
    over = {r: n for r, n in counted.items() if n > NOT_RUN_AT_MOST[r]}
    assert over == {}, [f"{b} {b.skip}" for b in skipped if b.skip in over]
    run = [b for b in blocks if b.language in doc_pages.RUN and not b.skip]
    assert len(run) > 2 * len(skipped)


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\nb", "a\nb\n", True),
        ("a\nb", "a\nc\n", False),
        ("a\n...\nd", "a\nb\nc\nd\n", True),
        ("a\n...\nd", "a\nb\nc\n", False),
        ("took … s", "took 1.5 s\n", True),
        ("took … s", "took long\n", False),
        ("a", "a\nb\n", False),
    ],
)
def test_printed_text_is_compared_line_by_line(doc_pages, expected, printed, same):
    assert doc_pages.matches(expected, printed) is same
