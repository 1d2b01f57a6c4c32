/* The words for a verdict, and what it means where one points at them. */
function verdictPill(name) {
  return el("span", { class: `pill ${name}`, title: index.verdicts[name][1] }, index.verdicts[name][0]);
}
/* One document: the article on the left, its records on the right, each lighting the other. */
const documentView = (() => {
  const LETTERS = ["copied", "chosen", "worded", "derived"];

  function legend(verdicts) {
    return el("ul", { class: "legend", "aria-label": "Where values come from" },
      LETTERS.map((o) => el("li", {}, el("span", { class: `o-${o}` }, { copied: "copied from the article", chosen: "chosen from a list",
        worded: "worded by the model", derived: "derived by code" }[o]))),
      el("li", {}, el("span", { class: "pill denied" }, "denied"), "by someone"),
      Object.keys(index.verdicts).filter((v) => verdicts.has(v)).map((v) => el("li", { class: "meaning" }, verdictPill(v), index.verdicts[v][1])));
  }

  function labels(cards) {
    const counts = {};
    return cards.map((c) => { const k = kindOf(c.kind); counts[k.letter] = (counts[k.letter] || 0) + 1; return k.letter + counts[k.letter]; });
  }

  function value(v, origin) {
    return el("span", { class: `value o-${origin}${slant(v[0])}`, title: SYMBOLS[origin] }, bdi(v[0], "name"),
      v[2] ? el("abbr", { class: "code", title: "Country code, derived by code" }, v[2]) : null,
      v[1] ? [" ", bdi(v[1], "detail")] : null);
  }

  function quotes(list, light) {
    return list.map((q) => el("button", { class: "quote", type: "button", "data-s": q[0], onclick: (e) => { e.stopPropagation(); light(q[0], true); } },
      el("span", { class: "number" }, q[2] ? `${q[0]} · p. ${q[2]}` : q[0]), el("q", { dir: "auto" }, q[1])));
  }

  function lines(several) {
    return el("ul", {}, several.map(([label, text]) => el("li", {}, el("strong", {}, bdi(label)), ": ", bdi(text))));
  }

  function remarks(group, several) {
    return el("section", { class: `remarks ${group}` }, el("h4", {}, index.groups[group]), lines(several));
  }

  /* What others say of a record: a screening, an event, a person's decision. */
  function beside([group, notes]) {
    return el("section", { class: "remarks beside" }, el("h4", {}, bdi(group)),
      el("ul", {}, notes.map(([about, state, tone, text]) => el("li", {}, about ? [el("strong", {}, bdi(about)), " "] : null,
        state ? el("span", { class: `pill note-${tone}` }, bdi(state)) : null, " ", bdi(text, "detail")))));
  }

  function judged([probability, statement, model, sentences]) {
    const percent = `${Math.round(100 * probability)} %`;
    return el("p", { class: "judged" }, el("meter", { min: 0, max: 1, low: 0.3, high: 0.7, optimum: 1, value: probability, "aria-label": "The judge’s probability" }),
      el("span", {}, el("strong", {}, percent), " sure that the article says this", sentences ? ` (${sentences})` : null, ": ",
        bdi(statement), model ? [" — judged by ", bdi(model, "detail")] : null));
  }

  function card(c, place, ref, light) {
    const k = kindOf(c.kind);
    return el("article", { class: `card k-${k.css}`, tabindex: "0", "data-c": place, id: `card-${place}`,
        "aria-label": `${c.label} ${ref}: ${c.headline}` },
      el("header", {}, el("span", { class: "ref" }, ref), el("span", { class: "label" }, bdi(c.label)),
        c.badges.map((b) => el("span", { class: "badge o-chosen", title: SYMBOLS.chosen }, bdi(b))),
        el("span", { class: "gap" }),
        c.denied ? el("span", { class: "pill denied" }, "denied") : null, verdictPill(c.verdict)),
      el("h3", { class: `headline o-${c.origin}${slant(c.headline)}`, dir: "auto", title: SYMBOLS[c.origin] }, c.headline),
      c.answers.map((a) => el("div", { class: `answer${a.type === "denial" ? " denial" : ""}` },
        el("p", {}, el("strong", {}, bdi(a.type)), " by ", bdi(a.who, "name"), a.cue ? [" — ", el("q", { dir: "auto" }, a.cue)] : null), quotes(a.quotes, light))),
      Object.entries(c.remarks).filter(([g, list]) => g !== "note" && list.length).map(([g, list]) => remarks(g, list)),
      c.judged.map(judged), c.beside.map(beside),
      c.facts.length ? el("dl", {}, c.facts.map((f) => el("div", { class: `fact f-${f[1]}` }, el("dt", {}, bdi(f[0])), el("dd", {}, f[2].map((v) => value(v, f[1])))))) : null,
      el("div", { class: "evidence" }, quotes(c.quotes, light)),
      c.remarks.note.length ? el("details", { class: "notes" }, el("summary", {}, plural(c.remarks.note.length, "note", "notes")), lines(c.remarks.note)) : null);
  }

  function article(doc, refs, light) {
    const users = {};
    doc.cards.forEach((c, i) => {
      c.quotes.forEach((q) => (users[q[0]] ||= []).push([i, "evidence"]));
      c.answers.forEach((a) => a.quotes.forEach((q) => (users[q[0]] ||= []).push([i, a.type === "denial" ? "denial" : "answer"])));
    });
    const body = el("div", { class: "body" });
    const seen = new Set();
    let paragraph = null;
    for (const [text, numbers] of doc.parts) {
      text.split(/\n+/).forEach((piece, n) => {
        if (n > 0 || !paragraph) { paragraph = el("p", { dir: "auto" }); body.append(paragraph); }
        if (!piece) return;
        const known = numbers.filter((s) => users[s]);
        if (!known.length) { paragraph.append(numbers.length ? el("span", { "data-s": numbers[0] }, piece) : piece); return; }
        const using = known.flatMap((s) => users[s]);
        const first = kindOf(doc.cards[using[0][0]].kind).css;
        const denial = using.some((u) => u[1] === "denial");
        const fresh = known.some((s) => !seen.has(s));
        known.forEach((s) => seen.add(s));
        const names = [...new Set(using.map((u) => refs[u[0]]))];
        paragraph.append(el("mark", { class: `k-${first}${denial ? " is-denial" : ""}`, "data-s": known.join(" "), "data-c": [...new Set(using.map((u) => u[0]))].join(" "),
            tabindex: fresh ? "0" : null, role: fresh ? "button" : null, "aria-description": fresh ? `evidence for ${names.join(", ")}` : null,
            onclick: () => light(known[0], false), onkeydown: (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); light(known[0], false); } } },
          piece, fresh ? el("span", { class: "refs", "aria-hidden": "true" }, names.map((r) => el("span", { class: `ref k-${r[0] === "M" ? "meeting" : r[0] === "A" ? "allegation" : r[0] === "S" ? "concern" : "other"}` }, r))) : null));
      });
    }
    [...body.children].forEach((p) => { if (!p.textContent.trim()) p.remove(); });
    const top = body.firstElementChild;
    if (top && body.children.length > 1 && top.textContent.trim() === doc.title && !top.querySelector("mark")) top.className = "is-title";
    return body;
  }

  function rejections(list) {
    if (!list.length) return null;
    return el("details", { class: "rejections" }, el("summary", {}, plural(list.length, "record was rejected", "records were rejected")),
      list.map((r) => el("div", { class: "rejection" }, el("p", {}, el("strong", {}, bdi(r.kind)), r.field ? [", ", bdi(r.field)] : null, ": ", bdi(r.why)), el("pre", { dir: "auto" }, r.draft))));
  }

  function show(root, doc, wanted) {
    const refs = labels(doc.cards);
    const light = (sentence, toArticle) => pin(root, sentence, toArticle);
    const left = el("section", { class: "source", "aria-label": "Article" },
      el("h2", { dir: "auto" }, doc.title),
      el("p", { class: "meta" }, doc.facts.filter((f) => ["Outlet", "Published", "Language"].includes(f[0])).map((f) => el("span", {}, f[0] === "Published" && !f[1].startsWith("date") ? "published " : null, bdi(f[1]))),
        doc.link ? outside(doc.link, "source") : null),
      doc.warnings.map((w) => el("p", { class: "notice" }, bdi(w))),
      doc.kept ? null : el("p", { class: "notice" }, "The article’s text was not kept, so only the sentences that records cite are shown (--keep-text keeps it)."),
      article(doc, refs, light),
      el("details", { class: "about" }, el("summary", {}, "About this document"), el("dl", {}, doc.facts.map((f) => el("div", {}, el("dt", {}, f[0]), el("dd", {}, bdi(f[1])))))));
    const counts = {};
    doc.cards.forEach((c) => { counts[c.kind] = (counts[c.kind] || 0) + 1; });
    const rejected = rejections(doc.rejections);
    const open = () => { rejected.open = true; rejected.scrollIntoView({ block: "nearest" }); };
    const right = el("section", { class: "cards", "aria-label": "Records" },
      el("p", { class: "count" }, doc.cards.length ? Object.entries(counts).map(([k, n]) => el("span", { class: `k-${kindOf(k).css}` }, plural(n, kindOf(k).one.toLowerCase(), kindOf(k).many.toLowerCase()))) : "Nothing to report.",
        rejected ? el("button", { type: "button", class: "jump", onclick: open }, `${doc.rejections.length.toLocaleString("en")} rejected`) : null),
      doc.cards.map((c, i) => card(c, i, refs[i], light)), rejected);
    refill(root, legend(new Set(doc.cards.map((c) => c.verdict))), el("div", { class: "pair" }, left, right));
    listen(root);
    if (wanted !== undefined) { const c = root.querySelector(`#card-${wanted}`); if (c) { c.focus({ preventScroll: true }); c.scrollIntoView({ block: "center" }); } }
  }

  function sentencesOf(card) {
    return new Set([...card.querySelectorAll(".quote")].map((q) => q.dataset.s));
  }

  function lit(root, sentences, cards) {
    root.classList.toggle("lighting", sentences.size + cards.size > 0);
    root.querySelectorAll("mark").forEach((m) => m.classList.toggle("lit", m.dataset.s.split(" ").some((s) => sentences.has(s))));
    root.querySelectorAll(".card").forEach((c) => c.classList.toggle("lit", cards.has(c.dataset.c)));
    root.querySelectorAll(".quote").forEach((q) => q.classList.toggle("lit", cards.has(q.closest(".card").dataset.c) && sentences.has(q.dataset.s)));
  }

  function pin(root, sentence, toArticle) {
    const mark = [...root.querySelectorAll("mark")].find((m) => m.dataset.s.split(" ").includes(String(sentence)));
    if (!mark) return;
    lit(root, new Set([String(sentence)]), new Set(mark.dataset.c.split(" ")));
    const target = toArticle ? mark : root.querySelector(`#card-${mark.dataset.c.split(" ")[0]}`);
    target.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  function listen(root) {
    const point = (target) => {
      if (!(target instanceof Element)) return;
      const card = target.closest(".card");
      const mark = target.closest("mark");
      if (card) lit(root, sentencesOf(card), new Set([card.dataset.c]));
      else if (mark) lit(root, new Set(mark.dataset.s.split(" ")), new Set(mark.dataset.c.split(" ")));
      else lit(root, new Set(), new Set());
    };
    const pair = root.querySelector(".pair");
    pair.addEventListener("pointerover", (e) => point(e.target));
    pair.addEventListener("pointerleave", () => point(document.activeElement));
    pair.addEventListener("focusin", (e) => point(e.target));
    pair.addEventListener("keydown", (e) => {
      if (!e.target.classList.contains("card") || !["ArrowDown", "ArrowUp"].includes(e.key)) return;
      const all = [...root.querySelectorAll(".card")];
      const next = all[all.indexOf(e.target) + (e.key === "ArrowDown" ? 1 : -1)];
      if (next) { e.preventDefault(); next.focus(); }
    });
  }
  return { show };
})();
