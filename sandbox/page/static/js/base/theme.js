// Light or dark: the system's choice until the person makes one.

const system = matchMedia("(prefers-color-scheme: dark)");

export function remembered(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(`sandbox.${key}`)) ?? fallback;
  } catch {
    return fallback;
  }
}

export function remember(key, value) {
  localStorage.setItem(`sandbox.${key}`, JSON.stringify(value));
}

export const isDark = () => document.documentElement.dataset.theme === "dark";

function applyTheme() {
  const chosen = remembered("theme", null);
  document.documentElement.dataset.theme = chosen ?? (system.matches ? "dark" : "light");
}

export function toggleTheme() {
  remember("theme", isDark() ? "light" : "dark");
  applyTheme();
}

system.addEventListener("change", applyTheme);
applyTheme();
