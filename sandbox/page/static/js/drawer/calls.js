// Every call to a vendor, as it comes in; a click shows what was asked and answered.

import { get } from "../base/api.js";
import { debounce, h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { format } from "../base/dates.js";
import { choice } from "./people.js";

const SHOWN = 300;
const VENDORS = ["slack", "jira", "tempo", "github", "connectwise", "mail", "google", "models", "anthropic", "openai", "gemini"];

export class CallsPanel {
  constructor() {
    this.vendor = "";
    this.next = 0;
    this.calls = [];
    this.list = h("div", { class: "calls", role: "log", "aria-label": "Calls", dataset: { testid: "calls" } });
    this.count = h("span", { class: "muted" });
    const pick = choice(
      "Vendor",
      [["", "All vendors"], ...VENDORS.map((each) => [each, each])],
      "",
      (value) => {
        this.vendor = value;
        this.draw();
      },
      "calls-vendor",
    );
    const clear = h("button", { type: "button", class: "button button-small", onclick: () => this.clear() }, "Clear");
    this.element = h("div", { class: "panel" }, h("div", { class: "panel-bar" }, pick, this.count, clear), this.list);
    on(
      "bus:call",
      debounce(() => this.element.isConnected && this.shown(), 120),
    );
  }

  async shown() {
    const answer = await get("calls", { since: this.next || undefined }).catch(() => ({ calls: [] }));
    const last = this.calls[0]?.n ?? 0;
    const fresh = answer.calls.filter((call) => call.n > last).reverse();
    this.calls = [...fresh, ...this.calls].slice(0, 2000);
    this.next = Math.max(this.next, answer.calls.at(-1)?.n ?? 0);
    if (fresh.length || !this.list.childElementCount) this.draw();
  }

  clear() {
    this.calls = this.calls.slice(0, 1).map((call) => ({ ...call, hidden: true }));
    this.draw();
  }

  draw() {
    const wanted = this.calls.filter((call) => !call.hidden && (!this.vendor || call.vendor === this.vendor));
    this.count.textContent = `${wanted.length} calls`;
    const open = new Set([...this.list.querySelectorAll("details[open]")].map((node) => node.dataset.n));
    replace(
      this.list,
      wanted.length
        ? wanted.slice(0, SHOWN).map((call) => line(call, open.has(String(call.n))))
        : h("div", { class: "empty" }, "No calls yet. Do something in Slack and they appear here."),
    );
  }
}

function line(call, open) {
  const level = call.status >= 500 || call.status === 0 ? "bad" : call.status >= 400 ? "warn" : "good";
  const query = Object.keys(call.query ?? {}).length ? `?${new URLSearchParams(call.query)}` : "";
  return h(
    "details",
    { class: "call", open, dataset: { n: call.n, testid: "call" } },
    h(
      "summary",
      {},
      h("span", { class: `call-vendor vendor-${String(call.vendor).replace(/\W/g, "")}` }, call.vendor),
      h("span", { class: "call-method" }, call.method),
      h("span", { class: "call-path", title: call.path + query }, call.path),
      h("span", { class: `call-status call-${level}` }, String(call.status || "–")),
      h("span", { class: "muted call-ms" }, `${Math.round(call.ms)} ms`),
    ),
    h(
      "div",
      { class: "call-body" },
      h(
        "div",
        { class: "muted" },
        format(new Date(call.at), { hour: "numeric", minute: "2-digit", second: "2-digit" }),
        query && ` ${query}`,
      ),
      json("Request", call.request),
      json("Response", call.response),
    ),
  );
}

function json(title, value) {
  if (value === null || value === undefined) return null;
  return h(
    "div",
    {},
    h("div", { class: "call-label" }, title),
    h("pre", { class: "pre" }, typeof value === "string" ? value : JSON.stringify(value, null, 2)),
  );
}
