// A small emoji picker with search.

import { h, replace } from "../base/dom.js";
import { EMOJI, searchEmoji } from "../base/emoji.js";
import { closePopover, moveFocus, openPopover } from "../base/popover.js";

export function openEmojiPicker(anchor, choose) {
  const grid = h("div", { class: "emoji-grid", role: "listbox", "aria-label": "Emoji" });
  const search = h("input", {
    class: "select-search",
    type: "text",
    placeholder: "Search emoji",
    "aria-label": "Search emoji",
  });
  const pick = (name) => {
    closePopover();
    choose(name);
  };
  const draw = () =>
    replace(
      grid,
      searchEmoji(search.value.trim().toLowerCase(), 400).map((name) =>
        h(
          "button",
          {
            type: "button",
            class: "emoji-cell",
            role: "option",
            title: `:${name}:`,
            "aria-label": name,
            onclick: () => pick(name),
          },
          EMOJI.get(name),
        ),
      ),
    );
  search.addEventListener("input", draw);
  const body = h("div", { class: "emoji-picker" }, search, grid);
  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === search) grid.querySelector("button")?.click();
    else moveFocus(event, grid, "button", { horizontal: event.target !== search });
  });
  draw();
  openPopover(anchor, body, { className: "popover-emoji", align: "end" });
  search.focus();
}
