// A list of messages that keeps itself up to date: of a channel, or of a thread.

import { slack } from "../base/api.js";
import { dayDivider, fromTs, isoDay } from "../base/dates.js";
import { announce, debounce, h, reconcile, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { icon } from "../base/icons.js";
import { current, go } from "../base/route.js";
import { channel as channelById, isAppChannel, store } from "../base/store.js";
import { assistantStrip } from "./assistant.js";
import { authorKey, authorName, messageRow } from "./message.js";

const GROUP_WITHIN_S = 300;
const PAGE = 200;
const EVENTS = [
  "message",
  "message_changed",
  "message_deleted",
  "ephemeral",
  "reaction",
  "file",
  "typing_status",
  "prompts",
];

export class MessageList {
  constructor(channelId, threadTs, { intro } = {}) {
    this.channel = channelId;
    this.thread = threadTs;
    this.intro = intro;
    this.messages = [];
    this.limit = PAGE;
    this.atBottom = true;
    this.lastRead = channelById(channelId)?.last_read ?? "0";
    this.rows = h("div", { class: "messages-rows" });
    this.strip = h("div", { class: "assistant-strip", dataset: { testid: "assistant-status" } });
    this.newer = h(
      "button",
      { type: "button", class: "new-pill", hidden: true, onclick: () => this.toBottom() },
      icon("arrowDown", 14),
      "New messages",
    );
    this.earlier = h(
      "button",
      { type: "button", class: "button button-small earlier", hidden: true, onclick: () => this.showEarlier() },
      "Show earlier messages",
    );
    this.scroller = h(
      "div",
      {
        class: "messages",
        role: "log",
        "aria-live": "off",
        "aria-label": threadTs ? "Replies" : "Messages",
        tabindex: "0",
        dataset: { testid: threadTs ? "thread-messages" : "messages" },
      },
      h("div", { class: "messages-inner" }, intro ?? null, this.earlier, this.rows, this.strip),
    );
    this.element = h("div", { class: "messages-frame" }, this.scroller, this.newer);
    this.refresh = debounce(() => this.load(), 30);
    this.stops = EVENTS.map((type) =>
      on(`bus:${type}`, (event) => event.channel === this.channel && this.heard(event)),
    );
    this.stops.push(
      on("live", ({ again }) => again && this.load()),
      on("clock", () => this.load()),
    );
    this.scroller.addEventListener("scroll", () => this.scrolled());
    // Pictures that load and notices under the composer must not push the newest message out of sight.
    const sizes = new ResizeObserver(() => this.atBottom && this.toBottom());
    sizes.observe(this.scroller);
    sizes.observe(this.rows);
    this.stops.push(() => sizes.disconnect());
  }

  heard(event) {
    if (event.user && event.type === "ephemeral" && event.user !== store.me) return;
    const text = event.message?.text;
    if (event.type === "message" && text && event.message.user !== store.me)
      announce(`${authorName(event.message)}: ${text.slice(0, 200)}`);
    if (event.type === "typing_status") this.answering = event.status ? event.thread_ts : null;
    this.refresh();
  }

  // The agent answers in the thread of what was just said to it: open it, so that one sees the answer come.
  followAnswer() {
    const last = this.messages.at(-1);
    const isMine = this.answering && last?.ts === this.answering && last.user === store.me;
    if (isMine && !this.thread && !current().thread && isAppChannel(channelById(this.channel)))
      go({ ...current(), thread: this.answering });
  }

  async load() {
    const mine = (this.request = (this.request ?? 0) + 1);
    let answer;
    try {
      answer = await slack.get("messages", {
        as: store.me,
        channel: this.channel,
        thread_ts: this.thread,
        limit: this.limit,
      });
    } catch (error) {
      replace(this.rows, h("div", { class: "empty" }, error.message));
      return;
    }
    if (mine !== this.request || this.stopped) return;
    const stick = !this.loaded || this.atBottom;
    const grown = answer.messages.length > this.messages.length;
    this.messages = answer.messages;
    this.earlier.hidden = Boolean(this.thread) || answer.messages.length < this.limit;
    if (this.intro) this.intro.hidden = !this.earlier.hidden;
    this.draw();
    replace(this.strip, assistantStrip(answer, this));
    if (stick) this.toBottom();
    else if (grown) this.newer.hidden = false;
    this.loaded = true;
    this.markRead();
    this.followAnswer();
  }

  draw() {
    const items = [];
    let previous = null;
    for (const message of this.messages) {
      const day = isoDay(fromTs(message.ts));
      if (!this.thread && (!previous || isoDay(fromTs(previous.ts)) !== day))
        items.push({ divider: day, ts: message.ts });
      const firstNew =
        !this.thread &&
        Number(this.lastRead) > 0 &&
        message.ts > this.lastRead &&
        (!previous || previous.ts <= this.lastRead) &&
        message.user !== store.me;
      if (firstNew) items.push({ unread: true, ts: message.ts });
      items.push({ message, grouped: !firstNew && this.grouped(previous, message) });
      if (this.thread && previous === null) items.push({ count: this.messages.length - 1 });
      previous = message;
    }
    reconcile(this.rows, items, {
      key: (item) => item.message?.ts ?? (item.divider ? `day-${item.divider}` : item.unread ? "unread" : "count"),
      signature: (item) => JSON.stringify(item),
      build: (item) => this.row(item),
    });
  }

  row(item) {
    if (item.message)
      return messageRow(item.message, { channel: this.channel, inThread: Boolean(this.thread), grouped: item.grouped });
    if (item.divider)
      return h(
        "div",
        { class: "day", role: "separator" },
        h("span", { class: "day-label" }, dayDivider(fromTs(item.ts))),
      );
    if (item.unread) return h("div", { class: "unread-line", role: "separator" }, h("span", {}, "New"));
    return h(
      "div",
      { class: "thread-count" },
      item.count ? `${item.count} ${item.count === 1 ? "reply" : "replies"}` : "No replies yet",
    );
  }

  grouped(previous, message) {
    return Boolean(
      previous &&
      !(this.thread && previous === this.messages[0]) &&
      authorKey(previous) === authorKey(message) &&
      Number(message.ts) - Number(previous.ts) < GROUP_WITHIN_S &&
      !message.ephemeral &&
      !previous.ephemeral &&
      !previous.reply_count &&
      isoDay(fromTs(previous.ts)) === isoDay(fromTs(message.ts)),
    );
  }

  nearBottom() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < 120;
  }

  toBottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.newer.hidden = true;
  }

  scrolled() {
    this.atBottom = this.nearBottom();
    if (this.atBottom) this.newer.hidden = true;
  }

  async showEarlier() {
    const fromBottom = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.limit += PAGE * 2;
    await this.load();
    this.scroller.scrollTop = this.scroller.scrollHeight - fromBottom;
  }

  async markRead() {
    const latest = this.messages.filter((message) => !message.ephemeral).at(-1)?.ts;
    const known = channelById(this.channel);
    if (this.thread || !latest || document.hidden || (known && !known.unread && known.last_read >= latest)) return;
    await slack.post("mark_read", { user: store.me, channel: this.channel, ts: latest }).catch(() => {});
    if (known) Object.assign(known, { unread: 0, last_read: latest });
  }

  stop() {
    this.stopped = true;
    this.stops.forEach((stop) => stop());
  }
}
