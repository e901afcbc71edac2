import { createStore, useStore } from "./store";

export type Theme = "system" | "light" | "dark";

/** What a person chose in this browser. Nothing here is needed to understand a library. */
export interface Preferences {
  theme: Theme;
  showHidden: boolean;
  inspector: boolean;
  /** The code of one of the languages that there are. */
  language: string;
}

const key = "stardrive.preferences"; // also read by public/theme.js
const defaults: Preferences = { theme: "system", showHidden: false, inspector: true, language: "en" };

function stored(): Preferences {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return typeof value === "object" && value !== null ? { ...defaults, ...value } : defaults;
  } catch {
    return defaults;
  }
}

const store = createStore<Preferences>(stored());

export function setPreferences(change: Partial<Preferences>): void {
  store.set((previous) => ({ ...previous, ...change }));
  try {
    localStorage.setItem(key, JSON.stringify(store.get()));
  } catch {
    // a private window: the choice lasts until the tab is closed
  }
  applyTheme();
}

export const preferences = (): Preferences => store.get();
export const usePreferences = (): Preferences => useStore(store);

/** Puts the chosen theme on the page; "system" leaves it to the browser. */
export function applyTheme(): void {
  const { theme } = store.get();
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
