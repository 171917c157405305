// Things that float: menus, pickers, suggestion lists. One at a time; Escape or a click elsewhere closes.

import { h } from "./dom.js";

let open = null;

export function closePopover() {
  open?.close();
}

// Shows `content` beside `anchor`. Returns a function that closes it.
export function openPopover(
  anchor,
  content,
  { className = "", align = "start", side = "bottom", onClose, keepFocus = false } = {},
) {
  const reopened = open?.anchor === anchor;
  closePopover();
  if (reopened && !keepFocus) return () => {};
  const node = h("div", { class: `popover ${className}`, popover: "manual" }, content);
  (anchor.closest("dialog") ?? document.body).append(node);
  node.showPopover();
  place(node, anchor, align, side);
  const watcher = new ResizeObserver(() => place(node, anchor, align, side));
  watcher.observe(node);
  const outside = (event) => {
    if (!node.contains(event.target) && !anchor.contains(event.target)) close();
  };
  const escape = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close();
    if (!keepFocus) anchor.focus?.();
  };
  const close = () => {
    if (open?.node !== node) return;
    open = null;
    watcher.disconnect();
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", escape, true);
    node.remove();
    anchor.setAttribute("aria-expanded", "false");
    onClose?.();
  };
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", escape, true);
  anchor.setAttribute("aria-expanded", "true");
  open = { node, anchor, close };
  return close;
}

function place(node, anchor, align, side) {
  const around = anchor.getBoundingClientRect();
  const own = node.getBoundingClientRect();
  const margin = 8;
  let top = side === "top" ? around.top - own.height - 6 : around.bottom + 6;
  let left = align === "end" ? around.right - own.width : around.left;
  if (side === "right") {
    top = around.top;
    left = around.right + 8;
  }
  if (top + own.height > innerHeight - margin)
    top = Math.max(margin, side === "right" ? innerHeight - margin - own.height : around.top - own.height - 6);
  if (top < margin) top = Math.min(around.bottom + 6, innerHeight - own.height - margin);
  left = Math.max(margin, Math.min(left, innerWidth - own.width - margin));
  node.style.setProperty("top", `${Math.max(margin, top)}px`);
  node.style.setProperty("left", `${left}px`);
}

// A menu of `{label, hint?, run, danger?, icon?, current?}`; `null` draws a line, `{heading}` a heading.
export function openMenu(anchor, items, options = {}) {
  const list = h("div", { class: "menu", role: "menu", tabindex: "-1" });
  let close = () => {};
  for (const item of items) {
    if (!item) list.append(h("hr", { class: "menu-line" }));
    else if (item.heading) list.append(h("div", { class: "menu-heading" }, item.heading));
    else list.append(menuItem(item, () => close()));
  }
  list.addEventListener("keydown", (event) => moveFocus(event, list, "[role=menuitem]"));
  close = openPopover(anchor, list, { className: "popover-menu", ...options });
  (list.querySelector("[aria-current=true]") ?? list.querySelector("[role=menuitem]"))?.focus({ preventScroll: true });
  return close;
}

function menuItem(item, close) {
  const run = () => {
    close();
    item.run();
  };
  return h(
    "button",
    {
      class: `menu-item ${item.danger ? "danger" : ""}`,
      role: "menuitem",
      type: "button",
      dataset: item.dataset,
      "aria-current": item.current && "true",
      onclick: run,
    },
    item.icon ?? null,
    h("span", { class: "menu-label" }, item.label, item.hint && h("span", { class: "menu-hint" }, item.hint)),
    item.trailing ?? null,
  );
}

// Arrow keys, Home and End among the elements that `selector` names inside `container`.
export function moveFocus(event, container, selector, { horizontal = false } = {}) {
  const [back, forth] = horizontal ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
  if (![back, forth, "Home", "End"].includes(event.key)) return;
  const items = [...container.querySelectorAll(selector)].filter(
    (node) => !node.disabled && node.offsetParent !== null,
  );
  if (!items.length) return;
  event.preventDefault();
  const at = items.indexOf(document.activeElement);
  const last = items.length - 1;
  const next = { [back]: at <= 0 ? last : at - 1, [forth]: at >= last ? 0 : at + 1, Home: 0, End: last }[event.key];
  items[next].focus();
}

export function toast(text, kind = "info") {
  document.querySelector(".toast")?.remove();
  const node = h(
    "div",
    { class: `toast toast-${kind}`, role: "alert", popover: "manual", dataset: { testid: "toast" } },
    text,
  );
  document.body.append(node);
  node.showPopover();
  setTimeout(() => node.remove(), 5000);
}
