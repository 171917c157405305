// What one can do with a message: react, reply, the app's message shortcuts, copy its address.

import { slack } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { emojiNode } from "../base/mrkdwn.js";
import { openMenu, toast } from "../base/popover.js";
import { current, format, go } from "../base/route.js";
import { channel as channelById, isAppChannel, store } from "../base/store.js";
import { openEmojiPicker } from "./emoji_picker.js";
import { trouble } from "../kit/surface.js";

const QUICK = ["white_check_mark", "eyes", "raised_hands"];

export function openThread(channel, ts) {
  const place = isAppChannel(channelById(channel)) ? { tab: "messages" } : { channel };
  go({ ...place, thread: ts });
}

export async function react(message, channel, name) {
  const mine = message.reactions?.find((reaction) => reaction.name === name)?.users?.includes(store.me);
  await attempt(
    slack.post("reaction", { user: store.me, channel, ts: message.ts, name, ...(mine ? { remove: true } : {}) }),
  );
}

export async function attempt(call) {
  try {
    const answer = await call;
    if (answer.ok === false) toast(trouble(answer.error), "error");
    return answer;
  } catch (error) {
    toast(error.message, "error");
    return null;
  }
}

export function toolbar(message, { channel, inThread }) {
  if (message.ephemeral) return null;
  const action = (label, name, run, testid) =>
    h(
      "button",
      { type: "button", class: "toolbar-button", title: label, "aria-label": label, dataset: { testid }, onclick: run },
      icon(name, 17),
    );
  const quick = QUICK.map((name) =>
    h(
      "button",
      {
        type: "button",
        class: "toolbar-button",
        title: `:${name}:`,
        "aria-label": `React with ${name}`,
        onclick: () => react(message, channel, name),
      },
      emojiNode(name),
    ),
  );
  return h(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": "Message actions" },
    quick,
    action(
      "Add a reaction",
      "smile",
      (event) => openEmojiPicker(event.currentTarget, (name) => react(message, channel, name)),
      "react",
    ),
    !inThread &&
      action("Reply in thread", "reply", () => openThread(channel, message.thread_ts ?? message.ts), "reply"),
    action(
      "More actions",
      "moreVertical",
      (event) => openMenu(event.currentTarget, shortcutItems(message, channel), { align: "end" }),
      "shortcuts",
    ),
  );
}

function shortcutItems(message, channel) {
  const run = (callback_id) => () =>
    attempt(slack.post("shortcut", { user: store.me, callback_id, channel, message_ts: message.ts }));
  const shortcuts = store.shortcuts
    .filter((shortcut) => shortcut.type === "message")
    .map((shortcut) => ({
      label: shortcut.name,
      hint: store.app.name,
      icon: icon("bolt", 16),
      dataset: { callbackId: shortcut.callback_id },
      run: run(shortcut.callback_id),
    }));
  const address = `${location.origin}/${format({ as: current().as, channel, thread: message.thread_ts ?? message.ts })}`;
  return [
    ...shortcuts,
    shortcuts.length ? null : { heading: "No message shortcuts" },
    ...(shortcuts.length ? [] : [null]),
    { label: "Copy link", run: () => navigator.clipboard?.writeText(address).then(() => toast("Link copied")) },
    {
      label: "Copy text",
      run: () => navigator.clipboard?.writeText(message.text ?? "").then(() => toast("Text copied")),
    },
  ];
}
