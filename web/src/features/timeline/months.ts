// When the photos of a folder were taken: which months there are, and how many
// of each. Asked for by counting searches, from decades down to months.

/** A stretch of time as a search has it, what people call it, and how many there are. */
export interface Month {
  query: string;
  title: string;
  count: number;
}

export type Count = (query: string) => Promise<number>;

export const media = "kind:image,video";
const firstDecade = 1970;

const pad = (n: number) => String(n).padStart(2, "0");

/** The ranges among these that hold anything, in their order. */
async function filled(ranges: readonly { query: string; from: number }[], count: Count): Promise<{ query: string; from: number; count: number }[]> {
  const counts = await Promise.all(ranges.map(({ query }) => count(query)));
  return ranges.flatMap((range, i) => (counts[i] ? [{ ...range, count: counts[i] }] : []));
}

/** The months that hold photos, the newest first; those without a date come last. */
export async function monthsOf(count: Count, now: Date, language?: string): Promise<Month[]> {
  const name = new Intl.DateTimeFormat(language, { year: "numeric", month: "long", timeZone: "UTC" });
  const within = (from: string, to: string) => `${media} taken:${from}..${to}`;
  const last = now.getFullYear() + 1;
  const decades = Array.from({ length: Math.floor((last - firstDecade) / 10) + 1 }, (_, i) => firstDecade + i * 10).reverse();
  const some = await filled([...decades.map((from) => ({ query: within(String(from), String(from + 9)), from })), { query: within("1800", String(firstDecade - 1)), from: 1800 }], count);
  const years = await filled(
    some.flatMap(({ from }) => {
      const to = from === 1800 ? firstDecade - 1 : from + 9;
      return Array.from({ length: to - from + 1 }, (_, i) => to - i).filter((year) => year <= last && year >= 1826).map((year) => ({ query: `${media} taken:${year}`, from: year }));
    }),
    count,
  );
  const months = await filled(
    years.flatMap(({ from }) => Array.from({ length: 12 }, (_, i) => 12 - i).map((month) => ({ query: `${media} taken:${from}-${pad(month)}`, from: Date.UTC(from, month - 1) }))),
    count,
  );
  const dated = months.map(({ query, from, count }) => ({ query, count, title: name.format(from) }));
  const undated = { query: `${media} -taken:1800..2200`, title: "No date in them", count: 0 };
  undated.count = await count(undated.query);
  return undated.count > 0 ? [...dated, undated] : dated;
}
