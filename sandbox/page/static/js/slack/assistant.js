// The agent's side of a conversation: what it is doing, how to stop it, what one could ask.

import { slack } from "../base/api.js";
import { appMark } from "../base/avatar.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plain } from "../base/mrkdwn.js";
import { sandboxNow, store } from "../base/store.js";
import { attempt } from "./message_actions.js";

// Suggestions come back once a conversation has been quiet for so long.
const FRESH_S = 1800;

// What stands below the messages: status with a Stop button, or suggested prompts while nothing goes on.
export function assistantStrip({ status, prompts }, list) {
  const streaming = list.messages.find((message) => message.streaming);
  const own = status?.text && (!status.thread_ts || !list.thread || status.thread_ts === list.thread) ? status : null;
  if (own || streaming) return statusLine(own, streaming, list);
  if (prompts?.prompts?.length && !wroteLately(list)) return promptCards(prompts, list);
  return null;
}

function wroteLately(list) {
  const now = sandboxNow() / 1000;
  return list.messages.some((message) => message.user === store.me && now - Number(message.ts) < FRESH_S);
}

function statusLine(status, streaming, list) {
  const thread = list.thread ?? status?.thread_ts ?? streaming?.thread_ts ?? streaming?.ts;
  const text = status?.text
    ? /^is\b/.test(status.text)
      ? `${store.app.name} ${status.text}`
      : status.text
    : `${store.app.name} is answering…`;
  const stop = () => attempt(slack.post("stop_stream", { user: store.me, channel: list.channel, thread_ts: thread }));
  return h(
    "div",
    { class: "thinking", role: "status" },
    appMark(22),
    h("span", { class: "thinking-text" }, plain(text)),
    status?.loading_messages?.length && h("span", { class: "muted" }, plain(status.loading_messages[0])),
    h(
      "button",
      { type: "button", class: "button button-small", dataset: { testid: "stop" }, onclick: stop },
      icon("stop", 14),
      "Stop",
    ),
  );
}

function promptCards({ title, prompts }, list) {
  const send = (message) =>
    attempt(slack.post("message", { user: store.me, channel: list.channel, text: message, thread_ts: list.thread }));
  return h(
    "div",
    { class: "prompts", dataset: { testid: "prompts" } },
    h("div", { class: "prompts-title" }, plain(title || "Try one of these")),
    h(
      "div",
      { class: "prompts-cards" },
      prompts.map((prompt) =>
        h("button", { type: "button", class: "prompt", onclick: () => send(prompt.message) }, plain(prompt.title)),
      ),
    ),
  );
}
