// The markdown block and streamed text: common Markdown as nodes, never as markup.

import { fragment, h, link } from "../base/dom.js";
import { decode, emojiNode, special } from "../base/mrkdwn.js";

const LIST = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;
const BREAKS = [/^\s*$/, /^#{1,6}\s/, /^```/, /^>/, LIST, /^\s*\|.*\|\s*$/, /^\s*([-*_])(\s*\1){2,}\s*$/];

export function markdown(text) {
  const out = h("div", { class: "markdown" });
  blocks(
    String(text ?? "")
      .replace(/\r/g, "")
      .split("\n"),
    out,
  );
  return out;
}

function blocks(lines, out) {
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (!line.trim()) at += 1;
    else if (line.startsWith("```")) at = fence(lines, at, out);
    else if (heading) {
      out.append(
        h(
          `h${Math.min(heading[1].length + 2, 6)}`,
          { class: `md-heading md-h${heading[1].length}` },
          inline(heading[2]),
        ),
      );
      at += 1;
    } else if (BREAKS[6].test(line)) {
      out.append(h("hr", { class: "divider" }));
      at += 1;
    } else if (line.startsWith(">")) at = quote(lines, at, out);
    else if (LIST.test(line)) at = list(lines, at, out);
    else if (BREAKS[5].test(line) && /^\s*\|?\s*:?-+/.test(lines[at + 1] ?? "")) at = table(lines, at, out);
    else at = paragraph(lines, at, out);
  }
}

function fence(lines, at, out) {
  let end = at + 1;
  while (end < lines.length && !lines[end].startsWith("```")) end += 1;
  out.append(h("pre", { class: "pre" }, lines.slice(at + 1, end).join("\n")));
  return end + 1;
}

function quote(lines, at, out) {
  let end = at;
  while (end < lines.length && lines[end].startsWith(">")) end += 1;
  const node = h("blockquote", { class: "quote" });
  blocks(
    lines.slice(at, end).map((line) => line.replace(/^>+ ?/, "")),
    node,
  );
  out.append(node);
  return end;
}

function list(lines, at, out) {
  const stack = [];
  let end = at;
  for (; end < lines.length; end += 1) {
    const match = LIST.exec(lines[end]);
    if (!match) {
      if (!lines[end].trim() || !/^\s{2,}\S/.test(lines[end])) break;
      stack.at(-1).node.lastElementChild.append(" ", inline(lines[end].trim()));
      continue;
    }
    const indent = match[1].length;
    while (stack.length > 1 && stack.at(-1).indent > indent) stack.pop();
    if (!stack.length || stack.at(-1).indent + 1 < indent) {
      const node = h(/\d/.test(match[2]) ? "ol" : "ul", { class: "list" });
      (stack.at(-1)?.node.lastElementChild ?? out).append(node);
      stack.push({ node, indent });
    }
    stack.at(-1).node.append(item(match[3]));
  }
  return end;
}

function item(text) {
  const task = /^\[([ xX])\]\s+(.*)$/.exec(text);
  if (!task) return h("li", {}, inline(text));
  const box = h("input", { type: "checkbox", disabled: true, checked: task[1] !== " ", "aria-label": task[2] });
  return h("li", { class: "list-task" }, box, " ", inline(task[2]));
}

function table(lines, at, out) {
  const cells = (line) =>
    line
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => cell.trim());
  const head = h(
    "tr",
    {},
    cells(lines[at]).map((cell) => h("th", { scope: "col" }, inline(cell))),
  );
  const body = h("tbody");
  let end = at + 2;
  for (; end < lines.length && lines[end].includes("|"); end += 1)
    body.append(
      h(
        "tr",
        {},
        cells(lines[end]).map((cell) => h("td", {}, inline(cell))),
      ),
    );
  out.append(h("div", { class: "table-wrap" }, h("table", { class: "table" }, h("thead", {}, head), body)));
  return end;
}

function paragraph(lines, at, out) {
  let end = at + 1;
  while (end < lines.length && !BREAKS.some((pattern) => pattern.test(lines[end]))) end += 1;
  const node = h("p");
  lines.slice(at, end).forEach((line, index) => {
    if (index) node.append(h("br"));
    node.append(inline(line));
  });
  out.append(node);
  return end;
}

const RULES = [
  [/`([^`]+)`/y, (match) => h("code", { class: "code" }, match[1])],
  [/!?\[([^\][]*)\]\(([^()\s]+)\)/y, (match) => link(match[2], match[1] || match[2])],
  [/<([^<>\n]+)>/y, (match) => (/^(https?:|[@#!])/.test(match[1]) ? special(match[1]) : null)],
  [/\*\*(?=\S)((?:(?!\*\*).){1,2000}?\S)\*\*/y, (match, depth) => h("strong", {}, inline(match[1], depth))],
  [/__(?=\S)((?:(?!__).){1,2000}?\S)__/y, (match, depth) => h("strong", {}, inline(match[1], depth))],
  [/~~(?=\S)([^~]+)~~/y, (match, depth) => h("s", {}, inline(match[1], depth))],
  [/\*(?=\S)([^*]+)\*/y, (match, depth) => h("em", {}, inline(match[1], depth))],
  [/\b_(?=\S)([^_]+)_\b/y, (match, depth) => h("em", {}, inline(match[1], depth))],
  [/:([a-z0-9_+'-]+):/y, (match) => emojiNode(match[1])],
  [/https?:\/\/[^\s<>()]+[^\s<>().,;:!?'"]/y, (match) => link(match[0], match[0])],
];

function inline(text, depth = 0) {
  const out = fragment();
  let pending = "";
  for (let at = 0; at < text.length;) {
    const found = /[`![<*_~:h]/.test(text[at]) && depth < 6 ? firstRule(text, at, depth + 1) : null;
    if (found) {
      out.append(decode(pending), found.node);
      pending = "";
      at = found.end;
    } else {
      if (text[at] === "\\" && /[^\w\s]/.test(text[at + 1] ?? "")) at += 1;
      pending += text[at];
      at += 1;
    }
  }
  out.append(decode(pending));
  return out;
}

function firstRule(text, at, depth) {
  for (const [pattern, build] of RULES) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    const node = match && build(match, depth);
    if (node) return { node, end: at + match[0].length };
  }
  return null;
}
