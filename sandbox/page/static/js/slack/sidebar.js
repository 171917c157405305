// Channels, direct messages and apps of the acting person, with what is unread.

import { appMark, avatar } from "../base/avatar.js";
import { slack } from "../base/api.js";
import { h, replace } from "../base/dom.js";
import { emit } from "../base/events.js";
import { icon } from "../base/icons.js";
import { time } from "../base/dates.js";
import { current, go } from "../base/route.js";
import {
  actors,
  appChannel,
  channelName,
  nameOf,
  isAppChannel,
  myZone,
  person,
  sandboxNow,
  store,
  titleOf,
} from "../base/store.js";
import { attempt } from "./message_actions.js";

const collapsed = new Set();

export function drawSidebar(node) {
  const channels = [...store.channels.values()];
  const mine = (target) => !target.members?.length || target.members.includes(store.me);
  const open = channels.filter((target) => !target.is_im && !target.is_mpim);
  const joined = open.filter(mine).sort(byName);
  const others = open.filter((target) => !mine(target)).sort(byName);
  const scroll = node.querySelector(".sidebar-scroll")?.scrollTop ?? 0;
  const list = h(
    "div",
    { class: "sidebar-scroll" },
    group("Apps", [appRow()]),
    group("Channels", joined.map(channelRow)),
    others.length ? group("More channels", others.map(channelRow)) : null,
    group("Direct messages", directRows(channels)),
  );
  replace(node, head(), list, me());
  list.scrollTop = scroll;
}

const byName = (one, other) => one.name.localeCompare(other.name);

function head() {
  return h(
    "header",
    { class: "sidebar-head" },
    h(
      "button",
      {
        type: "button",
        class: "workspace-name",
        title: "Switch to someone else",
        onclick: () => emit("switcher", { mode: "people" }),
      },
      store.team.name,
      icon("chevronDown", 16),
    ),
    h(
      "button",
      {
        type: "button",
        class: "jump",
        title: "Jump to… (Ctrl or Cmd + K)",
        dataset: { testid: "jump" },
        onclick: () => emit("switcher", {}),
      },
      icon("search", 15),
      h("span", {}, "Jump to…"),
      h("kbd", {}, "Ctrl K"),
    ),
  );
}

function group(title, rows) {
  const closed = collapsed.has(title);
  const toggle = () => {
    if (!collapsed.delete(title)) collapsed.add(title);
    emit("state");
  };
  const heading = h(
    "button",
    { type: "button", class: "sidebar-heading", "aria-expanded": String(!closed), onclick: toggle },
    icon(closed ? "chevronRight" : "chevronDown", 14),
    title,
  );
  const shown = closed
    ? rows.filter((row) => row?.classList.contains("has-unread") || row?.getAttribute("aria-current"))
    : rows;
  return h("section", { class: "sidebar-group" }, heading, shown);
}

function row({ name, leading, unread, active, target, testid, mentions }) {
  return h(
    "button",
    {
      type: "button",
      class: `sidebar-row ${unread ? "has-unread" : ""}`,
      "aria-current": active ? "page" : null,
      dataset: { testid: "sidebar-row", name, ...testid },
      onclick: () => go(target),
    },
    leading,
    h("span", { class: "sidebar-name" }, name),
    unread
      ? h(
          "span",
          {
            class: `badge ${mentions ? "" : "badge-quiet"}`,
            "aria-label": `${unread} unread`,
            dataset: { testid: "badge" },
          },
          unread > 99 ? "99+" : String(unread),
        )
      : null,
  );
}

function channelRow(target) {
  return row({
    name: target.name,
    leading: h("span", { class: "sidebar-icon" }, icon(target.is_private ? "lock" : "hash", 16)),
    unread: target.unread,
    active: current().channel === target.id,
    target: { channel: target.id },
    testid: { channel: target.id },
  });
}

// Everyone one has a conversation with, then the others: a click opens one.
function directRows(channels) {
  const direct = channels.filter(
    (target) => (target.is_im || target.is_mpim) && !isAppChannel(target) && target.user !== "USLACKBOT",
  );
  const rows = direct.map((target) =>
    row({
      name: channelName(target),
      leading: target.is_im
        ? avatar(target.user, 20, { presence: true })
        : h("span", { class: "sidebar-icon" }, icon("users", 16)),
      unread: target.unread,
      mentions: true,
      active: current().channel === target.id,
      target: { channel: target.id },
      testid: { channel: target.id },
    }),
  );
  const known = new Set(direct.map((target) => target.user));
  const others = actors().filter((id) => id !== store.me && !known.has(id));
  const teammates = others
    .filter((id) => person(id)?.team && person(id).team === person(store.me)?.team)
    .map(teammateRow);
  const add = h(
    "button",
    { type: "button", class: "sidebar-row sidebar-quiet", onclick: () => emit("switcher", {}) },
    h("span", { class: "sidebar-icon" }, icon("plus", 15)),
    h("span", { class: "sidebar-name" }, "Message someone"),
  );
  return [...rows, ...teammates, others.length ? add : null];
}

function teammateRow(userId) {
  const face = avatar(userId, 20, { presence: true });
  return h(
    "button",
    {
      type: "button",
      class: "sidebar-row",
      dataset: { testid: "sidebar-row", name: nameOf(userId) },
      onclick: () => openDirect(userId),
    },
    face,
    h("span", { class: "sidebar-name" }, nameOf(userId)),
  );
}

export async function openDirect(userId) {
  const answer = await attempt(slack.post("open_dm", { user: store.me, with: userId }));
  const id = answer?.channel?.id ?? answer?.channel;
  if (id) {
    emit("reload");
    go({ channel: id });
  }
}

function appRow() {
  const target = appChannel();
  return row({
    name: store.app.name,
    leading: avatarOfApp(),
    unread: target?.unread,
    mentions: true,
    active: Boolean(current().tab),
    target: { tab: target?.unread ? "messages" : "home" },
    testid: { app: "true" },
  });
}

function avatarOfApp() {
  const dot = h("span", {
    class: `presence ${store.app.connected ? "presence-active" : ""}`,
    title: store.app.connected ? "Connected" : "Not running",
  });
  return h("span", { class: "avatar-with-presence" }, appMark(20), dot);
}

function me() {
  const details = [titleOf(store.me), person(store.me)?.role].filter(Boolean).join(" · ");
  return h(
    "button",
    {
      type: "button",
      class: "sidebar-me",
      title: "Act as someone else (Ctrl or Cmd + Shift + K)",
      dataset: { testid: "me", user: store.me },
      onclick: () => emit("switcher", { mode: "people" }),
    },
    avatar(store.me, 32, { presence: true }),
    h(
      "span",
      { class: "sidebar-me-text" },
      h("strong", {}, nameOf(store.me)),
      h("span", {}, details || "Acting as"),
      h("span", {}, `${time(sandboxNow())} · ${myZone().split("/").pop().replace(/_/g, " ")}`),
    ),
    icon("chevronDown", 16),
  );
}
