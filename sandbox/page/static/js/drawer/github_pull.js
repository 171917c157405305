// One pull request: its state, checks and conversation, and acting on it as the person one is.

import { get, post } from "../base/api.js";
import { ago, fullStamp } from "../base/dates.js";
import { h, replace } from "../base/dom.js";
import { toast } from "../base/popover.js";
import { nameOf, store } from "../base/store.js";
import { backBar } from "./bars.js";
import { choice, personFace } from "./people.js";

const DECISIONS = { APPROVED: "Approved", CHANGES_REQUESTED: "Changes requested", REVIEW_REQUIRED: "In review" };
const CHECKS = {
  SUCCESS: ["done", "Checks pass"],
  FAILURE: ["failed", "Checks fail"],
  ERROR: ["failed", "Checks fail"],
  PENDING: ["progress", "Checks run"],
};

export function decisionWords(pull) {
  if (pull.state !== "open") return pull.state === "merged" ? "Merged" : "Closed";
  if (pull.draft) return "Draft";
  if (pull.decision) return DECISIONS[pull.decision] ?? pull.decision;
  return pull.reviewers.length ? "Review requested" : "No reviewer";
}

export function checksMark(state) {
  const [kind, words] = CHECKS[state] ?? ["todo", "No checks"];
  return h("span", { class: `status-dot status-${kind}`, title: words, role: "img", "aria-label": words });
}

export function loginFace(account, size) {
  const known = (store.world.people ?? []).find((each) => each.github_login === account.login);
  return personFace(known ? known.slack_id : { name: account.name }, size);
}

export class PullView {
  constructor(repository, number, back) {
    this.repository = repository;
    this.number = number;
    this.back = back;
    this.path = `github/pull/${repository}/${number}`;
    this.element = h("div", { class: "issue", dataset: { testid: "pull", number } });
  }

  async load() {
    const pull = await get(this.path).catch((error) => ({ error }));
    const name = h("strong", { class: "issue-key" }, `${this.repository}#${this.number}`);
    const head = backBar(this.back, "pull-back", "Pull requests", name);
    if (pull.error) {
      replace(this.element, head, h("div", { class: "empty" }, pull.error.message));
      return;
    }
    const draft = this.element.querySelector("textarea")?.value ?? "";
    replace(
      this.element,
      head,
      h(
        "div",
        { class: "issue-scroll" },
        h("h3", { class: "issue-title" }, pull.title),
        this.state(pull),
        this.fields(pull),
        pull.state === "open" && this.form(draft),
        section("What happened", [...pull.events].reverse().map(happened)),
      ),
    );
  }

  async act(op, value) {
    try {
      await post(this.path, { user: store.me, op, value });
    } catch (error) {
      toast(error.message, "error");
    }
    await this.load();
  }

  state(pull) {
    return h(
      "div",
      { class: "issue-actions" },
      h("span", { class: "status-chip", dataset: { testid: "pull-state" } }, decisionWords(pull)),
      pull.state === "open" && [
        this.button("Merge", "merge"),
        this.button("Push a commit", "push"),
        this.button(pull.draft ? "Ready for review" : "To draft", pull.draft ? "ready" : "draft"),
        this.button("Close", "close"),
      ],
      pull.state === "closed" && this.button("Reopen", "reopen"),
    );
  }

  button(label, op) {
    return h(
      "button",
      {
        type: "button",
        class: "button button-small",
        dataset: { testid: `pull-${op}` },
        onclick: () => this.act(op),
      },
      label,
    );
  }

  fields(pull) {
    const row = (label, ...value) => [h("dt", {}, label), h("dd", {}, value)];
    const asked = pull.reviewers.map((each) =>
      h(
        "button",
        {
          type: "button",
          class: "button button-small",
          title: `Ask ${each.login} no longer`,
          onclick: () => this.act("unrequest", each.login),
        },
        each.login,
        " ×",
      ),
    );
    const ask = choice(
      "Ask for a review",
      [["", "Ask somebody…"], ...pull.people.map((each) => [each.login, each.name])],
      "",
      (login) => login && this.act("request", login),
      "pull-request",
    );
    const verdicts = pull.verdicts.map((each) => `${each.login}: ${each.state.replace("_", " ").toLowerCase()}`);
    const checks = pull.checks_list.map((each) => `${each.name}: ${each.state}`).join(", ");
    return h(
      "dl",
      { class: "issue-fields" },
      row("Author", loginFace(pull.author, 22), pull.author.login),
      row("Branch", h("code", {}, pull.branch)),
      row("Asked", asked, pull.state === "open" && ask),
      row("Reviews", verdicts.join(", ") || h("span", { class: "muted" }, "None yet")),
      row("Checks", checksMark(pull.checks), ` ${checks || "None"}`),
    );
  }

  form(draft) {
    const box = h("textarea", {
      class: "field field-multiline",
      rows: 2,
      placeholder: `Say something as ${nameOf(store.me)}…`,
      "aria-label": "Comment",
      dataset: { testid: "pull-comment" },
    });
    box.value = draft;
    const send = (op) => () => {
      const text = box.value.trim();
      box.value = "";
      this.act(op, text);
    };
    const one = (label, op, primary) =>
      h(
        "button",
        {
          type: "button",
          class: `button button-small ${primary ? "button-primary" : ""}`,
          dataset: { testid: `pull-send-${op}` },
          onclick: send(op),
        },
        label,
      );
    return section(
      "Review",
      h("div", { class: "comment-form" }, box),
      h(
        "div",
        { class: "issue-actions" },
        one("Comment", "comment", true),
        one("Approve", "approve"),
        one("Request changes", "request_changes"),
      ),
    );
  }
}

function happened(event) {
  const at = new Date(event.at);
  return h(
    "div",
    { class: "comment", dataset: { testid: "pull-event" } },
    loginFace(event.who, 22),
    h(
      "div",
      {},
      h(
        "div",
        { class: "comment-head" },
        h("strong", {}, event.who.login),
        h("span", { class: "muted" }, ` ${event.what} `),
        h("time", { class: "muted", title: fullStamp(at) }, ago(at)),
      ),
      event.text && h("div", { class: "issue-text" }, event.text),
    ),
  );
}

const section = (title, ...content) => h("section", { class: "issue-section" }, h("h4", {}, title), content);
