"use strict";
/* Making elements. Text goes in as text, never as mark-up. */
function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...nodesOf(children));
  return node;
}
function nodesOf(children) {
  return children.flat(9).filter((c) => c !== null && c !== undefined && c !== false && c !== "");
}
/* replaceChildren() would write a null out as a word. */
function refill(node, ...children) {
  node.replaceChildren(...nodesOf(children));
}
/* Untrusted text, isolated from the direction of its surroundings. */
function bdi(text, className) {
  return el("bdi", { class: className }, String(text));
}
/* Italics are for scripts that have them. */
const UPRIGHT = /[\u0590-\u08ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\ufb1d-\ufeff]/;
function slant(text) {
  return UPRIGHT.test(text) ? " upright" : "";
}
function island(id) {
  return JSON.parse(document.getElementById(id).textContent);
}
function outside(address, label) {
  let url;
  try { url = new URL(address); } catch { return bdi(label); }
  if (url.protocol !== "https:" && url.protocol !== "http:") return bdi(label);
  return el("a", { href: url.href, rel: "noopener noreferrer nofollow", target: "_blank", class: "out" }, bdi(label));
}
const KINDS = {
  meetings: { letter: "M", css: "meeting", one: "Meeting", many: "Meetings" },
  allegations: { letter: "A", css: "allegation", one: "Allegation", many: "Allegations" },
  sanctions_concerns: { letter: "S", css: "concern", one: "Sanctions concern", many: "Sanctions concerns" },
};
function kindOf(key) {
  const name = (key[0] || "").toUpperCase() + key.slice(1).replaceAll("_", " ");
  return Object.hasOwn(KINDS, key) ? KINDS[key] : { letter: (name[0] || "R").toUpperCase(), css: "other", one: name, many: name };
}
/* How many records of each kind, in one order wherever kinds stand side by side. */
function countsOf(records) {
  const counts = {};
  records.forEach((r) => { counts[r[ROW.kind]] = (counts[r[ROW.kind]] || 0) + 1; });
  return [...new Set([...Object.keys(KINDS), ...Object.keys(counts).sort()])].filter((k) => counts[k]).map((k) => [k, counts[k]]);
}
function plural(count, one, many) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
const SYMBOLS = { copied: "Copied from the article", chosen: "Chosen by the model from a closed list",
  worded: "Worded by the model", derived: "Derived by code", rendered: "Written by code from the record" };
