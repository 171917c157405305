// People by whatever id another system knows them.

import { avatar } from "../base/avatar.js";
import { h } from "../base/dom.js";
import { store } from "../base/store.js";

// Accepts an account id, a Slack id, a key, a name, or Jira's object of a person.
export function personOf(value) {
  if (!value) return null;
  const names =
    typeof value === "object"
      ? [value.account_id, value.accountId, value.slack_id, value.key, value.name, value.displayName]
      : [value];
  return (
    (store.world.people ?? []).find((each) =>
      names.some(
        (name) => name && [each.jira_account_id, each.slack_id, each.key, each.name, each.email].includes(name),
      ),
    ) ?? null
  );
}

export function personName(value) {
  if (!value) return "Unassigned";
  const known = personOf(value);
  if (known) return known.name;
  return typeof value === "object" ? (value.displayName ?? value.name ?? "Somebody") : String(value);
}

export function personFace(value, size = 20) {
  const known = personOf(value);
  if (known) return avatar(known.slack_id, size);
  const face = h(
    "span",
    { class: "avatar avatar-unknown", title: personName(value) },
    value ? personName(value).slice(0, 1).toUpperCase() : "–",
  );
  face.style.setProperty("--size", `${size}px`);
  return face;
}

export function choice(label, options, value, changed, testid) {
  return h(
    "select",
    {
      class: "field field-small",
      "aria-label": label,
      dataset: { testid },
      onchange: (event) => changed(event.currentTarget.value),
    },
    options.map(([key, text]) => h("option", { value: key, selected: String(key) === String(value) }, text)),
  );
}
