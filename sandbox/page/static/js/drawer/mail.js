// Mailboxes: what came in for a person, a mail with its text or its html, and its files.

import { get } from "../base/api.js";
import { ago, fullStamp } from "../base/dates.js";
import { debounce, h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { icon } from "../base/icons.js";
import { store } from "../base/store.js";
import { choice } from "./people.js";

const address = (id, rest = "") => `/sandbox/api/mail/message/${encodeURIComponent(id)}${rest}`;

export class MailPanel {
  constructor() {
    this.person = "";
    this.bar = h("div", { class: "panel-bar" });
    this.list = h("div", { class: "mails", dataset: { testid: "mails" } });
    this.element = h("div", { class: "panel" }, this.bar, this.list);
    this.isReading = false;
    on(
      "bus:mail",
      debounce(() => this.element.isConnected && !this.isReading && this.refresh(), 150),
    );
  }

  async shown() {
    const people = (store.world.people ?? []).map((each) => [each.email, each.name]);
    const pick = choice(
      "Whose mailbox",
      [["", "Everybody's mail"], ...people],
      this.person,
      (value) => {
        this.person = value;
        this.back();
      },
      "mail-person",
    );
    replace(this.bar, pick);
    if (!this.isReading) await this.refresh();
  }

  async refresh() {
    const answer = await get("mail/mailbox", { address: this.person }).catch((error) => ({ error }));
    if (answer.error) return replace(this.list, h("div", { class: "empty" }, answer.error.message));
    if (!answer.mails.length)
      return replace(this.list, h("div", { class: "empty" }, "No mail yet. Reports that FlowPilot sends arrive here."));
    return replace(
      this.list,
      answer.mails.map((mail) => this.line(mail)),
    );
  }

  line(mail) {
    return h(
      "button",
      { type: "button", class: "mail-line", dataset: { testid: "mail", id: mail.id }, onclick: () => this.read(mail.id) },
      h(
        "span",
        { class: "mail-head" },
        h("strong", {}, nameOf(mail.from)),
        h("span", { class: "muted", title: fullStamp(new Date(mail.at)) }, ago(new Date(mail.at))),
      ),
      h("span", { class: "mail-subject" }, mail.subject || "(no subject)", mail.files.length ? icon("paperclip", 13) : ""),
      h("span", { class: "muted mail-to" }, `to ${mail.recipients.join(", ")}`),
    );
  }

  async read(id) {
    const mail = await get(`mail/message/${encodeURIComponent(id)}`).catch((error) => ({ error }));
    if (mail.error) return replace(this.list, h("div", { class: "empty" }, mail.error.message));
    this.isReading = true;
    const back = h(
      "button",
      { type: "button", class: "button button-small", dataset: { testid: "mail-back" }, onclick: () => this.back() },
      icon("chevronLeft", 14),
      "Mailbox",
    );
    const body = h("div", { class: "mail-body" });
    const show = (asHtml) => replace(body, asHtml ? frame(mail) : h("pre", { class: "pre mail-text" }, mail.text));
    const kinds = mail.has_html
      ? choice(
          "Show as",
          [
            ["html", "As designed"],
            ["text", "Plain text"],
          ],
          "html",
          (value) => show(value === "html"),
          "mail-kind",
        )
      : null;
    show(mail.has_html);
    return replace(
      this.list,
      h("div", { class: "panel-bar" }, back, kinds),
      h(
        "article",
        { class: "mail", dataset: { testid: "mail-open" } },
        h("h3", {}, mail.subject || "(no subject)"),
        h("div", { class: "muted" }, `${mail.from} to ${mail.to}`),
        h("div", { class: "muted" }, fullStamp(new Date(mail.at)), mail.copies > 1 ? ` · came ${mail.copies} times` : ""),
        h(
          "div",
          { class: "mail-files" },
          mail.attachments.map((file, number) =>
            h(
              "a",
              { class: "button button-small", href: address(mail.id, `/file/${number}`), download: file.file_name },
              icon("download", 13),
              `${file.file_name} (${Math.max(1, Math.round(file.size / 1024))} kB)`,
            ),
          ),
        ),
        body,
      ),
    );
  }

  back() {
    this.isReading = false;
    this.refresh();
  }
}

// A mail is a stranger's page: no scripts, no forms, no addresses of its own; its answer carries a policy that says so too.
function frame(mail) {
  return h("iframe", {
    class: "mail-frame",
    sandbox: "",
    referrerpolicy: "no-referrer",
    title: `E-mail: ${mail.subject}`,
    src: address(mail.id, "/html"),
  });
}

const nameOf = (from) => /^\s*"?([^"<]+?)"?\s*</.exec(from)?.[1] ?? from;
