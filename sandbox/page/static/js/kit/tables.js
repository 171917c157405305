// table and data_table blocks; a data table sorts and turns pages.

import { h, replace } from "../base/dom.js";
import { plain } from "../base/mrkdwn.js";
import { plainOfRichText } from "./inputs.js";
import { richText } from "./rich_text.js";

function cellContent(cell) {
  if (cell.type === "rich_text") return richText(cell);
  return plain(cell.text ?? (cell.value === undefined ? "" : String(cell.value)));
}

const cellText = (cell) => (cell.type === "rich_text" ? plainOfRichText(cell) : String(cell.text ?? cell.value ?? ""));
const cellNumber = (cell) =>
  typeof cell.value === "number" ? cell.value : parseFloat(cellText(cell).replace(/[,$%\s]/g, ""));

function cellNode(tag, cell, settings, isNumber) {
  const align = settings?.align ?? (isNumber ? "right" : "left");
  return h(
    tag,
    { class: `align-${align} ${settings?.is_wrapped ? "" : "nowrap"}`, scope: tag === "th" ? "col" : null },
    cellContent(cell),
  );
}

const rowNode = (row, tag, settings) =>
  h(
    "tr",
    {},
    row.map((cell, column) => cellNode(tag, cell, settings?.[column], cell.type === "raw_number")),
  );

export function table(block) {
  const [head, ...body] = block.rows ?? [];
  return h(
    "div",
    { class: "table-wrap", tabindex: "0" },
    h(
      "table",
      { class: "table" },
      head && h("thead", {}, rowNode(head, "th", block.column_settings)),
      h(
        "tbody",
        {},
        body.map((row) => rowNode(row, "td", block.column_settings)),
      ),
    ),
  );
}

export function dataTable(block) {
  const [head = [], ...rows] = block.rows ?? [];
  const size = Math.max(1, block.page_size ?? 5);
  const wrapper = h("div", { class: "data-table" });
  const state = { page: 0, column: null, direction: 1 };
  const draw = () =>
    replace(
      wrapper,
      tablePart(block, head, sorted(rows, state), size, state, draw),
      pager(rows.length, size, state, draw),
    );
  draw();
  return wrapper;
}

function sorted(rows, { column, direction }) {
  if (column === null) return rows;
  const numeric = rows.every((row) => !Number.isNaN(cellNumber(row[column] ?? {})));
  const order = (one, other) =>
    numeric
      ? cellNumber(one[column]) - cellNumber(other[column])
      : cellText(one[column] ?? {}).localeCompare(cellText(other[column] ?? {}));
  return [...rows].sort((one, other) => direction * order(one, other));
}

function tablePart(block, head, rows, size, state, draw) {
  const sortBy = (column) => () => {
    state.direction = state.column === column ? -state.direction : 1;
    state.column = column;
    draw();
  };
  const mark = (column) => (state.column === column ? (state.direction > 0 ? " ↑" : " ↓") : "");
  const order = (column) => (state.column === column ? (state.direction > 0 ? "ascending" : "descending") : "none");
  const heads = head.map((cell, column) =>
    h(
      "th",
      { scope: "col", "aria-sort": order(column) },
      h("button", { type: "button", class: "sort", onclick: sortBy(column) }, cellContent(cell), mark(column)),
    ),
  );
  const shown = rows.slice(state.page * size, (state.page + 1) * size);
  return h(
    "div",
    { class: "table-wrap", tabindex: "0" },
    h(
      "table",
      { class: "table" },
      h("caption", {}, block.caption),
      h("thead", {}, h("tr", {}, heads)),
      h(
        "tbody",
        {},
        shown.map((row) => rowNode(row, "td")),
      ),
    ),
  );
}

function pager(total, size, state, draw) {
  const pages = Math.ceil(total / size);
  if (pages <= 1) return null;
  const turn = (by) => () => {
    state.page = Math.min(pages - 1, Math.max(0, state.page + by));
    draw();
  };
  return h(
    "div",
    { class: "pager" },
    h(
      "button",
      { type: "button", class: "button button-small", disabled: state.page === 0, onclick: turn(-1) },
      "Previous",
    ),
    h("span", { class: "muted" }, `Page ${state.page + 1} of ${pages}`),
    h(
      "button",
      { type: "button", class: "button button-small", disabled: state.page >= pages - 1, onclick: turn(1) },
      "Next",
    ),
  );
}
