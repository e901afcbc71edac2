// The places that were visited last, for the palette. Kept in this browser.

export interface RecentPlace {
  title: string;
  /** Path below which it is found again. */
  path: string;
}

const key = "stardrive.places";
const most = 30;

export function recentPlaces(): RecentPlace[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(value) ? value.filter((one): one is RecentPlace => typeof (one as RecentPlace | null)?.title === "string" && typeof (one as RecentPlace).path === "string") : [];
  } catch {
    return [];
  }
}

/** The list with a place in front, once. */
export function withPlace(places: readonly RecentPlace[], place: RecentPlace): RecentPlace[] {
  return [place, ...places.filter(({ path }) => path !== place.path)].slice(0, most);
}

export function rememberPlace(place: RecentPlace): void {
  try {
    localStorage.setItem(key, JSON.stringify(withPlace(recentPlaces(), place)));
  } catch {
    // no storage: nothing is remembered
  }
}
