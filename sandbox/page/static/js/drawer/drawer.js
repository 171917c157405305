// The drawer "Other systems": a strip of icons, and the panel of the chosen one.

import { h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { icon } from "../base/icons.js";
import { moveFocus } from "../base/popover.js";
import { remember, remembered } from "../base/theme.js";
import { closeButton } from "../kit/confirm.js";
import { CallsPanel } from "./calls.js";
import { ClockPanel } from "./clock.js";
import { ConnectWisePanel } from "./connectwise.js";
import { FaultsPanel } from "./faults.js";
import { GithubPanel } from "./github.js";
import { JiraPanel } from "./jira.js";
import { MailPanel } from "./mail.js";
import { SheetsPanel } from "./sheets.js";
import { TempoPanel } from "./tempo.js";
import { WorldPanel } from "./world.js";

const PANELS = {
  jira: { label: "Jira", icon: "board", Panel: JiraPanel },
  tempo: { label: "Tempo", icon: "hourglass", Panel: TempoPanel },
  github: { label: "GitHub", icon: "branch", Panel: GithubPanel },
  connectwise: { label: "PSA", icon: "help", Panel: ConnectWisePanel },
  mail: { label: "Mail", icon: "mail", Panel: MailPanel },
  sheets: { label: "Sheets", icon: "grid", Panel: SheetsPanel },
  clock: { label: "Clock", icon: "calendar", Panel: ClockPanel },
  world: { label: "World", icon: "globe", Panel: WorldPanel },
  calls: { label: "Calls", icon: "pulse", Panel: CallsPanel },
  faults: { label: "Faults", icon: "bolt", Panel: FaultsPanel },
};
const OPEN_BY_DEFAULT_FROM_PX = 1500;
// Up to here a panel lies over the conversation (the same width is in panels.css).
const OVER_THE_CONVERSATION = matchMedia("(max-width: 900px)");
const panels = new Map();
let root = null;
let chosen = null;

export function startDrawer(node) {
  root = node;
  chosen = remembered("drawer", innerWidth >= OPEN_BY_DEFAULT_FROM_PX ? "jira" : null);
  if (OVER_THE_CONVERSATION.matches) chosen = null;
  const spreadsheet = /^#\/sheets\/([^/]+)$/.exec(location.hash)?.[1];
  const ticket = /^#\/connectwise\/(\d+)$/.exec(location.hash)?.[1];
  if (ticket) openPanel("connectwise", { id: ticket });
  else if (spreadsheet) openPanel("sheets", { id: decodeURIComponent(spreadsheet) });
  else draw();
}

function openPanel(tab, options) {
  chosen = tab;
  remember("drawer", tab);
  draw();
  if (options) panels.get(tab)?.open?.(options);
}

function toggle(tab) {
  chosen = chosen === tab ? null : tab;
  remember("drawer", chosen);
  draw();
}

function close() {
  const was = chosen;
  toggle(chosen);
  root.querySelector(`[data-testid="drawer-${was}"]`)?.focus();
}

function draw() {
  document.getElementById("app").classList.toggle("drawer-open", Boolean(chosen));
  const strip = h(
    "div",
    { class: "drawer-strip", role: "tablist", "aria-orientation": "vertical", "aria-label": "Other systems" },
    Object.entries(PANELS).map(([tab, panel]) => stripButton(tab, panel)),
  );
  strip.addEventListener("keydown", (event) => moveFocus(event, strip, "button"));
  const body = chosen ? panelOf(chosen) : null;
  replace(
    root,
    body && h("div", { class: "drawer-veil", dataset: { testid: "drawer-veil" }, onclick: close }),
    body &&
      h(
        "section",
        {
          class: "drawer-panel",
          role: "tabpanel",
          "aria-label": PANELS[chosen].label,
          dataset: { testid: `panel-${chosen}` },
        },
        h(
          "header",
          { class: "drawer-head" },
          icon(PANELS[chosen].icon, 18),
          h("h2", {}, PANELS[chosen].label),
          h(
            "button",
            { type: "button", class: "drawer-back", dataset: { testid: "drawer-back" }, onclick: close },
            "Back to Slack",
          ),
          closeButton("Collapse", close, "drawer-close"),
        ),
        body.element,
      ),
    strip,
  );
  body?.shown?.();
}

function stripButton(tab, panel) {
  return h(
    "button",
    {
      type: "button",
      role: "tab",
      class: "strip-button",
      title: panel.label,
      "aria-selected": String(tab === chosen),
      dataset: { testid: `drawer-${tab}` },
      onclick: () => toggle(tab),
    },
    icon(panel.icon, 20),
    h("span", {}, panel.label),
  );
}

function panelOf(tab) {
  if (!panels.has(tab)) panels.set(tab, new PANELS[tab].Panel());
  return panels.get(tab);
}

on("drawer", ({ tab, ...options }) => openPanel(tab, Object.keys(options).length ? options : undefined));

// Who opens a conversation or a thread wants to see it.
on("route", () => {
  if (chosen && OVER_THE_CONVERSATION.matches) toggle(chosen);
});
document.addEventListener("keydown", (event) => {
  const isTaken = event.defaultPrevented || document.querySelector("dialog[open]");
  if (event.key === "Escape" && chosen && OVER_THE_CONVERSATION.matches && !isTaken) close();
});
