"""The page in a real browser: by keyboard alone, by its names, in the dark, narrow, twice, large, and with hostile records."""

import contextlib
import shutil

import pytest

from communique.review import DecisionsFile, Queue, decisions_path

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("starlette", reason="needs the extra review: pip install 'communique[review]'")
expect = playwright.expect
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # playwright's own pipes at exit
]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, timeout=120_000)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium):
    contexts = []

    def open_page(address, **options):
        context = chromium.new_context(**({"viewport": {"width": 1500, "height": 900}} | options))
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.complaints, page.outside = [], []
        host = address.partition("#")[0]
        page.on("console", lambda m: page.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda e: page.complaints.append(str(e)))
        context.on("request", lambda r: page.outside.append(r.url) if not r.url.startswith((host, "data:")) else None)
        page.goto(address)
        page.wait_for_selector("#list li")
        page.wait_for_selector("#bar button")
        return page

    yield open_page
    for context in contexts:
        with contextlib.suppress(playwright.Error):
            context.close()


def said(page, words):
    expect(page.locator("#said")).to_contain_text(words)


def verbs(queue):
    queue.decisions.refresh()
    return [d.decision for key in queue.entries for d in queue.decisions.of(key)]


def test_everything_can_be_done_by_keyboard_alone(served, queue, opened):
    page = opened(served(queue))
    count = len(queue.entries)
    assert "token" not in page.url
    first = page.locator(".card h3").inner_text()
    page.keyboard.press("a")
    said(page, f"Accepted. {count - 1} records to decide.")
    page.keyboard.press("u")
    said(page, f"Taken back. {count} records to decide.")
    expect(page.locator(".card h3")).to_have_text(first)
    page.keyboard.press("j")
    expect(page.locator(".card h3")).not_to_have_text(first)
    page.keyboard.press("k")
    expect(page.locator(".card h3")).to_have_text(first)

    page.keyboard.press("t")
    expect(page.get_by_label("Comment on the record")).to_be_focused()
    page.keyboard.type("ask the desk: a, c or r?")
    page.keyboard.press("Control+Enter")
    said(page, "Comment kept")
    expect(page.locator(".beside")).to_contain_text("ask the desk: a, c or r?")

    page.keyboard.press("m")
    expect(page.locator("#article").get_by_role("checkbox").first).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    said(page, "Marked as missing")
    expect(page.locator(".missing")).to_have_count(1)

    page.keyboard.press("c")
    field = page.get_by_label("When", exact=True).last
    expect(field).to_be_visible()
    while page.evaluate("document.activeElement.id") != field.get_attribute("id"):
        page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("on Sunday")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".problems")).to_contain_text("“on Sunday” is not in the article")
    page.keyboard.press("Control+Enter")
    said(page, f"Corrected. {count - 1} records to decide.")

    page.keyboard.press("c")
    expect(page.locator("form.edit")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("form.edit")).to_have_count(0)
    page.keyboard.press("r")
    said(page, f"Rejected. {count - 2} records to decide.")
    assert sorted(verbs(queue)) == ["accept", "comment", "correct", "reject", "undo"]
    assert (page.complaints, page.outside) == ([], [])


def test_participants_are_added_and_removed_by_keyboard_and_an_error_stands_at_its_field(served, queue, opened):
    page = opened(served(queue))
    key = next(key for key, entry in queue.entries.items() if entry.kind == "meetings")
    page.evaluate("key => go(key)", key)
    page.keyboard.press("c")
    group = page.get_by_role("group", name="Participants")
    names = group.get_by_label("Name", exact=True)
    before = [names.nth(n).input_value() for n in range(names.count())]
    group.get_by_role("button", name="Add Participants").press("Enter")
    expect(names.last).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".problems")).to_contain_text("Participants: String should have at least 1 character")
    expect(names.last).to_be_focused()
    assert "at least 1 character" in names.last.evaluate("box => box.validationMessage")
    page.keyboard.type("Ana Sol")
    group.get_by_label("Role", exact=True).last.fill("envoy")
    group.get_by_role("button", name="Remove Participants").first.press("Enter")
    expect(names).to_have_count(len(before))
    page.keyboard.press("Control+Enter")
    expect(page.locator(".problems")).to_contain_text("The checks object")
    page.keyboard.press("Control+Enter")
    said(page, "Corrected")

    queue.decisions.refresh()
    edited = queue.decisions.of(key)[-1].edited["participants"]
    assert [actor["name"] for actor in edited] == [*before[1:], "Ana Sol"]
    assert (edited[-1]["role"], edited[-1]["kind"], edited[-1]["capacity"]) == ("envoy", None, "attendee")
    assert page.complaints == [
        "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
    ]


def test_the_last_decision_empties_the_list(served, queue, opened):
    page = opened(served(queue))
    for left in range(len(queue.entries) - 1, -1, -1):
        page.keyboard.press("a")
        said(page, f"Accepted. {left} record")
    expect(page.locator("#record")).to_contain_text("Everything on this list is decided.")
    page.get_by_label("Show").select_option("decided")
    expect(page.locator("#list button")).to_have_count(len(queue.entries))
    expect(page.locator("#list .state.accepted").first).to_have_text("✓ accepted")


def test_a_screen_reader_finds_names_and_states(served, queue, opened):
    page = opened(served(queue))
    for name in ("Accept", "Correct", "Reject", "Missing here", "Comment", "Undo", "Previous", "Next"):
        expect(page.get_by_role("toolbar", name="Decide").get_by_role("button", name=name, exact=True)).to_have_count(1)
    for role, name in (("region", "Article"), ("region", "Record"), ("navigation", "Records to review")):
        expect(page.get_by_role(role, name=name, exact=True)).to_have_count(1)
    expect(page.locator("#list [aria-current=true]")).to_have_count(1)
    page.keyboard.press("c")
    expect(page.get_by_role("form", name="Correct the record")).to_be_visible()
    unnamed = page.evaluate(
        "[...document.querySelectorAll('input, select, textarea')].filter(c => !c.labels.length).map(c => c.outerHTML)"
    )
    assert unnamed == []
    page.keyboard.press("Escape")
    page.get_by_label("single keys").uncheck()
    page.locator("#record").focus()
    page.keyboard.press("a")
    assert verbs(queue) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_in_light_and_in_the_dark(served, queue, opened, scheme):
    page = opened(served(queue), color_scheme=scheme)
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == {"light": "rgb(246, 244, 239)", "dark": "rgb(20, 23, 26)"}[scheme]


def test_a_narrow_screen_has_no_sideways_scroll(served, queue, opened):
    page = opened(served(queue), viewport={"width": 360, "height": 740})
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) <= 360
    page.get_by_role("button", name="Correct").click()
    expect(page.locator("form.edit")).to_be_visible()
    assert page.evaluate(width) <= 360


def test_two_windows_see_each_other_and_a_stale_one_is_told(served, results, opened):
    one, two = (opened(served(Queue(results, DecisionsFile(decisions_path(results))), who)) for who in ("ana", "bo"))
    two.evaluate("() => { for (let i = 0; i < 99999; i++) clearInterval(i); }")  # it has not looked yet
    one.keyboard.press("a")
    said(one, "Accepted")
    two.keyboard.press("r")
    expect(two.locator("#told")).to_contain_text("Not kept: somebody else decided on this record meanwhile")
    expect(two.locator(".beside")).to_contain_text("ana accepted")
    two.keyboard.press("r")
    said(two, "Rejected")
    one.get_by_label("Show").select_option("conflicts")
    expect(one.locator("#list .conflict")).to_have_count(1)
    expect(one.locator("#note")).to_contain_text("Two people decided differently")
    assert DecisionsFile(decisions_path(results)).of(
        next(iter(Queue(results, DecisionsFile(decisions_path(results))).entries))
    )


def test_a_correction_that_comes_second_keeps_what_was_typed(served, results, opened):
    one, two = (opened(served(Queue(results, DecisionsFile(decisions_path(results))), who)) for who in ("ana", "bo"))
    two.evaluate("() => { for (let i = 0; i < 99999; i++) clearInterval(i); }")  # it has not looked yet
    two.keyboard.press("c")
    when = two.get_by_label("When", exact=True).last
    when.fill("on Sunday")
    one.keyboard.press("a")
    said(one, "Accepted")
    two.keyboard.press("Control+Enter")
    expect(two.locator(".problems")).to_contain_text("The checks object")
    two.keyboard.press("Control+Enter")
    expect(two.locator(".problems")).to_contain_text("Not kept: somebody else decided")
    expect(when).to_have_value("on Sunday")
    two.keyboard.press("Control+Enter")
    said(two, "Corrected")


def test_results_that_change_are_told_and_read_again(served, queue, results, invented, write_results, opened):
    page = opened(served(queue))
    page.keyboard.press("a")
    said(page, "Accepted")
    write_results(results, invented.summaries(6))
    expect(page.locator("#told")).to_contain_text("The results changed and were read again")


def test_no_payload_runs_in_any_field(served, tmp_path, payloads, write_results, opened):
    assert len(payloads.PAYLOADS) >= 31
    results = write_results(tmp_path / "out.jsonl", [(None, payloads.hostile(p)) for p in payloads.PAYLOADS])
    queue = Queue(results, DecisionsFile(decisions_path(results)))
    page = opened(served(queue))
    page.get_by_label("Show").select_option("all")
    said_of = set()
    for entry in queue.entries.values():
        page.evaluate("key => go(key)", entry.key)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        said_of.add(page.locator(".card").get_attribute("aria-label"))
    assert len(said_of) > 31
    for number in (0, 7, 30):
        page.evaluate("key => go(key)", list(queue.entries)[number])
        page.keyboard.press("t")
        expect(page.get_by_label("Comment on the record")).to_be_focused()
        page.keyboard.type(payloads.PAYLOADS[number])
        page.evaluate("say('')")
        page.keyboard.press("Control+Enter")
        said(page, "Comment kept")
        page.keyboard.press("c")
        expect(page.locator("form.edit")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("form.edit")).to_have_count(0)

    assert page.evaluate("window.hit || 0") == 0
    assert (page.complaints, page.outside) == ([], [])
    expect(page.locator("a[href^='javascript' i], a[href^='data' i]")).to_have_count(0)


def test_ten_thousand_records_answer(served, tmp_path, invented, write_results, opened):
    results = write_results(tmp_path / "out.jsonl", invented.summaries(4000))
    queue = Queue(results, DecisionsFile(decisions_path(results)))
    page = opened(served(queue))
    expect(page.locator("#progress")).to_contain_text("0 of 10,000 records decided")
    expect(page.locator("#list li")).to_have_count(50)
    waits = {}
    for name, act in {"list": "refresh(null)", "next": "move('after')", "accept": "keep('accept')"}.items():
        waits[name] = page.evaluate(
            f"async () => {{ const t = performance.now(); await {act}; return performance.now() - t; }}"
        )

    print({name: round(ms) for name, ms in waits.items()})  # milliseconds, for whoever looks
    said(page, "Accepted. 9,999 records to decide.")
