/* Records in time, by the date that the article states: bars to choose a period, then the records one under the other. */
const timelineView = (() => {
  const STEP = 100;
  /* A decade is written 199X, a season as a month from 21 to 24. */
  const DATED = /^\d{3}[\dX]/, MONTH = /^\d{4}-(0\d|1[0-2])/;
  const periodOf = (date, monthly) => date.slice(0, monthly && MONTH.test(date) ? 7 : 4);
  const named = (period) => period.replace("X", "0s");
  function draw(root) {
    const records = filters.rows();
    const dated = records.filter((r) => DATED.test(r[ROW.date])).sort((a, b) => (a[ROW.date] < b[ROW.date] ? -1 : a[ROW.date] > b[ROW.date] ? 1 : 0));
    const undated = records.filter((r) => !DATED.test(r[ROW.date]));
    const exact = dated.map((r) => Number(r[ROW.date].slice(0, 4))).filter((y) => y >= 0);
    const years = exact.length ? exact[exact.length - 1] - exact[0] : 0;
    const periods = {};
    dated.forEach((r) => { (periods[periodOf(r[ROW.date], years < 5)] ||= []).push(r); });
    const list = el("div", { class: "moments" });
    refill(root,
      el("p", { class: "count", role: "status" }, told(countsOf(records)), undated.length ? `, ${undated.length.toLocaleString("en")} without a stated date` : ""),
      dated.length ? bars(periods, years, () => draw(root)) : el("p", { class: "empty" }, records.length ? "No record has a stated date." : "No record matches these filters."), list);
    const chosen = state.month ? periods[state.month] || [] : [...dated, ...undated];
    more(list, chosen, 0);
    /* On a narrow screen the bars scroll: to what is chosen, or else to the newest. */
    const shown = root.querySelector(".bar[aria-pressed=true]") || root.querySelector(".bar:last-child");
    if (shown) shown.parentNode.scrollLeft = shown.offsetLeft - shown.parentNode.offsetLeft - shown.parentNode.clientWidth / 2;
  }
  function told(counts) {
    return counts.length ? counts.map(([k, n]) => plural(n, kindOf(k).one.toLowerCase(), kindOf(k).many.toLowerCase())).join(", ") : "No records";
  }
  function bars(records, years, redraw) {
    const keys = new Set(Object.keys(records));
    const even = [...keys].filter((k) => (years < 5 ? k.length === 7 : !k.endsWith("X"))).sort();
    if (even.length && years <= 200) {
      let [y, m] = even[0].split("-").map(Number);
      for (let k = even[0]; k < even[even.length - 1]; k = String(y).padStart(4, "0") + (m ? `-${String(m).padStart(2, "0")}` : "")) {
        keys.add(k);
        if (!m) y++; else if (++m > 12) { m = 1; y++; }
      }
    }
    const top = Math.max(...Object.values(records).map((r) => r.length));
    const every = Math.ceil(keys.size / 12);
    return el("div", { class: "bars", role: "group", "aria-label": "Records by period" }, [...keys].sort().map((k, i) => {
      const counts = countsOf(records[k] || []);
      const fills = counts.map(([kind, n]) => {
        const fill = el("span", { class: `fill k-${kindOf(kind).css}` });
        fill.style.height = `max(3px, ${(100 * n) / top}%)`;
        return fill;
      });
      return el("button", { type: "button", class: "bar", disabled: !counts.length, "aria-pressed": String(state.month === k), "aria-label": `${named(k)}: ${told(counts)}`, title: `${named(k)}: ${told(counts)}`,
        onclick: () => { state.month = state.month === k ? "" : k; redraw(); } }, el("span", { class: "well" }, fills), el("span", { class: "tick" }, i % every === 0 ? named(k) : ""));
    }));
  }
  function more(list, rows, from) {
    let year = from ? list.dataset.year : "";
    for (const r of rows.slice(from, from + STEP)) {
      const y = DATED.test(r[ROW.date]) ? named(periodOf(r[ROW.date], false)) : "No date stated";
      if (y !== year) { list.append(el("h2", { class: "year" }, y)); year = y; }
      const d = index.documents[r[ROW.doc]];
      list.append(el("a", { class: `moment k-${kindOf(r[ROW.kind]).css}`, href: hrefOf(r) }, el("span", { class: "when" }, shownDate(r)), el("span", { class: "dot" }),
        el("span", { class: "what" }, bdi(r[ROW.headline]), verdictOf(r), el("span", { class: "outlet" }, bdi(d[0])))));
    }
    list.dataset.year = year;
    if (from + STEP < rows.length) {
      list.append(el("button", { type: "button", class: "more", onclick: (e) => { e.currentTarget.remove(); more(list, rows, from + STEP); } }, `Show ${Math.min(STEP, rows.length - from - STEP)} more of ${(rows.length - from - STEP).toLocaleString("en")}`));
    }
  }
  return { draw };
})();
