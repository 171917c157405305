// Who wants to hear what, inside the page.

const listeners = new Map();

export function on(type, listener) {
  if (!listeners.has(type)) listeners.set(type, new Set());
  listeners.get(type).add(listener);
  return () => listeners.get(type).delete(listener);
}

export function emit(type, payload) {
  for (const listener of [...(listeners.get(type) ?? [])]) {
    try {
      listener(payload);
    } catch (error) {
      console.error(`listener of ${type} failed`, error);
    }
  }
}
