// GitHub: a repository's pull requests, with search; a click opens one.

import { get } from "../base/api.js";
import { remember, remembered } from "../base/theme.js";
import { PullView, checksMark, decisionWords, loginFace } from "./github_pull.js";
import { ListPanel, listCard } from "./list_panel.js";
import { choice } from "./people.js";

export class GithubPanel extends ListPanel {
  constructor() {
    super({
      name: "github",
      rows: "pulls",
      placeholder: "Search: words, a login, #12",
      label: "Search pull requests",
      nothing: "No pull requests here.",
    });
    this.repository = remembered("repository", "");
  }

  concerns({ repository, number }) {
    return this.one.repository === repository && (number === null || this.one.number === number);
  }

  async shown() {
    const answer = await get("github/repositories").catch((error) => ({ error }));
    if (answer.error) return this.say(answer.error.message);
    const { repositories } = answer;
    if (!repositories.some((each) => each.name === this.repository)) this.repository = repositories[0]?.name ?? "";
    this.drawBar(
      choice(
        "Repository",
        repositories.map((each) => [each.name, `${each.name} (${each.open} open)`]),
        this.repository,
        (name) => {
          this.repository = name;
          remember("repository", name);
          this.refresh();
        },
        "github-repository",
      ),
    );
    return this.one ? this.one.load() : this.refresh();
  }

  open({ repository, number }) {
    if (repository) this.repository = repository;
    if (number) this.show(this.repository, number);
    else this.shown();
  }

  async ask(query) {
    if (!this.repository) throw new Error("There are no repositories in this sandbox.");
    const { pulls, total } = await get("github/pulls", { repository: this.repository, ...query });
    return { rows: pulls, total };
  }

  card(pull) {
    const reviewers = pull.reviewers.map((each) => each.login).join(", ");
    return listCard({
      testid: "pull-card",
      number: pull.number,
      title: pull.title,
      face: loginFace(pull.author, 20),
      mark: checksMark(pull.checks),
      state: decisionWords(pull),
      updated: pull.updated,
      below: reviewers && `Asked: ${reviewers}`,
      open: () => this.show(pull.repository, pull.number),
    });
  }

  show(repository, number) {
    this.look(new PullView(repository, number, () => this.back()));
  }
}
