// Addresses of messages, followed within the page, as Slack does.

import { openThread } from "./message_actions.js";

const MESSAGE = /^\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})$/;

function placeOf(address) {
  const url = new URL(address, location.origin);
  const found = url.origin === location.origin && MESSAGE.exec(url.pathname);
  if (!found) return null;
  const [, channel, seconds, rest] = found;
  return { channel, thread: url.searchParams.get("thread_ts") ?? `${seconds}.${rest}` };
}

document.addEventListener("click", (event) => {
  const anchor = event.target.closest?.("a[href]");
  if (!anchor || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const place = placeOf(anchor.href);
  if (!place) return;
  event.preventDefault();
  openThread(place.channel, place.thread);
});
