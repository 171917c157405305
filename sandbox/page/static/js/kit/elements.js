// The interactive elements of Block Kit that are not selects.

import { slack } from "../base/api.js";
import { h, safeImageUrl, safeUrl } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plain, plainString, textObject } from "../base/mrkdwn.js";
import { openMenu } from "../base/popover.js";
import { zonedEpoch, zonedLocal } from "../base/dates.js";
import { initialValue } from "./surface.js";
import { inputElement } from "./inputs.js";
import { selectElement } from "./select.js";
import { isOffered } from "./select_options.js";

const BUILDERS = {
  button,
  workflow_button: button,
  overflow,
  image,
  checkboxes,
  radio_buttons: radios,
  datepicker: (...args) => picker("date", "selected_date", ...args),
  timepicker: (...args) => picker("time", "selected_time", ...args),
  datetimepicker: (...args) => picker("datetime-local", "selected_date_time", ...args),
  feedback_buttons: feedbackButtons,
  icon_button: iconButton,
};

export function renderElement(element, block, surface) {
  if (BUILDERS[element.type]) return BUILDERS[element.type](element, block, surface);
  if (/^(multi_)?(static|external|users|channels|conversations)_select$/.test(element.type))
    return selectElement(element, block, surface);
  if (/(_input)$/.test(element.type)) return inputElement(element, block, surface);
  if (element.type === "mrkdwn" || element.type === "plain_text") return h("span", {}, textObject(element));
  return h("span", { class: "unknown", title: JSON.stringify(element) }, `${element.type} element`);
}

const marks = (element, block) => ({ testid: "action", actionId: element.action_id, blockId: block.block_id });

const dispatches = (block) => block.type !== "input" || block.dispatch_action;

function button(element, block, surface) {
  const style = { primary: "button-primary", danger: "button-danger" }[element.style] ?? "";
  const click = async (event) => {
    const node = event.currentTarget;
    if (node.getAttribute("aria-busy")) return;
    const agreed = await surface.act(block, element, { value: element.value }, node);
    const address = element.url && safeUrl(element.url);
    if (address && (agreed || !element.confirm)) window.open(address, "_blank", "noopener,noreferrer");
  };
  return h(
    "button",
    {
      type: "button",
      class: `button ${style}`,
      "aria-label": element.accessibility_label,
      dataset: { ...marks(element, block), value: element.value },
      title: element.url ?? null,
      onclick: click,
    },
    plain(plainString(element.text)),
  );
}

function overflow(element, block, surface) {
  const items = (element.options ?? []).map((option) => ({
    label: textObject(option.text),
    hint: plainString(option.description),
    dataset: { value: option.value },
    run: async () => {
      if (option.url && safeUrl(option.url)) window.open(safeUrl(option.url), "_blank", "noopener,noreferrer");
      await surface.act(block, element, { selected_option: option }, node);
    },
  }));
  const node = h(
    "button",
    {
      type: "button",
      class: "button button-icon",
      "aria-label": "More actions",
      "aria-haspopup": "menu",
      dataset: marks(element, block),
      onclick: () => openMenu(node, items),
    },
    icon("more", 18),
  );
  return node;
}

// An image is at an address of the web, or a file of the workspace, which the page reads without a token.
export function imageAddress(holder) {
  const file = holder.slack_file;
  return file?.id ? slack.fileUrl(file.id) : safeImageUrl(holder.image_url ?? file?.url ?? "");
}

export function image(element) {
  const source = imageAddress(element);
  if (!source) return h("span", { class: "image-missing" }, element.alt_text);
  return h("img", { class: "accessory-image", src: source, alt: element.alt_text ?? "", loading: "lazy" });
}

let groups = 0;

function choices(element, block, surface, { kind, chosen, changed }) {
  groups += 1;
  const name = `group-${groups}`;
  return h(
    "div",
    {
      class: "choices",
      role: kind === "radio" ? "radiogroup" : "group",
      "aria-label": element.accessibility_label || plainString(block.label) || "Options",
      dataset: marks(element, block),
    },
    (element.options ?? []).map((option) =>
      h(
        "label",
        { class: "choice" },
        h("input", {
          type: kind,
          name,
          value: option.value,
          checked: chosen(option),
          onchange: (event) => changed(option, event.currentTarget),
        }),
        h(
          "span",
          { class: "choice-text" },
          textObject(option.text),
          option.description && h("span", { class: "choice-description" }, textObject(option.description)),
        ),
      ),
    ),
  );
}

function checkboxes(element, block, surface) {
  const held = (surface.get(block, element) ?? initialValue(element)).selected_options ?? [];
  let picked = held.filter((each) => isOffered(element, each));
  surface.set(block, element, { selected_options: picked });
  return choices(element, block, surface, {
    kind: "checkbox",
    chosen: (option) => picked.some((each) => each.value === option.value),
    changed: async (option, box) => {
      const before = picked;
      const kept = picked.filter((each) => each.value !== option.value);
      picked = box.checked
        ? (element.options ?? []).filter((each) => each === option || kept.some((other) => other.value === each.value))
        : kept;
      surface.set(block, element, { selected_options: picked });
      if (
        dispatches(block) &&
        !(await surface.act(block, element, { selected_options: picked }, box)) &&
        element.confirm
      ) {
        picked = before;
        box.checked = !box.checked;
        surface.set(block, element, { selected_options: picked });
      }
    },
  });
}

function radios(element, block, surface) {
  const held = (surface.get(block, element) ?? initialValue(element)).selected_option;
  const picked = held && isOffered(element, held) ? held : null;
  surface.set(block, element, { selected_option: picked });
  return choices(element, block, surface, {
    kind: "radio",
    chosen: (option) => picked?.value === option.value,
    changed: (option, box) => {
      surface.set(block, element, { selected_option: option });
      if (dispatches(block)) surface.act(block, element, { selected_option: option }, box);
    },
  });
}

function picker(type, field, element, block, surface) {
  const isInstant = field === "selected_date_time";
  const held = (surface.get(block, element) ?? initialValue(element))[field];
  surface.set(block, element, { [field]: held });
  const shown = held === null || held === undefined ? "" : isInstant ? zonedLocal(held) : held;
  const changed = (event) => {
    const raw = event.currentTarget.value || null;
    const payload = { [field]: raw && isInstant ? zonedEpoch(raw) : raw };
    surface.set(block, element, payload);
    if (dispatches(block)) surface.act(block, element, payload, event.currentTarget);
  };
  const label =
    plainString(block.label) ||
    plainString(element.placeholder) ||
    { date: "Date", time: "Time" }[type] ||
    "Date and time";
  return h("input", {
    type,
    class: "field field-picker",
    value: shown,
    "aria-label": label,
    dataset: marks(element, block),
    onchange: changed,
  });
}

function feedbackButtons(element, block, surface) {
  const one = (choice, name) => {
    const node = h(
      "button",
      {
        type: "button",
        class: "feedback",
        "aria-label": choice.accessibility_label ?? plainString(choice.text),
        title: plainString(choice.text),
        dataset: { ...marks(element, block), value: choice.value },
      },
      icon(name, 16),
    );
    node.addEventListener("click", async () => {
      if (!(await surface.act(block, element, { value: choice.value, text: choice.text }, node))) return;
      node.parentElement
        .querySelectorAll(".feedback")
        .forEach((other) => other.setAttribute("aria-pressed", String(other === node)));
    });
    return node;
  };
  return h(
    "span",
    { class: "feedback-buttons", role: "group", "aria-label": "Feedback" },
    one(element.positive_button, "thumbsUp"),
    one(element.negative_button, "thumbsDown"),
  );
}

function iconButton(element, block, surface) {
  const label = element.accessibility_label ?? plainString(element.text);
  const node = h(
    "button",
    {
      type: "button",
      class: "feedback",
      "aria-label": label,
      title: plainString(element.text),
      dataset: { ...marks(element, block), value: element.value },
    },
    icon(element.icon === "trash" ? "trash" : element.icon, 16),
  );
  node.addEventListener("click", () => surface.act(block, element, { value: element.value }, node));
  return node;
}
