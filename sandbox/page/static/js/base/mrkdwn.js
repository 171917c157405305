// Slack's mrkdwn as nodes. Never innerHTML: what a stranger wrote can only become text, links and formatting.

import { dateTokens } from "./dates.js";
import { fragment, h, link, safeUrl } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { channel, nameOf, store } from "./store.js";
import { go } from "./route.js";

const FENCE = /```([\s\S]+?)```/;
const FORMATS = { "*": "strong", _: "em", "~": "s" };
const WORD = /[\p{L}\p{N}]/u;
const BARE_URL = /https?:\/\/[^\s<>|`]+[^\s<>|`.,;:!?)'"*_~]/y;
const EMOJI = /:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/y;
const MAX_DEPTH = 6;

export const decode = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

// Renders text as Slack shows the `text` of a message or a mrkdwn object.
export function mrkdwn(text, { verbatim = false } = {}) {
  const out = fragment();
  let rest = String(text ?? "");
  for (let match = FENCE.exec(rest); match; match = FENCE.exec(rest)) {
    paragraphs(rest.slice(0, match.index).replace(/\n$/, ""), out, verbatim);
    out.append(h("pre", { class: "pre" }, preformatted(match[1].replace(/^\n/, "").replace(/\n$/, ""))));
    rest = rest.slice(match.index + match[0].length).replace(/^\n/, "");
  }
  paragraphs(rest, out, verbatim);
  return out;
}

// Renders a plain_text object: emoji only.
export function plain(text, emoji = true) {
  return emoji ? withEmoji(String(text ?? "")) : document.createTextNode(String(text ?? ""));
}

// Renders a text object of either type.
export function textObject(object) {
  if (!object) return fragment();
  if (typeof object === "string") return plain(object);
  return object.type === "mrkdwn" ? mrkdwn(object.text, object) : plain(object.text, object.emoji !== false);
}

export const plainString = (object) => (typeof object === "string" ? object : (object?.text ?? ""));

function preformatted(text) {
  const out = fragment();
  for (const piece of text.split(/(<[^<>\n]+>)/)) {
    out.append(/^<[^<>]+>$/.test(piece) ? special(piece.slice(1, -1)) : decode(piece));
  }
  return out;
}

function paragraphs(text, out, verbatim) {
  if (!text) return;
  const lines = text.split("\n");
  let plainLines = [];
  const flush = () => {
    plainLines.forEach((line, index) => {
      if (index) out.append(h("br"));
      inline(line, out, verbatim);
    });
    plainLines = [];
  };
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index].replace(/^((?:&gt;)+)/, (marks) => marks.replaceAll("&gt;", ">"));
    if (!line.startsWith(">")) {
      plainLines.push(lines[index]);
      continue;
    }
    flush();
    const quoted = [];
    if (line.startsWith(">>>")) {
      quoted.push(line.slice(3).replace(/^ /, ""), ...lines.slice(index + 1));
      index = lines.length;
    } else {
      for (; index < lines.length && /^(>|&gt;)/.test(lines[index]); index += 1)
        quoted.push(lines[index].replace(/^(>|&gt;) ?/, ""));
      index -= 1;
    }
    out.append(quote(quoted, verbatim));
  }
  flush();
}

function quote(lines, verbatim) {
  const node = h("blockquote", { class: "quote" });
  lines.forEach((line, index) => {
    if (index) node.append(h("br"));
    inline(line, node, verbatim);
  });
  return node;
}

// Scans one line. A marker for which no closing one was found is not looked for again: hostile lines stay linear.
function inline(text, out, verbatim, depth = 0) {
  const hopeless = new Set();
  let pending = "";
  const flush = () => {
    if (pending) out.append(decode(pending));
    pending = "";
  };
  let at = 0;
  while (at < text.length) {
    const found = token(text, at, { verbatim, depth, hopeless });
    if (found) {
      flush();
      out.append(found.node);
      at = found.end;
    } else {
      pending += text[at];
      at += 1;
    }
  }
  flush();
}

function token(text, at, state) {
  const letter = text[at];
  if (letter === "<") return between(text, at, ">", (inner) => (inner.includes("<") ? null : special(inner)));
  if (letter === "`") return between(text, at, "`", (inner) => h("code", { class: "code" }, preformatted(inner)));
  if (FORMATS[letter] && state.depth < MAX_DEPTH) return formatted(text, at, letter, state);
  if (letter === ":") return sticky(EMOJI, text, at, (match) => emojiNode(match[1]));
  if (letter === "h" && !state.verbatim && !WORD.test(text[at - 1] ?? " ")) {
    return sticky(BARE_URL, text, at, (match) => link(decode(match[0]), decode(match[0])));
  }
  return null;
}

function between(text, at, closing, build) {
  const end = text.indexOf(closing, at + 1);
  if (end <= at + 1) return null;
  const node = build(text.slice(at + 1, end));
  return node ? { node, end: end + 1 } : null;
}

function sticky(pattern, text, at, build) {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  const node = match && build(match);
  return node ? { node, end: at + match[0].length } : null;
}

function formatted(text, at, marker, { verbatim, depth, hopeless }) {
  if (hopeless.has(marker) || WORD.test(text[at - 1] ?? " ")) return null;
  const next = text[at + 1];
  if (next === undefined || /\s/.test(next) || next === marker) return null;
  const end = closingMarker(text, at, marker);
  if (end < 0) {
    hopeless.add(marker);
    return null;
  }
  const node = h(FORMATS[marker]);
  inline(text.slice(at + 1, end), node, verbatim, depth + 1);
  return { node, end: end + 1 };
}

function closingMarker(text, at, marker) {
  for (let index = at + 1; index < text.length; index += 1) {
    const letter = text[index];
    if (letter === "<" || letter === "`") {
      const end = text.indexOf(letter === "<" ? ">" : "`", index + 1);
      if (end > 0) index = end;
    } else if (letter === marker && !/\s/.test(text[index - 1]) && !WORD.test(text[index + 1] ?? " ")) return index;
  }
  return -1;
}

function withEmoji(text) {
  const out = fragment();
  for (const piece of text.split(/(:[a-z0-9_+'-]+(?:::skin-tone-\d)?:)/)) {
    const name = /^:(.+):$/.exec(piece)?.[1];
    out.append((name && emojiNode(name)) || piece);
  }
  return out;
}

export function emojiNode(name) {
  const character = emojiOf(name);
  return character
    ? h("span", { class: "emoji", title: `:${name}:`, role: "img", "aria-label": name }, character)
    : null;
}

export function mention(userId, label) {
  const known = store.users.has(userId) || userId === store.app.user_id;
  const name = known ? nameOf(userId) : label || userId;
  const mine = userId === store.me ? " mention-me" : "";
  return h("span", { class: `mention${mine}`, dataset: { user: userId } }, `@${name.replace(/^@/, "")}`);
}

export function channelMention(id, label) {
  const known = channel(id);
  const name = `#${known?.name || label || id}`;
  if (!known) return h("span", { class: "mention" }, name);
  return h("button", { class: "mention mention-link", type: "button", onclick: () => go({ channel: id }) }, name);
}

export function broadcast(range) {
  return h("span", { class: "mention mention-me" }, `@${range}`);
}

// What stands between < and >: a mention, a date, a link; anything else is text.
export function special(inner) {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : decode(inner.slice(bar + 1));
  if (/^@[UWB]\w+$/.test(target)) return mention(target.slice(1), label);
  if (/^#[CGD]\w+$/.test(target)) return channelMention(target.slice(1), label);
  if (/^!(here|channel|everyone)$/.test(target)) return broadcast(target.slice(1));
  if (target.startsWith("!subteam^")) return h("span", { class: "mention" }, label || `@${target.slice(9)}`);
  if (inner.startsWith("!date^")) return date(inner);
  const address = decode(target);
  if (/^(https?:|mailto:|tel:|slack:)/i.test(address) && safeUrl(address)) {
    return link(address, label ? withEmoji(label) : address.replace(/^mailto:/, ""));
  }
  return document.createTextNode(`<${decode(inner)}>`);
}

function date(inner) {
  const bar = inner.lastIndexOf("|");
  const [, seconds, pattern = "", address] = (bar < 0 ? inner : inner.slice(0, bar)).split("^");
  const shown = dateTokens(seconds, pattern) ?? (bar < 0 ? "" : decode(inner.slice(bar + 1)));
  const node = h("time", { class: "date", title: new Date(Number(seconds) * 1000 || 0).toUTCString() }, shown);
  return address ? link(decode(address), node) : node;
}
