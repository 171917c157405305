// What a person typed, as Slack puts it on the wire: mentions as ids, and &, <, > escaped.

import { encode } from "../base/mrkdwn.js";
import { fullName, humans, nameOf, store } from "../base/store.js";

function people() {
  const ids = [...humans(), ...(store.app.user_id ? [store.app.user_id] : [])];
  const pairs = ids.flatMap((id) => [...new Set([nameOf(id), fullName(id), store.users.get(id)?.name])].filter(Boolean).map((name) => [name, id]));
  return pairs.sort(([one], [other]) => other.length - one.length);
}

function places() {
  return [...store.channels.values()].filter((target) => target.name && !target.is_im && !target.is_mpim).sort((one, other) => other.name.length - one.name.length);
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function replaceNames(text, sign, entries, write) {
  if (!text.includes(sign)) return text;
  return entries.reduce((all, [name, value]) => all.replace(new RegExp(`(^|[^\\p{L}\\p{N}<])${sign}${escaped(name)}(?![\\p{L}\\p{N}_-])`, "giu"), (_, before) => before + write(value, name)), text);
}

function linked(text, forCommand) {
  const withPeople = replaceNames(text, "@", people(), (id) => (forCommand ? `<@${id}|${store.users.get(id)?.name ?? nameOf(id)}>` : `<@${id}>`));
  const withChannels = replaceNames(withPeople, "#", places().map((target) => [target.name, target.id]), (id, name) => `<#${id}|${name}>`);
  return withChannels.replace(/(^|\s)@(here|channel|everyone)\b/g, "$1<!$2>");
}

export const toMessageText = (text) => linked(encode(text), false);
export const toCommandText = (text) => linked(encode(text), true);
