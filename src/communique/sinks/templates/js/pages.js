/* Which view the address asks for. */
(() => {
  const root = document.getElementById("view");
  const several = index.documents.length > 1;
  const VIEWS = { records: tableView.draw, timeline: timelineView.draw, network: networkView.draw, documents: drawDocuments };
  let place = 0;

  function drawDocuments(box) {
    const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = index.documents.map((d, i) => [d, i]).filter(([d]) => words.every((w) => d.join("\n").toLowerCase().includes(w)));
    refill(box, el("p", { class: "count", role: "status" }, plural(found.length, "document", "documents"), index.rejected ? `; ${plural(index.rejected, "rejected record", "rejected records")}` : ""),
      el("ul", { class: "shelf" }, found.slice(0, 500).map(([d, i]) => el("li", {}, el("a", { href: `#d/${i}` }, bdi(d[0])), el("span", { class: "outlet" }, bdi([d[1], d[2], plural(d[3], "record", "records")].filter(Boolean).join(" · ")))))),
      found.length > 500 ? el("p", { class: "notice" }, "Only the first 500 are shown; search to narrow the list.") : null);
  }

  function route() {
    const [, document_, card] = location.hash.match(/^#d\/(\d+)(?:\/(\d+))?$/) || [];
    const name = Object.hasOwn(VIEWS, location.hash.slice(1)) ? location.hash.slice(1) : "records";
    document.querySelectorAll(".tabs a").forEach((a) => { if (document_ === undefined && a.dataset.view === name) a.setAttribute("aria-current", "page"); else a.removeAttribute("aria-current"); });
    if (!index.documents.length) { refill(root, el("p", { class: "empty" }, "There are no results in this report.")); return; }
    if (!several || (document_ !== undefined && index.documents[document_])) {
      if (several && !root.dataset.document) place = scrollY;
      root.dataset.document = document_ || "0";
      documentView.show(root, island(`document-${several ? document_ : 0}`), card);
      if (several) root.prepend(el("a", { class: "back", href: `#${root.dataset.view || "records"}` }, "← All records"));
      if (card === undefined) scrollTo(0, 0);
      return;
    }
    const back = root.dataset.document;
    delete root.dataset.document;
    root.classList.remove("lighting");
    root.dataset.view = name;
    const box = el("section", { class: `v-${name}` });
    refill(root, filters.bar(() => VIEWS[name](box)), box);
    VIEWS[name](box);
    if (back) scrollTo(0, place);
  }
  addEventListener("hashchange", route);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (location.hash === "#network") route(); });
  addEventListener("keydown", (e) => {
    const search = document.getElementById("search");
    if (e.key === "/" && search && !(e.target instanceof HTMLInputElement)) { e.preventDefault(); search.focus(); }
    if (e.key === "Escape" && several && root.dataset.document) location.hash = `#${root.dataset.view || "records"}`;
  });
  route();
})();
