// Text, number, address and file inputs.

import { upload } from "../base/api.js";
import { debounce, h, replace } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plainString } from "../base/mrkdwn.js";
import { store } from "../base/store.js";
import { initialValue } from "./surface.js";

const TYPES = { number_input: "number", email_text_input: "email", url_text_input: "url" };

export function inputElement(element, block, surface) {
  if (element.type === "file_input") return fileInput(element, block, surface);
  if (element.type === "rich_text_input") return richTextInput(element, block, surface);
  const held = (surface.get(block, element) ?? initialValue(element)).value;
  surface.set(block, element, { value: held });
  const multiline = element.type === "plain_text_input" && element.multiline;
  const node = h(multiline ? "textarea" : "input", {
    class: `field ${multiline ? "field-multiline" : ""}`,
    type: multiline ? null : "text",
    inputmode: { number_input: "decimal", email_text_input: "email", url_text_input: "url" }[element.type],
    value: held ?? "",
    placeholder:
      plainString(element.placeholder) ||
      ({ email_text_input: "name@example.com", url_text_input: "https://example.com" }[element.type] ?? ""),
    maxlength: element.max_length,
    "aria-label": plainString(block.label) || "Text",
    rows: multiline ? 4 : null,
    dataset: {
      testid: "input",
      actionId: element.action_id,
      blockId: block.block_id,
      kind: TYPES[element.type] ?? "text",
    },
  });
  listen(node, element, block, surface);
  if (element.focus_on_load) node.setAttribute("autofocus", "");
  return element.max_length && multiline ? h("div", {}, node, counter(node, element.max_length)) : node;
}

function listen(node, element, block, surface) {
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const dispatch = () => surface.act(block, element, { value: node.value || null }, node);
  const later = debounce(dispatch, 300);
  node.addEventListener("input", () => {
    surface.set(block, element, { value: node.value || null });
    if (block.dispatch_action && triggers.includes("on_character_entered")) later();
  });
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || (node.tagName === "TEXTAREA" && event.shiftKey)) return;
    if (block.dispatch_action && triggers.includes("on_enter_pressed")) {
      event.preventDefault();
      event.stopPropagation();
      dispatch();
    }
  });
}

function counter(node, limit) {
  const text = h("div", { class: "field-counter" });
  const draw = () => (text.textContent = String(limit - node.value.length));
  node.addEventListener("input", draw);
  draw();
  return text;
}

function richTextInput(element, block, surface) {
  const held = surface.get(block, element) ?? initialValue(element);
  surface.set(block, element, held);
  const node = h("textarea", {
    class: "field field-multiline",
    rows: 4,
    placeholder: plainString(element.placeholder),
    "aria-label": plainString(block.label),
    dataset: { testid: "input", actionId: element.action_id, blockId: block.block_id },
  });
  node.value = plainOfRichText(held.rich_text_value);
  node.addEventListener("input", () =>
    surface.set(block, element, { rich_text_value: node.value ? richTextOf(node.value) : null }),
  );
  return node;
}

const richTextOf = (text) => ({
  type: "rich_text",
  elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }],
});

export function plainOfRichText(value) {
  if (!value) return "";
  if (value.text !== undefined) return value.text;
  return (value.elements ?? []).map(plainOfRichText).join(value.type === "rich_text" ? "\n" : "");
}

// Files uploaded for inputs, by id: the input holds ids only.
const uploaded = new Map();

function fileInput(element, block, surface) {
  let files = (surface.get(block, element)?.files ?? []).map((id) => uploaded.get(id));
  surface.set(block, element, { files: files.map((file) => file.id) });
  const list = h("div", { class: "upload-list" });
  const accept = (element.filetypes ?? []).map((each) => `.${each}`).join(",");
  const chooser = h("input", {
    type: "file",
    class: "visually-hidden",
    accept,
    multiple: (element.max_files ?? 10) > 1,
    "aria-label": plainString(block.label),
    dataset: { testid: "file-input", actionId: element.action_id },
  });
  const keep = (next) => {
    files = next.slice(0, element.max_files ?? 10);
    surface.set(block, element, { files: files.map((file) => file.id) });
    replace(
      list,
      files.map((file) =>
        h(
          "span",
          { class: "chip" },
          icon("file", 14),
          file.name,
          h(
            "button",
            {
              type: "button",
              class: "chip-remove",
              "aria-label": `Remove ${file.name}`,
              onclick: () => keep(files.filter((other) => other !== file)),
            },
            icon("close", 12),
          ),
        ),
      ),
    );
  };
  keep(files);
  chooser.addEventListener("change", async () => {
    for (const each of chooser.files) {
      const form = new FormData();
      form.set("user", store.me);
      form.set("file", each);
      const answer = await upload("slack/upload", form).catch((error) => ({ error: error.message }));
      if (answer.file) {
        uploaded.set(answer.file.id, answer.file);
        keep([...files, answer.file]);
      } else list.append(h("div", { class: "field-error" }, answer.error));
    }
    chooser.value = "";
  });
  return h(
    "div",
    { class: "upload" },
    list,
    h("label", { class: "button upload-button" }, chooser, icon("paperclip", 16), "Add a file"),
  );
}
