// The sandbox's time, and commands that let the agents run now or as of another day.

import { post } from "../base/api.js";
import { addDays, format, isoDay, mondayOf } from "../base/dates.js";
import { h, replace } from "../base/dom.js";
import { emit, on } from "../base/events.js";
import { icon } from "../base/icons.js";
import { toast } from "../base/popover.js";
import { loadClock, myZone, sandboxNow, store } from "../base/store.js";

const AGENTS = [
  ["time-tracking", "Time tracking", "Who logged too little last week"],
  ["reconciliation", "Reconciliation", "Last month against its forecasts, as a workbook"],
  ["retainer-budget", "Retainer budget", "What each retainer has used, and when its budget ends"],
  ["forecast-variance", "Forecast variance", "Epics over their forecast, with the reason"],
  ["bottlenecks", "Bottlenecks", "What is stuck or blocked, and who can move it"],
  ["epic-assignment", "Epic assignment", "Tickets without an epic, with suggestions"],
  ["epic-rollup", "Epic roll-up", "How many tickets have an epic, for leadership"],
  ["monday-card", "Monday card", "Each project's week ahead: budget, variance, stuck items"],
];

export class ClockPanel {
  constructor() {
    this.face = h("div", { class: "clock-face", dataset: { testid: "clock" } });
    this.zone = h("div", { class: "muted" });
    this.agents = h("div", {});
    this.element = h(
      "div",
      { class: "panel panel-scroll" },
      this.face,
      this.zone,
      this.shifts(),
      h("h4", {}, "Run an agent"),
      h(
        "p",
        { class: "muted panel-note" },
        "Each button types the command for you; look at the answer in the conversation.",
      ),
      this.agents,
    );
    setInterval(() => this.element.isConnected && this.tick(), 1000);
    on("clock", () => this.element.isConnected && this.shown());
  }

  shown() {
    this.tick();
    replace(
      this.agents,
      AGENTS.map((agent) => this.agent(agent)),
    );
  }

  tick() {
    const now = sandboxNow();
    replace(
      this.face,
      h("div", { class: "clock-time" }, format(now, { hour: "numeric", minute: "2-digit", second: "2-digit" })),
      h("div", {}, format(now, { weekday: "long", year: "numeric", month: "long", day: "numeric" })),
    );
    this.zone.textContent = myZone();
  }

  shifts() {
    const shift = (label, body) =>
      h("button", { type: "button", class: "button button-small", onclick: () => this.move(body()) }, label);
    return h(
      "div",
      { class: "clock-shifts" },
      shift("+1 hour", () => ({ advance_s: 3600 })),
      shift("+1 day", () => ({ advance_s: 86400 })),
      shift("+1 week", () => ({ advance_s: 7 * 86400 })),
      shift("Real time", () => ({ now: new Date().toISOString() })),
    );
  }

  async move(body) {
    try {
      await post("clock", body);
      await loadClock();
    } catch (error) {
      toast(error.message, "error");
    }
  }

  agent([name, title, text]) {
    const monday = mondayOf(addDays(isoDay(sandboxNow()), -1)); // never one still to come
    const run = (label, suffix, mark) => {
      const command = `/pm run ${name}${suffix}`;
      return h(
        "button",
        {
          type: "button",
          class: "button button-small",
          title: command,
          dataset: { testid: "run", command },
          onclick: () => type(command),
        },
        mark && icon(mark, 13),
        label,
      );
    };
    return h(
      "div",
      { class: "agent" },
      h("strong", {}, title),
      h("div", { class: "muted" }, text),
      h(
        "div",
        { class: "agent-buttons" },
        run("Run now", "", "play"),
        run("Dry run", " --dry-run"),
        run(
          `As of ${format(new Date(`${monday}T12:00:00Z`), { weekday: "short", month: "short", day: "numeric" }, "UTC")}, 10:00`,
          ` --as-of ${monday}T10:00`,
        ),
      ),
    );
  }
}

function type(text) {
  if (!store.me) return;
  emit("type", { text, send: true });
}
