// Block Kit: one builder per kind of block; a kind that is not known yet is shown as a labelled box.

import { fragment, h, link } from "../base/dom.js";
import { plain, plainString, textObject } from "../base/mrkdwn.js";
import { alertBlock, card, carousel, containerBlock, contextActions, plan, taskCard } from "./blocks_more.js";
import { image, imageAddress, renderElement } from "./elements.js";
import { fileCard } from "./files.js";
import { markdown } from "./markdown.js";
import { richText } from "./rich_text.js";
import { dataTable, table } from "./tables.js";

const BUILDERS = {
  section,
  header: (block) => h("h3", { class: "block-header" }, plain(plainString(block.text))),
  divider: () => h("hr", { class: "divider" }),
  context,
  actions,
  image: imageBlock,
  input,
  rich_text: richText,
  markdown: (block) => markdown(block.text),
  table,
  data_table: dataTable,
  file: (block) =>
    block.file ? fileCard(block.file) : h("div", { class: "unknown" }, `File ${block.external_id ?? ""}`),
  video: (block) =>
    h(
      "div",
      { class: "block-video" },
      h("strong", {}, link(block.title_url ?? block.video_url, plainString(block.title))),
      h("div", { class: "muted" }, plainString(block.description)),
    ),
  task_card: taskCard,
  plan,
  context_actions: contextActions,
  alert: alertBlock,
  card,
  carousel,
  container: (block, surface) => containerBlock(block, (children) => renderBlocks(children, surface)),
};

export function renderBlocks(blocks, surface) {
  return fragment((blocks ?? []).map((block, index) => renderBlock(block, surface, index)));
}

function renderBlock(block, surface, index) {
  const named = block.block_id ? block : { ...block, block_id: `block-${index}` };
  const build = BUILDERS[block.type];
  const node = build ? build(named, surface) : unknown(block);
  const wrapper = h(
    "div",
    {
      class: `block block-kind-${String(block.type).replace(/\W/g, "")}`,
      dataset: { testid: "block", blockId: named.block_id, blockType: block.type },
    },
    node,
  );
  return wrapper;
}

function unknown(block) {
  return h(
    "details",
    { class: "unknown" },
    h("summary", {}, `${block.type} block`),
    h("pre", { class: "pre" }, JSON.stringify(block, null, 2)),
  );
}

function section(block, surface) {
  const text = block.text && h("div", { class: "section-text" }, textObject(block.text));
  const fields =
    block.fields?.length &&
    h(
      "div",
      { class: "fields" },
      block.fields.map((field) => h("div", { class: "section-field" }, textObject(field))),
    );
  const accessory = block.accessory && h("div", { class: "accessory" }, renderElement(block.accessory, block, surface));
  return h("div", { class: "section" }, h("div", { class: "section-main" }, text, fields), accessory);
}

function context(block) {
  const one = (element) =>
    element.type === "image" ? contextImage(element) : h("span", { class: "context-text" }, textObject(element));
  return h("div", { class: "context" }, (block.elements ?? []).map(one));
}

function contextImage(element) {
  const node = image(element);
  node.classList.add("context-image");
  return node;
}

function actions(block, surface) {
  return h(
    "div",
    { class: "actions", role: "group" },
    (block.elements ?? []).map((element) => renderElement(element, block, surface)),
  );
}

function imageBlock(block) {
  const source = imageAddress(block);
  const title = block.title && h("figcaption", { class: "image-title" }, plain(plainString(block.title)));
  const picture = source
    ? h("img", { class: "block-image", src: source, alt: block.alt_text ?? "", loading: "lazy" })
    : h("div", { class: "image-missing" }, block.alt_text);
  return h("figure", { class: "figure" }, title, picture);
}

function input(block, surface) {
  const element = renderElement(block.element, block, surface);
  const error = h("div", {
    class: "field-error",
    role: "alert",
    hidden: true,
    dataset: { testid: "field-error", blockId: block.block_id },
  });
  return h(
    "div",
    { class: "input-block", dataset: { inputBlock: block.block_id } },
    h(
      "div",
      { class: "input-label" },
      plain(plainString(block.label)),
      block.optional && h("span", { class: "muted" }, " (optional)"),
    ),
    element,
    error,
    block.hint && h("div", { class: "input-hint" }, textObject(block.hint)),
  );
}
