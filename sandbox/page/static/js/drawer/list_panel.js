// A panel that lists what a system holds, with search, and opens one of it: what GitHub's and ConnectWise's share.

import { ago } from "../base/dates.js";
import { debounce, h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { choice } from "./people.js";

const STATES = [
  ["open", "Open"],
  ["closed", "Closed"],
  ["all", "All"],
];

// A subclass has `shown()`, `ask(query)` (rows and total), `card(row)` and `concerns(told)`: whether an event is about
// the one that is open.
export class ListPanel {
  constructor({ name, rows, placeholder, label, nothing }) {
    this.name = name;
    this.nothing = nothing;
    this.state = "open";
    this.one = null;
    this.search = h("input", {
      class: "field field-small",
      type: "search",
      placeholder,
      "aria-label": label,
      dataset: { testid: `${name}-search` },
    });
    this.bar = h("div", { class: "panel-bar pull-bar" });
    this.list = h("div", { class: "pull-list", dataset: { testid: rows } });
    this.element = h("div", { class: "panel" }, this.bar, this.list);
    this.search.addEventListener(
      "input",
      debounce(() => this.refresh(), 200),
    );
    const refresh = debounce(() => this.refresh(), 250);
    on(`bus:${name}`, (told) => {
      if (!this.element.isConnected) return;
      if (!this.one) refresh();
      else if (this.concerns(told)) this.one.load();
    });
  }

  drawBar(where) {
    const states = choice(
      "State",
      STATES,
      this.state,
      (state) => {
        this.state = state;
        this.refresh();
      },
      `${this.name}-state`,
    );
    replace(this.bar, where, states, this.search);
  }

  say(text) {
    replace(this.list, h("div", { class: "empty" }, text));
  }

  async refresh() {
    if (this.one) return;
    const answer = await this.ask({ state: this.state, q: this.search.value.trim() }).catch((error) => ({ error }));
    if (this.one) return;
    if (answer.error) this.say(answer.error.message);
    else if (!answer.rows.length) this.say(this.nothing);
    else {
      const more = answer.total - answer.rows.length;
      replace(
        this.list,
        answer.rows.map((row) => this.card(row)),
        more > 0 && h("div", { class: "muted board-more" }, `and ${more} more`),
      );
    }
  }

  look(one) {
    this.one = one;
    replace(this.element, one.element);
    one.load();
  }

  back() {
    this.one = null;
    replace(this.element, this.bar, this.list);
    this.shown();
  }
}

// One row: a title, who has it, its number, a mark, its state, when it changed, and a line below.
export function listCard({ testid, number, title, face, mark, state, updated, below, open }) {
  return h(
    "button",
    { type: "button", class: "issue-card", dataset: { testid, number }, onclick: open },
    h("span", { class: "issue-summary" }, title),
    h(
      "span",
      { class: "issue-foot" },
      face,
      h("span", { class: "issue-key" }, `#${number}`),
      mark,
      h("span", { class: "pull-state" }, state),
      h("span", { class: "muted" }, ago(new Date(updated))),
    ),
    below && h("span", { class: "muted pull-asked" }, below),
  );
}
