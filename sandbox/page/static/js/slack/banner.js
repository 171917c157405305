// The line on top when something is not running.

import { h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { icon } from "../base/icons.js";
import { store } from "../base/store.js";

let live = true;

function drawBanner() {
  const node = document.getElementById("banner");
  const text = !live
    ? "The sandbox does not answer. Trying again…"
    : !store.app.connected
      ? `${store.app.name} is not running: commands and buttons will not answer. What people write waits for it.`
      : "";
  node.hidden = !text;
  node.dataset.testid = "banner";
  replace(node, text && [icon("warning", 16), h("span", {}, text)]);
}

on("live", ({ connected }) => {
  live = connected;
  drawBanner();
});
on("bus:app", (event) => {
  store.app.connected = event.connected ?? store.app.connected;
  drawBanner();
});
on("state", drawBanner);
