// The bar above one thing that was opened in the drawer, with the way back to the list.

import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";

export function backBar(back, testid, label, ...rest) {
  return h(
    "div",
    { class: "panel-bar" },
    h(
      "button",
      { type: "button", class: "button button-small", dataset: { testid }, onclick: back },
      icon("chevronLeft", 14),
      label,
    ),
    ...rest,
  );
}
