// Spreadsheets: a plain grid in which a person types, inserts, deletes and sorts, as the managers do beside the application.

import { get, post } from "../base/api.js";
import { debounce, h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { toast } from "../base/popover.js";
import { choice } from "./people.js";

const SPARE_ROWS = 3;
const SPARE_COLUMNS = 2;

export class SheetsPanel {
  constructor() {
    this.files = [];
    this.id = "";
    this.tab = "";
    this.at = null;
    this.bar = h("div", { class: "panel-bar" });
    this.tools = h("div", { class: "panel-bar sheet-tools" });
    this.grid = h("div", { class: "sheet", dataset: { testid: "sheet" } });
    this.element = h("div", { class: "panel" }, this.bar, this.tools, this.grid);
    on(
      "bus:google",
      debounce(() => this.element.isConnected && this.shown(), 150),
    );
  }

  open({ id }) {
    this.id = id;
    this.tab = "";
    this.shown();
  }

  async shown() {
    const answer = await get("google/spreadsheets").catch((error) => ({ error }));
    if (answer.error || !answer.spreadsheets.length) {
      replace(this.bar);
      return replace(this.grid, h("div", { class: "empty" }, answer.error?.message ?? "There is no spreadsheet yet."));
    }
    this.files = answer.spreadsheets;
    this.file = this.files.find((each) => each.id === this.id) ?? this.files[0];
    this.id = this.file.id;
    if (!this.file.tabs.includes(this.tab)) this.tab = this.file.tabs.at(-1);
    this.drawBar();
    return this.load();
  }

  drawBar() {
    const files = choice("Spreadsheet", this.files.map((each) => [each.id, each.title]), this.id, (id) => this.open({ id }));
    const tabs = choice(
      "Tab",
      this.file.tabs.map((each) => [each, each]),
      this.tab,
      (tab) => {
        this.tab = tab;
        this.load();
      },
      "sheet-tab",
    );
    const share = h(
      "button",
      {
        type: "button",
        class: "button button-small",
        title: "Whether the application's service account may edit it",
        onclick: () => this.act({ op: "share", shared: !this.file.shared }),
      },
      this.file.shared ? "Shared" : "Not shared",
    );
    replace(this.bar, files, tabs, share);
    const tool = (label, body) =>
      h(
        "button",
        { type: "button", class: "button button-small", dataset: { testid: "sheet-tool" }, onclick: () => this.change(body) },
        label,
      );
    replace(
      this.tools,
      tool("Sort A–Z", ({ column }) => ({ op: "sort", column })),
      tool("Sort Z–A", ({ column }) => ({ op: "sort", column, descending: true })),
      tool("Insert row", ({ row }) => ({ op: "insert", row })),
      tool("Insert column", ({ column }) => ({ op: "insert", column })),
      tool("Delete column", ({ column }) => ({ op: "delete", column })),
    );
  }

  change(body) {
    if (this.at) this.act(body(this.at));
    else toast("Click a cell first: that is where it happens");
  }

  async act(body) {
    try {
      await post(`google/spreadsheets/${encodeURIComponent(this.id)}`, { tab: this.tab, ...body });
      await this.shown();
    } catch (error) {
      toast(error.message, "error");
    }
  }

  async load() {
    const answer = await get(`google/spreadsheets/${encodeURIComponent(this.id)}`, { tab: this.tab }).catch((error) => ({
      error,
    }));
    if (answer.error) return replace(this.grid, h("div", { class: "empty" }, answer.error.message));
    // somebody is typing: their cell is not taken from under their hands
    if (this.grid.contains(document.activeElement) && document.activeElement.dataset.dirty) return undefined;
    const width = Math.max(...answer.rows.map((row) => row.length), 4) + SPARE_COLUMNS;
    const rows = [...answer.rows, ...Array.from({ length: SPARE_ROWS }, () => [])];
    const head = h("tr", {}, h("th", {}), Array.from({ length: width }, (_, column) => h("th", { scope: "col" }, letters(column))));
    const focus = this.grid.contains(document.activeElement) && this.at;
    replace(
      this.grid,
      h(
        "table",
        { class: "sheet-table" },
        h("thead", {}, head),
        h(
          "tbody",
          {},
          rows.map((row, number) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, String(number + 1)),
              Array.from({ length: width }, (_, column) => h("td", {}, this.cell(number, column, row[column] ?? ""))),
            ),
          ),
        ),
      ),
    );
    if (focus) this.grid.querySelector(`[data-place="${focus.row},${focus.column}"]`)?.focus();
    return undefined;
  }

  cell(row, column, value) {
    const text = shownText(value);
    return h("input", {
      class: `sheet-cell ${typeof value === "number" ? "sheet-number" : ""}`,
      value: text,
      "aria-label": `${letters(column)}${row + 1}`,
      dataset: { testid: "cell", place: `${row},${column}` },
      onfocus: () => (this.at = { row, column }),
      oninput: (event) => (event.currentTarget.dataset.dirty = "true"),
      onchange: (event) => {
        delete event.currentTarget.dataset.dirty;
        this.act({ op: "type", row, column, value: event.currentTarget.value });
      },
    });
  }
}

function shownText(value) {
  if (value && typeof value === "object") return value.formula;
  if (typeof value === "number") return String(Math.round(value * 100) / 100);
  if (typeof value === "string" && value.startsWith("=")) return `'${value}`;
  return String(value);
}

function letters(column) {
  let text = "";
  for (let number = column + 1; number; number = Math.floor((number - 1) / 26))
    text = String.fromCharCode(65 + ((number - 1) % 26)) + text;
  return text;
}
