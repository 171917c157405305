// ConnectWise: a board's tickets, with search; a click opens one.

import { get } from "../base/api.js";
import { CwTicketView, statusMark } from "./connectwise_ticket.js";
import { ListPanel, listCard } from "./list_panel.js";
import { choice, personFace } from "./people.js";

export class ConnectWisePanel extends ListPanel {
  constructor() {
    super({
      name: "connectwise",
      rows: "cw-tickets",
      placeholder: "Search: words, a company, #48213",
      label: "Search tickets",
      nothing: "No tickets here.",
    });
    this.board = "";
  }

  concerns({ id }) {
    return this.one.id === id;
  }

  async shown() {
    if (this.one) return this.one.load();
    const { boards = [] } = await get("connectwise/boards").catch(() => ({}));
    this.drawBar(
      choice(
        "Board",
        [["", "All boards"], ...boards.map((each) => [each.name, each.name])],
        this.board,
        (name) => {
          this.board = name;
          this.refresh();
        },
        "connectwise-board",
      ),
    );
    return this.refresh();
  }

  open({ id }) {
    this.show(Number(id));
  }

  async ask(query) {
    const { tickets, total } = await get("connectwise/tickets", { board: this.board, ...query });
    return { rows: tickets, total };
  }

  card(ticket) {
    return listCard({
      testid: "cw-card",
      number: ticket.id,
      title: ticket.summary,
      face: personFace(ticket.owner && { name: ticket.owner }, 20),
      mark: statusMark(ticket),
      state: ticket.status,
      updated: ticket.updated,
      below: `${ticket.company} · ${ticket.board}`,
      open: () => this.show(ticket.id),
    });
  }

  show(id) {
    this.look(new CwTicketView(id, () => this.back()));
  }
}
