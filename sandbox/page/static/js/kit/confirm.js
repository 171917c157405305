// A modal dialog of the page itself, and Slack's confirmation dialogs.

import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { textObject } from "../base/mrkdwn.js";

export function openDialog(content, { className = "", label, onClose, testid } = {}) {
  const dialog = h("dialog", { class: `dialog ${className}`, "aria-label": label, dataset: { testid } }, content);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose?.(dialog.returnValue);
  });
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());
  dialog.showModal();
  return dialog;
}

export function closeButton(label, run, testid) {
  return h(
    "button",
    { class: "icon-button", type: "button", "aria-label": label, dataset: { testid }, onclick: run },
    icon("close", 20),
  );
}

// Asks as a `confirm` object of Slack says; resolves to whether the person agreed.
export function confirmDialog(confirm) {
  return new Promise((resolve) => {
    const danger = confirm.style === "danger" ? "button-danger" : "button-primary";
    const finish = (value) => () => dialog.close(value);
    const dialog = openDialog(
      h(
        "div",
        { class: "confirm" },
        h("h2", { class: "confirm-title" }, textObject(confirm.title ?? { text: "Are you sure?" })),
        h("div", { class: "confirm-text" }, textObject(confirm.text)),
        h(
          "div",
          { class: "confirm-buttons" },
          h(
            "button",
            { class: "button", type: "button", dataset: { testid: "confirm-deny" }, onclick: finish("") },
            textObject(confirm.deny ?? { text: "Cancel" }),
          ),
          h(
            "button",
            {
              class: `button ${danger}`,
              type: "button",
              autofocus: true,
              dataset: { testid: "confirm-yes" },
              onclick: finish("yes"),
            },
            textObject(confirm.confirm ?? { text: "Yes" }),
          ),
        ),
      ),
      { className: "dialog-confirm", testid: "confirm", onClose: (value) => resolve(value === "yes") },
    );
  });
}
