// Where blocks live: a message, a modal or App Home. Holds what its inputs hold, and tells the sandbox what a person does.

import { slack } from "../base/api.js";
import { toast } from "../base/popover.js";
import { store } from "../base/store.js";
import { confirmDialog } from "./confirm.js";

const TROUBLE = {
  operation_timeout: "did not respond in time. Please try again.",
  dispatch_failed: "is not running, so nothing happened.",
};

export function trouble(error) {
  return `${store.app.name} ${TROUBLE[error] ?? `answered with an error: ${error}`}`;
}

export class Surface {
  constructor(container, values = {}) {
    this.container = container;
    this.values = values;
    this.previous = {};
    this.errors = {};
    this.onChange = null;
  }

  get kind() {
    return this.container.type;
  }

  // Before the blocks are drawn anew: what inputs hold survives where the input does, and is forgotten elsewhere.
  beginDrawing() {
    this.previous = this.values;
    this.values = {};
  }

  get(block, element) {
    return (this.values[block.block_id] ?? this.previous[block.block_id])?.[element.action_id];
  }

  set(block, element, payload) {
    this.values[block.block_id] ??= {};
    this.values[block.block_id][element.action_id] = { type: element.type, ...payload };
    this.onChange?.(block.block_id);
  }

  // Tells the app of an action, after its confirmation dialog if it has one. True when it was acknowledged.
  async act(block, element, payload, node) {
    if (element.confirm && !(await confirmDialog(element.confirm))) return false;
    node?.setAttribute("aria-busy", "true");
    try {
      const answer = await slack.post("action", {
        user: store.me,
        container: this.container,
        action_id: element.action_id,
        block_id: block.block_id,
        ...payload,
        state: { values: this.values },
      });
      if (answer.ok === false) toast(trouble(answer.error), "error");
      return answer.ok !== false;
    } catch (error) {
      toast(error.body?.error in TROUBLE ? trouble(error.body.error) : error.message, "error");
      return false;
    } finally {
      node?.removeAttribute("aria-busy");
    }
  }

  async options(block, element, query) {
    return slack.post("options", {
      user: store.me,
      container: this.container,
      action_id: element.action_id,
      block_id: block.block_id,
      value: query,
    });
  }
}

// What inputs hold before anyone touched them, in the form of Slack's `view.state.values`.
export function initialValue(element) {
  const initial = {
    plain_text_input: () => ({ value: element.initial_value ?? null }),
    number_input: () => ({ value: element.initial_value ?? null }),
    email_text_input: () => ({ value: element.initial_value ?? null }),
    url_text_input: () => ({ value: element.initial_value ?? null }),
    rich_text_input: () => ({ rich_text_value: element.initial_value ?? null }),
    static_select: () => ({ selected_option: element.initial_option ?? null }),
    external_select: () => ({ selected_option: element.initial_option ?? null }),
    radio_buttons: () => ({ selected_option: element.initial_option ?? null }),
    checkboxes: () => ({ selected_options: element.initial_options ?? [] }),
    multi_static_select: () => ({ selected_options: element.initial_options ?? [] }),
    multi_external_select: () => ({ selected_options: element.initial_options ?? [] }),
    users_select: () => ({ selected_user: element.initial_user ?? null }),
    multi_users_select: () => ({ selected_users: element.initial_users ?? [] }),
    channels_select: () => ({ selected_channel: element.initial_channel ?? null }),
    multi_channels_select: () => ({ selected_channels: element.initial_channels ?? [] }),
    conversations_select: () => ({ selected_conversation: element.initial_conversation ?? null }),
    multi_conversations_select: () => ({ selected_conversations: element.initial_conversations ?? [] }),
    datepicker: () => ({ selected_date: element.initial_date ?? null }),
    timepicker: () => ({ selected_time: element.initial_time ?? null }),
    datetimepicker: () => ({ selected_date_time: element.initial_date_time ?? null }),
    file_input: () => ({ files: [] }),
  }[element.type];
  return initial ? initial() : null;
}
