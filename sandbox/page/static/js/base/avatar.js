// Faces: initials on a colour of one's own; the app has its mark.

import { h, safeImageUrl } from "./dom.js";
import { colourOf, nameOf, initials, isApp, store, user } from "./store.js";

const SVG = "http://www.w3.org/2000/svg";

export function appMark(size = 36) {
  const image = h("img", { src: "/page/favicon.svg", alt: "", width: size, height: size, class: "avatar avatar-app" });
  return sized(image, size);
}

function sized(node, size) {
  node.style.setProperty("--size", `${size}px`);
  return node;
}

export function avatar(userId, size = 36, { presence = false } = {}) {
  if (isApp(userId)) return withPresence(appMark(size), store.app.connected, presence);
  const face = h("span", { class: "avatar", "aria-hidden": "true" }, initials(nameOf(userId)));
  face.style.setProperty("--colour", colourOf(userId));
  return withPresence(sized(face, size), user(userId)?.presence !== "away", presence);
}

function withPresence(face, active, wanted) {
  if (!wanted) return face;
  const dot = h("span", { class: `presence ${active ? "presence-active" : ""}`, title: active ? "Active" : "Away" });
  return h("span", { class: "avatar-with-presence" }, face, dot);
}

// The face of a message: a person's, the app's, or one that the message brought along.
export function messageAvatar(message, size = 36) {
  const image = safeImageUrl(message.icons?.image_48 ?? message.icon_url);
  if (message.username && image)
    return sized(h("img", { src: image, alt: "", class: "avatar", width: size, height: size }), size);
  if (message.user === "USLACKBOT") return slackbot(size);
  if (message.bot_id && !message.user) return appMark(size);
  return avatar(message.user ?? message.bot_id, size);
}

export function slackbot(size = 36) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 36 36");
  svg.setAttribute("class", "avatar avatar-slackbot");
  const shapes = [
    ["rect", { width: 36, height: 36, rx: 8, fill: "#5b4b8a" }],
    ["circle", { cx: 18, cy: 19, r: 9.5, fill: "#f4efff" }],
    ["circle", { cx: 14.5, cy: 17.5, r: 1.6, fill: "#3c2c63" }],
    ["circle", { cx: 21.5, cy: 17.5, r: 1.6, fill: "#3c2c63" }],
    ["path", { d: "M13.500 22a6 6 0 0 0 9 0", stroke: "#3c2c63", "stroke-width": 1.6, fill: "none" }],
  ];
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([key, value]) => shape.setAttribute(key, value));
    svg.append(shape);
  }
  return sized(svg, size);
}
