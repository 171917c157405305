// The popup above the composer: slash commands with their usage, @people, #channels, :emoji.

import { avatar } from "../base/avatar.js";
import { h, replace } from "../base/dom.js";
import { EMOJI, searchEmoji } from "../base/emoji.js";
import { icon } from "../base/icons.js";
import { actors, handleOf, humans, nameOf, store, titleOf } from "../base/store.js";

const LIMIT = 8;

export class Completion {
  constructor(input, { inThread, send }) {
    this.input = input;
    this.inThread = inThread;
    this.send = send;
    this.items = [];
    this.selected = 0;
    this.list = h("div", { class: "completion-list", role: "listbox", "aria-label": "Suggestions" });
    this.element = h("div", { class: "completion", hidden: true, dataset: { testid: "completion" } }, this.list);
    input.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
    input.addEventListener("click", () => this.update());
  }

  update() {
    const before = this.input.value.slice(0, this.input.selectionStart);
    const mentions = this.mentionItems(before);
    this.items = mentions?.length ? mentions : this.commandItems(before);
    this.selected = 0;
    this.draw();
  }

  hide() {
    this.items = [];
    this.element.hidden = true;
  }

  commandItems(before) {
    if (this.inThread || !before.startsWith("/")) return [];
    const [word, ...rest] = before.split(" ");
    if (rest.length) {
      const exact = store.commands.find((each) => each.command === word);
      return exact ? [{ hint: true, title: exact.command, detail: exact.usage_hint || exact.description }] : [];
    }
    return store.commands
      .filter((each) => each.command.startsWith(word.toLowerCase()))
      .map((each) => ({
        title: each.command,
        detail: each.usage_hint,
        note: each.description,
        icon: icon("slash", 18),
        exact: each.command === word,
        replacement: `${each.command} `,
        length: word.length,
      }));
  }

  mentionItems(before) {
    const match = /(?:^|[\s(])([@#:])([\p{L}\p{N}._+'-]*)$/u.exec(before);
    if (!match) return null;
    const [, sign, query] = match;
    const needle = query.toLowerCase();
    const length = query.length + 1;
    if (sign === "@") return this.people(needle, length);
    if (sign === "#") return this.places(needle, length);
    if (needle.length < 2) return null;
    return searchEmoji(needle, LIMIT).map((name) => ({
      title: `:${name}:`,
      icon: h("span", { class: "emoji" }, EMOJI.get(name)),
      replacement: `:${name}: `,
      length,
    }));
  }

  people(needle, length) {
    const ids = [...new Set([...(store.app.user_id ? [store.app.user_id] : []), ...actors(), ...humans()])];
    const matching = ids.filter((id) =>
      `${nameOf(id)} ${handleOf(id)}`
        .toLowerCase()
        .split(/[\s.]/)
        .some((word) => word.startsWith(needle)),
    );
    return matching.slice(0, LIMIT).map((id) => ({
      title: nameOf(id),
      note: titleOf(id),
      icon: avatar(id, 22),
      replacement: `@${nameOf(id)} `,
      length,
    }));
  }

  places(needle, length) {
    const matching = [...store.channels.values()].filter(
      (target) => !target.is_im && !target.is_mpim && target.name?.includes(needle),
    );
    return matching.slice(0, LIMIT).map((target) => ({
      title: target.name,
      note: target.topic?.value ?? target.topic,
      icon: icon(target.is_private ? "lock" : "hash", 18),
      replacement: `#${target.name} `,
      length,
    }));
  }

  draw() {
    this.element.hidden = !this.items.length;
    replace(
      this.list,
      this.items.map((item, index) => this.row(item, index)),
    );
    this.list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  row(item, index) {
    if (item.hint) return h("div", { class: "completion-hint" }, h("strong", {}, item.title), " ", item.detail);
    return h(
      "div",
      {
        class: "completion-item",
        role: "option",
        "aria-selected": String(index === this.selected),
        onpointerdown: (event) => (event.preventDefault(), this.choose(item)),
      },
      h("span", { class: "completion-icon" }, item.icon),
      h(
        "span",
        { class: "completion-text" },
        h(
          "span",
          {},
          h("strong", {}, item.title),
          item.detail && h("span", { class: "completion-usage" }, ` ${item.detail}`),
        ),
        item.note && h("span", { class: "muted" }, item.note),
      ),
    );
  }

  choose(item) {
    const end = this.input.selectionStart;
    this.input.setRangeText(item.replacement, end - item.length, end, "end");
    this.input.dispatchEvent(new Event("input"));
    this.input.focus();
  }

  // Returns true when the key was for the popup.
  pressed(event) {
    const choices = this.items.filter((item) => !item.hint);
    if (this.element.hidden || !choices.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.selected = (this.selected + step + choices.length) % choices.length;
    else if (event.key === "Escape") this.hide();
    else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && !choices[this.selected].exact))
      this.choose(choices[this.selected]);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    if (step) this.draw();
    return true;
  }
}
