"use strict";
/* The form of a record: each field by its shape, and the JSON object that it holds by now. */
const recordForm = (() => {
  let number = 0;

  function labelled(label, control) {
    control.id = `field-${number++}`;
    return el("div", { class: "field" }, el("label", { for: control.id }, label), control);
  }

  function text(label, value, shape) {
    const long = typeof value === "string" && value.length > 60;
    const control = el(long ? "textarea" : "input", long ? { rows: 3, dir: "auto" } : { type: "text", dir: "auto", autocomplete: "off" });
    control.value = value === null || value === undefined ? "" : String(value);
    const read = () => {
      const given = control.value.trim();
      if (shape.text === "bool") return given === "true" ? true : given === "false" ? false : null;
      if (shape.text === "str" || given === "" || !Number.isFinite(Number(given))) return given === "" && (shape.empty || shape.text !== "str") ? null : given;
      return Number(given);
    };
    return { node: labelled(label, control), read };
  }

  function choice(label, value, shape) {
    const control = el("select", {}, shape.empty ? el("option", { value: "" }, "–") : null,
      shape.choice.map((c) => el("option", { value: String(c), selected: c === value }, String(c).replaceAll("_", " "))));
    return { node: labelled(label, control), read: () => shape.choice.find((c) => String(c) === control.value) ?? null };
  }

  function cited(label, value) {
    const control = el("input", { type: "text", autocomplete: "off" });
    control.value = (value || []).join(", ");
    return { node: labelled(label, control), read: () => (control.value.match(/\d+/g) || []).map(Number) };
  }

  function json(label, value) {
    const control = el("textarea", { rows: 3, spellcheck: "false", dir: "auto" });
    control.value = JSON.stringify(value ?? null);
    return { node: labelled(`${label} (JSON)`, control), read: () => {
      try { return JSON.parse(control.value); } catch { throw new Error(`${label}: not JSON`); }
    } };
  }

  function list(label, value, shape) {
    const one = label.toLowerCase();
    const items = [];
    const box = el("div", { class: "items" });
    const add = (given, at) => {
      const made = field(`${label} ${items.length + 1}`, given, shape.list);
      const remove = el("button", { type: "button", class: "small", "aria-label": `Remove from ${one}: ${nameOf(given)}`, onclick: () => {
        items.splice(items.indexOf(made), 1);
        made.node.remove();
        more.focus();
      } }, "Remove");
      made.node.append(remove);
      items.push(made);
      box.append(made.node);
      if (at) made.node.querySelector("input, select, textarea").focus();
    };
    const more = el("button", { type: "button", class: "small", onclick: () => add(undefined, true) }, `Add to ${one}`);
    (value || []).forEach((v) => add(v, false));
    return { node: el("fieldset", {}, el("legend", {}, label), box, more), read: () => items.map((i) => i.read()).filter((v) => v !== null && v !== "") };
  }

  function nameOf(value) {
    if (value === undefined || value === null) return "new";
    return typeof value === "object" ? value.name || value.type || "item" : String(value);
  }

  function part(label, value, shape) {
    const inner = fields(shape.part, value || {});
    const first = shape.part[0][0];
    /* A new part, or one that may be absent, counts once its first field is filled. */
    return { node: el("fieldset", {}, el("legend", {}, label), inner.nodes), read: () => {
      const found = inner.read();
      return (shape.empty || value === undefined) && !found[first]?.length ? null : found;
    } };
  }

  function field(label, value, shape) {
    if (shape.choice) return choice(label, value, shape);
    if (shape.list) return list(label, value, shape);
    if (shape.part) return part(label, value, shape);
    if (shape.cited) return cited(label, value);
    return shape.text ? text(label, value, shape) : json(label, value);
  }

  function fields(form, value) {
    const made = form.map(([name, label, shape]) => [name, field(label, value[name], shape)]);
    return { nodes: made.map(([, f]) => f.node), read: () => Object.fromEntries(made.map(([name, f]) => [name, f.read()])) };
  }

  /* Without a form, the type isn't at hand: the whole record is edited as JSON. */
  return (form, value) => {
    if (form.length) return fields(form, value);
    const whole = json("Record", value);
    return { nodes: [whole.node], read: whole.read };
  };
})();
