// rich_text blocks: sections, lists, quotes, preformatted text.

import { dateTokens } from "../base/dates.js";
import { fragment, h, link } from "../base/dom.js";
import { broadcast, channelMention, emojiNode, mention } from "../base/mrkdwn.js";

export function richText(block) {
  const out = h("div", { class: "rich-text" });
  const elements = block.elements ?? [];
  for (let index = 0; index < elements.length;) {
    if (elements[index].type === "rich_text_list") index = listsFrom(elements, index, out);
    else {
      out.append(container(elements[index]));
      index += 1;
    }
  }
  return out;
}

function container(element) {
  const children = (element.elements ?? []).map(leaf);
  if (element.type === "rich_text_section") return h("div", { class: "rich-section" }, children);
  if (element.type === "rich_text_quote") return h("blockquote", { class: "quote" }, children);
  if (element.type === "rich_text_preformatted") return h("pre", { class: "pre" }, children);
  return h("div", { class: "unknown" }, element.type);
}

// Slack sends nested lists as a flat run of lists with an indent each.
function listsFrom(elements, start, out) {
  const open = [];
  let index = start;
  for (; index < elements.length && elements[index].type === "rich_text_list"; index += 1) {
    const { style, indent = 0, border, offset = 0, elements: items = [] } = elements[index];
    while (open.length && open.at(-1).indent > indent) open.pop();
    let current = open.at(-1);
    if (!current || current.indent < indent || current.style !== style) {
      if (current?.indent === indent) open.pop();
      const node = h(style === "ordered" ? "ol" : "ul", {
        class: `list ${border ? "list-border" : ""}`,
        start: style === "ordered" && offset ? offset + 1 : null,
        dataset: { indent },
      });
      const parent = open.at(-1)?.node;
      (parent?.lastElementChild ?? parent ?? out).append(node);
      current = { node, indent, style };
      open.push(current);
    }
    current.node.append(...items.map((item) => h("li", {}, (item.elements ?? []).map(leaf))));
  }
  return index;
}

const LEAVES = {
  text: (element) => element.text,
  link: (element) => link(element.url, element.text || element.url),
  user: (element) => mention(element.user_id),
  channel: (element) => channelMention(element.channel_id),
  usergroup: (element) => h("span", { class: "mention" }, `@${element.usergroup_id}`),
  team: (element) => h("span", { class: "mention" }, element.team_id),
  broadcast: (element) => broadcast(element.range),
  emoji: emoji,
  date: (element) =>
    h("time", { class: "date" }, dateTokens(element.timestamp, element.format ?? "{date}") ?? element.fallback ?? ""),
  color: colour,
};

function leaf(element) {
  const build = LEAVES[element.type];
  return styled(build ? build(element) : h("span", { class: "unknown" }, element.type), element.style);
}

function styled(content, style) {
  if (!style) return content;
  let node = fragment(content);
  if (style.code) node = h("code", { class: "code" }, node);
  if (style.strike) node = h("s", {}, node);
  if (style.underline) node = h("u", {}, node);
  if (style.italic) node = h("em", {}, node);
  if (style.bold) node = h("strong", {}, node);
  return node;
}

function emoji(element) {
  const known = emojiNode(element.name);
  if (known) return known;
  if (!/^[0-9a-f]+(-[0-9a-f]+)*$/i.test(element.unicode ?? "")) return `:${element.name}:`;
  const points = element.unicode
    .split("-")
    .map((part) => parseInt(part, 16))
    .filter((point) => point <= 0x10ffff);
  return h("span", { class: "emoji", title: `:${element.name}:` }, String.fromCodePoint(...points));
}

function colour(element) {
  const swatch = h("span", { class: "swatch" });
  swatch.style.setProperty("background", element.value);
  return fragment(swatch, element.value);
}
