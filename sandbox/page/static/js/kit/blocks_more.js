// The newer blocks: tasks and plans of an agent, feedback, alerts, cards, containers.

import { fragment, h, link, safeImageUrl } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { plain, plainString, textObject } from "../base/mrkdwn.js";
import { renderElement } from "./elements.js";
import { richText } from "./rich_text.js";

const STATUS = { pending: "Waiting", in_progress: "In progress", complete: "Done", error: "Failed" };

function statusMark(status) {
  const known = STATUS[status] ? status : "pending";
  const inner = { complete: () => icon("check", 13), error: () => icon("close", 13) }[known];
  return h("span", { class: `task-mark task-${known}`, role: "img", "aria-label": STATUS[known] }, inner?.());
}

export function taskCard(block) {
  const detail = block.details || block.output || block.sources?.length;
  const summary = [statusMark(block.status), h("span", { class: "task-title" }, plain(block.title))];
  if (!detail) return h("div", { class: "task" }, h("div", { class: "task-line" }, summary));
  return h(
    "details",
    { class: "task", open: block.status === "error" },
    h("summary", { class: "task-line" }, summary, icon("chevronRight", 14)),
    h(
      "div",
      { class: "task-body" },
      block.details && rich(block.details),
      block.output && h("div", { class: "task-output" }, rich(block.output)),
      block.sources?.length &&
        h(
          "div",
          { class: "task-sources" },
          block.sources.map((source) => link(source.url, source.text || source.url)),
        ),
    ),
  );
}

const rich = (value) => (typeof value === "string" ? plain(value) : richText(value));

export function plan(block) {
  const tasks = block.tasks ?? [];
  const done = tasks.filter((task) => task.status === "complete").length;
  const share = tasks.length ? done / tasks.length : 0;
  const bar = h("span", { class: "plan-bar-fill" });
  bar.style.setProperty("width", `${Math.round(share * 100)}%`);
  return h(
    "div",
    { class: "plan" },
    h(
      "div",
      { class: "plan-head" },
      h("strong", {}, plain(plainString(block.title))),
      h("span", { class: "muted" }, `${done} of ${tasks.length}`),
    ),
    h(
      "div",
      {
        class: "plan-bar",
        role: "progressbar",
        "aria-valuenow": done,
        "aria-valuemin": 0,
        "aria-valuemax": tasks.length,
        "aria-label": plainString(block.title),
      },
      bar,
    ),
    tasks.map(taskCard),
  );
}

export function contextActions(block, surface) {
  return h(
    "div",
    { class: "context-actions", role: "group" },
    (block.elements ?? []).map((element) => renderElement(element, block, surface)),
  );
}

const LEVEL_ICONS = { default: "info", info: "info", warning: "warning", error: "warning", success: "check" };

export function alertBlock(block) {
  const level = LEVEL_ICONS[block.level] ? block.level : "default";
  return h(
    "div",
    { class: `alert alert-${level}`, role: "note" },
    icon(LEVEL_ICONS[level], 18),
    h("div", {}, textObject(block.text)),
  );
}

function pictureOf(element, className) {
  const source = element && safeImageUrl(element.image_url ?? "");
  return source ? h("img", { class: className, src: source, alt: element.alt_text ?? "", loading: "lazy" }) : null;
}

export function card(block, surface) {
  const heading = h(
    "div",
    { class: "card-heading" },
    pictureOf(block.icon, "card-icon"),
    h(
      "div",
      {},
      block.title && h("div", { class: "card-title" }, textObject(block.title)),
      block.subtitle && h("div", { class: "muted" }, textObject(block.subtitle)),
    ),
  );
  return h(
    "div",
    { class: "card" },
    pictureOf(block.hero_image, "card-hero"),
    heading,
    block.body && h("div", { class: "card-body" }, textObject(block.body)),
    block.subtext && h("div", { class: "muted card-subtext" }, textObject(block.subtext)),
    block.actions?.length &&
      h(
        "div",
        { class: "actions" },
        block.actions.map((element) => renderElement(element, block, surface)),
      ),
  );
}

export function carousel(block, surface) {
  const named = (each, index) => (each.block_id ? each : { ...each, block_id: `${block.block_id}-${index}` });
  return h(
    "div",
    { class: "carousel", role: "group", tabindex: "0", "aria-label": "Cards" },
    (block.elements ?? []).map((each, index) => card(named(each, index), surface)),
  );
}

export function containerBlock(block, render) {
  const heading = fragment(
    pictureOf(block.icon, "card-icon"),
    h(
      "div",
      {},
      block.title && h("div", { class: "card-title" }, textObject(block.title)),
      block.subtitle && h("div", { class: "muted" }, textObject(block.subtitle)),
    ),
  );
  const children = h("div", { class: "container-body" }, render(block.child_blocks));
  if (!block.is_collapsible) return h("div", { class: "card" }, h("div", { class: "card-heading" }, heading), children);
  return h(
    "details",
    { class: "card container-collapsible", open: !block.default_collapsed },
    h("summary", { class: "card-heading" }, heading, icon("chevronRight", 16)),
    children,
  );
}
