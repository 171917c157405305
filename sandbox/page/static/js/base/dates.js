// Times as Slack writes them, in the acting person's time zone.

import { myZone, sandboxNow } from "./store.js";

const formatters = new Map();

function formatter(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formatters.has(key)) {
    try {
      formatters.set(key, new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options }));
    } catch {
      formatters.set(key, new Intl.DateTimeFormat("en-US", { timeZone: "UTC", ...options }));
    }
  }
  return formatters.get(key);
}

export const format = (date, options, zone = myZone()) => formatter(zone, options).format(date);
export const fromTs = (ts) => new Date(Number(ts) * 1000);
export const time = (date, zone) => format(date, { hour: "numeric", minute: "2-digit" }, zone);
export const timeOnly = (date) => time(date).replace(/\s?[AP]M$/, "");

function dayKey(date, zone = myZone()) {
  return formatter(zone, { year: "numeric", month: "2-digit", day: "2-digit" })
    .formatToParts(date)
    .reduce((all, part) => ({ ...all, [part.type]: part.value }), {});
}

export function isoDay(date, zone) {
  const parts = dayKey(date, zone);
  return `${parts.year}-${parts.month}-${parts.day}`;
}

export function addDays(isoDate, days) {
  const date = new Date(`${isoDate}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

export function mondayOf(isoDate) {
  const weekday = new Date(`${isoDate}T12:00:00Z`).getUTCDay();
  return addDays(isoDate, -((weekday + 6) % 7));
}

function ordinal(day) {
  const tail = day % 100;
  if (tail >= 11 && tail <= 13) return `${day}th`;
  return `${day}${["th", "st", "nd", "rd"][day % 10] ?? "th"}`;
}

function relativeDay(date) {
  const today = isoDay(sandboxNow());
  const day = isoDay(date);
  if (day === today) return "Today";
  if (day === addDays(today, -1)) return "Yesterday";
  if (day === addDays(today, 1)) return "Tomorrow";
  return null;
}

// Slack leaves the year out within six months of now.
function isFar(date) {
  return Math.abs(date - sandboxNow()) > 183 * 86400e3;
}

function longDate(date, weekday) {
  const month = format(date, { month: "long" });
  const day = ordinal(Number(format(date, { day: "numeric" })));
  const year = isFar(date) ? `, ${format(date, { year: "numeric" })}` : "";
  return `${weekday ? `${format(date, { weekday: "long" })}, ` : ""}${month} ${day}${year}`;
}

export function dayDivider(date) {
  return relativeDay(date) ?? longDate(date, true);
}

function shortDate(date) {
  return format(date, { month: "short", day: "numeric", ...(isFar(date) ? { year: "numeric" } : {}) });
}

export function ago(date) {
  const seconds = Math.round((sandboxNow() - date) / 1000);
  const steps = [
    [60, "second"],
    [60, "minute"],
    [24, "hour"],
    [30, "day"],
    [12, "month"],
    [Infinity, "year"],
  ];
  let amount = Math.abs(seconds);
  for (const [size, unit] of steps) {
    if (amount < size) {
      const whole = Math.floor(amount);
      if (unit === "second" && whole < 10) return "just now";
      const words = `${whole} ${unit}${whole === 1 ? "" : "s"}`;
      return seconds >= 0 ? `${words} ago` : `in ${words}`;
    }
    amount /= size;
  }
  return "";
}

const TOKENS = {
  date_num: (date) => isoDay(date),
  date_slash: (date) => format(date, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date: (date) => longDate(date, false),
  date_long: (date) => longDate(date, true),
  date_short: shortDate,
  date_pretty: (date) => relativeDay(date)?.toLowerCase() ?? longDate(date, false),
  date_long_pretty: (date) => relativeDay(date)?.toLowerCase() ?? longDate(date, true),
  date_short_pretty: (date) => relativeDay(date)?.toLowerCase() ?? shortDate(date),
  day_divider_pretty: (date) => relativeDay(date) ?? longDate(date, true),
  time: (date) => time(date),
  time_secs: (date) => format(date, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago,
};

// Fills Slack's date tokens; null when the instant or a token makes no sense, and the fallback is to be shown.
export function dateTokens(seconds, pattern) {
  const date = new Date(Number(seconds) * 1000);
  if (!/^-?\d+$/.test(String(seconds)) || Number.isNaN(date.getTime())) return null;
  let known = true;
  const text = pattern.replace(/\{(\w+)\}/g, (whole, token) => {
    if (TOKENS[token]) return TOKENS[token](date);
    known = false;
    return whole;
  });
  return known ? text.charAt(0).toUpperCase() + text.slice(1) : null;
}

export const fullStamp = (date) =>
  format(date, {
    weekday: "short",
    month: "short",
    day: "numeric",
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
  });

// Seconds since 1970 of a wall-clock time ("2026-11-23T10:00") in the acting person's zone, and back.
export function zonedEpoch(local, zone = myZone()) {
  const guess = Date.parse(`${local}:00Z`);
  const shown = Date.parse(`${zonedLocal(guess / 1000, zone)}:00Z`);
  return Math.round((guess - (shown - guess)) / 1000);
}

export function zonedLocal(seconds, zone = myZone()) {
  const date = new Date(seconds * 1000);
  const clock = format(date, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, zone);
  return `${isoDay(date, zone)}T${clock}`;
}
