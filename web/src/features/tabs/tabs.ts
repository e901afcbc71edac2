// The tabs, and how they go with the browser's own history: every step of that
// belongs to a tab, so the browser's back leads through tabs as they were used.
import type { RouterHistory } from "@tanstack/react-router";
import { useEffect } from "react";
import { createStore, useStore } from "@/ui/store";
import { activeOf, besides, closed, hereOf, oneTab, opened, renamed, restored, shown, type Tabs, titled, wentOn } from "./tab-moves";

const storageKey = "stardrive.tabs";
const tabs = createStore<Tabs>(oneTab("/"));
let history: RouterHistory | undefined;
/** Which tab, and which place of its way, each step of the browser's history is. */
const steps = new Map<number, { tab: number; at: number }>();
/** The next step of the history shows this, and goes on nowhere. */
let showing: { tab: number; at: number } | undefined;

function set(next: Tabs): void {
  tabs.set(next);
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(next));
  } catch {
    // no storage: a reload begins with one tab
  }
}

function mark(index: number): void {
  const tab = activeOf(tabs.get());
  if (tab) steps.set(index, { tab: tab.id, at: tab.at });
}

/** Follows the router's history; once, when the page starts. */
export function followHistory(of: RouterHistory): () => void {
  history = of;
  let kept: unknown;
  try {
    kept = JSON.parse(sessionStorage.getItem(storageKey) ?? "null");
  } catch {
    // what cannot be read is not kept
  }
  set(restored(kept, of.location.href));
  mark(of.location.state.__TSR_index);
  return of.subscribe(({ location, action }) => {
    const index = location.state.__TSR_index;
    if (action.type === "PUSH") {
      for (const later of [...steps.keys()]) if (later >= index) steps.delete(later);
      set(showing === undefined ? wentOn(tabs.get(), location.href) : shown(tabs.get(), showing.tab, showing.at));
    } else if (action.type === "REPLACE") {
      set(renamed(tabs.get(), location.href));
    } else {
      const step = steps.get(index);
      const known = step !== undefined && tabs.get().tabs.find(({ id }) => id === step.tab)?.way[step.at] === location.href;
      set(known ? shown(tabs.get(), step.tab, step.at) : wentOn(tabs.get(), location.href));
    }
    showing = undefined;
    mark(index);
  });
}

/** Shows a place of a tab's way: by the browser's own history where that leads there. */
function showPlace(id: number, at: number): void {
  const tab = tabs.get().tabs.find((one) => one.id === id);
  const href = tab?.way[at];
  if (history === undefined || href === undefined) return;
  const index = history.location.state.__TSR_index;
  const leadsThere = (step: { tab: number; at: number } | undefined) => step?.tab === id && step.at === at;
  if (leadsThere(steps.get(index - 1))) { history.back(); return; }
  if (leadsThere(steps.get(index + 1))) { history.forward(); return; }
  showing = { tab: id, at };
  history.push(href);
}

export function showTab(id: number): void {
  const tab = tabs.get().tabs.find((one) => one.id === id);
  if (tab && id !== tabs.get().active) showPlace(id, tab.at);
}

/** Another tab with a place, shown at once or left for later. */
export function openTab(href: string, title: string, show: boolean): void {
  const after = opened(tabs.get(), href, title, false);
  set(after);
  if (show) showTab(after.next - 1);
}

/** Another tab with the place that is shown. */
export function newTab(): void {
  const tab = activeOf(tabs.get());
  if (tab) openTab(hereOf(tab), tab.title, true);
}

export function closeTab(id = tabs.get().active): void {
  const before = tabs.get();
  const after = closed(before, id);
  if (after === before) return;
  if (after.active !== before.active) showTab(after.active);
  set({ ...closed(tabs.get(), id), active: after.active });
}

export const stepTab = (by: number): void => showTab(besides(tabs.get(), by));

export function goBack(): void {
  const tab = activeOf(tabs.get());
  if (tab && tab.at > 0) showPlace(tab.id, tab.at - 1);
}

export function goForward(): void {
  const tab = activeOf(tabs.get());
  if (tab && tab.at < tab.way.length - 1) showPlace(tab.id, tab.at + 1);
}

export const useTabs = (): Tabs => useStore(tabs);

/** Tells the active tab, and the window, what is shown. */
export function useTabTitle(title: string): void {
  const { active } = useTabs();
  useEffect(() => {
    if (title === "") return;
    document.title = `${title} – Stardrive`;
    set(titled(tabs.get(), title));
  }, [title, active]);
}
