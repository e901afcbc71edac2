// When the photos of a folder were taken: the months there are, as the daemon sums
// them up.

/** A stretch of time as a search has it, what people call it, and how many there are. */
export interface Month {
  query: string;
  title: string;
  count: number;
}

export const media = "kind:image,video";

interface Value {
  value: string;
  query: string;
  files: number;
}

/** The months that hold photos, the newest first; those without a date come last. */
export function monthsOf(values: readonly Value[], undated: string, language?: string): Month[] {
  const name = new Intl.DateTimeFormat(language, { year: "numeric", month: "long", timeZone: "UTC" });
  return values.map(({ value, query, files }) => ({
    query: `${media} ${query}`,
    title: value === "" ? undated : name.format(new Date(`${value}-01T00:00:00Z`)),
    count: files,
  }));
}
