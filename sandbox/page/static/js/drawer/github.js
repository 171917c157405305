// GitHub: a repository's pull requests, with search; a click opens one.

import { get } from "../base/api.js";
import { ago } from "../base/dates.js";
import { debounce, h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { remember, remembered } from "../base/theme.js";
import { PullView, checksMark, decisionWords, loginFace } from "./github_pull.js";
import { choice } from "./people.js";

export class GithubPanel {
  constructor() {
    this.repository = remembered("repository", "");
    this.state = "open";
    this.repositories = [];
    this.pull = null;
    this.search = h("input", {
      class: "field field-small",
      type: "search",
      placeholder: "Search: words, a login, #12",
      "aria-label": "Search pull requests",
      dataset: { testid: "github-search" },
    });
    this.bar = h("div", { class: "panel-bar pull-bar" });
    this.list = h("div", { class: "pull-list", dataset: { testid: "pulls" } });
    this.element = h("div", { class: "panel" }, this.bar, this.list);
    this.search.addEventListener(
      "input",
      debounce(() => this.refresh(), 200),
    );
    const refresh = debounce(() => this.refresh(), 250);
    on("bus:github", ({ repository, number }) => {
      if (!this.element.isConnected) return;
      if (!this.pull) refresh();
      else if (this.pull.repository === repository && (number === null || this.pull.number === number)) this.pull.load();
    });
  }

  async shown() {
    const answer = await get("github/repositories").catch((error) => ({ error }));
    if (answer.error) {
      replace(this.list, h("div", { class: "empty" }, answer.error.message));
      return;
    }
    this.repositories = answer.repositories;
    if (!this.repositories.some((each) => each.name === this.repository))
      this.repository = this.repositories[0]?.name ?? "";
    this.drawBar();
    if (this.pull) await this.pull.load();
    else await this.refresh();
  }

  open({ repository, number }) {
    if (repository) this.repository = repository;
    if (number) this.show(this.repository, number);
    else this.shown();
  }

  drawBar() {
    const repositories = choice(
      "Repository",
      this.repositories.map((each) => [each.name, `${each.name} (${each.open} open)`]),
      this.repository,
      (name) => {
        this.repository = name;
        remember("repository", name);
        this.refresh();
      },
      "github-repository",
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
      "github-state",
    );
    replace(this.bar, repositories, states, this.search);
  }

  async refresh() {
    if (this.pull) return;
    if (!this.repository) {
      replace(this.list, h("div", { class: "empty" }, "There are no repositories in this sandbox."));
      return;
    }
    const query = { repository: this.repository, state: this.state, q: this.search.value.trim() };
    const answer = await get("github/pulls", query).catch((error) => ({ error }));
    if (this.pull) return;
    if (answer.error) replace(this.list, h("div", { class: "empty" }, answer.error.message));
    else if (!answer.pulls.length) replace(this.list, h("div", { class: "empty" }, "No pull requests here."));
    else {
      const more = answer.total - answer.pulls.length;
      replace(
        this.list,
        answer.pulls.map((pull) => this.card(pull)),
        more > 0 && h("div", { class: "muted board-more" }, `and ${more} more`),
      );
    }
  }

  card(pull) {
    const reviewers = pull.reviewers.map((each) => each.login).join(", ");
    return h(
      "button",
      {
        type: "button",
        class: "issue-card",
        dataset: { testid: "pull-card", number: pull.number },
        onclick: () => this.show(pull.repository, pull.number),
      },
      h("span", { class: "issue-summary" }, pull.title),
      h(
        "span",
        { class: "issue-foot" },
        loginFace(pull.author, 20),
        h("span", { class: "issue-key" }, `#${pull.number}`),
        checksMark(pull.checks),
        h("span", { class: "pull-state" }, decisionWords(pull)),
        h("span", { class: "muted" }, ago(new Date(pull.updated))),
      ),
      reviewers && h("span", { class: "muted pull-asked" }, `Asked: ${reviewers}`),
    );
  }

  show(repository, number) {
    this.pull = new PullView(repository, number, () => this.back());
    replace(this.element, this.pull.element);
    this.pull.load();
  }

  back() {
    this.pull = null;
    replace(this.element, this.bar, this.list);
    this.shown();
  }
}
