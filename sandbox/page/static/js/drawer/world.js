// Who is who here, and the stories that the agents should find.

import { avatar } from "../base/avatar.js";
import { h, replace } from "../base/dom.js";
import { emit } from "../base/events.js";
import { icon } from "../base/icons.js";
import { go } from "../base/route.js";
import { loadWorld, store } from "../base/store.js";
import { actAs } from "../slack/rail.js";

const ISSUE = /\b([A-Z][A-Z0-9]+-\d+)\b/;

export class WorldPanel {
  constructor() {
    this.element = h("div", { class: "panel panel-scroll" });
  }

  async shown() {
    if (!store.world.people?.length) await loadWorld();
    const { people = [], teams = [], projects = [], stories = [] } = store.world;
    const name = (key) => people.find((each) => each.key === key)?.name ?? key;
    replace(
      this.element,
      h("h4", {}, "Stories to find"),
      stories.length ? stories.map(storyCard) : h("p", { class: "muted" }, "None in this world."),
      h("h4", {}, "Projects"),
      projects.map((project) =>
        h(
          "button",
          { type: "button", class: "world-row", onclick: () => emit("drawer", { tab: "jira", project: project.key }) },
          h("strong", {}, project.name),
          h(
            "span",
            { class: "muted" },
            [
              project.key,
              project.type,
              project.monthly_retainer_hours && `${project.monthly_retainer_hours} h a month`,
              `PM ${name(project.pm)}`,
            ]
              .filter(Boolean)
              .join(" · "),
          ),
        ),
      ),
      teams.map((team) => [
        h("h4", {}, team.name),
        people.filter((each) => each.team === team.name).map((each) => personRow(each, team)),
      ]),
      outside(people, teams),
    );
  }
}

function outside(people, teams) {
  const rest = people.filter((each) => !teams.some((team) => team.name === each.team));
  return rest.length ? [h("h4", {}, "And"), rest.map((each) => personRow(each, {}))] : null;
}

function personRow(each, team) {
  const duties = [each.title, each.role, team.lead === each.key && "leads the team"].filter(Boolean).join(" · ");
  return h(
    "div",
    { class: "world-person" },
    avatar(each.slack_id, 30),
    h(
      "div",
      { class: "world-text" },
      h("strong", {}, each.name),
      h("span", { class: "muted" }, duties),
      h("span", { class: "muted" }, each.email),
    ),
    h(
      "button",
      {
        type: "button",
        class: "button button-small",
        "aria-label": `Act as ${each.name}`,
        disabled: each.slack_id === store.me,
        onclick: () => actAs(each.slack_id),
      },
      "Be",
    ),
  );
}

function storyCard(story) {
  const target = destination(story);
  return h(
    "div",
    { class: "story" },
    h("div", { class: "story-agent" }, story.agent),
    h("div", {}, story.what),
    h(
      "div",
      { class: "story-foot" },
      h("span", { class: "muted" }, story.where),
      target &&
        h(
          "button",
          { type: "button", class: "link-button", dataset: { testid: "story-go", story: story.id }, onclick: target },
          "Take me there",
          icon("chevronRight", 13),
        ),
    ),
  );
}

// Where a story is told: an issue or a project in Jira, a pull request, somebody's week in Tempo, a channel.
function destination({ what = "", where = "" }) {
  const channel = /#([\w-]+)/.exec(where)?.[1];
  const target = [...store.channels.values()].find((each) => each.name && each.name === channel);
  if (target) return () => go({ channel: target.id });
  const pull = /^([\w.-]+\/[\w.-]+)#(\d+)$/.exec(where);
  if (pull) return () => emit("drawer", { tab: "github", repository: pull[1], number: Number(pull[2]) });
  const ticket = /^ConnectWise #(\d+)$/.exec(where)?.[1];
  if (ticket) return () => emit("drawer", { tab: "connectwise", id: ticket });
  const week = /\d{4}-\d\d-\d\d/.exec(where)?.[0];
  if (/tempo/i.test(where)) {
    const who = store.world.people?.find((each) => what.includes(each.name))?.slack_id ?? null;
    return () => emit("drawer", { tab: "tempo", week, person: who });
  }
  const issue = ISSUE.exec(where)?.[1];
  if (issue) return () => emit("drawer", { tab: "jira", key: issue });
  const project = store.world.projects?.find((each) => new RegExp(`\\b${each.key}\\b`).test(where));
  return project ? () => emit("drawer", { tab: "jira", project: project.key }) : null;
}
