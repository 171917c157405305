// One message: face, name, text, blocks, attachments, files, reactions, replies, and what one can do with it.

import { messageAvatar, avatar } from "../base/avatar.js";
import { ago, fromTs, fullStamp, time, timeOnly } from "../base/dates.js";
import { h, link, safeImageUrl } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { emojiNode, mrkdwn, plain } from "../base/mrkdwn.js";
import { isApp, nameOf, store } from "../base/store.js";
import { renderBlocks } from "../kit/blocks.js";
import { fileCard } from "../kit/files.js";
import { markdown } from "../kit/markdown.js";
import { Surface } from "../kit/surface.js";
import { openThread, react, toolbar } from "./message_actions.js";

const SYSTEM = new Set([
  "channel_join",
  "channel_leave",
  "channel_topic",
  "channel_purpose",
  "channel_name",
  "group_join",
]);

const isBot = (message) => Boolean(message.bot_id || message.bot_profile || isApp(message.user));
export const authorKey = (message) => `${message.user ?? message.bot_id}|${message.username ?? ""}`;

export function authorName(message) {
  if (message.username) return message.username;
  if (message.user === "USLACKBOT") return "Slackbot";
  if (message.bot_profile?.name && !isApp(message.user)) return message.bot_profile.name;
  return nameOf(message.user ?? message.bot_id);
}

// `place` is {channel, inThread, grouped}.
export function messageRow(message, place) {
  const { grouped, inThread } = place;
  const sent = fromTs(message.ts);
  const classes = [
    "message",
    grouped && "message-grouped",
    message.ephemeral && "message-ephemeral",
    SYSTEM.has(message.subtype) && "message-system",
  ];
  const gutter = grouped
    ? h("span", { class: "message-time-gutter", "aria-hidden": "true" }, timeOnly(sent))
    : messageAvatar(message, 36);
  return h(
    "article",
    {
      class: classes.filter(Boolean).join(" "),
      tabindex: "-1",
      "aria-label": `${authorName(message)}, ${time(sent)}`,
      dataset: {
        testid: "message",
        ts: message.ts,
        user: message.user ?? message.bot_id,
        ephemeral: message.ephemeral ? "true" : undefined,
      },
    },
    message.ephemeral && h("div", { class: "ephemeral-note" }, icon("eye", 13), "Only visible to you"),
    h(
      "div",
      { class: "message-line" },
      h("div", { class: "message-gutter" }, gutter),
      h(
        "div",
        { class: "message-content" },
        !grouped && heading(message, sent),
        body(message, place),
        reactions(message, place),
        !inThread && replies(message, place),
      ),
    ),
    toolbar(message, place),
  );
}

function heading(message, sent) {
  return h(
    "div",
    { class: "message-head" },
    h("span", { class: "message-author" }, authorName(message)),
    isBot(message) && h("span", { class: "app-badge" }, "APP"),
    h("time", { class: "message-time", title: fullStamp(sent), datetime: sent.toISOString() }, time(sent)),
  );
}

function body(message, place) {
  const surface = new Surface({
    type: "message",
    channel: place.channel,
    message_ts: message.ts,
    is_ephemeral: Boolean(message.ephemeral),
  });
  // What people type comes with the rich text of plain stretches; their text says the formatting as well.
  const hasBlocks = message.blocks?.length > 0 && (isBot(message) || !message.text);
  return h(
    "div",
    { class: `message-body ${message.streaming ? "is-streaming" : ""}`, dataset: { testid: "message-body" } },
    hasBlocks ? renderBlocks(message.blocks, surface) : textOf(message),
    message.edited &&
      h(
        "span",
        { class: "edited", title: message.edited.ts ? fullStamp(fromTs(message.edited.ts)) : null },
        " (edited)",
      ),
    (message.attachments ?? []).map((attachment) => attachmentNode(attachment, surface)),
    (message.files ?? []).map(fileCard),
  );
}

function textOf(message) {
  if (!message.text) return null;
  if (message.streaming) return markdown(message.text);
  return h("div", { class: "message-text" }, message.mrkdwn === false ? plain(message.text) : mrkdwn(message.text));
}

const NAMED_COLOURS = { good: "#2eb886", warning: "#daa038", danger: "#a30200" };

function attachmentNode(attachment, surface) {
  const bar = h("div", { class: "attachment-bar" });
  const colour =
    NAMED_COLOURS[attachment.color] ?? (attachment.color ? `#${String(attachment.color).replace(/^#/, "")}` : null);
  if (colour && /^#[0-9a-f]{3,8}$/i.test(colour)) bar.style.setProperty("background", colour);
  const image = safeImageUrl(attachment.image_url ?? "");
  const content = attachment.blocks?.length
    ? renderBlocks(attachment.blocks, surface)
    : [
        attachment.author_name && h("div", { class: "muted" }, attachment.author_name),
        attachment.title &&
          h(
            "div",
            { class: "attachment-title" },
            attachment.title_link ? link(attachment.title_link, plain(attachment.title)) : plain(attachment.title),
          ),
        attachment.text && h("div", {}, mrkdwn(attachment.text)),
        attachment.fields?.length &&
          h(
            "div",
            { class: "fields" },
            attachment.fields.map((field) =>
              h(
                "div",
                { class: "section-field" },
                h("strong", {}, field.title),
                h("div", {}, mrkdwn(String(field.value ?? ""))),
              ),
            ),
          ),
        image && h("img", { class: "block-image", src: image, alt: attachment.fallback ?? "" }),
      ];
  const foot = attachment.footer && h("div", { class: "muted attachment-footer" }, attachment.footer);
  return h(
    "div",
    { class: "attachment" },
    attachment.pretext && h("div", {}, mrkdwn(attachment.pretext)),
    h("div", { class: "attachment-line" }, bar, h("div", { class: "attachment-body" }, content, foot)),
  );
}

function reactions(message, place) {
  if (!message.reactions?.length) return null;
  return h(
    "div",
    { class: "reactions" },
    message.reactions.map((reaction) => {
      const mine = reaction.users?.includes(store.me);
      const who = (reaction.users ?? []).map(nameOf).join(", ");
      return h(
        "button",
        {
          type: "button",
          class: `reaction ${mine ? "reaction-mine" : ""}`,
          "aria-pressed": String(Boolean(mine)),
          "aria-label": `${reaction.name}: ${who}`,
          title: `${who} reacted with :${reaction.name}:`,
          dataset: { testid: "reaction", name: reaction.name },
          onclick: () => react(message, place.channel, reaction.name),
        },
        emojiNode(reaction.name) ?? `:${reaction.name}:`,
        h("span", { class: "reaction-count" }, String(reaction.count ?? reaction.users?.length ?? 1)),
      );
    }),
  );
}

function replies(message, place) {
  if (!message.reply_count) return null;
  const faces = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(id, 22));
  const count = `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`;
  return h(
    "button",
    {
      type: "button",
      class: "reply-bar",
      dataset: { testid: "replies" },
      onclick: () => openThread(place.channel, message.ts),
    },
    faces,
    h("span", { class: "reply-count" }, count),
    message.latest_reply && h("span", { class: "muted" }, `Last reply ${ago(fromTs(message.latest_reply))}`),
    h("span", { class: "reply-open muted" }, "View thread"),
  );
}
