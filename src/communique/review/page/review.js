"use strict";
/* The page of the review: a list, an article, a record, and a bar of what a person may decide. */
const TOKEN = "communique-review-token";
const given = location.hash.match(/^#token=([\w-]+)/);
if (given) {
  sessionStorage.setItem(TOKEN, given[1]);
  history.replaceState(null, "", location.pathname);
}
const $ = (id) => document.getElementById(id);
const STATES = { undecided: "to decide", again: "↻ asked again", accepted: "✓ accepted", corrected: "✎ corrected",
  rejected: "✕ rejected" };
const DONE = { accept: "Accepted", correct: "Corrected", reject: "Rejected", comment: "Comment kept",
  missing: "Marked as missing", undo: "Taken back" };
const mine = [];  // what this window decided, for undo
let index;  // the last answer; document.js reads the words for verdicts and groups in it
let current;  // the record that is shown
let polled;
let mode = "";
let busy = false;

async function ask(path, body) {
  const headers = { "X-Communique-Token": sessionStorage.getItem(TOKEN) || "" };
  const answer = await fetch(`api/${path}`, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => {
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

/* Ask for all that the page shows, and draw the list; the record is left to `show`. */
async function look(key = "", seen = null) {
  const found = await ask("view", { show: $("show").value, key, seen });
  if (!found.edition) return false;
  index = found;
  $("name").textContent = `Review of ${index.results}`;
  document.title = `${left()} · ${index.results}`;
  $("progress").textContent = `${index.progress} · as ${index.reviewer}`;
  refill($("list"), index.rows.map(row));
  $("list").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  return true;
}

function left() {
  return `${plural(index.counts.undecided + index.counts.again, "record", "records")} to decide`;
}

function row(r) {
  const choose = () => run(() => (mode ? say("Store or cancel first.") : go(r.key)));
  const chosen = r.key === index.record.key && "true";
  return el("li", {}, el("button", { type: "button", class: `row k-${kindOf(r.kind).css}`, "aria-current": chosen, onclick: choose },
    el("span", { class: "of" }, kindOf(r.kind).one, verdictPill(r.verdict), r.state === "undecided" ? null : stateOf(r),
      r.conflict ? el("span", { class: "state conflict" }, "⚠ conflict") : null),
    bdi(r.headline || "(no headline)", "what"), bdi(r.title, "outlet")));
}

function stateOf(r) {
  return el("span", { class: `state ${r.state}` }, STATES[r.state]);
}

/* The article and the record of the last answer, as the report shows them. */
function show(focus) {
  const before = current?.key === index.record?.key && !focus ? $("article")?.scrollTop : undefined;
  current = index.record;
  mode = "";
  if (current) {
    documentView.show($("pair"), current.document);
    const [article, record] = $("pair").querySelector(".pair").children;
    article.id = "article";
    Object.assign(record, { id: "record", ariaLabel: "Record", tabIndex: -1 });
    for (const piece of current.missing.flatMap((number) => [...article.querySelectorAll(`[data-s="${number}"]`)])) {
      piece.classList.add("missing");
      piece.title = "marked: something is missing here";
    }
    const place = `record ${current.number.toLocaleString("en")} of ${index.counts.records.toLocaleString("en")}`;
    refill(record.querySelector(".count"), stateOf(current), place);
    const note = current.why ? `Asked again: ${current.why}.` : current.conflict && "Two people decided differently; the last decision counts.";
    if (note) record.querySelector(".count").after(el("p", { class: "notice", id: "note" }, note));
    const first = article.querySelector("mark");
    article.scrollTop = before ?? (first?.offsetTop > article.clientHeight ? first.offsetTop - 60 : 0);
  } else {
    const none = !index.counts.records ? "There are no records in these results."
      : $("show").value === "open" ? "Everything on this list is decided." : "There are no such records.";
    refill($("pair"), el("section", { id: "record", "aria-label": "Record", tabindex: -1 }, el("p", { class: "empty" }, none)));
  }
  if (focus) {
    (innerWidth > 1024 ? document.body : $("pair")).scrollIntoView();
    $("record").focus({ preventScroll: true });
  }
  bar();
}

async function go(key, focus = true) {
  await look(key);
  show(focus);
}

async function move(to) {
  const end = to === "after" ? "last" : "first";
  if (index[to]) await go(index[to]); else say(`This is the ${end} record of the list.`);
}

async function keep(decision, more = {}) {
  const { key, version, fingerprint, headline } = current;
  const next = index.after || index.before || "";
  try {
    const { id, objections } = await ask("decide", { key, saw: version, fingerprint, decision, ...more });
    if (objections) return objections;
    if (decision !== "undo") mine.push({ id, key });
  } catch (error) {
    if (!error.stale) throw error;
    await look(key);
    const there = index.record?.key === key;
    const hint = mode ? "Store again to keep both decisions." : "Look at it again; deciding now keeps both decisions.";
    if (!mode) show(false);
    else if (there) Object.assign(current, { version: index.record.version, fingerprint: index.record.fingerprint });
    throw new Error(`Not kept: ${error.message}. ${there ? hint : ""}`);
  }
  tell("");
  const leaves = ["accept", "correct", "reject"].includes(decision) && $("show").value === "open";
  await go(leaves ? next : key);
  say(`${DONE[decision]}. ${left()}. ${decision === "undo" ? "" : "Stored: "}${headline}`);
}

async function undo() {
  const { id, key } = mine.pop();
  await go(key);
  await keep("undo", { key, undoes: id });
}

/* A box under the record: the form of a correction, a comment, or what is missing. */
function openForm(title, nodes, store) {
  mode = title;
  const submit = (e) => { e.preventDefault(); run(store); };
  const buttons = [el("button", { class: "main", type: "submit", "aria-keyshortcuts": "Control+Enter" }, "Store"),
    el("button", { type: "button", onclick: cancel }, "Cancel"), el("kbd", {}, "Ctrl Enter"), el("kbd", {}, "Esc")];
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
  words: [(value) => value, (text) => text.trim()],
  lines: [(value) => value.join("\n"), (text) => text.split("\n").map((line) => line.trim()).filter(Boolean)],
  numbers: [(value) => value.join(", "), (text) => text.split(/[\s,]+/).filter(Boolean).map((n) => Number(n) || n)],
  json: [(value) => JSON.stringify(value, null, 1), JSON.parse],
};

/* Every box, and every group of them, has `read`, which gives what is in it, and `at`, the box that a path leads to. */
function boxes(schemas, values) {
  const names = Object.keys(Object.keys(values).length ? values : schemas);
  const made = new Map(names.map((name) => [name, box(name, schemas[name] ?? { type: typeof values[name] }, values[name])]));
  return Object.assign(el("div", {}, [...made.values()].map(labelled)), {
    read: () => Object.fromEntries([...made].map(([name, node]) => [name, node.read()])),
    at: ([name, ...rest]) => made.get(name)?.at(rest),
  });
}

function box(name, schema, value) {
  const types = (schema.anyOf ?? [schema]).filter((one) => one.type !== "null");
  const [type] = types.length === 1 ? types : [{}];
  const label = index.labels[name] ?? kindOf(name).one;
  const part = type.properties ?? type.items?.properties;
  if (part) return parts(label, part, value, type.type === "array");
  const several = { string: "lines", integer: "numbers" }[type.items?.type];
  const [shown, understood] = BOXES[several ?? (type.type === "string" ? "words" : "json")];
  const empty = types.length < schema.anyOf?.length ? null : several ? [] : type.type === "string" && !type.enum ? "" : undefined;
  const option = (v) => el("option", { value: v }, v.replaceAll("_", " ") || "–");
  const node = type.type === "string" && type.enum ? el("select", {}, [...type.enum, ""].map(option)) : el("textarea", { rows: 1, dir: "auto" });
  node.value = value === undefined || value === null ? "" : shown(value);
  const was = node.value;
  const read = () => {
    if (node.value === was) return value === undefined ? empty : value;
    try {
      return node.value.trim() ? understood(node.value) : empty;
    } catch (error) {
      throw Object.assign(new Error(`${label}: not JSON (${error.message})`), { node });
    }
  };
  return Object.assign(node, { label, read, at: () => node });
}

/* A line of boxes for each part, such as a participant; no more than one unless there may be several. */
function parts(label, schemas, value, many) {
  const node = el("div", { class: many ? "parts" : "parts one", role: "group", "aria-label": label });
  const lines = () => [...node.querySelectorAll(":scope > .part")];
  const button = (does, onclick) => el("button", { type: "button", "aria-label": `${does} ${label}`, onclick }, does);
  const more = button("Add", () => add({}).querySelector("select, textarea").focus());
  const add = (values) => {
    const line = boxes(schemas, values);
    line.className = "part";
    line.append(button("Remove", () => { line.remove(); more.focus(); }));
    more.before(line);
    return line;
  };
  node.append(more);
  [value ?? []].flat().forEach(add);
  return Object.assign(node, {
    label,
    read: () => (many ? lines().map((line) => line.read()) : lines()[0]?.read() ?? null),
    at: (path) => (many ? lines()[path[0]]?.at(path.slice(1)) : lines()[0]?.at(path)) || more,
  });
}

function labelled(node) {
  node.id = crypto.randomUUID();
  return el("div", { class: "field" }, el(node.matches("div") ? "span" : "label", { for: node.id }, bdi(node.label)), node);
}

function correct() {
  const fields = boxes(current.schemas, current.stated);
  const hint = el("p", { class: "detail" }, "Empty means nothing. Evidence is the numbers of the sentences.",
    current.document.kept ? null : " The article’s text was not kept, so the checks don’t look at it.");
  let confirmed = "";
  const form = openForm("Correct the record", [hint, fields], async () => {
    for (const node of form.elements) node.setCustomValidity("");
    try {
      const edited = fields.read();
      const objections = await keep("correct", { edited, confirmed: confirmed === JSON.stringify(edited) });
      if (!objections) return;
      confirmed = JSON.stringify(edited);
      const lines = objections.map(([label, text]) => el("li", {}, el("strong", {}, bdi(label)), ": ", bdi(text)));
      refill(form.querySelector(".problems"), "The checks object:", el("ul", {}, lines), "You decide.");
      form.querySelector(".main").textContent = "Store anyway";
    } catch (error) {
      const node = error.node || fields.at(error.path || []);
      node?.setCustomValidity(error.message);
      node?.reportValidity();
      throw error;
    }
  });
}

function comment() {
  const words = Object.assign(el("textarea", { rows: 3, dir: "auto", maxlength: 10000 }), { label: "Comment on the record" });
  openForm("Comment", labelled(words), async () => {
    if (words.value.trim()) await keep("comment", { comment: words.value.trim() }); else show(true);
  });
}

/* A sentence may stand on two lines; the box is before the first. */
function missing() {
  const boxes = new Map();
  for (const piece of $("article").querySelectorAll(".body p:not(.is-title) > [data-s]")) {
    if (boxes.has(piece.dataset.s)) continue;
    const box = el("input", { type: "checkbox", "aria-label": piece.textContent });
    boxes.set(piece.dataset.s, box);
    const label = el("label", {}, box);
    piece.replaceWith(label);
    label.append(piece);
    piece.inert = true;  // a click on it is one on its box
  }
  const kind = Object.assign(el("select", {}, index.kinds.map((k) => el("option", { value: k }, kindOf(k).one))), { label: "What is missing" });
  const hint = el("p", { class: "detail" }, "Mark the sentences in the article: Tab moves, Space marks.");
  openForm("Something is missing here", [labelled(kind), hint], async () => {
    const marked = [...boxes].filter(([, box]) => box.checked).map(([number]) => parseInt(number, 10));
    if (!marked.length) throw new Error("Mark at least one sentence.");
    await keep("missing", { sentences: marked, kind: kind.value });
  });
  (boxes.get($("article").querySelector("mark")?.dataset.s) ?? [...boxes.values()][0])?.focus();
}

function cancel() {
  run(() => show(true));
}

const ACTIONS = [
  ["a", "Accept", () => keep("accept")], ["c", "Correct", correct], ["r", "Reject", () => keep("reject")],
  ["m", "Missing here", missing], ["t", "Comment", comment], ["u", "Undo", undo],
  ["k", "Previous", () => move("before")], ["j", "Next", () => move("after")],
];

const keys = el("input", { type: "checkbox", checked: sessionStorage.getItem("keys") !== "off",
  onchange: () => sessionStorage.setItem("keys", keys.checked ? "on" : "off") });

function bar() {
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

/* What others did, and results that changed. While a form is open, the record stays as it is. */
async function refresh(seen = index.edition) {
  const before = index.edition[0];
  if (!await look(current?.key, seen)) return;
  if (!mode && JSON.stringify(index.record) !== JSON.stringify(current)) show(false);
  if (index.edition[0] === before) return;
  const again = plural(index.counts.again, "record is", "records are");
  tell(mode ? "The results changed; what you store is compared with them."
    : `The results changed and were read again: ${again} asked again.`);
}

addEventListener("keydown", (e) => {
  const control = e.ctrlKey || e.metaKey;
  if (mode && (e.key === "Escape" || (e.key === "Enter" && control))) {
    e.preventDefault();
    if (e.key === "Escape") cancel(); else $("record").querySelector("form").requestSubmit();
  }
  if (mode || control || e.altKey || e.repeat || e.target.closest("input, select, textarea") || !keys.checked) return;
  const button = $("bar").querySelector(`[aria-keyshortcuts="${CSS.escape(e.key.toLowerCase())}"]:enabled`);
  if (button) { e.preventDefault(); button.click(); }
});
$("show").addEventListener("change", () => run(() => go("", false)));
setInterval(() => { if (!busy && !document.hidden && index) polled = refresh().catch((error) => tell(error.message)); }, 3000);
run(() => go("", false));
