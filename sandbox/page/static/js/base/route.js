// The address of every view: #/as/<user>/<channel>[/<thread_ts>] or #/as/<user>/app/<home|messages|about>[/<thread_ts>].

import { emit } from "./events.js";

export function parse(hash) {
  const parts = hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const [word, as, place, ...rest] = parts;
  if (word !== "as") return {};
  if (place === "app") return { as, tab: rest[0] || "home", thread: rest[1] };
  return { as, channel: place || undefined, thread: rest[0] };
}

export function format({ as, channel, tab, thread }) {
  const parts = ["as", as, ...(tab ? ["app", tab] : [channel ?? ""])];
  if (thread) parts.push(thread);
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

export const current = () => parse(location.hash);

export function go(target, { silent = false } = {}) {
  const hash = format({ as: current().as, ...target });
  if (hash === location.hash) return;
  if (silent) {
    history.replaceState(null, "", hash);
    emit("route", current());
  } else location.hash = hash;
}

window.addEventListener("hashchange", () => emit("route", current()));
