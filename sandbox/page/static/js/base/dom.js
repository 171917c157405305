// Builds elements. Text from outside only ever becomes text nodes and attribute values; nothing here parses markup.

const SAFE_PROTOCOLS = new Set(["http:", "https:", "mailto:", "tel:", "slack:"]);

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProperty(node, name, value);
  append(node, children);
  return node;
}

function setProperty(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") node.className = value;
  else if (name === "dataset") assignDefined(node.dataset, value);
  else if (name === "style") Object.entries(value).forEach(([key, each]) => node.style.setProperty(key, each));
  else if (name.startsWith("on") && typeof value === "function")
    node.addEventListener(name.slice(2).toLowerCase(), value);
  else if (["value", "checked", "selected", "disabled", "indeterminate", "multiple"].includes(name)) node[name] = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

function assignDefined(target, values) {
  for (const [key, value] of Object.entries(values))
    if (value !== undefined && value !== null) target[key] = String(value);
}

export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child);
  }
  return node;
}

export function replace(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

export function fragment(...children) {
  return append(document.createDocumentFragment(), children);
}

// The address if a click on it is harmless, else null (javascript:, data:, nonsense).
export function safeUrl(address) {
  try {
    const url = new URL(address, location.origin);
    return SAFE_PROTOCOLS.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function safeImageUrl(address) {
  const url = safeUrl(address);
  return url && /^https?:/.test(url) ? url : null;
}

export function link(address, ...children) {
  const url = safeUrl(address);
  if (!url) return fragment(...children);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", class: "link" }, ...children);
}

// Makes the container's children those of `items`, rebuilding only what changed, so that focus and open menus survive.
export function reconcile(container, items, { key, signature, build }) {
  const existing = new Map([...container.children].map((node) => [node.dataset.key, node]));
  let cursor = container.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    const mark = signature(item);
    let node = existing.get(name);
    if (!node || node.signature !== mark) {
      const fresh = build(item);
      fresh.dataset.key = name;
      fresh.signature = mark;
      if (node) {
        if (cursor === node) cursor = fresh;
        node.replaceWith(fresh);
      }
      node = fresh;
    }
    existing.delete(name);
    if (cursor === node) cursor = cursor.nextElementSibling;
    else container.insertBefore(node, cursor);
  }
  for (const node of existing.values()) node.remove();
}

export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

export function debounce(work, delayMs) {
  let timer = null;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), delayMs);
  };
}
