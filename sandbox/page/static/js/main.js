// Starts the page: who one is, what is shown, and what happens when something happens.

import { debounce, h, replace } from "./base/dom.js";
import { emit, on } from "./base/events.js";
import { connect } from "./base/live.js";
import { current, go } from "./base/route.js";
import {
  actors,
  appChannel,
  channel,
  channelName,
  isAppChannel,
  loadClock,
  loadState,
  loadWorld,
  store,
} from "./base/store.js";
import { remember, remembered } from "./base/theme.js";
import { forgetConversation, showConversation } from "./slack/conversation.js";
import { loadModals } from "./slack/modal.js";
import { drawRail } from "./slack/rail.js";
import { drawSidebar } from "./slack/sidebar.js";
import { hideThread, showThread } from "./slack/thread.js";
import { welcomeNewcomer } from "./slack/welcome.js";
import { startDrawer } from "./drawer/drawer.js";
import "./slack/banner.js";
import "./slack/permalink.js";
import "./slack/switcher.js";

const rail = document.getElementById("rail");
const sidebar = document.getElementById("sidebar");
const main = document.getElementById("main");
const pane = document.getElementById("thread");

let acting = null;

async function become(userId) {
  acting = userId;
  remember("as", userId);
  forgetConversation();
  hideThread(pane);
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  await loadState(userId);
  connect(userId);
  await loadModals();
}

async function show() {
  let route = current();
  if (!route.as) return go({ ...route, as: await someone() }, { silent: true });
  if (route.as !== acting) await become(route.as);
  route = current();
  if (!route.tab && isAppChannel(channel(route.channel)))
    return go({ tab: "messages", thread: route.thread }, { silent: true });
  if (!route.tab && !route.channel) return go(usualPlace(), { silent: true });
  drawFrame();
  showConversation(main);
  const place = route.tab === "messages" ? appChannel()?.id : route.channel;
  if (route.thread && place) showThread(pane, place, route.thread);
  else hideThread(pane);
  remember(`place.${route.as}`, { channel: route.channel, tab: route.tab });
  return undefined;
}

async function someone() {
  if (!store.users.size) await loadState(remembered("as", store.world.people?.[0]?.slack_id ?? ""));
  const known = actors();
  const last = remembered("as", null);
  return known.includes(last) ? last : (known[0] ?? store.me);
}

function usualPlace() {
  const last = remembered(`place.${acting}`, null);
  if (last?.tab || store.channels.has(last?.channel)) return last;
  const channels = [...store.channels.values()].filter((target) => !target.is_im && target.members?.includes(store.me));
  const first = channels.find((target) => target.name === "general") ?? channels[0] ?? [...store.channels.values()][0];
  return first ? { channel: first.id } : { tab: "home" };
}

// Draws anew without taking the keyboard away from who is in there.
function keepingFocus(node, draw) {
  const buttons = () => [...node.querySelectorAll("button")];
  const at = buttons().indexOf(document.activeElement);
  draw(node);
  if (at >= 0) buttons()[at]?.focus({ preventScroll: true });
}

function drawFrame() {
  keepingFocus(rail, drawRail);
  keepingFocus(sidebar, drawSidebar);
  const { channel: id, tab } = current();
  const unread = [...store.channels.values()].reduce((sum, target) => sum + (target.unread ?? 0), 0);
  const place = tab ? store.app.name : channelName(channel(id));
  document.title = `${unread ? `(${unread}) ` : ""}${place || store.team.name} · ${store.team.name} sandbox`;
}

const refreshState = debounce(async () => {
  if (!acting) return;
  await loadState(acting).catch(() => {});
}, 80);

on("route", () => show().catch(fail));
on("state", () => acting && drawFrame());
on("reload", refreshState);
for (const type of ["message", "channel", "read", "app", "message_deleted"]) on(`bus:${type}`, refreshState);
on("live", ({ again }) => again && refreshState());
on("bus:clock", loadClock);

function fail(error) {
  console.error(error);
  replace(
    main,
    h(
      "div",
      { class: "empty empty-page" },
      h("h2", {}, "This view could not be opened"),
      h("p", {}, error.message),
      h("button", { type: "button", class: "button", onclick: () => location.assign("/") }, "Start again"),
    ),
  );
}

async function start() {
  await Promise.all([loadWorld(), loadClock()]);
  startDrawer(document.getElementById("drawer"));
  await show();
  welcomeNewcomer();
  document.documentElement.dataset.ready = "true";
}

start().catch(fail);
setInterval(() => emit("minute"), 60_000);
on("minute", () => acting && keepingFocus(sidebar, drawSidebar));
