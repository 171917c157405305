// A card for a newcomer: what this is, and five things to try.

import { h } from "../base/dom.js";
import { emit, on } from "../base/events.js";
import { icon } from "../base/icons.js";
import { appMark, avatar } from "../base/avatar.js";
import { current, go } from "../base/route.js";
import { actors, nameOf, person, store } from "../base/store.js";
import { remember, remembered } from "../base/theme.js";
import { closeButton } from "../kit/confirm.js";

let card = null;

const VIEWS = {
  admin: "an admin",
  pm: "a project manager",
  lead: "a team lead",
  engineer: "an engineer",
  viewer: "a viewer",
};

// Somebody who sees another side of it: Priya, or for her an engineer.
function somebodyElse() {
  const others = actors().filter((id) => id !== store.me);
  const named = others.find((id) => nameOf(id).startsWith("Priya"));
  return named ?? others.find((id) => person(id)?.role === "engineer") ?? others[0];
}

const typed =
  (text, send = true) =>
  () =>
    emit("type", { text, send });

function suggestions() {
  const other = somebodyElse();
  return [
    ["/ticket help", "See what FlowPilot can do with a ticket", icon("slash", 18), typed("/ticket help")],
    other && [
      `Switch to ${nameOf(other).split(" ")[0]}`,
      `See the workspace as ${VIEWS[person(other)?.role] ?? "somebody else"} does`,
      avatar(other, 24),
      () => go({ as: other, tab: current().tab, channel: current().channel }),
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

function showWelcome() {
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
