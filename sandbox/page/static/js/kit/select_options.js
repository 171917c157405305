// Where the options of a select come from, and what picking them means in Slack's payloads.

import { avatar } from "../base/avatar.js";
import { fragment, h } from "../base/dom.js";
import { plainString, textObject } from "../base/mrkdwn.js";
import { channelName, channel as channelById, nameOf, humans, isApp, store } from "../base/store.js";

const KIND = (element) => element.type.replace(/^multi_/, "");

const FIELDS = {
  static_select: ["selected_option", "selected_options"],
  external_select: ["selected_option", "selected_options"],
  users_select: ["selected_user", "selected_users"],
  channels_select: ["selected_channel", "selected_channels"],
  conversations_select: ["selected_conversation", "selected_conversations"],
};

export function payloadOf(element, picked) {
  const [one, many] = FIELDS[KIND(element)];
  return element.type.startsWith("multi_") ? { [many]: [...picked] } : { [one]: picked[0] ?? null };
}

export function pickedOf(element, value) {
  const [one, many] = FIELDS[KIND(element)];
  const picked = element.type.startsWith("multi_") ? value?.[many] : [value?.[one]];
  return (picked ?? []).filter((each) => each !== null && each !== undefined && isOffered(element, each));
}

// An updated view may no longer offer what was picked before.
export function isOffered(element, option) {
  if (!element.options && !element.option_groups) return true;
  const groups = element.option_groups ?? [];
  return [...(element.options ?? []), ...groups.flatMap((group) => group.options)].some(
    (each) => each.value === option.value,
  );
}

// What was picked (an option object, or an id) in the form that the list shows.
export function optionOfId(element, raw) {
  if (typeof raw !== "string")
    return {
      value: raw.value,
      text: plainString(raw.text),
      raw,
      description: raw.description,
      label: () => textObject(raw.text),
    };
  const text = KIND(element) === "users_select" ? nameOf(raw) : conversationName(raw);
  return {
    value: raw,
    text,
    raw,
    label: () => (KIND(element) === "users_select" ? fragment(avatar(raw, 20), text) : h("span", {}, text)),
  };
}

function conversationName(id) {
  const target = channelById(id);
  if (!target) return store.users.has(id) ? nameOf(id) : id;
  return target.is_im || target.is_mpim ? channelName(target) : `# ${channelName(target)}`;
}

// Returns `{remote, minimum, groups(query)}`; groups are `[{label, options}]`.
export function loaderOf(element, surface, block) {
  const kind = KIND(element);
  if (kind === "external_select") return external(element, surface, block);
  const all = kind === "static_select" ? staticGroups(element) : [{ label: null, options: listed(element, kind) }];
  return { groups: async (query) => filtered(all, query) };
}

function external(element, surface, block) {
  const wrap = (options) => options.map((raw) => optionOfId(element, raw));
  return {
    remote: true,
    minimum: element.min_query_length ?? 3,
    groups: async (query) => {
      const answer = await surface.options(block, element, query);
      if (answer.ok === false) throw new Error("The options could not be loaded.");
      if (answer.option_groups)
        return answer.option_groups.map((group) => ({ label: group.label, options: wrap(group.options) }));
      return [{ label: null, options: wrap(answer.options ?? []) }];
    },
  };
}

function staticGroups(element) {
  const wrap = (options) => options.map((raw) => optionOfId(element, raw));
  if (element.option_groups)
    return element.option_groups.map((group) => ({ label: group.label, options: wrap(group.options) }));
  return [{ label: null, options: wrap(element.options ?? []) }];
}

function listed(element, kind) {
  if (kind === "users_select")
    return humans()
      .map((id) => optionOfId(element, id))
      .sort(byText);
  const include = element.filter?.include ?? ["public", "private", "im", "mpim"];
  const wanted = (target) => {
    if (kind === "channels_select") return !target.is_im && !target.is_mpim && !target.is_private;
    if (target.is_im) return include.includes("im") && !(element.filter?.exclude_bot_users && isApp(target.user));
    if (target.is_mpim) return include.includes("mpim");
    return include.includes(target.is_private ? "private" : "public");
  };
  return [...store.channels.values()]
    .filter(wanted)
    .map((target) => optionOfId(element, target.id))
    .sort(byText);
}

const byText = (one, other) => one.text.localeCompare(other.text);

function filtered(groups, query) {
  const needle = query.toLowerCase();
  const matching = (options) => options.filter((option) => option.text.toLowerCase().includes(needle));
  return groups
    .map((group) => ({ ...group, options: matching(group.options).slice(0, 200) }))
    .filter((group) => group.options.length);
}
