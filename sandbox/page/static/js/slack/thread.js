// The thread pane on the right.

import { h, replace } from "../base/dom.js";
import { current, go } from "../base/route.js";
import { channel as channelById, channelName } from "../base/store.js";
import { closeButton } from "../kit/confirm.js";
import { Composer } from "./composer.js";
import { MessageList } from "./message_list.js";

let shown = null;

export function showThread(pane, channelId, threadTs) {
  if (shown?.channelId === channelId && shown?.threadTs === threadTs && shown.as === current().as) return;
  hideThread(pane);
  if (!channelId || !threadTs) return;
  const target = channelById(channelId);
  const list = new MessageList(channelId, threadTs);
  const composer = new Composer(channelId, threadTs);
  shown = { channelId, threadTs, list, as: current().as };
  const close = () => go({ ...current(), thread: undefined });
  replace(
    pane,
    h(
      "header",
      { class: "thread-head" },
      h(
        "div",
        {},
        h("h2", { class: "thread-title" }, "Thread"),
        h("div", { class: "muted" }, target?.is_im ? channelName(target) : `# ${channelName(target)}`),
      ),
      closeButton("Close thread", close, "thread-close"),
    ),
    list.element,
    composer.element,
  );
  pane.hidden = false;
  list.load();
  composer.focus();
}

export function hideThread(pane) {
  shown?.list.stop();
  shown = null;
  pane.hidden = true;
  replace(pane);
}
