// What happens in the sandbox, as it happens; connects again by itself, and says when it could not.

import { emit } from "./events.js";

let socket = null;
let viewer = null;
let attempts = 0;

export function connect(userId) {
  viewer = userId;
  attempts = 0;
  const previous = socket;
  socket = null;
  previous?.close();
  open();
}

function open() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const fresh = new WebSocket(`${scheme}://${location.host}/sandbox/api/ws?as=${encodeURIComponent(viewer)}`);
  socket = fresh;
  fresh.addEventListener("open", () => {
    const again = attempts > 0;
    attempts = 0;
    emit("live", { connected: true, again });
  });
  fresh.addEventListener("message", ({ data }) => {
    const event = JSON.parse(data);
    emit("bus", event);
    emit(`bus:${event.type}`, event);
  });
  fresh.addEventListener("close", () => {
    if (socket !== fresh) return;
    attempts += 1;
    emit("live", { connected: false });
    setTimeout(() => socket === fresh && open(), Math.min(250 * 2 ** attempts, 5000));
  });
}
