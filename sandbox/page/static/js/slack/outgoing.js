// What a person typed, with full names as the ids that the sandbox's Slack understands (it knows @handles itself).

import { handleOf, humans, nameOf, store } from "../base/store.js";

function people() {
  const ids = [...humans(), ...(store.app.user_id ? [store.app.user_id] : [])];
  const pairs = ids.flatMap((id) => [...new Set([nameOf(id), handleOf(id)])].filter(Boolean).map((name) => [name, id]));
  return pairs.sort(([one], [other]) => other.length - one.length);
}

const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

export function withMentions(text) {
  if (!text.includes("@")) return text;
  return people().reduce(
    (all, [name, id]) =>
      all.replace(
        new RegExp(`(^|[^\\p{L}\\p{N}<])@${literal(name)}(?![\\p{L}\\p{N}_-])`, "giu"),
        (_, before) => `${before}<@${id}>`,
      ),
    text,
  );
}
