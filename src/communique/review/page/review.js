"use strict";
/* The page of the review: a list, an article, a record, and a bar of what a person may decide. */
const TOKEN = "communique-review-token";
const given = location.hash.match(/^#token=([\w-]+)/);
if (given) {
  sessionStorage.setItem(TOKEN, given[1]);
  history.replaceState(null, "", location.pathname);
}
const $ = (id) => document.getElementById(id);
const index = { verdicts: {}, groups: {} };
const STATES = { undecided: "to decide", again: "↻ asked again", accepted: "✓ accepted", corrected: "✎ corrected",
  rejected: "✕ rejected" };
const DONE = { accept: "Accepted", correct: "Corrected", reject: "Rejected", comment: "Comment kept",
  missing: "Marked as missing", undo: "Taken back" };
let state, current, polled;
let start = 0;
let labels = 0;
let mode = "";
let busy = false;
const mine = [];  // what this window decided, for undo

function verdictPill(name) {
  return el("span", { class: `pill ${name}`, title: (index.verdicts[name] || ["", ""])[1] }, (index.verdicts[name] || [name])[0]);
}

async function ask(path, body) {
  const headers = { "X-Communique-Token": sessionStorage.getItem(TOKEN) || "", "Content-Type": "application/json" };
  const request = body && { method: "POST", body: JSON.stringify(body) };
  const answer = await fetch(`api/${path}`, { ...request, headers }).catch(() => {
    throw new Error("The review has ended or can’t be reached. Nothing that was acknowledged is lost.");
  });
  const found = await answer.json();
  if (found.notice) tell(found.notice);
  if (!answer.ok) throw Object.assign(new Error(found.error), found);
  return found;
}

function say(text) {
  $("said").textContent = text;
}
function tell(text) {
  if ($("told").textContent !== text) refill($("told"), text ? el("p", { class: "notice" }, text) : null);
}

async function look() {
  const before = state;
  state = await ask("state");
  Object.assign(index, state);
  const c = state.counts;
  const open = state.open = c.undecided + c.again;
  $("name").textContent = `Review of ${state.results}`;
  document.title = `${open} to decide · ${state.results}`;
  refill($("progress"), [`${(c.records - open).toLocaleString("en")} of ${plural(c.records, "record", "records")} decided`, c.again && `${c.again} asked again`, c.conflicts && plural(c.conflicts, "conflict", "conflicts"),
    c.missing && `${c.missing} marked as missing`, `as ${state.reviewer}`].filter(Boolean).join(" · "));
  return { results: before?.edition !== state.edition, decisions: before?.decisions !== state.decisions };
}

async function list() {
  const found = await ask(`list?show=${$("show").value}&start=${start}`);
  if (!found.rows.length && start) { start = Math.max(0, start - 50); return list(); }
  const choose = (key) => run(() => (mode ? say("Store or cancel first.") : go(key)));
  refill($("list"), found.rows.map((r) => el("li", {}, el("button",
    { type: "button", class: `row k-${kindOf(r.kind).css}`, "data-key": r.key, onclick: () => choose(r.key) },
    el("span", { class: "of" }, kindOf(r.kind).one, verdictPill(r.verdict), r.state === "undecided" ? null : stateOf(r),
      r.conflict ? el("span", { class: "state conflict" }, "⚠ conflict") : null),
    bdi(r.headline || "(no headline)", "what"), bdi(r.title, "outlet")))),
    found.rows.length ? null : el("li", { class: "empty" }, $("show").value === "open" ? "Everything is decided." : "No such records."));
  $("earlier").disabled = !start;
  $("later").disabled = !found.more;
  here();
  return found;
}

function here() {
  for (const b of $("list").querySelectorAll("button")) b.ariaCurrent = b.dataset.key === current?.key ? "true" : null;
  $("list").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

function stateOf(r) {
  return el("span", { class: `state ${r.state}` }, STATES[r.state]);
}

function article(d) {
  const body = el("div", { class: `body k-${kindOf(current.kind).css}` });
  let paragraph = null;
  const marked = new Set(current.missing.flatMap((m) => m.sentences));
  for (const [text, number, role] of current.pieces) {
    if (!paragraph || (!number && text.includes("\n"))) { paragraph = el("p", { dir: "auto" }); body.append(paragraph); if (!number) continue; }
    paragraph.append(number ? el(role ? "mark" : "span", { class: `sentence${role === "denial" ? " is-denial" : ""}${marked.has(number) ? " missing" : ""}`, "data-s": number,
      title: marked.has(number) ? "marked: something is missing here" : null }, text) : text);
  }
  const top = body.firstElementChild;
  if (top && top.textContent.trim() === d.title && !top.querySelector("mark, .missing")) top.className = "is-title";
  refill($("article"), el("h2", { dir: "auto" }, d.title),
    el("p", { class: "meta" }, d.facts.filter((f) => ["Outlet", "Published", "Language"].includes(f[0])).map((f) => el("span", {}, bdi(f[1]))), d.link ? outside(d.link, "source") : null),
    d.warnings.map((w) => el("p", { class: "notice" }, bdi(w))),
    d.kept ? null : el("p", { class: "notice" }, "The article’s text was not kept, so only the sentences that records cite are shown and corrections are not checked (--keep-text keeps it)."), body);
}

function history_() {
  const lines = [...current.history, ...current.missing];
  if (!lines.length) return null;
  return el("section", { class: "history", "aria-label": "Decisions" }, el("h3", {}, "Decisions"), el("ul", {}, lines.map((h) => el("li", {},
    el("strong", {}, bdi(h.by)), h.decision === "comment" ? " said" : ` ${DONE[h.decision].toLowerCase()}`,
    h.sentences.length ? [" ", bdi(kindOf(h.kind).one.toLowerCase()), `, sentence ${h.sentences.join(", ")}`] : null, h.comment ? [": ", bdi(h.comment)] : null, " ",
    el("time", { datetime: h.at, class: "detail" }, new Date(h.at).toLocaleString()),
    h.fingerprint && h.fingerprint !== current.fingerprint ? el("span", { class: "detail" }, " (an earlier form of the record)") : null))));
}

function card() {
  const light = (sentence) => $("article").querySelector(`[data-s="${Number(sentence)}"]`)?.scrollIntoView({ block: "center" });
  const made = documentView.card(current.card, 0, kindOf(current.kind).letter, light);
  made.removeAttribute("tabindex");
  const note = current.why ? `Asked again: ${current.why}.` : current.conflict ? "Two people decided differently; the last decision counts." : "";
  const place = `record ${current.number.toLocaleString("en")} of ${state.counts.records.toLocaleString("en")}`;
  refill($("record"), el("p", { class: "count" }, stateOf(current), place),
    note ? el("p", { class: "notice", id: "note" }, note) : null, made, history_());
}

async function go(key, focus = true) {
  const same = current?.key === key;
  current = key ? await ask(`item?key=${key}&show=${$("show").value}`) : null;
  mode = "";
  if (!current) {
    refill($("article"), el("p", { class: "empty" }, "No record is chosen."));
    refill($("record"), el("p", { class: "empty" }, state.counts.records ? "Everything on this list is decided." : "There are no records in these results."));
  } else {
    article(current.document);
    card();
    if (focus) (innerWidth > 1024 ? document.body : $("article")).scrollIntoView();
    const first = $("article").querySelector("mark");
    if (focus || !same) $("article").scrollTop = first && first.offsetTop > $("article").clientHeight ? first.offsetTop - 60 : 0;
  }
  if (focus) $("record").focus({ preventScroll: true });
  here();
  bar();
}

async function move(to) {
  const end = to === "after" ? "last" : "first";
  if (current[to]) await go(current[to]); else say(`This is the ${end} record of the list.`);
}

async function keep(decision, more = {}) {
  const { key, version, fingerprint, after, before, card: { headline } } = current;
  try {
    const { id } = await ask("decide", { key, saw: version, fingerprint, decision, ...more });
    if (decision !== "undo") mine.push({ id, key });
  } catch (error) {
    if (!error.stale) throw error;
    if (mode) {  // what was typed stays
      const now = await ask(`item?key=${key}`);
      Object.assign(current, { version: now.version, fingerprint: now.fingerprint });
      throw new Error(`Not kept: ${error.message}. Store again to keep both decisions.`);
    }
    await refresh(true);
    tell(`Not kept: ${error.message}. Look at it again; deciding now keeps both decisions.`);
    return;
  }
  tell("");
  await look();
  const leaves = ["accept", "correct", "reject"].includes(decision) && $("show").value === "open";
  await go(leaves ? after || before : key);
  await list();
  const stored = decision === "undo" ? "" : "Stored: ";
  say(`${DONE[decision]}. ${plural(state.open, "record", "records")} to decide. ${stored}${headline}`);
}

async function undo() {
  const last = mine.pop();
  await go(last.key);
  await keep("undo", { undoes: last.id });
}

/* A box under the record: the form of a correction, a comment, or what is missing. */
function box(title, nodes, store) {
  mode = title;
  const submit = (e) => { e.preventDefault(); run(store); };
  const buttons = [el("button", { class: "main", type: "submit", "aria-keyshortcuts": "Control+Enter" }, "Store"),
    el("button", { type: "button", onclick: () => run(stop) }, "Cancel"), el("kbd", {}, "Ctrl Enter"), el("kbd", {}, "Esc")];
  const ending = [el("div", { class: "problems", role: "alert" }), el("p", { class: "buttons" }, buttons)];
  const form = el("form", { class: "edit", "aria-label": title, novalidate: true, onsubmit: submit },
    el("h3", {}, title), nodes, el("div", { class: "ending" }, ending));
  $("record").querySelector(".card").before(form);
  bar();
  form.querySelector("select, textarea").focus();
  form.scrollIntoView({ block: "nearest" });
  return form;
}

/* How a value is shown in a box, and understood. The server checks what comes of it. */
const BOXES = {
  words: [(value) => value ?? "", (text) => text.trim() || null],
  lines: [(value) => (value ?? []).join("\n"), (text) => text.split("\n").map((line) => line.trim()).filter(Boolean)],
  numbers: [(value) => value.join(", "), (text) => text.split(/[\s,]+/).filter(Boolean).map((n) => Number(n) || n)],
  json: [(value) => (value === null ? "" : JSON.stringify(value, null, 1)), json],
};

function json(text) {
  try {
    return text.trim() ? JSON.parse(text) : null;
  } catch (error) {
    if (/^\s*[[{]/.test(text)) throw error;
    return text.trim();
  }
}

/* Fields with their boxes: `read` gives what is in them, `at` the box that a path leads to. */
function boxes(fields, values) {
  const edit = (f) => (f.kind === "parts" ? parts : field)(f, f.name in values ? values[f.name] : f.empty);
  const made = fields.map((f) => ({ f, ...edit(f) }));
  return {
    nodes: made.map(({ f, node }) => labelled(f.label, node)),
    read: () => Object.fromEntries(made.map(({ f, read }) => [f.name, read()])),
    at: ([name, ...rest]) => made.find(({ f }) => f.name === name)?.at(rest),
  };
}

function labelled(label, node) {
  node.id = `field-${++labels}`;
  return el("div", { class: "field" }, el(node.matches("div") ? "span" : "label", { for: node.id }, bdi(label)), node);
}

function field(f, value) {
  const [show, understand] = BOXES[f.kind];
  const option = (v) => el("option", { value: v }, v.replaceAll("_", " ") || "–");
  const node = f.choices?.length ? el("select", {}, f.choices.map(option), f.empty === null ? option("") : null)
    : el("textarea", { rows: 1, dir: "auto" });
  node.value = show(value);
  const was = node.value;
  const read = () => {
    try {
      return node.value === was ? value : understand(node.value) ?? f.empty;
    } catch (error) {
      throw Object.assign(new Error(`${f.label}: not JSON (${error.message})`), { node });
    }
  };
  return { node, read, at: () => node };
}

/* A line of fields for each part, such as a participant. */
function parts(f, value) {
  const lines = [];
  const add = (values) => {
    const line = boxes(f.fields, values);
    const part = el("div", { class: "part" }, line.nodes, button("Remove", f, () => {
      lines.splice(lines.indexOf(line), 1);
      part.remove();
      more.hidden = false;
      more.focus();
    }));
    lines.push(line);
    more.before(part);
    more.hidden = !f.many;
    return part;
  };
  const more = button("Add", f, () => add({}).querySelector("select, textarea").focus());
  const node = el("div", { class: "parts", role: "group", "aria-label": f.label }, more);
  [value ?? []].flat().forEach(add);
  return {
    node,
    read: () => (f.many ? lines.map((line) => line.read()) : lines[0]?.read() ?? null),
    at: (path) => (f.many ? lines[path[0]]?.at(path.slice(1)) : lines[0]?.at(path)) || more,
  };
}

function button(does, f, onclick) {
  return el("button", { type: "button", "aria-label": `${does} ${f.label}`, onclick }, does);
}

function correct() {
  const fields = boxes(current.fields, current.stated);
  const hint = el("p", { class: "detail" }, "Empty means nothing. Evidence is the numbers of the sentences.");
  let confirmed = "";
  const form = box("Correct the record", [hint, fields.nodes], async () => {
    try {
      for (const node of form.elements) node.setCustomValidity("");
      const edited = fields.read();
      const same = confirmed === JSON.stringify(edited);
      const { objections } = same ? { objections: [] } : await ask("check", { key: current.key, edited });
      if (!objections.length) return await keep("correct", { edited });
      confirmed = JSON.stringify(edited);
      const lines = objections.map(([label, text]) => el("li", {}, el("strong", {}, bdi(label)), ": ", bdi(text)));
      refill(form.querySelector(".problems"), "The checks object:", el("ul", {}, lines), "You decide.");
      form.querySelector(".main").textContent = "Store anyway";
    } catch (error) {
      const node = error.node || fields.at(error.path || []);
      if (node) node.setCustomValidity(error.message);
      node?.reportValidity();
      throw error;
    }
  });
}

function comment() {
  const words = el("textarea", { rows: 3, dir: "auto", maxlength: 10000 });
  box("Comment", labelled("Comment on the record", words), async () => {
    if (words.value.trim()) await keep("comment", { comment: words.value.trim() }); else await stop();
  });
}

function missing() {
  const sentences = [...$("article").querySelectorAll(".body > p:not(.is-title) > .sentence")];
  const kind = el("select", {}, state.kinds.map((k) => el("option", { value: k }, kindOf(k).one)));
  const hint = el("p", { class: "detail" }, "Mark the sentences in the article: ↑ and ↓ move, Space marks.");
  box("Something is missing here", [labelled("What is missing", kind), hint], async () => {
    const marked = sentences.filter((s) => s.ariaChecked === "true").map((s) => Number(s.dataset.s));
    if (!marked.length) throw new Error("Mark at least one sentence.");
    await keep("missing", { sentences: marked, kind: kind.value });
  });
  $("article").classList.add("marking");
  sentences.forEach((s, i) => {
    Object.assign(s, { role: "checkbox", ariaChecked: "false", tabIndex: i ? -1 : 0 });
    s.onclick = () => { s.ariaChecked = String(s.ariaChecked !== "true"); };
    s.onkeydown = (e) => {
      const to = sentences[i + { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[e.key]];
      if (to) { s.tabIndex = -1; to.tabIndex = 0; to.focus(); }
      if (e.key === " ") s.click();
      if (to || e.key === " ") e.preventDefault();
    };
  });
  (sentences.find((s) => s.matches("mark")) || sentences[0])?.focus();
}

function stop() {
  return go(current.key);
}

const ACTIONS = [
  ["a", "Accept", () => keep("accept")], ["c", "Correct", correct], ["r", "Reject", () => keep("reject")],
  ["m", "Missing here", missing], ["t", "Comment", comment], ["u", "Undo", undo],
  ["k", "Previous", () => move("before")], ["j", "Next", () => move("after")],
];

const keys = el("input", { type: "checkbox", checked: sessionStorage.getItem("keys") !== "off",
  onchange: () => sessionStorage.setItem("keys", keys.checked ? "on" : "off") });

function bar() {
  $("article").classList.remove("marking");
  const off = (name) => Boolean(mode) || !(name === "Undo" ? mine.length : current);
  refill($("bar"), ACTIONS.map(([key, name, act]) => el("button",
    { type: "button", "aria-keyshortcuts": key, disabled: off(name), onclick: () => run(act) },
    name, el("kbd", { "aria-hidden": "true" }, key))), el("label", { class: "keys-on" }, keys, "single keys"));
}

/* One thing at a time: a key that is pressed while another one is at work is for a record that nobody has seen yet. */
async function run(act) {
  if (busy) return;
  busy = true;
  const seen = current;
  try {
    await polled;
    if (seen && seen !== current) tell("This record changed just now. Look at it again.");
    else await act();
  } catch (error) {
    const problems = mode && $("record").querySelector(".problems");
    if (problems) problems.textContent = error.message; else tell(error.message);
  } finally { busy = false; }
}

/* What others did, and results that changed. */
async function refresh(always = false) {
  const changed = await look();
  if (!always && !changed.results && !changed.decisions) return;
  if (mode) { if (changed.results) tell("The results changed; what you store is compared with them."); return; }
  await list();
  await go(current?.key, false).catch(begin);
  const again = plural(state.counts.again, "record is", "records are");
  if (changed.results) tell(`The results changed and were read again: ${again} asked again.`);
}

async function begin() {
  await look();
  const { rows } = await list();
  await go(rows[0]?.key, false);
}

addEventListener("keydown", (e) => {
  const control = e.ctrlKey || e.metaKey;
  if (mode && (e.key === "Escape" || (e.key === "Enter" && control))) {
    e.preventDefault();
    if (e.key === "Escape") run(stop); else $("record").querySelector("form").requestSubmit();
  }
  if (mode || control || e.altKey || e.repeat || e.target.closest("input, select, textarea") || !keys.checked) return;
  const button = $("bar").querySelector(`[aria-keyshortcuts="${CSS.escape(e.key.toLowerCase())}"]:enabled`);
  if (button) { e.preventDefault(); button.click(); }
});
$("show").addEventListener("change", () => { start = 0; run(begin); });
$("earlier").addEventListener("click", () => { start = Math.max(0, start - 50); run(list); });
$("later").addEventListener("click", () => { start += 50; run(list); });
setInterval(() => { if (!busy && !document.hidden && state) polled = refresh().catch((error) => tell(error.message)); }, 3000);
run(begin);
