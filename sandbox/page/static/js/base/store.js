// What the page knows of the workspace, as the acting person sees it.

import { get, slack } from "./api.js";
import { emit } from "./events.js";

export const store = {
  me: null,
  team: { name: "Sandbox" },
  users: new Map(),
  channels: new Map(),
  commands: [],
  shortcuts: [],
  app: { name: "FlowPilot", connected: true },
  world: { people: [], teams: [], projects: [], stories: [] },
  clockOffsetMs: 0,
};

const PALETTE = [
  "#b4436c",
  "#2a7f9e",
  "#7a5cc7",
  "#3b8754",
  "#c2662d",
  "#4a63c9",
  "#a0489a",
  "#1d8a80",
  "#8d6b1f",
  "#c04a4a",
  "#5b7a1f",
  "#6b5673",
];

export async function loadState(userId) {
  const state = await slack.get("state", { as: userId });
  store.me = typeof state.me === "string" ? state.me : (state.me?.id ?? userId);
  store.team = state.team ?? store.team;
  store.users = new Map((state.users ?? []).map((user) => [user.id, user]));
  store.channels = new Map((state.channels ?? []).map((channel) => [channel.id, channel]));
  store.commands = state.commands ?? [];
  store.shortcuts = state.shortcuts ?? [];
  store.app = { ...store.app, ...(state.app ?? {}) };
  emit("state", store);
}

export async function loadWorld() {
  store.world = { ...store.world, ...(await get("world").catch(() => ({}))) };
}

export async function loadClock() {
  const { now } = await get("clock").catch(() => ({}));
  if (now) store.clockOffsetMs = new Date(now).getTime() - Date.now();
  emit("clock", sandboxNow());
}

export const sandboxNow = () => new Date(Date.now() + store.clockOffsetMs);

export const user = (id) => store.users.get(id);
export const person = (id) => store.world.people?.find((each) => each.slack_id === id);
export const channel = (id) => store.channels.get(id);
export const isApp = (id) => id === store.app.user_id || id === store.app.bot_id;

export function nameOf(id) {
  if (isApp(id)) return store.app.name;
  const known = user(id);
  return (
    known?.real_name ||
    known?.profile?.real_name ||
    known?.profile?.display_name ||
    known?.name ||
    person(id)?.name ||
    id ||
    "someone"
  );
}

export const handleOf = (id) => user(id)?.profile?.display_name || user(id)?.name || "";
export const titleOf = (id) => user(id)?.profile?.title || person(id)?.title || "";
const zoneOf = (id) => user(id)?.tz || person(id)?.time_zone || "UTC";
export const myZone = () => zoneOf(store.me);

export function initials(name) {
  const words = String(name).trim().split(/\s+/);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}

export function colourOf(id) {
  if (/^#[0-9a-f]{6}$/i.test(person(id)?.color ?? "")) return person(id).color;
  const order = (store.world.people ?? []).findIndex((each) => each.slack_id === id);
  if (order >= 0) return PALETTE[order % PALETTE.length];
  let sum = 0;
  for (const letter of String(id)) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return PALETTE[sum % PALETTE.length];
}

// People one can act as: the world's twelve first, else every human in the workspace.
export function actors() {
  const people = (store.world.people ?? [])
    .map((each) => each.slack_id)
    .filter((id) => !store.users.size || store.users.has(id));
  if (people.length) return people;
  return [...store.users.values()]
    .filter((each) => !each.is_bot && !each.deleted && each.id !== "USLACKBOT")
    .map((each) => each.id);
}

export const humans = () =>
  [...store.users.values()].filter((each) => !each.deleted && each.id !== "USLACKBOT").map((each) => each.id);

export function channelName(target) {
  if (!target) return "";
  if (target.is_im) return nameOf(target.user);
  if (target.is_mpim)
    return (target.members ?? [])
      .filter((id) => id !== store.me)
      .map(nameOf)
      .join(", ");
  return target.name ?? target.id;
}

export const isAppChannel = (target) => Boolean(target?.is_im && isApp(target.user));
export const appChannel = () => [...store.channels.values()].find(isAppChannel);
