// Files of a message: pictures inline, the rest as cards to download.

import { slack } from "../base/api.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";

const isPicture = (file) =>
  /^image\/(png|jpe?g|gif|webp)$/.test(file.mimetype ?? "") || /^(png|jpe?g|gif|webp)$/.test(file.filetype ?? "");

function humanSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  const units = ["B", "KB", "MB", "GB"];
  let amount = bytes;
  let unit = 0;
  for (; amount >= 1000 && unit < units.length - 1; unit += 1) amount /= 1000;
  return `${amount >= 10 || unit === 0 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

export function fileCard(file) {
  const address = slack.fileUrl(file.id);
  const name = file.title || file.name || file.id;
  if (isPicture(file)) {
    return h(
      "figure",
      { class: "figure", dataset: { testid: "file", fileId: file.id } },
      h("figcaption", { class: "image-title" }, name),
      h(
        "a",
        { href: address, target: "_blank", rel: "noopener" },
        h("img", { class: "block-image", src: address, alt: file.alt_txt || name, loading: "lazy" }),
      ),
    );
  }
  const kind = (file.filetype || file.name?.split(".").pop() || "file").toLowerCase();
  const badge = h(
    "span",
    { class: `file-badge file-${kind.replace(/\W/g, "")}`, "aria-hidden": "true" },
    kind.slice(0, 4).toUpperCase(),
  );
  return h(
    "a",
    { class: "file-card", href: address, download: file.name || name, dataset: { testid: "file", fileId: file.id } },
    badge,
    h(
      "span",
      { class: "file-text" },
      h("span", { class: "file-name" }, name),
      h(
        "span",
        { class: "muted" },
        [file.pretty_type || kind.toUpperCase(), humanSize(file.size)].filter(Boolean).join(" · "),
      ),
    ),
    icon("download", 18),
  );
}
