"""How long a person waits for the report: from an input to the paint that shows its effect."""

LATENCY = """
() => new Promise((done) => {
  /* From the input of a person to the paint that shows its effect. */
  const begun = performance.now();
  const watcher = new MutationObserver(() => {
    watcher.disconnect();
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => done(performance.now() - begun);
      channel.port2.postMessage(0);
    });
  });
  watcher.observe(document.getElementById("view"), { childList: true, subtree: true });
  ACT
})
"""


def latencies(page):
    """Milliseconds from input to paint for what a person does in a set."""
    typed = (
        "const s = document.getElementById('search'); s.value = 'TEXT'; s.dispatchEvent(new Event('input', { bubbles:"
        " true }));"
    )
    acts = {f"search {text!r}": typed.replace("TEXT", text) for text in ("k", "kestrel", "kestrel sund", "")}
    acts["filter by type"] = "document.querySelector('.chip.k-meeting').click();"
    acts["filter by denial"] = "document.querySelector('.chip.denied').click();"
    page.wait_for_function("() => filters.ready()")
    found = {name: page.evaluate(LATENCY.replace("ACT", act)) for name, act in acts.items()}
    page.evaluate("() => ['.chip.k-meeting', '.chip.denied'].forEach((c) => document.querySelector(c).click())")
    for column in ("headline", "who", "date"):
        found[f"sort by {column}"] = page.evaluate(
            LATENCY.replace("ACT", f"document.querySelector('th.{column} button').click();")
        )
    found["next page"] = page.evaluate(
        LATENCY.replace("ACT", "document.querySelector('.pager button:last-child').click();")
    )
    return found
