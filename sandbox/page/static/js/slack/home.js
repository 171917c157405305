// App Home of the acting person.

import { slack } from "../base/api.js";
import { appMark } from "../base/avatar.js";
import { debounce, h, replace } from "../base/dom.js";
import { on } from "../base/events.js";
import { store } from "../base/store.js";
import { renderBlocks } from "../kit/blocks.js";
import { Surface } from "../kit/surface.js";

export class HomeView {
  constructor() {
    this.body = h("div", { class: "home-body", dataset: { testid: "home" } });
    this.element = h(
      "div",
      { class: "home-scroll", tabindex: "0", role: "tabpanel", "aria-labelledby": "tab-home" },
      this.body,
    );
    this.surface = null;
    const refresh = debounce(() => this.load(), 30);
    this.stops = [
      on("bus:home", (event) => event.user === store.me && refresh()),
      on("live", ({ again }) => again && refresh()),
    ];
  }

  async load() {
    const { view } = await slack.get("home", { as: store.me }).catch(() => ({ view: null }));
    if (this.stopped) return;
    if (!view) {
      replace(
        this.body,
        h(
          "div",
          { class: "empty" },
          appMark(56),
          h("h2", {}, `${store.app.name} has nothing here yet`),
          h(
            "p",
            { class: "muted" },
            store.app.connected
              ? "It will appear as soon as the app publishes it."
              : `${store.app.name} is not running.`,
          ),
        ),
      );
      return;
    }
    const values = this.surface?.container.view_id === view.id ? this.surface.values : {};
    this.surface = new Surface({ type: "view", view_id: view.id }, values);
    this.surface.beginDrawing();
    const { scrollTop } = this.element;
    replace(this.body, renderBlocks(view.blocks, this.surface));
    this.element.scrollTop = scrollTop;
  }

  stop() {
    this.stopped = true;
    this.stops.forEach((stop) => stop());
  }
}
