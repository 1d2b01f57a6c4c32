/* Records in time, by the date that the article states: bars to choose a period, then the records one under the other. */
const timelineView = (() => {
  const STEP = 100;
  function draw(root) {
    const records = filters.rows();
    const dated = records.filter((r) => /^\d{4}/.test(r[ROW.date])).sort((a, b) => (a[ROW.date] < b[ROW.date] ? -1 : a[ROW.date] > b[ROW.date] ? 1 : 0));
    const undated = records.filter((r) => !/^\d{4}/.test(r[ROW.date]));
    const list = el("div", { class: "moments" });
    refill(root,
      el("p", { class: "count", role: "status" }, told(countsOf(records)), undated.length ? `, ${undated.length.toLocaleString("en")} without a stated date` : ""),
      dated.length ? bars(dated, () => draw(root)) : el("p", { class: "empty" }, records.length ? "No record has a stated date." : "No record matches these filters."), list);
    const chosen = state.month ? dated.filter((r) => r[ROW.date].startsWith(state.month)) : [...dated, ...undated];
    more(list, chosen, 0);
    /* On a narrow screen the bars scroll: to what is chosen, or else to the newest. */
    const shown = root.querySelector(".bar[aria-pressed=true]") || root.querySelector(".bar:last-child");
    if (shown) shown.parentNode.scrollLeft = shown.offsetLeft - shown.parentNode.offsetLeft - shown.parentNode.clientWidth / 2;
  }
  function told(counts) {
    return counts.length ? counts.map(([k, n]) => plural(n, kindOf(k).one.toLowerCase(), kindOf(k).many.toLowerCase())).join(", ") : "No records";
  }
  function bars(dated, redraw) {
    const first = dated[0][ROW.date], last = dated[dated.length - 1][ROW.date];
    const years = Number(last.slice(0, 4)) - Number(first.slice(0, 4));
    const monthly = years < 5;
    const records = {};
    dated.forEach((r) => { const d = r[ROW.date]; const k = monthly ? (/^\d{4}-\d{2}/.test(d) ? d.slice(0, 7) : d.slice(0, 4)) : d.slice(0, 4); (records[k] ||= []).push(r); });
    const keys = [];
    if (monthly) {
      let y = Number(first.slice(0, 4)), m = Number(first.slice(5, 7)) || 1;
      const endY = Number(last.slice(0, 4)), endM = Number(last.slice(5, 7)) || 12;
      while (y < endY || (y === endY && m <= endM)) { const k = `${String(y).padStart(4, "0")}-${String(m).padStart(2, "0")}`; keys.push(k); if (++m > 12) { m = 1; y++; } }
    } else if (years <= 200) for (let y = Number(first.slice(0, 4)); y <= Number(last.slice(0, 4)); y++) keys.push(String(y).padStart(4, "0"));
    Object.keys(records).forEach((k) => { if (!keys.includes(k)) keys.push(k); });
    keys.sort();
    const top = Math.max(...Object.values(records).map((r) => r.length));
    const every = Math.ceil(keys.length / 12);
    return el("div", { class: "bars", role: "group", "aria-label": "Records by period" }, keys.map((k, i) => {
      const counts = countsOf(records[k] || []);
      const fills = counts.map(([kind, n]) => {
        const fill = el("span", { class: `fill k-${kindOf(kind).css}` });
        fill.style.height = `max(3px, ${(100 * n) / top}%)`;
        return fill;
      });
      return el("button", { type: "button", class: "bar", disabled: !counts.length, "aria-pressed": String(state.month === k), "aria-label": `${k}: ${told(counts)}`, title: `${k}: ${told(counts)}`,
        onclick: () => { state.month = state.month === k ? "" : k; redraw(); } }, el("span", { class: "well" }, fills), el("span", { class: "tick" }, i % every === 0 ? k : ""));
    }));
  }
  function more(list, rows, from) {
    let year = from ? list.dataset.year : "";
    for (const r of rows.slice(from, from + STEP)) {
      const y = /^\d{4}/.test(r[ROW.date]) ? r[ROW.date].slice(0, 4) : "No date stated";
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
