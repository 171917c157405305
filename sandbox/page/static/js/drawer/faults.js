// Make a vendor fail, be slow, or hang up.

import { get, post, remove } from "../base/api.js";
import { h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { toast } from "../base/popover.js";
import { choice } from "./people.js";

const KINDS = {
  status: "answers a status without acting",
  status_after: "acts, then answers a status",
  latency: "is slow",
  timeout: "never answers",
  timeout_after: "acts, never answers",
  drop: "hangs up without acting",
  drop_after: "acts, then hangs up",
  socket_disconnect: "asks Socket Mode to reconnect",
  socket_drop: "drops the Socket Mode connection",
  event_duplicate: "delivers the next event twice",
  ack_lost: "loses an acknowledgement",
};
const PRESETS = [
  ["Jira is rate limiting", { vendor: "jira", kind: "status", status: 429, retry_after_s: 5, times: 3 }],
  ["Jira answers 500 once", { vendor: "jira", kind: "status", status: 500, times: 1 }],
  ["Tempo is slow", { vendor: "tempo", kind: "latency", latency_s: 5, times: 5 }],
  ["GitHub limits bursts", { vendor: "github", kind: "status", status: 403, retry_after_s: 5, times: 3 }],
  ["GitHub delivers twice", { vendor: "github", kind: "event_duplicate", times: 1 }],
  ["ConnectWise is down", { vendor: "connectwise", kind: "status", status: 503, times: 100 }],
  ["ConnectWise is slow", { vendor: "connectwise", kind: "latency", latency_s: 5, times: 5 }],
  ["ConnectWise posts, then says nothing", { vendor: "connectwise", kind: "drop_after", method: "POST", times: 1 }],
  ["ConnectWise refuses the status", { vendor: "connectwise", kind: "status", method: "PATCH", status: 400, times: 1 }],
  ["The models are down", { vendor: "models", kind: "status", status: 503, times: 100 }],
  ["A mail address is refused", { vendor: "mail", kind: "status", method: "RCPT", status: 550, times: 1 }],
  ["Google's quota is used up", { vendor: "google", kind: "status", status: 429, times: 3 }],
  ["Slack's socket drops", { vendor: "slack", kind: "socket_drop", times: 1 }],
  ["Slack delivers twice", { vendor: "slack", kind: "event_duplicate", times: 1 }],
];

export class FaultsPanel {
  constructor() {
    this.armed = h("div", { class: "faults-armed", dataset: { testid: "faults" } });
    const presets = h(
      "div",
      { class: "faults-presets" },
      PRESETS.map(([label, fault]) =>
        h("button", { type: "button", class: "button button-small", onclick: () => this.arm(fault) }, label),
      ),
    );
    this.element = h(
      "div",
      { class: "panel panel-scroll" },
      h("p", { class: "muted panel-note" }, "What happens when a vendor misbehaves? Arm a fault, then do something."),
      presets,
      this.form(),
      h("h4", {}, "Armed"),
      this.armed,
    );
    on("bus:fault", () => this.element.isConnected && this.shown());
    on("bus:call", () => this.element.isConnected && this.count && this.shown());
  }

  form() {
    const vendor = choice(
      "Vendor",
      ["slack", "jira", "tempo", "github", "connectwise", "mail", "google", "models"].map((each) => [each, each]),
      "jira",
      () => {},
      "fault-vendor",
    );
    const kind = choice("What it does", Object.entries(KINDS), "status", () => draw(), "fault-kind");
    const small = (label, value, attributes = {}) =>
      h("input", { class: "field field-small", value, "aria-label": label, placeholder: label, ...attributes });
    const status = small("Status", "500", { type: "number" });
    const seconds = small("Seconds", "5", { type: "number" });
    const path = small("Path (regex, any)", "");
    const times = small("Times (empty: for ever)", "1", { type: "number", min: 1 });
    const row = (label, node) => h("label", { class: "form-row" }, h("span", {}, label), node);
    const statusRow = row("Status", status);
    const secondsRow = row("Seconds", seconds);
    const draw = () => {
      statusRow.hidden = !kind.value.startsWith("status");
      secondsRow.hidden = kind.value !== "latency";
    };
    draw();
    const form = h(
      "form",
      { class: "small-form" },
      row("Vendor", vendor),
      row("It", kind),
      statusRow,
      secondsRow,
      row("Where", path),
      row("Times", times),
      h("button", { class: "button button-small button-primary", dataset: { testid: "fault-arm" } }, "Arm"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fault = {
        vendor: vendor.value,
        kind: kind.value,
        path: path.value || undefined,
        times: times.value ? Number(times.value) : null,
      };
      if (!statusRow.hidden) fault.status = Number(status.value);
      if (!secondsRow.hidden) fault.latency_s = Number(seconds.value);
      this.arm(fault);
    });
    return form;
  }

  async arm(fault) {
    await post("faults", fault).catch((error) => toast(error.message, "error"));
    await this.shown();
  }

  async shown() {
    const { faults = [] } = await get("faults").catch(() => ({}));
    this.count = faults.length;
    const one = (fault) =>
      h(
        "li",
        { class: "fault" },
        h("strong", {}, fault.vendor),
        ` ${KINDS[fault.kind] ?? fault.kind}`,
        fault.kind.startsWith("status") ? ` ${fault.status}` : "",
        fault.path ? h("code", { class: "code" }, fault.path) : null,
        h("span", { class: "muted" }, fault.times === null ? " for ever" : ` ${fault.times}×`),
      );
    const disarm = h(
      "button",
      {
        type: "button",
        class: "button button-small button-danger",
        dataset: { testid: "fault-clear" },
        onclick: () => remove("faults").then(() => this.shown()),
      },
      "Disarm all",
    );
    replace(
      this.armed,
      faults.length
        ? [h("ul", { class: "plain-list" }, faults.map(one)), disarm]
        : h("p", { class: "muted" }, "None: everything works."),
    );
  }
}
