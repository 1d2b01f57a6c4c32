/* Who accuses whom, who met whom. The picture shows the busiest; the list below it says the same in words. */
const networkView = (() => {
  const NODES = 60, LIST = 100;
  let picture = null;

  function edges(rows) {
    const found = new Map();
    const add = (kind, a, b, row) => {
      if (a === b) return;
      const pair = kind === "meetings" && a > b ? [b, a] : [a, b];
      const k = `${kind}|${pair[0]}|${pair[1]}`;
      if (!found.has(k)) found.set(k, { kind, a: pair[0], b: pair[1], rows: [], denied: 0 });
      const e = found.get(k);
      if (e.rows[e.rows.length - 1] !== row) { e.rows.push(row); if (row[ROW.bits] & DENIED) e.denied++; }
    };
    for (const r of rows) {
      const from = r[ROW.from].slice(0, 12), to = r[ROW.to].slice(0, 12);
      if (r[ROW.kind] === "meetings") from.forEach((a, i) => from.slice(i + 1).forEach((b) => add("meetings", a, b, r)));
      else if (to.length) from.forEach((a) => to.forEach((b) => add(r[ROW.kind], a, b, r)));
    }
    return [...found.values()].sort((x, y) => y.rows.length - x.rows.length);
  }
  const verb = (e) => (e.kind === "meetings" ? "met" : e.kind === "allegations" ? "accuses" : e.kind === "sanctions_concerns" ? "raises sanctions over" : kindOf(e.kind).one);

  function draw(root) {
    const all = edges(filters.rows());
    const weight = new Map();
    all.forEach((e) => [e.a, e.b].forEach((n) => weight.set(n, (weight.get(n) || 0) + e.rows.length)));
    const nodes = new Set([...weight.entries()].sort((x, y) => y[1] - x[1]).slice(0, NODES).map((x) => x[0]));
    const shown = all.filter((e) => nodes.has(e.a) && nodes.has(e.b));
    const box = el("div", { class: "graph", role: "img", "aria-label": `Network of ${nodes.size} names; the list below shows the same as text` });
    const chosen = el("div", { class: "chosen", role: "status" });
    refill(root,
      el("p", { class: "count", role: "status" }, all.length ? `${plural(weight.size, "name", "names")}, ${plural(all.length, "tie", "ties")}${weight.size > nodes.size ? `; the picture shows the ${nodes.size} busiest names` : ""}` : "No record with two named sides matches these filters."),
      all.length ? el("ul", { class: "keys" }, el("li", { class: "k-allegation" }, "accuses"), el("li", { class: "k-allegation dashed" }, "accuses, denied"), el("li", { class: "k-concern" }, "raises sanctions over"), el("li", { class: "k-meeting" }, "met")) : null,
      all.length ? box : null, chosen,
      all.length ? el("table", { class: "ties" }, el("caption", {}, all.length > LIST ? `The ${LIST} strongest ties` : "All ties"), el("tbody", {}, all.slice(0, LIST).map((e) =>
        el("tr", {}, el("td", {}, bdi(index.names[e.a])), el("td", { class: `verb k-${kindOf(e.kind).css}` }, verb(e), e.denied ? el("span", { class: "pill denied" }, "denied") : null), el("td", {}, bdi(index.names[e.b])),
          el("td", { class: "n" }, el("button", { type: "button", onclick: () => list(chosen, e.rows, [bdi(index.names[e.a]), ` ${verb(e)} `, bdi(index.names[e.b])]) }, plural(e.rows.length, "record", "records"))))))) : null);
    if (all.length) paint(box, nodes, shown, weight, chosen);
  }
  function list(chosen, rows, title) {
    refill(chosen, el("h2", {}, title), el("ul", {}, rows.slice(0, 20).map((r) => el("li", { class: `k-${kindOf(r[ROW.kind]).css}` }, el("span", { class: "dot" }), shownDate(r), " ", el("a", { href: hrefOf(r) }, bdi(r[ROW.headline]))))),
      rows.length > 20 ? el("p", {}, `and ${rows.length - 20} more`) : null);
    chosen.scrollIntoView({ block: "nearest" });
  }
  function paint(box, nodes, shown, weight, chosen) {
    if (picture) { picture.destroy(); picture = null; }
    const css = getComputedStyle(document.documentElement);
    const colour = (name) => css.getPropertyValue(name).trim();
    const of = { meetings: colour("--meeting"), allegations: colour("--allegation"), sanctions_concerns: colour("--concern") };
    const top = Math.max(...weight.values());
    const ids = [...nodes];
    picture = cytoscape({
      container: box, minZoom: 0.2, maxZoom: 3, userZoomingEnabled: false, autoungrabify: false,
      elements: [
        ...ids.map((n, i) => ({ data: { id: `n${n}`, n, label: index.names[n].length > 40 ? `${index.names[n].slice(0, 38)}…` : index.names[n], size: 14 + 30 * Math.sqrt(weight.get(n) / top) },
          position: { x: 300 * Math.cos((2 * Math.PI * i) / ids.length), y: 300 * Math.sin((2 * Math.PI * i) / ids.length) } })),
        ...shown.map((e, i) => ({ data: { id: `e${i}`, source: `n${e.a}`, target: `n${e.b}`, i, colour: of[e.kind] || colour("--other"), width: 1.5 + 3 * Math.sqrt(e.rows.length / shown[0].rows.length), arrow: e.kind === "meetings" ? "none" : "triangle", line: e.denied ? "dashed" : "solid" } })),
      ],
      style: [
        { selector: "node", style: { width: "data(size)", height: "data(size)", "background-color": colour("--ink-2"), label: "data(label)", color: colour("--ink"), "font-size": 12, "font-family": "system-ui, sans-serif", "text-valign": "bottom", "text-margin-y": 4, "text-outline-color": colour("--sheet"), "text-outline-width": 2, "min-zoomed-font-size": 6 } },
        { selector: "edge", style: { width: "data(width)", "line-color": "data(colour)", "target-arrow-color": "data(colour)", "target-arrow-shape": "data(arrow)", "line-style": "data(line)", "curve-style": "bezier", opacity: 0.75 } },
        { selector: ".dim", style: { opacity: 0.12 } },
        { selector: "node:selected", style: { "background-color": colour("--focus") } },
      ],
      layout: { name: "cose", animate: false, randomize: false, nodeDimensionsIncludeLabels: true, idealEdgeLength: () => 110, nodeRepulsion: () => 90000, numIter: nodes.size > 40 ? 600 : 1000, padding: 24 },
    });
    picture.on("tap", (e) => { if (e.target === picture) { picture.elements().removeClass("dim"); refill(chosen, ); } });
    picture.on("tap", "node", (e) => {
      const near = e.target.closedNeighborhood();
      picture.elements().addClass("dim"); near.removeClass("dim");
      const n = e.target.data("n");
      list(chosen, [...new Set(shown.filter((x) => x.a === n || x.b === n).flatMap((x) => x.rows))], [bdi(index.names[n])]);
    });
    picture.on("tap", "edge", (e) => { const x = shown[e.target.data("i")]; list(chosen, x.rows, [bdi(index.names[x.a]), ` ${verb(x)} `, bdi(index.names[x.b])]); });
    box.dataset.nodes = picture.nodes().length;
  }
  return { draw };
})();
