// Where one types: messages, slash commands, mentions, emoji; Enter sends.

import { slack, upload } from "../base/api.js";
import { h } from "../base/dom.js";
import { emit, on } from "../base/events.js";
import { icon } from "../base/icons.js";
import { openMenu, toast } from "../base/popover.js";
import { channel as channelById, channelName, isAppChannel, store } from "../base/store.js";
import { Completion } from "./completion.js";
import { attempt } from "./message_actions.js";
import { Notice, refusal } from "./notice.js";
import { openEmojiPicker } from "./emoji_picker.js";
import { withMentions } from "./outgoing.js";

const drafts = new Map();
const history = [];
const FORMATS = [
  ["bold", "*", "Bold"],
  ["italic", "_", "Italic"],
  ["strike", "~", "Strikethrough"],
  ["code", "`", "Code"],
];

export class Composer {
  constructor(channelId, threadTs) {
    this.channel = channelId;
    this.thread = threadTs;
    this.key = `${store.me}/${channelId}/${threadTs ?? ""}`;
    this.recalled = -1;
    const target = channelById(channelId);
    const name = target?.is_im ? channelName(target) : `#${channelName(target)}`;
    const label = threadTs
      ? "Reply…"
      : isAppChannel(target)
        ? `Ask ${channelName(target)}, or type / for commands`
        : `Message ${name}`;
    this.input = h("textarea", {
      class: "composer-input",
      rows: 1,
      placeholder: label,
      "aria-label": label,
      dataset: { testid: threadTs ? "thread-composer" : "composer" },
      "aria-autocomplete": "list",
    });
    this.input.value = drafts.get(this.key) ?? "";
    this.notice = new Notice();
    this.sendButton = h(
      "button",
      {
        type: "button",
        class: "composer-send",
        "aria-label": "Send",
        title: "Send (Enter)",
        dataset: { testid: threadTs ? "thread-send" : "send" },
        onclick: () => this.send(),
      },
      icon("send", 18),
    );
    this.completion = new Completion(this.input, { inThread: Boolean(threadTs), send: () => this.send() });
    this.element = h(
      "div",
      { class: "composer" },
      this.completion.element,
      h("div", { class: "composer-box" }, this.formatBar(), this.input, this.bottomBar()),
      this.notice.element,
    );
    this.listen();
    this.resize();
    if (!threadTs) Composer.main = this;
  }

  formatBar() {
    const wrap = (marker) => () => {
      const { selectionStart: from, selectionEnd: to, value } = this.input;
      this.input.setRangeText(marker + value.slice(from, to) + marker, from, to, "end");
      if (from === to) this.input.setSelectionRange(from + 1, from + 1);
      this.changed();
      this.focus();
    };
    return h(
      "div",
      { class: "composer-formats" },
      FORMATS.map(([name, marker, label]) =>
        h(
          "button",
          { type: "button", class: "tool", title: label, "aria-label": label, onclick: wrap(marker) },
          icon(name, 16),
        ),
      ),
    );
  }

  bottomBar() {
    const tool = (name, label, run, testid) =>
      h(
        "button",
        { type: "button", class: "tool", title: label, "aria-label": label, dataset: { testid }, onclick: run },
        icon(name, 17),
      );
    const file = h("input", {
      type: "file",
      class: "visually-hidden",
      tabindex: "-1",
      "aria-hidden": "true",
      onchange: (event) => this.attach(event.currentTarget),
    });
    return h(
      "div",
      { class: "composer-tools" },
      file,
      tool("paperclip", "Attach a file", () => file.click()),
      tool("smile", "Emoji", (event) => openEmojiPicker(event.currentTarget, (name) => this.insert(`:${name}: `))),
      tool("at", "Mention someone", () => this.insert("@")),
      tool(
        "slash",
        "Commands and shortcuts",
        (event) => openMenu(event.currentTarget, this.shortcuts(), { side: "top" }),
        "commands-menu",
      ),
      h("span", { class: "composer-hint muted" }, h("kbd", {}, "Shift"), "+", h("kbd", {}, "Enter"), " for a new line"),
      this.sendButton,
    );
  }

  shortcuts() {
    const commands = this.thread
      ? []
      : store.commands.map((each) => ({
          label: each.command,
          hint: each.description,
          run: () => this.fill(`${each.command} `),
        }));
    const globals = store.shortcuts
      .filter((shortcut) => shortcut.type === "global")
      .map((shortcut) => ({
        label: shortcut.name,
        icon: icon("bolt", 16),
        run: () => attempt(slack.post("shortcut", { user: store.me, callback_id: shortcut.callback_id })),
      }));
    const none = !commands.length && !globals.length;
    return [
      globals.length && { heading: "Shortcuts" },
      ...globals,
      commands.length && { heading: "Commands" },
      ...commands,
      none && { heading: this.thread ? "Slash commands do not work in threads" : "No commands" },
    ].filter(Boolean);
  }

  listen() {
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.isComposing || this.completion.pressed(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") this.recall(event);
  }

  // Up and down go through what was sent before, while the composer is empty or shows such a line.
  recall(event) {
    if (this.input.value && this.input.value !== history[this.recalled]) return;
    const next = this.recalled < 0 ? history.length - 1 : this.recalled + (event.key === "ArrowUp" ? -1 : 1);
    if ((event.key === "ArrowDown" && this.recalled < 0) || !history.length || next < 0) return;
    event.preventDefault();
    this.recalled = next >= history.length ? -1 : next;
    this.fill(history[this.recalled] ?? "", { keep: true });
  }

  changed() {
    drafts.set(this.key, this.input.value);
    this.sendButton.classList.toggle("is-ready", this.input.value.trim() !== "");
    this.resize();
    this.completion.update();
  }

  resize() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 260)}px`;
    this.sendButton.classList.toggle("is-ready", this.input.value.trim() !== "");
  }

  fill(text, { keep = false } = {}) {
    this.input.value = text;
    this.input.setSelectionRange(text.length, text.length);
    if (!keep) this.recalled = -1;
    drafts.set(this.key, text);
    this.resize();
    if (!keep) this.completion.update();
    this.focus();
  }

  insert(text) {
    this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, "end");
    this.changed();
    this.focus();
  }

  focus() {
    this.input.focus({ preventScroll: true });
  }

  async send() {
    const text = this.input.value.trim();
    if (!text || this.sending) return;
    this.sending = true;
    this.completion.hide();
    history.push(text);
    this.recalled = -1;
    this.input.value = "";
    this.changed();
    this.notice.clear();
    try {
      await (text.startsWith("/") && !text.startsWith("//") ? this.command(text) : this.message(text));
    } catch (error) {
      this.notice.say(error.body?.error ? refusal(error.body.error, text) : error.message);
      if (!this.input.value) this.fill(text, { keep: true });
    } finally {
      this.sending = false;
    }
  }

  async message(text) {
    await slack.post("message", {
      user: store.me,
      channel: this.channel,
      text: withMentions(text),
      thread_ts: this.thread,
    });
  }

  async command(text) {
    if (this.thread) {
      this.notice.say(refusal("command_in_thread", text));
      this.fill(text, { keep: true });
      return;
    }
    this.element.setAttribute("aria-busy", "true");
    try {
      const answer = await slack.post("command", { user: store.me, channel: this.channel, text: withMentions(text) });
      if (answer.ok === false) this.notice.say(refusal(answer.error, text));
    } finally {
      this.element.removeAttribute("aria-busy");
    }
    emit("said", text);
  }

  async attach(chooser) {
    for (const file of chooser.files) {
      const form = new FormData();
      Object.entries({
        user: store.me,
        channel: this.channel,
        ...(this.thread ? { thread_ts: this.thread } : {}),
      }).forEach(([key, value]) => form.set(key, value));
      form.set("file", file);
      await upload("slack/upload", form).catch((error) => toast(error.message, "error"));
    }
    chooser.value = "";
  }
}

// Other parts of the page type for the person: into the channel's composer.
on("type", ({ text, send }) => {
  Composer.main?.fill(text);
  if (send) Composer.main?.send();
});
