// Ctrl/Cmd + K: jump to a conversation; with Shift, become someone else.

import { appMark, avatar } from "../base/avatar.js";
import { h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { icon } from "../base/icons.js";
import { go } from "../base/route.js";
import { actors, channelName, nameOf, isAppChannel, person, store, titleOf } from "../base/store.js";
import { openDialog } from "../kit/confirm.js";
import { actAs } from "./rail.js";
import { openDirect } from "./sidebar.js";

let open = null;

function showSwitcher({ mode } = {}) {
  if (open) return;
  const input = h("input", {
    class: "switcher-input",
    type: "text",
    placeholder: mode === "people" ? "Act as…" : "Jump to a channel, a person, or act as someone…",
    "aria-label": "Jump to",
    autocomplete: "off",
    role: "combobox",
    "aria-expanded": "true",
    dataset: { testid: "switcher-input" },
  });
  const list = h("div", { class: "switcher-list", role: "listbox", "aria-label": "Results" });
  let selected = 0;
  let rows = [];
  const draw = () => {
    rows = candidates(mode)
      .filter((each) => matches(each, input.value))
      .slice(0, 30);
    selected = Math.min(selected, Math.max(0, rows.length - 1));
    replace(
      list,
      rows.length
        ? rows.map((each, index) => resultRow(each, index === selected, choose))
        : h("div", { class: "select-note" }, "Nothing of that name"),
    );
    list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  };
  const choose = (each) => {
    open.close();
    each.run();
  };
  input.addEventListener("input", () => {
    selected = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && rows.length) {
      event.preventDefault();
      selected = (selected + step + rows.length) % rows.length;
      draw();
    } else if (event.key === "Enter" && rows[selected]) {
      event.preventDefault();
      choose(rows[selected]);
    }
  });
  open = openDialog(
    h("div", { class: "switcher" }, h("div", { class: "switcher-row" }, icon("search", 18), input), list),
    { className: "dialog-switcher", label: "Jump to", testid: "switcher", onClose: () => (open = null) },
  );
  draw();
  input.focus();
}

function resultRow(each, selected, choose) {
  return h(
    "button",
    {
      type: "button",
      role: "option",
      tabindex: "-1",
      class: "switcher-item",
      "aria-selected": String(selected),
      onclick: () => choose(each),
    },
    h("span", { class: "completion-icon" }, each.icon),
    h("span", { class: "switcher-name" }, each.name),
    h("span", { class: "muted" }, each.detail),
  );
}

const matches = (each, query) =>
  query
    .toLowerCase()
    .trim()
    .split(/\s+/)
    .every((word) => each.search.toLowerCase().includes(word));

function candidates(mode) {
  const people = actors().map((id) => ({
    name: nameOf(id),
    detail: [id === store.me ? "you, now" : "act as", titleOf(id), person(id)?.role].filter(Boolean).join(" · "),
    search: `act as ${nameOf(id)} ${titleOf(id)} ${person(id)?.role ?? ""}`,
    icon: avatar(id, 24),
    run: () => actAs(id),
  }));
  if (mode === "people") return people;
  const channels = [...store.channels.values()]
    .filter((target) => !isAppChannel(target) && target.user !== "USLACKBOT")
    .sort((one, other) => (other.unread ?? 0) - (one.unread ?? 0));
  const places = channels.map((target) => ({
    name: channelName(target),
    detail: target.unread
      ? `${target.unread} unread`
      : target.is_im
        ? "direct message"
        : (target.topic?.value ?? target.topic ?? ""),
    search: `${channelName(target)} #${target.name ?? ""}`,
    icon: target.is_im ? avatar(target.user, 24) : icon(target.is_private ? "lock" : "hash", 18),
    run: () => go({ channel: target.id }),
  }));
  const app = ["home", "messages"].map((tab) => ({
    name: `${store.app.name} ${tab}`,
    detail: "app",
    search: `${store.app.name} ${tab}`,
    icon: appMark(24),
    run: () => go({ tab }),
  }));
  const known = new Set(channels.map((target) => target.user));
  const strangers = actors()
    .filter((id) => id !== store.me && !known.has(id))
    .map((id) => ({
      name: nameOf(id),
      detail: "write a direct message",
      search: nameOf(id),
      icon: avatar(id, 24),
      run: () => openDirect(id),
    }));
  return [...places, ...app, ...strangers, ...people];
}

on("switcher", showSwitcher);

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k" || document.querySelector("dialog[open]"))
    return;
  event.preventDefault();
  showSwitcher(event.shiftKey ? { mode: "people" } : {});
});
