// ConnectWise: a board's tickets, with search; a click opens one.

import { get } from "../base/api.js";
import { ago } from "../base/dates.js";
import { debounce, h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { CwTicketView, statusMark } from "./connectwise_ticket.js";
import { choice, personFace } from "./people.js";

export class ConnectWisePanel {
  constructor() {
    this.board = "";
    this.state = "open";
    this.ticket = null;
    this.search = h("input", {
      class: "field field-small",
      type: "search",
      placeholder: "Search: words, a company, #48213",
      "aria-label": "Search tickets",
      dataset: { testid: "connectwise-search" },
    });
    this.bar = h("div", { class: "panel-bar pull-bar" });
    this.list = h("div", { class: "pull-list", dataset: { testid: "cw-tickets" } });
    this.element = h("div", { class: "panel" }, this.bar, this.list);
    this.search.addEventListener(
      "input",
      debounce(() => this.refresh(), 200),
    );
    const refresh = debounce(() => this.refresh(), 250);
    on("bus:connectwise", ({ id }) => {
      if (!this.element.isConnected) return;
      if (!this.ticket) refresh();
      else if (this.ticket.id === id) this.ticket.load();
    });
  }

  async shown() {
    if (this.ticket) return this.ticket.load();
    const { boards = [] } = await get("connectwise/boards").catch(() => ({}));
    this.drawBar(boards);
    return this.refresh();
  }

  open({ id }) {
    this.show(Number(id));
  }

  drawBar(boards) {
    const which = choice(
      "Board",
      [["", "All boards"], ...boards.map((each) => [each.name, each.name])],
      this.board,
      (name) => {
        this.board = name;
        this.refresh();
      },
      "connectwise-board",
    );
    const states = choice(
      "State",
      [
        ["open", "Open"],
        ["closed", "Closed"],
        ["all", "All"],
      ],
      this.state,
      (state) => {
        this.state = state;
        this.refresh();
      },
      "connectwise-state",
    );
    replace(this.bar, which, states, this.search);
  }

  async refresh() {
    if (this.ticket) return;
    const query = { board: this.board, state: this.state, q: this.search.value.trim() };
    const answer = await get("connectwise/tickets", query).catch((error) => ({ error }));
    if (this.ticket) return;
    if (answer.error) replace(this.list, h("div", { class: "empty" }, answer.error.message));
    else if (!answer.tickets.length) replace(this.list, h("div", { class: "empty" }, "No tickets here."));
    else {
      const more = answer.total - answer.tickets.length;
      replace(
        this.list,
        answer.tickets.map((ticket) => this.card(ticket)),
        more > 0 && h("div", { class: "muted board-more" }, `and ${more} more`),
      );
    }
  }

  card(ticket) {
    return h(
      "button",
      {
        type: "button",
        class: "issue-card",
        dataset: { testid: "cw-card", number: ticket.id },
        onclick: () => this.show(ticket.id),
      },
      h("span", { class: "issue-summary" }, ticket.summary),
      h(
        "span",
        { class: "issue-foot" },
        personFace(ticket.owner && { name: ticket.owner }, 20),
        h("span", { class: "issue-key" }, `#${ticket.id}`),
        statusMark(ticket),
        h("span", { class: "pull-state" }, ticket.status),
        h("span", { class: "muted" }, ago(new Date(ticket.updated))),
      ),
      h("span", { class: "muted pull-asked" }, `${ticket.company} · ${ticket.board}`),
    );
  }

  show(id) {
    this.ticket = new CwTicketView(id, () => this.back());
    replace(this.element, this.ticket.element);
    this.ticket.load();
  }

  back() {
    this.ticket = null;
    replace(this.element, this.bar, this.list);
    this.shown();
  }
}
