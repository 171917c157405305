// Every select of Block Kit: a button that opens a searchable list; multi selects show chips.

import { debounce, h, replace } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plainString, textObject } from "../base/mrkdwn.js";
import { closePopover, moveFocus, openPopover } from "../base/popover.js";
import { initialValue } from "./surface.js";
import { loaderOf, optionOfId, payloadOf, pickedOf } from "./select_options.js";

export function selectElement(element, block, surface) {
  const multi = element.type.startsWith("multi_");
  const picked = pickedOf(element, surface.get(block, element) ?? initialValue(element));
  surface.set(block, element, payloadOf(element, picked));
  const control = h("div", {
    class: `select ${multi ? "select-multi" : ""}`,
    dataset: { testid: "select", actionId: element.action_id, blockId: block.block_id },
  });
  const changed = async (next) => {
    const before = [...picked];
    picked.splice(0, picked.length, ...next);
    const payload = payloadOf(element, picked);
    surface.set(block, element, payload);
    draw();
    if (block.type !== "input" || block.dispatch_action) {
      if (!(await surface.act(block, element, payload, control)) && element.confirm) {
        picked.splice(0, picked.length, ...before);
        surface.set(block, element, payloadOf(element, picked));
        draw();
      }
    }
  };
  const draw = () => replace(control, trigger(element, block, surface, picked, multi, changed));
  draw();
  return control;
}

function trigger(element, block, surface, picked, multi, changed) {
  const placeholder = plainString(element.placeholder) || (multi ? "Select options" : "Select an option");
  const label = element.accessibility_label ?? (plainString(block.label) || placeholder);
  const open = (event) => showOptions(event.currentTarget, { element, block, surface, picked, multi, changed });
  const button = h(
    "button",
    {
      type: "button",
      class: "select-trigger",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-label": label,
      onclick: open,
    },
    h(
      "span",
      { class: picked.length && !multi ? "select-value" : "select-placeholder" },
      picked.length && !multi ? optionOfId(element, picked[0]).label() : placeholder,
    ),
    icon("chevronDown", 16),
  );
  if (!multi) return button;
  const chips = picked.map((each) =>
    h(
      "span",
      { class: "chip" },
      optionOfId(element, each).label(),
      h(
        "button",
        {
          type: "button",
          class: "chip-remove",
          "aria-label": `Remove ${optionOfId(element, each).text}`,
          onclick: () => changed(picked.filter((other) => other !== each)),
        },
        icon("close", 12),
      ),
    ),
  );
  return [chips.length ? h("div", { class: "chips" }, chips) : null, button];
}

function showOptions(anchor, context) {
  const { element, multi } = context;
  const search = h("input", {
    type: "text",
    class: "select-search",
    placeholder: "Search",
    role: "combobox",
    "aria-expanded": "true",
    "aria-label": "Search options",
    autocomplete: "off",
    dataset: { testid: "select-search" },
  });
  const list = h("div", { class: "select-list", role: "listbox", "aria-multiselectable": multi ? "true" : null });
  const body = h(
    "div",
    { class: "select-body" },
    h("div", { class: "select-search-row" }, icon("search", 15), search),
    list,
  );
  const load = loaderOf(element, context.surface, context.block);
  let latest = 0;
  const refresh = async () => {
    latest += 1;
    const mine = latest;
    const query = search.value.trim();
    if (load.minimum && query.length < load.minimum) {
      replace(
        list,
        h(
          "div",
          { class: "select-note" },
          `Type ${load.minimum === 1 ? "a letter" : `${load.minimum} letters`} or more to search`,
        ),
      );
      return;
    }
    if (load.remote) replace(list, h("div", { class: "select-note", "aria-busy": "true" }, "Loading…"));
    try {
      const groups = await load.groups(query);
      if (mine === latest) drawOptions(list, groups, context);
    } catch (error) {
      if (mine === latest)
        replace(list, h("div", { class: "select-note error" }, error.message || "The options could not be loaded."));
    }
  };
  search.addEventListener("input", load.remote ? debounce(refresh, 200) : refresh);
  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === search) {
      event.preventDefault();
      list.querySelector("[role=option]")?.click();
    } else moveFocus(event, body, "[role=option]");
  });
  openPopover(anchor, body, { className: "popover-select" });
  body.style.setProperty("min-width", `${Math.max(anchor.offsetWidth, 220)}px`);
  search.focus();
  refresh();
}

function drawOptions(list, groups, context) {
  const total = groups.reduce((sum, group) => sum + group.options.length, 0);
  if (!total) {
    replace(list, h("div", { class: "select-note" }, "No results"));
    return;
  }
  replace(
    list,
    groups.map((group) => [
      group.label && h("div", { class: "select-group" }, textObject(group.label)),
      group.options.map((option) => optionRow(option, context, list, groups)),
    ]),
  );
}

function optionRow(option, context, list, groups) {
  const { element, picked, multi, changed } = context;
  const chosen = picked.some((each) => optionOfId(element, each).value === option.value);
  const limit = element.max_selected_items ?? Infinity;
  const choose = () => {
    if (!multi) {
      closePopover();
      changed([option.raw]);
      return;
    }
    if (!chosen && picked.length >= limit) return;
    changed(
      chosen ? picked.filter((each) => optionOfId(element, each).value !== option.value) : [...picked, option.raw],
    );
    drawOptions(list, groups, context);
  };
  return h(
    "button",
    {
      type: "button",
      role: "option",
      class: "select-option",
      "aria-selected": chosen ? "true" : "false",
      dataset: { value: option.value },
      onclick: choose,
    },
    h(
      "span",
      { class: "select-option-text" },
      option.label(),
      option.description && h("span", { class: "select-option-description" }, textObject(option.description)),
    ),
    chosen && icon("check", 16),
  );
}
