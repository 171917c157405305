// Line icons, 24 x 24, drawn with the text's colour.

const PATHS = {
  hash: "M4 9h16 M4 15h16 M10 3 8 21 M16 3l-2 18",
  lock: "M6 11h12v9H6z M8 11V8a4 4 0 0 1 8 0v3",
  reply: "M21 12a8 8 0 0 1-8 8H4l2.500-3A8 8 0 1 1 21 12z",
  smile: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z M8.500 14.500a4.500 4.500 0 0 0 7 0 M9 9.500v.01 M15 9.500v.01",
  more: "M5 12v.01 M12 12v.01 M19 12v.01",
  moreVertical: "M12 5v.01 M12 12v.01 M12 19v.01",
  close: "M6 6l12 12 M18 6 6 18",
  chevronDown: "M6 9l6 6 6-6",
  chevronRight: "M9 6l6 6-6 6",
  chevronLeft: "M15 6l-6 6 6 6",
  check: "M5 12.500l4.500 4.500L19 7.500",
  send: "M4 12 20 4l-5 16-3.500-7z M11.500 13 20 4",
  paperclip:
    "M20 11.500l-8 8a5 5 0 0 1-7-7l8.500-8.500a3.500 3.500 0 0 1 5 5L10 17.500a1.800 1.800 0 0 1-2.600-2.600L15 7.500",
  slash: "M4 4h16v16H4z M14.500 8l-5 8",
  at: "M16 12a4 4 0 1 1-8 0a4 4 0 0 1 8 0z M16 8v5.500a2.500 2.500 0 0 0 5 0V12a9 9 0 1 0-3.600 7.200",
  bold: "M7 5h6a3.500 3.500 0 0 1 0 7H7z M7 12h7a3.500 3.500 0 0 1 0 7H7z",
  italic: "M11 5h6 M7 19h6 M14 5l-4 14",
  strike:
    "M5 12h14 M16.500 8A4 4 0 0 0 12.500 5h-1a3.500 3.500 0 0 0-3 5.500 M7.500 16a4 4 0 0 0 4 3h1a3.500 3.500 0 0 0 3.200-5",
  code: "M8 8l-4 4 4 4 M16 8l4 4-4 4",
  search: "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14z M16 16l4.500 4.500",
  sun: "M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8z M12 2v2.500 M12 19.500V22 M2 12h2.500 M19.500 12H22 M5 5l1.800 1.800 M17.200 17.200 19 19 M5 19l1.800-1.800 M17.200 6.800 19 5",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z",
  help: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z M9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.300-1 .8-1 1.700 M12 16.700v.01",
  board: "M4 5h4.500v14H4z M10 5h4.500v9H10z M16 5h4v12h-4z",
  hourglass: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z M12 7.500V12l3 2",
  branch:
    "M7 5a2 2 0 1 0 0 4a2 2 0 0 0 0-4z M7 15a2 2 0 1 0 0 4a2 2 0 0 0 0-4z M17 7a2 2 0 1 0 0 4a2 2 0 0 0 0-4z M7 9v6 M17 11c0 3-4 4-8 5",
  pulse: "M3 12h4l2.500-7 5 14 2.500-7h4",
  mail: "M3.500 6h17v12h-17z M4 6.500l8 6.500 8-6.500",
  grid: "M4 5h16v14H4z M4 9.700h16 M4 14.300h16 M9.300 5v14 M14.700 5v14",
  bolt: "M13 3 5 13.500h6L10.500 21 19 10.500h-6z",
  globe: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z M3.500 12h17 M12 3c3 3 3 15 0 18 M12 3c-3 3-3 15 0 18",
  calendar: "M4 6h16v14H4z M4 10.500h16 M8.500 3.500V7 M15.500 3.500V7",
  file: "M6 3h8l5 5v13H6z M14 3v5h5",
  download: "M12 4v11 M7.500 11 12 15.500 16.500 11 M5 20h14",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z M12 9.500a2.500 2.500 0 1 0 0 5a2.500 2.500 0 0 0 0-5z",
  plus: "M12 5v14 M5 12h14",
  trash: "M5 7h14 M9.500 7V4.500h5V7 M6.500 7l1 13h9l1-13",
  edit: "M4 20l1-4.500L16 4.500l3.500 3.500L8.500 19z",
  stop: "M7 7h10v10H7z",
  thumbsUp:
    "M7 11v9H4v-9z M7 11l4-7.500a2 2 0 0 1 2.500 2L13 10h5.500a2 2 0 0 1 2 2.400l-1.200 6A2 2 0 0 1 17.300 20H7",
  thumbsDown:
    "M17 13V4h3v9z M17 13l-4 7.500a2 2 0 0 1-2.500-2L11 14H5.500a2 2 0 0 1-2-2.400l1.200-6A2 2 0 0 1 6.700 4H17",
  warning: "M12 4 2.800 20h18.400z M12 10v4.500 M12 17.200v.01",
  info: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z M12 11v5.500 M12 7.800v.01",
  users:
    "M9 5a3.500 3.500 0 1 0 0 7a3.500 3.500 0 0 0 0-7z M2.500 20a6.500 6.500 0 0 1 13 0 M16 5.500a3.300 3.300 0 0 1 0 6.300 M17.500 14.500A6 6 0 0 1 21.500 20",
  panel: "M4 5h16v14H4z M14.500 5v14",
  play: "M7 5l12 7-12 7z",
  arrowDown: "M12 5v14 M6 13l6 6 6-6",
  menu: "M4 7h16 M4 12h16 M4 17h16",
};

const SVG = "http://www.w3.org/2000/svg";

export function icon(name, size = 18) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor" };
  Object.entries(attributes).forEach(([key, value]) => svg.setAttribute(key, value));
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.info);
  svg.append(path);
  return svg;
}
