// Jira: a project's board by status, with search; a click opens the issue.

import { get, post } from "../base/api.js";
import { debounce, h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { icon } from "../base/icons.js";
import { toast } from "../base/popover.js";
import { store } from "../base/store.js";
import { remember, remembered } from "../base/theme.js";
import { openDialog } from "../kit/confirm.js";
import { IssueView } from "./jira_issue.js";
import { choice, personFace, personName } from "./people.js";

const LIMIT = 25;

export class JiraPanel {
  constructor() {
    this.project = remembered("project", "");
    this.query = "";
    this.projects = [];
    this.search = h("input", {
      class: "field field-small",
      type: "search",
      placeholder: "Search: words or a key",
      "aria-label": "Search issues",
      dataset: { testid: "jira-search" },
    });
    this.bar = h("div", { class: "panel-bar project-bar" });
    this.board = h("div", { class: "board", dataset: { testid: "board" } });
    this.element = h("div", { class: "panel" }, this.bar, this.board);
    this.issue = null;
    this.search.addEventListener(
      "input",
      debounce(() => this.find(), 200),
    );
    this.search.addEventListener(
      "keydown",
      (event) =>
        event.key === "Enter" &&
        /^[A-Z][A-Z0-9]+-\d+$/i.test(this.search.value.trim()) &&
        this.show(this.search.value.trim().toUpperCase()),
    );
    const refresh = debounce(() => this.refresh(), 250);
    on("bus:jira", ({ key }) => this.element.isConnected && (this.issue?.key === key ? this.issue.load() : refresh()));
  }

  async shown() {
    if (!this.projects.length) {
      const answer = await get("jira/projects").catch((error) => ({ error }));
      this.projects = answer.projects ?? [];
      if (answer.error) replace(this.board, h("div", { class: "empty" }, answer.error.message));
    }
    if (!this.projects.some((project) => project.key === this.project)) this.project = this.projects[0]?.key ?? "";
    this.drawBar();
    if (this.issue) await this.issue.load();
    else await this.refresh();
  }

  open({ key, project }) {
    if (project) this.project = project;
    if (key) this.show(key);
    else this.shown();
  }

  drawBar() {
    const pick = choice(
      "Project",
      this.projects.map((project) => [project.key, `${project.name} (${project.key})`]),
      this.project,
      (key) => {
        this.project = key;
        remember("project", key);
        this.back();
      },
      "jira-project",
    );
    replace(
      this.bar,
      pick,
      this.search,
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          title: "Create an issue",
          "aria-label": "Create an issue",
          dataset: { testid: "jira-create" },
          onclick: () => this.create(),
        },
        icon("plus", 18),
      ),
    );
  }

  find() {
    this.query = this.search.value.trim();
    this.refresh();
  }

  async refresh() {
    if (!this.project || this.issue) return;
    const answer = await get("jira/board", { project: this.project, q: this.query, limit: LIMIT }).catch((error) => ({
      error,
    }));
    if (this.issue) return;
    if (answer.error) replace(this.board, h("div", { class: "empty" }, answer.error.message));
    else
      replace(
        this.board,
        answer.columns.map((column) => this.column(column)),
      );
  }

  column({ status, category, total, issues }) {
    const more =
      total > issues.length ? h("div", { class: "muted board-more" }, `and ${total - issues.length} more`) : null;
    return h(
      "section",
      { class: "board-column", "aria-label": status },
      h(
        "header",
        { class: "board-head" },
        h("span", { class: `status-dot status-${categoryClass(category)}` }),
        h("span", { class: "board-status" }, status),
        h("span", { class: "muted" }, String(total)),
      ),
      h(
        "div",
        { class: "board-cards" },
        issues.map((issue) => this.card(issue)),
        more,
      ),
    );
  }

  card(issue) {
    return h(
      "button",
      {
        type: "button",
        class: "issue-card",
        dataset: { testid: "issue-card", key: issue.key },
        onclick: () => this.show(issue.key),
      },
      issue.epic &&
        h(
          "span",
          { class: "epic-chip" },
          typeof issue.epic === "object" ? (issue.epic.summary ?? issue.epic.key) : issue.epic,
        ),
      h("span", { class: "issue-summary" }, issue.summary),
      h(
        "span",
        { class: "issue-foot" },
        h("span", {
          class: `issue-type type-${String(issue.type).toLowerCase().replace(/\W/g, "")}`,
          title: issue.type,
        }),
        h("span", { class: "issue-key" }, issue.key),
        h(
          "span",
          { class: `priority priority-${String(issue.priority).toLowerCase()}`, title: issue.priority },
          issue.priority,
        ),
        h("span", { title: personName(issue.assignee) }, personFace(issue.assignee, 20)),
      ),
    );
  }

  show(key) {
    this.issue = new IssueView(key, { back: () => this.back(), open: (other) => this.show(other) });
    replace(this.element, this.issue.element);
    this.issue.load();
  }

  back() {
    this.issue = null;
    replace(this.element, this.bar, this.board);
    this.refresh();
  }

  create() {
    const field = (name, label, node) =>
      h("label", { class: "form-row" }, h("span", {}, label), Object.assign(node, { name }));
    const summary = h("input", { class: "field", required: true });
    const type = choice(
      "Type",
      ["Task", "Bug", "Story", "Epic"].map((each) => [each, each]),
      "Task",
      () => {},
    );
    const description = h("textarea", { class: "field field-multiline", rows: 3 });
    const form = h(
      "form",
      { class: "small-form" },
      h("h2", {}, `New issue in ${this.project}`),
      field("type", "Type", type),
      field("summary", "Summary", summary),
      field("description", "Description", description),
      h(
        "div",
        { class: "confirm-buttons" },
        h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel"),
        h("button", { class: "button button-primary" }, "Create"),
      ),
    );
    const dialog = openDialog(form, { className: "dialog-confirm", label: "Create an issue" });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const { key } = await post("jira/create", {
          user: store.me,
          project: this.project,
          type: type.value,
          summary: summary.value,
          description: description.value || undefined,
        });
        dialog.close();
        this.show(key);
      } catch (error) {
        toast(error.message, "error");
      }
    });
    summary.focus();
  }
}

function categoryClass(category) {
  const word = String(typeof category === "object" ? (category?.key ?? category?.name) : category).toLowerCase();
  if (word.includes("done")) return "done";
  return /progress|indeterminate/.test(word) ? "progress" : "todo";
}
