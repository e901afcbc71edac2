// Tabs of the explorer: each has a way of its own, back and forward. Pure; tabs.ts holds them.

export interface Tab {
  id: number;
  title: string;
  /** The places it went through, as URLs, and which of them is shown. */
  way: readonly string[];
  at: number;
}

export interface Tabs {
  tabs: readonly Tab[];
  active: number;
  /** Number of the next one. */
  next: number;
}

const longest = 100;

export const hereOf = (tab: Tab): string => tab.way[tab.at] ?? "/";
export const activeOf = (state: Tabs): Tab | undefined => state.tabs.find(({ id }) => id === state.active);

export const oneTab = (href: string): Tabs => ({ tabs: [{ id: 1, title: "", way: [href], at: 0 }], active: 1, next: 2 });

function changed(state: Tabs, id: number, change: (tab: Tab) => Tab): Tabs {
  return { ...state, tabs: state.tabs.map((tab) => (tab.id === id ? change(tab) : tab)) };
}

/** The active tab went on to another place. */
export function wentOn(state: Tabs, href: string): Tabs {
  return changed(state, state.active, (tab) => {
    const way = [...tab.way.slice(0, tab.at + 1), href].slice(-longest);
    return { ...tab, way, at: way.length - 1 };
  });
}

/** The same place is called otherwise now. */
export function renamed(state: Tabs, href: string): Tabs {
  return changed(state, state.active, (tab) => ({ ...tab, way: tab.way.with(tab.at, href) }));
}

/** A tab is shown, at one of its places. */
export function shown(state: Tabs, id: number, at?: number): Tabs {
  if (!state.tabs.some((tab) => tab.id === id)) return state;
  return changed({ ...state, active: id }, id, (tab) => ({ ...tab, at: Math.max(0, Math.min(at ?? tab.at, tab.way.length - 1)) }));
}

/** Another tab, beside the active one; shown at once, or left for later. */
export function opened(state: Tabs, href: string, title: string, show: boolean): Tabs {
  const at = state.tabs.findIndex(({ id }) => id === state.active) + 1;
  const tab: Tab = { id: state.next, title, way: [href], at: 0 };
  return { tabs: state.tabs.toSpliced(at, 0, tab), active: show ? tab.id : state.active, next: state.next + 1 };
}

/** Without a tab; the last one stays. The one beside it is shown where it was the active one. */
export function closed(state: Tabs, id: number): Tabs {
  const at = state.tabs.findIndex((tab) => tab.id === id);
  if (at < 0 || state.tabs.length === 1) return state;
  const tabs = state.tabs.toSpliced(at, 1);
  const beside = tabs[Math.min(at, tabs.length - 1)];
  return { ...state, tabs, active: state.active === id && beside ? beside.id : state.active };
}

/** The tab so many places beside the active one, around the ends. */
export function besides(state: Tabs, by: number): number {
  const at = state.tabs.findIndex(({ id }) => id === state.active);
  return state.tabs.at((at + by + state.tabs.length) % state.tabs.length)?.id ?? state.active;
}

export function titled(state: Tabs, title: string): Tabs {
  return activeOf(state)?.title === title ? state : changed(state, state.active, (tab) => ({ ...tab, title }));
}

/** What was kept, if it is whole, with the active tab at the place that is open. */
export function restored(kept: unknown, href: string): Tabs {
  const state = kept as Partial<Tabs> | null;
  const isTab = (tab: Partial<Tab> | null): tab is Tab =>
    typeof tab?.id === "number" && typeof tab.title === "string" && typeof tab.at === "number" && Array.isArray(tab.way) && tab.way.length > tab.at && tab.way.every((one) => typeof one === "string" && one.startsWith("/"));
  if (!Array.isArray(state?.tabs) || state.tabs.length === 0 || !state.tabs.every(isTab) || typeof state.active !== "number") return oneTab(href);
  const whole: Tabs = { tabs: state.tabs, active: state.active, next: Math.max(...state.tabs.map(({ id }) => id)) + 1 };
  const active = activeOf(whole);
  if (active === undefined) return oneTab(href);
  return hereOf(active) === href ? whole : wentOn(whole, href);
}
