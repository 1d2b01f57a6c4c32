/* What the set views have in common: the index, and the rows that the filters leave. */
const index = island("index");
const ROW = { doc: 0, card: 1, kind: 2, date: 3, headline: 4, from: 5, to: 6, countries: 7, bits: 8 };
const FLAGGED = 1, DENIED = 2, UNATTRIBUTED = 4, WORDED = 8, SUPPORTED = 16, VERIFIED = 32;
function verdictOf(row) {
  const name = row[ROW.bits] & FLAGGED ? "flagged" : row[ROW.bits] & VERIFIED ? "verified" : "";
  return name ? verdictPill(name) : null;
}
const state = { text: "", kinds: new Set(), bits: 0, sort: "date", down: true, page: 0, month: "" };
const filters = (() => {
  const texts = [];
  const names = (list) => list.map((n) => index.names[n]);

  function textOf(i) {
    if (texts[i] === undefined) {
      const r = index.rows[i];
      const d = index.documents[r[ROW.doc]];
      texts[i] = [r[ROW.headline], ...names(r[ROW.from]), ...names(r[ROW.to]), r[ROW.countries], r[ROW.date], d[0], d[1]].join("\n").toLowerCase();
    }
    return texts[i];
  }

  /* The rows that the filters leave, in the order of the numbers given. */
  function rows(order) {
    const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    const look = (i) => {
      const r = index.rows[i];
      if (state.kinds.size && !state.kinds.has(r[ROW.kind])) return;
      if (state.bits && (r[ROW.bits] & state.bits) !== state.bits) return;
      if (words.length) { const t = textOf(i); if (!words.every((w) => t.includes(w))) return; }
      found.push(r);
    };
    if (order) order.forEach(look); else index.rows.forEach((_, i) => look(i));
    return found;
  }

  function bar(changed) {
    const marked = {};
    index.rows.forEach((r) => {
      [FLAGGED, DENIED, UNATTRIBUTED, SUPPORTED, VERIFIED].forEach((bit) => { if (r[ROW.bits] & bit) marked[bit] = (marked[bit] || 0) + 1; });
    });
    const redo = () => { state.page = 0; state.month = ""; changed(); };
    let waiting = 0;
    const input = el("input", { type: "search", id: "search", placeholder: "Search names, claims, countries, titles", "aria-label": "Search", value: state.text, dir: "auto",
      oninput: (e) => { state.text = e.target.value; cancelAnimationFrame(waiting); waiting = requestAnimationFrame(redo); } });
    const chip = (label, css, on, toggle) => el("button", { type: "button", class: `chip ${css}`, "aria-pressed": String(on),
      onclick: (e) => { toggle(); e.currentTarget.setAttribute("aria-pressed", e.currentTarget.getAttribute("aria-pressed") === "true" ? "false" : "true"); redo(); } }, label);
    return el("div", { class: "filters", role: "search" }, input,
      countsOf(index.rows).map(([k, n]) => chip([bdi(kindOf(k).many), el("span", { class: "n" }, n.toLocaleString("en"))], `k-${kindOf(k).css}`, state.kinds.has(k),
        () => { state.kinds.has(k) ? state.kinds.delete(k) : state.kinds.add(k); })),
      [["Verified", VERIFIED, "verified"], ["Supported", SUPPORTED, "supported"], ["Please check", FLAGGED, "flagged"], ["Denied", DENIED, "denied"], ["No source named", UNATTRIBUTED, "unattributed"]].filter(([, bit]) => marked[bit]).map(([label, bit, css]) =>
        chip([label, el("span", { class: "n" }, marked[bit].toLocaleString("en"))], css, Boolean(state.bits & bit), () => { state.bits ^= bit; })));
  }
  /* The texts to search are made while nobody waits, so that the first search is as quick as the next. */
  function prepare(from) {
    const end = Math.min(from + 500, index.rows.length);
    for (let i = from; i < end; i++) textOf(i);
    if (end < index.rows.length) setTimeout(prepare, 0, end);
  }
  if (index.documents.length > 1) setTimeout(prepare, 200, 0);
  return { rows, bar, names, ready: () => texts.length === index.rows.length };
})();
function hrefOf(row) {
  return `#d/${row[ROW.doc]}/${row[ROW.card]}`;
}
function shownDate(row) {
  const date = row[ROW.date];
  if (!date) return el("span", { class: "none" }, "not stated");
  return date.startsWith("..") ? el("span", { class: "bound", title: "The day is not stated; this is the latest possible one" }, "≤ ", date.slice(2)) : el("time", {}, date);
}
