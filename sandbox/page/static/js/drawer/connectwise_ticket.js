// One ticket: its status, its notes, and acting on it as the person one is: what FlowPilot finds changed meanwhile.

import { get, post } from "../base/api.js";
import { ago, fullStamp } from "../base/dates.js";
import { h, replace } from "../base/dom.js";
import { toast } from "../base/popover.js";
import { store } from "../base/store.js";
import { backBar } from "./bars.js";
import { choice, personFace } from "./people.js";

const KINDS = { discussion: "Discussion", internal: "Internal", resolution: "Resolution" };

export function statusMark(ticket) {
  const kind = ticket.closed || ticket.status === "Resolved" ? "done" : ticket.notes_count ? "progress" : "todo";
  return h("span", { class: `status-dot status-${kind}`, "aria-hidden": "true" });
}

export class CwTicketView {
  constructor(id, back) {
    this.id = id;
    this.back = back;
    this.path = `connectwise/ticket/${id}`;
    this.element = h("div", { class: "issue", dataset: { testid: "cw-ticket", number: id } });
  }

  async load() {
    const ticket = await get(this.path).catch((error) => ({ error }));
    const head = backBar(this.back, "cw-back", "Tickets", h("strong", { class: "issue-key" }, `#${this.id}`));
    if (ticket.error) {
      replace(this.element, head, h("div", { class: "empty" }, ticket.error.message));
      return;
    }
    const draft = this.element.querySelector("textarea")?.value ?? "";
    replace(
      this.element,
      head,
      h(
        "div",
        { class: "issue-scroll" },
        h("h3", { class: "issue-title" }, ticket.summary),
        this.state(ticket),
        fields(ticket),
        this.form(draft),
        section(
          ticket.notes.length === 1 ? "1 note" : `${ticket.notes.length} notes`,
          ticket.notes.length ? ticket.notes.map(note) : h("p", { class: "muted" }, "Nobody wrote anything yet."),
        ),
      ),
    );
  }

  async act(op, value, rest = {}) {
    try {
      await post(this.path, { user: store.me, op, value, ...rest });
    } catch (error) {
      toast(error.message, "error");
    }
    await this.load();
  }

  state(ticket) {
    const statuses = choice(
      "Status",
      ticket.statuses.map((each) => [each, each]),
      ticket.status,
      (status) => this.act("status", status),
      "cw-status",
    );
    return h("div", { class: "issue-actions" }, statusMark(ticket), statuses);
  }

  form(draft) {
    const box = h("textarea", {
      class: "field field-multiline",
      rows: 2,
      placeholder: "Write a note as the person you are…",
      "aria-label": "Note",
      dataset: { testid: "cw-note-text" },
    });
    box.value = draft;
    const add = (kind, primary) =>
      h(
        "button",
        {
          type: "button",
          class: `button button-small ${primary ? "button-primary" : ""}`,
          dataset: { testid: `cw-add-${kind}` },
          onclick: () => {
            const text = box.value.trim();
            box.value = "";
            this.act("note", text, { kind });
          },
        },
        KINDS[kind],
      );
    return section(
      "Add a note",
      h("div", { class: "comment-form" }, box),
      h("div", { class: "issue-actions" }, add("discussion", true), add("internal"), add("resolution")),
    );
  }
}

function fields(ticket) {
  const row = (label, ...value) => [h("dt", {}, label), h("dd", {}, value)];
  const nobody = h("span", { class: "muted" }, "Nobody");
  return h(
    "dl",
    { class: "issue-fields" },
    row("Company", ticket.company),
    row("Contact", ticket.contact || nobody),
    row("Owner", ticket.owner ? [personFace({ name: ticket.owner }, 22), ticket.owner] : nobody),
    row("Board", ticket.board),
    row("Priority", ticket.priority),
  );
}

function note(each) {
  const at = new Date(each.created);
  return h(
    "div",
    { class: "comment", dataset: { testid: "cw-note" } },
    personFace({ name: each.author }, 22),
    h(
      "div",
      {},
      h(
        "div",
        { class: "comment-head" },
        h("strong", {}, each.author),
        h("span", { class: "muted" }, each.kinds.map((kind) => KINDS[kind]).join(", ")),
        h("time", { class: "muted", title: fullStamp(at) }, ago(at)),
      ),
      h("div", { class: "issue-text" }, each.text),
    ),
  );
}

const section = (title, ...content) => h("section", { class: "issue-section" }, h("h4", {}, title), content);
