// One Jira issue: its fields, comments and history, and acting on it as the person one is.

import { get, post } from "../base/api.js";
import { ago, fullStamp } from "../base/dates.js";
import { h, replace } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { toast } from "../base/popover.js";
import { nameOf, store } from "../base/store.js";
import { backBar } from "./bars.js";
import { choice, personFace, personName, personOf } from "./people.js";

const PRIORITIES = ["Highest", "High", "Medium", "Low", "Lowest"];
const keyOf = (value) => (value && typeof value === "object" ? value.key : value) || "";
const nameOfValue = (value) => (value && typeof value === "object" ? (value.name ?? value.key) : value) || "";

export class IssueView {
  constructor(key, { back, open }) {
    this.key = key;
    this.back = back;
    this.openIssue = open;
    this.element = h("div", { class: "issue", dataset: { testid: "issue", key } });
  }

  async load() {
    const issue = await get(`jira/issue/${encodeURIComponent(this.key)}`).catch((error) => ({ error }));
    const type = issue.type && h("span", { class: "muted" }, nameOfValue(issue.type));
    const head = backBar(this.back, "issue-back", "Board", h("strong", { class: "issue-key" }, this.key), type);
    if (issue.error) {
      replace(this.element, head, h("div", { class: "empty" }, issue.error.message));
      return;
    }
    const draft = this.element.querySelector("textarea")?.value ?? "";
    replace(
      this.element,
      head,
      h(
        "div",
        { class: "issue-scroll" },
        h("h3", { class: "issue-title" }, issue.summary),
        this.transitions(issue),
        this.fields(issue),
        section(
          "Description",
          h("div", { class: "issue-text" }, issue.description_text || h("span", { class: "muted" }, "No description")),
        ),
        this.links(issue),
        this.comments(issue, draft),
        history(issue),
      ),
    );
  }

  async act(op, value) {
    try {
      await post(`jira/issue/${encodeURIComponent(this.key)}`, { user: store.me, op, value });
    } catch (error) {
      toast(error.message, "error");
    }
    await this.load();
  }

  transitions(issue) {
    const buttons = (issue.transitions ?? []).map((each) =>
      h(
        "button",
        {
          type: "button",
          class: "button button-small",
          title: `Move to ${nameOfValue(each.to)}`,
          dataset: { testid: "transition", name: each.name },
          onclick: () => this.act("transition", each.id),
        },
        each.name,
      ),
    );
    return h(
      "div",
      { class: "issue-actions" },
      h("span", { class: "status-chip", dataset: { testid: "issue-status" } }, nameOfValue(issue.status)),
      buttons.length ? icon("chevronRight", 14) : null,
      buttons,
    );
  }

  fields(issue) {
    const people = [["", "Unassigned"], ...(store.world.people ?? []).map((each) => [each.jira_account_id, each.name])];
    const assignee = choice(
      "Assignee",
      people,
      personOf(issue.assignee)?.jira_account_id ?? "",
      (value) => this.act("assign", value || null),
      "issue-assignee",
    );
    const current = nameOfValue(issue.priority);
    const priority = choice(
      "Priority",
      [...new Set([...PRIORITIES, current])].filter(Boolean).map((each) => [each, each]),
      current,
      (value) => this.act("priority", value),
      "issue-priority",
    );
    const parentKey = keyOf(issue.parent) || keyOf(issue.epic);
    const parent = h("input", {
      class: "field field-small",
      value: parentKey,
      placeholder: "KEY-1",
      "aria-label": "Parent or epic",
      onchange: (event) => this.act("parent", event.currentTarget.value.trim().toUpperCase() || null),
    });
    const jump =
      parentKey &&
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": `Open ${parentKey}`,
          onclick: () => this.openIssue(parentKey),
        },
        icon("chevronRight", 14),
      );
    const row = (label, ...value) => [h("dt", {}, label), h("dd", {}, value)];
    return h(
      "dl",
      { class: "issue-fields" },
      row("Assignee", personFace(issue.assignee, 22), assignee),
      row("Reporter", personFace(issue.reporter, 22), personName(issue.reporter)),
      row("Priority", priority),
      row("Parent", parent, jump || null),
    );
  }

  links(issue) {
    if (!issue.links?.length) return null;
    const one = (each) =>
      h(
        "li",
        {},
        h("span", { class: "muted" }, `${each.relation ?? each.type ?? "relates to"} `),
        h(
          "button",
          { type: "button", class: "link-button", onclick: () => this.openIssue(keyOf(each.key ?? each.issue)) },
          keyOf(each.key ?? each.issue),
        ),
        each.summary ? ` ${each.summary}` : "",
      );
    return section("Links", h("ul", { class: "plain-list" }, issue.links.map(one)));
  }

  comments(issue, draft) {
    const box = h("textarea", {
      class: "field field-multiline",
      rows: 2,
      placeholder: `Comment as ${nameOf(store.me)}…`,
      "aria-label": "Comment",
      dataset: { testid: "issue-comment" },
    });
    box.value = draft;
    const send = () => {
      const text = box.value.trim();
      box.value = "";
      if (text) this.act("comment", text);
    };
    const form = h(
      "div",
      { class: "comment-form" },
      box,
      h(
        "button",
        {
          type: "button",
          class: "button button-small button-primary",
          dataset: { testid: "issue-comment-send" },
          onclick: send,
        },
        "Comment",
      ),
    );
    const one = (comment) =>
      h(
        "div",
        { class: "comment", dataset: { testid: "comment" } },
        personFace(comment.author, 24),
        h(
          "div",
          {},
          h("div", { class: "comment-head" }, h("strong", {}, personName(comment.author)), when(comment.created)),
          h("div", { class: "issue-text" }, comment.text),
        ),
      );
    return section(
      `Comments ${issue.comments?.length ? `(${issue.comments.length})` : ""}`,
      form,
      [...(issue.comments ?? [])].reverse().map(one),
    );
  }
}

function history(issue) {
  const entries = [...(issue.history ?? [])]
    .sort((one, other) => other.created.localeCompare(one.created))
    .slice(0, 60);
  const change = (item) =>
    h(
      "div",
      {},
      h("span", { class: "muted" }, `${item.field}: `),
      item.from && h("s", { class: "muted" }, item.from),
      " → ",
      item.to || "nothing",
    );
  const one = (entry) =>
    h(
      "div",
      { class: "comment" },
      personFace(entry.author, 20),
      h(
        "div",
        {},
        h("div", { class: "comment-head" }, h("strong", {}, personName(entry.author)), when(entry.created)),
        (entry.items ?? []).map(change),
      ),
    );
  return h(
    "details",
    { class: "issue-section" },
    h("summary", {}, `History (${issue.history?.length ?? 0})`),
    entries.map(one),
  );
}

function when(instant) {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? null : h("time", { class: "muted", title: fullStamp(date) }, ago(date));
}

const section = (title, ...content) => h("section", { class: "issue-section" }, h("h4", {}, title), content);
