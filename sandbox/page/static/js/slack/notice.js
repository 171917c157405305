// Like Slackbot's line under a failed command: only this person sees it, and it goes away with the next one.

import { slackbot } from "../base/avatar.js";
import { h, replace } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { store } from "../base/store.js";
import { trouble } from "../kit/surface.js";

export class Notice {
  constructor() {
    this.element = h("div", {
      class: "composer-notice",
      role: "status",
      hidden: true,
      dataset: { testid: "composer-notice" },
    });
  }

  clear() {
    this.element.hidden = true;
  }

  say(text) {
    this.element.hidden = false;
    replace(
      this.element,
      slackbot(28),
      h(
        "div",
        { class: "composer-notice-text" },
        h("div", { class: "ephemeral-note" }, icon("eye", 13), "Only visible to you"),
        h("div", {}, h("strong", {}, "Slackbot "), text),
      ),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Dismiss", onclick: () => this.clear() },
        icon("close", 14),
      ),
    );
  }
}

// What Slack says when a command or a message did not go through.
export function refusal(error, text) {
  const word = text.split(/\s/)[0];
  const sayings = {
    unknown_command: `${word} is not a valid command. In Slack, all messages that start with the “/” character are interpreted as commands. If you are trying to send a message and not run a command, try preceding the “/” with an empty space.`,
    command_in_thread: `${word} is not supported in threads. Sorry!`,
    operation_timeout: `${word} failed with the error “operation_timeout”: ${trouble(error)}`,
    dispatch_failed: `${word} failed because the app did not respond (“dispatch_failed”): ${store.app.name} is not running.`,
    not_in_channel: "You are not a member of this channel, so you cannot write here.",
  };
  return sayings[error] ?? `${word} failed with the error “${error}”.`;
}
