// The middle of the page: a channel, a direct message, or the app with its tabs.

import { appMark, avatar } from "../base/avatar.js";
import { slack } from "../base/api.js";
import { h, replace } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { mrkdwn } from "../base/mrkdwn.js";
import { openMenu } from "../base/popover.js";
import { current, go } from "../base/route.js";
import {
  appChannel,
  channel as channelById,
  channelName,
  nameOf,
  isApp,
  person,
  store,
  titleOf,
} from "../base/store.js";
import { Composer } from "./composer.js";
import { HomeView } from "./home.js";
import { MessageList } from "./message_list.js";
import { openDirect } from "./sidebar.js";

let shown = null;

export function showConversation(main) {
  const { as, channel, tab } = current();
  const key = `${as}/${tab ? `app/${tab}` : channel}`;
  if (shown?.key === key) return;
  shown?.part?.stop();
  shown = { key };
  if (tab) showApp(main, tab);
  else showChannel(main, channelById(channel));
}

export function forgetConversation() {
  shown?.part?.stop();
  shown = null;
}

function showChannel(main, target) {
  if (!target) {
    replace(
      main,
      h(
        "div",
        { class: "empty empty-page" },
        h("h2", {}, "Nothing here for this person"),
        h("p", {}, "They are not in this conversation. Choose another on the left."),
      ),
    );
    return;
  }
  const list = new MessageList(target.id, undefined, { intro: intro(target) });
  shown.part = list;
  if (!target.members?.length || target.members.includes(store.me)) {
    const composer = new Composer(target.id);
    replace(main, channelHead(target), list.element, composer.element);
    composer.focus();
  } else {
    const note = h(
      "div",
      { class: "composer-outside" },
      `${nameOf(store.me)} is not a member of `,
      h("strong", {}, `#${target.name}`),
      " and can only look on.",
    );
    replace(main, channelHead(target), list.element, note);
  }
  list.load();
}

function channelHead(target) {
  const topic = target.topic?.value ?? target.topic;
  const symbol = target.is_im
    ? avatar(target.user, 26, { presence: true })
    : icon(target.is_mpim ? "users" : target.is_private ? "lock" : "hash", 19);
  const detail = target.is_im ? titleOf(target.user) : topic;
  return h(
    "header",
    { class: "head" },
    h(
      "div",
      { class: "head-title" },
      h("span", { class: "head-symbol" }, symbol),
      h("h1", { dataset: { testid: "title" } }, channelName(target)),
    ),
    h("div", { class: "head-topic muted", title: detail ?? "" }, detail ? mrkdwn(detail) : null),
    !target.is_im && members(target),
  );
}

function members(target) {
  const ids = target.members ?? [];
  if (!ids.length) return null;
  const items = ids.map((id) => ({
    label: nameOf(id),
    hint: isApp(id) ? "App" : titleOf(id),
    icon: avatar(id, 26),
    run: () => (isApp(id) ? go({ tab: "home" }) : id !== store.me && openDirect(id)),
  }));
  return h(
    "button",
    {
      type: "button",
      class: "facepile",
      "aria-label": `${ids.length} members`,
      title: "Members",
      onclick: (event) => openMenu(event.currentTarget, items, { align: "end" }),
    },
    ids.slice(0, 3).map((id) => avatar(id, 22)),
    h("span", {}, String(ids.length)),
  );
}

function intro(target) {
  if (target.is_im) {
    return h(
      "div",
      { class: "intro" },
      avatar(target.user, 64),
      h("h2", {}, nameOf(target.user)),
      h("p", { class: "muted" }, `This is the beginning of your direct messages with ${nameOf(target.user)}.`),
    );
  }
  if (target.is_mpim) return h("div", { class: "intro" }, h("h2", {}, channelName(target)));
  const project = store.world.projects?.find((each) => each.channel === target.id || each.channel === target.name);
  const purpose = target.purpose?.value ?? target.purpose ?? (project ? `${project.name} (${project.key})` : "");
  return h(
    "div",
    { class: "intro" },
    h("div", { class: "intro-symbol" }, icon(target.is_private ? "lock" : "hash", 30)),
    h("h2", {}, `# ${target.name}`),
    h("p", { class: "muted" }, `This is the beginning of #${target.name}. `, purpose),
  );
}

const TABS = { home: "Home", messages: "Messages", about: "About" };

function showApp(main, tab) {
  const tabs = Object.entries(TABS).map(([key, label]) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        class: "tab",
        id: `tab-${key}`,
        "aria-selected": String(key === tab),
        dataset: { testid: `tab-${key}` },
        onclick: () => go({ tab: key }),
      },
      label,
      key === "messages" && appChannel()?.unread ? h("span", { class: "badge" }, String(appChannel().unread)) : null,
    ),
  );
  const head = h(
    "header",
    { class: "head head-app" },
    h(
      "div",
      { class: "head-title" },
      appMark(26),
      h("h1", { dataset: { testid: "title" } }, store.app.name),
      h("span", { class: "app-badge" }, "APP"),
    ),
    h("div", { class: "tabs", role: "tablist", "aria-label": store.app.name }, tabs),
  );
  if (tab === "messages") showAppMessages(main, head);
  else if (tab === "about") replace(main, head, about());
  else {
    const home = new HomeView();
    shown.part = home;
    replace(main, head, home.element);
    home.load();
  }
  if (tab !== "about") slack.post("open_home", { user: store.me, tab }).catch(() => {});
}

async function showAppMessages(main, head) {
  const mine = shown;
  let target = appChannel();
  if (!target && store.app.user_id) {
    const answer = await slack.post("open_dm", { user: store.me, with: store.app.user_id }).catch(() => null);
    const id = answer?.channel?.id ?? answer?.channel;
    target = id && (channelById(id) ?? { id, is_im: true, user: store.app.user_id, unread: 0 });
    if (id) store.channels.set(id, target);
  }
  if (mine !== shown) return;
  if (!target) {
    replace(
      main,
      head,
      h("div", { class: "empty empty-page" }, h("p", {}, `${store.app.name} is not installed here yet.`)),
    );
    return;
  }
  const intro = h(
    "div",
    { class: "intro" },
    appMark(64),
    h("h2", {}, store.app.name),
    h("p", { class: "muted" }, `Write to ${store.app.name} in plain words, or with the same commands as everywhere.`),
  );
  const list = new MessageList(target.id, undefined, { intro });
  const composer = new Composer(target.id);
  shown.part = list;
  replace(main, head, list.element, composer.element);
  list.load();
  composer.focus();
}

function about() {
  const commands = store.commands.map((each) =>
    h(
      "tr",
      {},
      h("td", {}, h("code", { class: "code" }, each.command)),
      h("td", {}, each.description),
      h("td", { class: "muted" }, each.usage_hint),
    ),
  );
  const shortcuts = store.shortcuts.map((each) =>
    h("li", {}, each.name, h("span", { class: "muted" }, each.type === "message" ? " (on a message)" : " (anywhere)")),
  );
  return h(
    "div",
    { class: "home-scroll" },
    h(
      "div",
      { class: "home-body about" },
      h(
        "div",
        { class: "intro" },
        appMark(72),
        h("h2", {}, store.app.name),
        h("p", {}, store.app.description ?? "An app in this workspace."),
        h("p", { class: "muted" }, store.app.connected ? "Connected over Socket Mode." : "Not running at the moment."),
      ),
      commands.length ? [h("h3", {}, "Commands"), h("table", { class: "table" }, h("tbody", {}, commands))] : null,
      shortcuts.length ? [h("h3", {}, "Shortcuts"), h("ul", { class: "list" }, shortcuts)] : null,
      h(
        "p",
        { class: "muted" },
        `You are looking at it as ${nameOf(store.me)}${person(store.me)?.role ? `, whose role is ${person(store.me).role}` : ""}.`,
      ),
    ),
  );
}
