// The far left: the workspace, and the faces of everybody one can be.

import { appMark, avatar } from "../base/avatar.js";
import { h, replace } from "../base/dom.js";
import { emit } from "../base/events.js";
import { icon } from "../base/icons.js";
import { moveFocus } from "../base/popover.js";
import { go } from "../base/route.js";
import { actors, nameOf, store, titleOf } from "../base/store.js";
import { isDark, toggleTheme } from "../base/theme.js";

const SHOWN = 14;

export function actAs(userId) {
  if (userId !== store.me) go({ as: userId, channel: undefined });
}

export function drawRail(node) {
  const people = actors();
  const shown = people.slice(0, SHOWN);
  if (store.me && !shown.includes(store.me)) shown.push(store.me);
  const list = h(
    "div",
    { class: "rail-people", role: "radiogroup", "aria-label": "Act as", dataset: { testid: "as-switcher" } },
    shown.map(face),
  );
  list.addEventListener("keydown", (event) => moveFocus(event, list, "[role=radio]"));
  replace(
    node,
    h("div", { class: "workspace-tile", title: store.team.name }, appMark(38)),
    h("div", { class: "rail-label", "aria-hidden": "true" }, "act as"),
    list,
    people.length > shown.length && railButton("more", "Everybody", () => emit("switcher", { mode: "people" })),
    h(
      "div",
      { class: "rail-foot" },
      railButton("help", "Welcome and tour", () => emit("welcome"), "welcome-button"),
      themeButton(),
    ),
  );
}

function face(userId) {
  const chosen = userId === store.me;
  return h(
    "button",
    {
      type: "button",
      role: "radio",
      class: "rail-face",
      "aria-checked": String(chosen),
      tabindex: chosen ? "0" : "-1",
      "aria-label": `${nameOf(userId)}, ${titleOf(userId)}`,
      title: `${nameOf(userId)}\n${titleOf(userId)}`,
      dataset: { testid: "act-as", user: userId },
      onclick: () => actAs(userId),
    },
    avatar(userId, 34),
  );
}

function railButton(name, label, run, testid) {
  return h(
    "button",
    { type: "button", class: "rail-button", title: label, "aria-label": label, dataset: { testid }, onclick: run },
    icon(name, 20),
  );
}

function themeButton() {
  const button = railButton(
    "sun",
    "Light or dark",
    () => {
      toggleTheme();
      draw();
    },
    "theme",
  );
  const draw = () => replace(button, icon(isDark() ? "sun" : "moon", 20));
  draw();
  return button;
}
