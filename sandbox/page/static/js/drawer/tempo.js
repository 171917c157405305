// Tempo: a person's week, day by day; add, change and delete worklogs.

import { get, post } from "../base/api.js";
import { addDays, format, isoDay, mondayOf } from "../base/dates.js";
import { debounce, h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { icon } from "../base/icons.js";
import { toast } from "../base/popover.js";
import { sandboxNow, store } from "../base/store.js";
import { openDialog } from "../kit/confirm.js";
import { choice, personFace, personOf } from "./people.js";

const DAYS = 7;

export function hours(seconds) {
  if (!seconds) return "";
  const minutes = Math.round(seconds / 60);
  return minutes % 60 ? `${Math.floor(minutes / 60)}h ${minutes % 60}m` : `${minutes / 60}h`;
}

// "1h 30m", "1.5", "90m" in seconds; null for anything else.
function parseHours(text) {
  const match = /^\s*(?:(\d+(?:[.,]\d+)?)\s*h?)?\s*(?:(\d+)\s*m)?\s*$/i.exec(text);
  if (!match || (!match[1] && !match[2])) return null;
  return Math.round(Number((match[1] ?? "0").replace(",", ".")) * 3600 + Number(match[2] ?? 0) * 60);
}

export class TempoPanel {
  constructor() {
    this.monday = null;
    this.person = null;
    this.bar = h("div", { class: "panel-bar" });
    this.grid = h("div", { class: "tempo", dataset: { testid: "tempo" } });
    this.element = h("div", { class: "panel" }, this.bar, this.grid);
    const refresh = debounce(() => this.element.isConnected && this.shown(), 200);
    on("bus:tempo", refresh);
    on("clock", refresh);
  }

  open({ week, person }) {
    if (week) this.monday = mondayOf(week);
    this.person = person ?? null;
    this.shown();
  }

  async shown() {
    this.monday ??= mondayOf(addDays(isoDay(sandboxNow()), -7));
    const answer = await get("tempo/worklogs", {
      from: this.monday,
      to: addDays(this.monday, DAYS - 1),
      user: this.person,
    }).catch((error) => ({ error }));
    this.drawBar();
    if (answer.error) replace(this.grid, h("div", { class: "empty" }, answer.error.message));
    else if (this.person) replace(this.grid, this.days(answer.worklogs));
    else replace(this.grid, this.everybody(answer));
  }

  move(days) {
    this.monday = addDays(this.monday, days);
    this.shown();
  }

  drawBar() {
    const people = [["", "Everybody"], ...(store.world.people ?? []).map((each) => [each.slack_id, each.name])];
    const pick = choice(
      "Person",
      people,
      this.person ?? "",
      (value) => {
        this.person = value || null;
        this.shown();
      },
      "tempo-person",
    );
    const button = (name, label, days) =>
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": label, title: label, onclick: () => this.move(days) },
        icon(name, 16),
      );
    replace(
      this.bar,
      pick,
      button("chevronLeft", "Week before", -7),
      h(
        "span",
        { class: "tempo-week", dataset: { testid: "tempo-week" } },
        `${label(this.monday)} – ${label(addDays(this.monday, 6))}`,
      ),
      button("chevronRight", "Week after", 7),
    );
  }

  everybody({ worklogs, totals }) {
    const days = Array.from({ length: DAYS }, (_, index) => addDays(this.monday, index));
    const sums = new Map();
    const add = (user, date, seconds) => sums.set(`${user}|${date}`, (sums.get(`${user}|${date}`) ?? 0) + seconds);
    for (const each of totals ?? worklogs) add(personOf(each.user)?.slack_id ?? each.user, each.date, each.seconds);
    const head = h(
      "tr",
      {},
      h("th", { scope: "col" }, "Person"),
      days.map((day) => h("th", { scope: "col" }, h("span", { class: "tempo-day" }, weekday(day)), day.slice(8))),
      h("th", { scope: "col" }, "Sum"),
    );
    const rows = (store.world.people ?? []).map((each) => this.personRow(each, days, sums));
    return h("table", { class: "tempo-table" }, h("thead", {}, head), h("tbody", {}, rows));
  }

  personRow(each, days, sums) {
    const seconds = days.map((day) => sums.get(`${each.slack_id}|${day}`) ?? 0);
    const total = seconds.reduce((sum, value) => sum + value, 0);
    const cell = (value, index) => {
      const node = h(
        "td",
        { class: `tempo-cell ${index > 4 ? "tempo-weekend" : ""}` },
        value ? (value / 3600).toFixed(1).replace(/\.0$/, "") : "",
      );
      node.style.setProperty("--fill", Math.min(1, value / (8 * 3600)).toFixed(2));
      return node;
    };
    const choose = () => {
      this.person = each.slack_id;
      this.shown();
    };
    return h(
      "tr",
      {},
      h(
        "th",
        { scope: "row" },
        h(
          "button",
          { type: "button", class: "tempo-person", onclick: choose },
          personFace(each.slack_id, 20),
          each.name.split(" ")[0],
        ),
      ),
      seconds.map(cell),
      h("td", { class: `tempo-sum ${total ? "" : "muted"}` }, hours(total) || "0h"),
    );
  }

  days(worklogs) {
    return Array.from({ length: DAYS }, (_, index) => addDays(this.monday, index)).map((day) => {
      const own = worklogs.filter((each) => each.date === day);
      const total = own.reduce((sum, each) => sum + each.seconds, 0);
      return h(
        "section",
        { class: "tempo-day-block" },
        h(
          "header",
          {},
          h("strong", {}, `${weekday(day)} ${label(day)}`),
          h("span", { class: "muted" }, hours(total) || "nothing logged"),
          h(
            "button",
            {
              type: "button",
              class: "icon-button",
              "aria-label": `Add a worklog on ${day}`,
              dataset: { testid: "worklog-add", date: day },
              onclick: () => this.edit({ date: day }),
            },
            icon("plus", 16),
          ),
        ),
        own.map((each) => this.line(each)),
      );
    });
  }

  line(worklog) {
    return h(
      "div",
      { class: "worklog", dataset: { testid: "worklog", id: worklog.id } },
      h("span", { class: "issue-key" }, worklog.issue_key),
      h("span", { class: "worklog-text" }, worklog.description || "—"),
      h("span", {}, hours(worklog.seconds)),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Edit", onclick: () => this.edit(worklog) },
        icon("edit", 14),
      ),
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": "Delete",
          onclick: () => this.save({ op: "delete", id: worklog.id }),
        },
        icon("trash", 14),
      ),
    );
  }

  edit(worklog) {
    const field = (labelText, node) => h("label", { class: "form-row" }, h("span", {}, labelText), node);
    const issue = h("input", { class: "field", required: true, value: worklog.issue_key ?? "", placeholder: "KEY-1" });
    const date = h("input", { class: "field", type: "date", required: true, value: worklog.date });
    const time = h("input", {
      class: "field",
      required: true,
      value: hours(worklog.seconds) || "1h",
      placeholder: "1h 30m",
    });
    const description = h("input", { class: "field", value: worklog.description ?? "" });
    const form = h(
      "form",
      { class: "small-form" },
      h("h2", {}, worklog.id ? "Change worklog" : "Log time"),
      field("Issue", issue),
      field("Day", date),
      field("Time", time),
      field("Description", description),
      h(
        "div",
        { class: "confirm-buttons" },
        h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel"),
        h("button", { class: "button button-primary", dataset: { testid: "worklog-save" } }, "Save"),
      ),
    );
    const dialog = openDialog(form, { className: "dialog-confirm", label: "Worklog" });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const seconds = parseHours(time.value);
      if (!seconds) toast("Time is written like 1h 30m", "error");
      else if (
        await this.save({
          op: worklog.id ? "update" : "create",
          id: worklog.id,
          user: this.person,
          issue_key: issue.value.trim().toUpperCase(),
          date: date.value,
          seconds,
          description: description.value,
        })
      )
        dialog.close();
    });
    issue.focus();
  }

  async save(body) {
    try {
      await post("tempo/worklog", body);
      await this.shown();
      return true;
    } catch (error) {
      toast(error.message, "error");
      return false;
    }
  }
}

const noon = (day) => new Date(`${day}T12:00:00Z`);
const weekday = (day) => format(noon(day), { weekday: "short" }, "UTC");
const label = (day) => format(noon(day), { month: "short", day: "numeric" }, "UTC");
