// A card for a newcomer: what this is, and five things to try.

import { h } from "../base/dom.js";
import { emit, on } from "../base/events.js";
import { icon } from "../base/icons.js";
import { appMark, avatar } from "../base/avatar.js";
import { go } from "../base/route.js";
import { actors, nameOf, person, store } from "../base/store.js";
import { remember, remembered } from "../base/theme.js";
import { closeButton } from "../kit/confirm.js";

let card = null;

function byName(word) {
  const id = actors().find((each) => nameOf(each).toLowerCase().startsWith(word));
  return id ?? actors().find((each) => person(each)?.role === "pm" && each !== store.me);
}

const typed =
  (text, send = true) =>
  () =>
    emit("type", { text, send });

function suggestions() {
  const pm = byName("priya");
  return [
    ["/ticket help", "See what FlowPilot can do with a ticket", icon("slash", 18), typed("/ticket help")],
    pm && [
      `Switch to ${nameOf(pm).split(" ")[0]}`,
      "See the workspace as a project manager does",
      avatar(pm, 24),
      () => go({ as: pm }),
    ],
    ["Open App Home", "The dashboard of the person you are", appMark(24), () => go({ tab: "home" })],
    [
      "/pm run time-tracking",
      "Let the agent look at last week's hours",
      icon("play", 18),
      typed("/pm run time-tracking --dry-run"),
    ],
    [
      "Open the Jira board",
      "See what a click changed over there, and change it yourself",
      icon("board", 18),
      () => emit("drawer", { tab: "jira" }),
    ],
  ].filter(Boolean);
}

export function showWelcome() {
  hide();
  const row = ([title, text, mark, run]) =>
    h(
      "button",
      { type: "button", class: "welcome-row", onclick: run },
      h("span", { class: "completion-icon" }, mark),
      h("span", { class: "welcome-text" }, h("strong", {}, title), h("span", { class: "muted" }, text)),
    );
  card = h(
    "section",
    { class: "welcome", "aria-label": "Welcome", dataset: { testid: "welcome" } },
    h(
      "header",
      { class: "welcome-head" },
      h("h2", {}, "Welcome aboard"),
      closeButton("Close", dismiss, "welcome-close"),
    ),
    h(
      "p",
      {},
      `This is a whole workspace that runs on your machine: ${actors().length || "its"} people, their Jira, their hours. Nothing here is real, and nothing leaves this computer. Be anyone: the faces on the left.`,
    ),
    h("div", { class: "welcome-title" }, "Try this"),
    suggestions().map(row),
  );
  document.querySelector(".stage").append(card);
}

function hide() {
  card?.remove();
  card = null;
}

function dismiss() {
  remember("welcomed", true);
  hide();
}

export function welcomeNewcomer() {
  if (!remembered("welcomed", false) && !navigator.webdriver) showWelcome();
}

on("welcome", () => (card ? dismiss() : showWelcome()));
on("state", () => card && showWelcome());
