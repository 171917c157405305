// The person's stack of modals: the top one is shown; submit, errors per block, close.

import { slack } from "../base/api.js";
import { appMark } from "../base/avatar.js";
import { debounce, h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { plain, plainString } from "../base/mrkdwn.js";
import { store } from "../base/store.js";
import { renderBlocks } from "../kit/blocks.js";
import { closeButton } from "../kit/confirm.js";
import { Surface, trouble } from "../kit/surface.js";

let dialog = null;
let shown = null;
const surfaces = new Map();

export async function loadModals() {
  const { views } = await slack.get("views", { as: store.me }).catch(() => ({ views: [] }));
  const top = views.at(-1);
  for (const id of surfaces.keys()) if (!views.some((view) => view.id === id)) surfaces.delete(id);
  if (!top) {
    shown = null;
    dialog?.close();
    return;
  }
  const signature = JSON.stringify([top.id, top.hash, top.title, top.blocks, top.submit, top.close, views.length]);
  if (shown?.signature !== signature) show(top, signature, views.length);
}

function show(view, signature, depth) {
  const same = shown?.view.id === view.id;
  const surface = surfaces.get(view.id) ?? new Surface({ type: "view", view_id: view.id });
  surfaces.set(view.id, surface);
  surface.beginDrawing();
  surface.onChange = (blockId) => setError(blockId, "");
  shown = { view, signature, surface };
  if (!dialog) open();
  const scroll = same ? dialog.querySelector(".modal-body")?.scrollTop : 0;
  const focused = same && document.activeElement?.dataset.actionId;
  replace(dialog, content(view, surface, depth));
  const body = dialog.querySelector(".modal-body");
  body.scrollTop = scroll ?? 0;
  focusFirst(body, focused);
}

function open() {
  dialog = h("dialog", { class: "dialog modal", dataset: { testid: "modal" } });
  document.body.append(dialog);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  dialog.addEventListener("close", () => {
    dialog?.remove();
    dialog = null;
  });
  dialog.showModal();
}

function focusFirst(body, actionId) {
  const again =
    actionId && [...body.querySelectorAll("[data-action-id]")].find((node) => node.dataset.actionId === actionId);
  const target =
    again ||
    body.querySelector("[autofocus]") ||
    body.querySelector(".input-block input, .input-block textarea, .input-block button");
  target?.focus({ preventScroll: true });
}

function content(view, surface, depth) {
  dialog.setAttribute("aria-label", plainString(view.title));
  dialog.dataset.callbackId = view.callback_id ?? "";
  const submit =
    view.submit &&
    h(
      "button",
      { type: "submit", class: "button button-primary", dataset: { testid: "modal-submit" } },
      plain(plainString(view.submit)),
    );
  const cancel = h(
    "button",
    { type: "button", class: "button", dataset: { testid: "modal-close" }, onclick: close },
    plain(plainString(view.close) || (view.submit ? "Cancel" : "Close")),
  );
  const trouble = h("div", {
    class: "modal-trouble",
    role: "alert",
    hidden: true,
    dataset: { testid: "modal-trouble" },
  });
  const form = h(
    "form",
    { class: "modal-form", novalidate: true },
    h(
      "header",
      { class: "modal-head" },
      appMark(28),
      h(
        "h2",
        { class: "modal-title" },
        plain(plainString(view.title)),
        depth > 1 && h("span", { class: "muted modal-depth" }, `step ${depth}`),
      ),
      closeButton("Close", close, "modal-x"),
    ),
    h("div", { class: "modal-body" }, renderBlocks(view.blocks, surface)),
    trouble,
    h("footer", { class: "modal-foot" }, cancel, submit || null),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (submit) submitView(form, submit);
  });
  return form;
}

async function submitView(form, button) {
  const { view, surface } = shown;
  if (button.getAttribute("aria-busy")) return;
  const found = missing(view, surface);
  if (Object.keys(found).length) return showErrors(found);
  button.setAttribute("aria-busy", "true");
  form.inert = true;
  try {
    const answer = await slack.post("view_submit", { user: store.me, view_id: view.id, values: surface.values });
    if (answer.errors) showErrors(answer.errors);
    else if (answer.ok === false) sayTrouble(answer.error);
    else await loadModals();
  } catch (error) {
    sayTrouble(error.body?.error ?? error.message);
  } finally {
    form.inert = false;
    button.removeAttribute("aria-busy");
  }
}

function sayTrouble(error) {
  const node = dialog?.querySelector(".modal-trouble");
  if (!node) return;
  node.textContent = `We had some trouble connecting. ${trouble(error)}`;
  node.hidden = false;
}

const FORMAT_CHECKS = {
  number_input: (value) => value && !/^-?\d+([.,]\d+)?$/.test(value) && "Please enter a number",
  email_text_input: (value) =>
    value && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value) && "Please enter a valid e-mail address",
  url_text_input: (value) => value && !/^https?:\/\/\S+$/i.test(value) && "Please enter a valid URL",
};

// What Slack checks itself before it asks the app.
function missing(view, surface) {
  const found = {};
  for (const block of view.blocks ?? []) {
    if (block.type !== "input") continue;
    const { element } = block;
    const held = surface.get(block, element) ?? {};
    const value = Object.entries(held).find(([key]) => key !== "type")?.[1];
    const empty = value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
    if (empty && !block.optional) found[block.block_id] = "Please complete this required field.";
    else {
      const wrong = FORMAT_CHECKS[element.type]?.(value) || range(element, value);
      if (wrong) found[block.block_id] = wrong;
    }
  }
  return found;
}

function range(element, value) {
  if (element.type === "number_input" && value) {
    const amount = Number(value);
    if (!element.is_decimal_allowed && !Number.isInteger(amount)) return "Please enter a whole number";
    if (element.min_value !== undefined && amount < Number(element.min_value))
      return `Must be at least ${element.min_value}`;
    if (element.max_value !== undefined && amount > Number(element.max_value))
      return `Must be at most ${element.max_value}`;
  }
  if (element.min_length && typeof value === "string" && value.length < element.min_length)
    return `Must be at least ${element.min_length} characters`;
  return null;
}

function showErrors(errors) {
  for (const [blockId, text] of Object.entries(errors)) setError(blockId, text);
  const first = dialog?.querySelector(".has-error");
  first?.scrollIntoView({ block: "center" });
  first?.querySelector("input, textarea, button")?.focus({ preventScroll: true });
}

function setError(blockId, text) {
  const node = [...(dialog?.querySelectorAll("[data-testid=field-error]") ?? [])].find(
    (each) => each.dataset.blockId === blockId,
  );
  if (!node) return;
  node.textContent = text;
  node.hidden = !text;
  node.closest(".input-block").classList.toggle("has-error", Boolean(text));
}

async function close() {
  const { view } = shown ?? {};
  if (!view) return;
  await slack.post("view_close", { user: store.me, view_id: view.id }).catch(() => {});
  await loadModals();
}

const refresh = debounce(loadModals, 10);
for (const type of ["view_opened", "view_updated", "view_closed"])
  on(`bus:${type}`, (event) => (!event.user || event.user === store.me) && refresh());
on("live", ({ again }) => again && refresh());
