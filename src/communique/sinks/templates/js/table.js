/* The table of all records: searched, sorted, paged. */
const tableView = (() => {
  const SIZE = 50;
  const COLUMNS = [["kind", "Type"], ["date", "Date"], ["headline", "What"], ["who", "Who"], ["title", "Document"]];
  const collator = new Intl.Collator(undefined, { numeric: true });

  function key(row) {
    if (state.sort === "who") return filters.names(row[ROW.from]).join(", ") || filters.names(row[ROW.to]).join(", ");
    if (state.sort === "title") return index.documents[row[ROW.doc]][0];
    return state.sort === "date" ? row[ROW.date].replace("..", "") : row[ROW[state.sort]];
  }
  /* All rows are sorted once for each order; filters only pass over them. */
  let known = { by: "", order: [] };
  function order() {
    const by = `${state.sort} ${state.down}`;
    if (known.by === by) return known.order;
    const keys = index.rows.map(key);
    const compare = state.sort === "date" || state.sort === "kind" ? (a, b) => (a < b ? -1 : a > b ? 1 : 0) : collator.compare;
    const found = [...keys.keys()].sort((i, j) => {
      if (!keys[i] !== !keys[j]) return keys[i] ? -1 : 1; /* what is not known stands last, whichever way */
      return state.down ? compare(keys[j], keys[i]) : compare(keys[i], keys[j]);
    });
    known = { by, order: found };
    return found;
  }
  function who(row) {
    const from = filters.names(row[ROW.from]), to = filters.names(row[ROW.to]);
    const list = (names) => names.slice(0, 4).map((n, i) => [i ? ", " : "", bdi(n)]).concat(names.length > 4 ? ` and ${names.length - 4} more` : "");
    if (!to.length) return list(from);
    return [from.length ? list(from) : el("span", { class: "none" }, "no one named"), el("span", { class: "arrow", "aria-label": " about " }, " → "), list(to)];
  }
  function line(row) {
    const k = kindOf(row[ROW.kind]);
    const d = index.documents[row[ROW.doc]];
    return el("tr", { class: `k-${k.css}`, onclick: (e) => { if (!e.target.closest("a") && !String(getSelection())) location.hash = hrefOf(row); } },
      el("td", { class: "kind" }, el("span", { class: "dot" }), bdi(k.one)),
      el("td", { class: "date" }, shownDate(row)),
      el("td", { class: "what" }, el("a", { href: hrefOf(row), class: row[ROW.bits] & WORDED ? `o-worded${slant(row[ROW.headline])}` : null, title: row[ROW.bits] & WORDED ? SYMBOLS.worded : null }, bdi(row[ROW.headline])),
        row[ROW.bits] & DENIED ? el("span", { class: "pill denied" }, "denied") : null, verdictOf(row)),
      el("td", { class: "who" }, who(row)),
      el("td", { class: "title" }, bdi(d[0]), d[1] || d[2] ? el("span", { class: "outlet" }, bdi([d[1], d[2]].filter(Boolean).join(" · "))) : null));
  }
  function draw(root) {
    const rows = filters.rows(order());
    const pages = Math.max(1, Math.ceil(rows.length / SIZE));
    state.page = Math.min(state.page, pages - 1);
    const go = (to) => () => { state.page = to; draw(root); root.scrollIntoView({ block: "start" }); };
    refill(root,
      el("p", { class: "count", role: "status" }, rows.length === index.rows.length ? `${plural(rows.length, "record", "records")} in ${plural(index.documents.length, "document", "documents")}${index.rejected ? `; ${index.rejected.toLocaleString("en")} rejected` : ""}` : `${plural(rows.length, "record", "records")} of ${index.rows.length.toLocaleString("en")}`),
      rows.length ? el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, COLUMNS.map(([name, label]) =>
        el("th", { scope: "col", class: name, "aria-sort": state.sort === name ? (state.down ? "descending" : "ascending") : null },
          el("button", { type: "button", onclick: () => { state.down = state.sort === name ? !state.down : name === "date"; state.sort = name; state.page = 0; draw(root); root.querySelector(`th.${name} button`).focus(); } }, label))))),
        el("tbody", {}, rows.slice(state.page * SIZE, (state.page + 1) * SIZE).map(line)))) : el("p", { class: "empty" }, "No record matches these filters."),
      pages > 1 ? el("nav", { class: "pager", "aria-label": "Pages" },
        el("button", { type: "button", disabled: state.page === 0, onclick: go(state.page - 1) }, "Previous"),
        el("span", {}, `Page ${(state.page + 1).toLocaleString("en")} of ${pages.toLocaleString("en")}`),
        el("button", { type: "button", disabled: state.page === pages - 1, onclick: go(state.page + 1) }, "Next")) : null);
  }
  return { draw };
})();
