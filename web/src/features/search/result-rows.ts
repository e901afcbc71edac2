// What was found as the rows of one list: a heading for each group with anything
// in it, and its hits below.
import { keyOf } from "@/features/browse/address";
import type { Row } from "@/features/rows/RowList";
import type { SearchHit, Snippet, TextHit } from "@/api/types";
import { count, countOf } from "@/ui/format";
import type { Range } from "@/ui/Name";

/** names: by what they are called; texts: by what is written in them; similar: by what they are about. */
export type Group = "names" | "texts" | "similar";

export type ResultRow = Row & (
  | { heading: true; group: Group; title: string; words: string }
  | { heading?: false; group: "names"; entry: SearchHit }
  | { heading?: false; group: "more"; words: string }
  | { heading?: false; group: "texts" | "similar"; entry: TextHit; snippets: Snippet[] }
);

const heights = { heading: 40, entry: 48, snippet: 18, more: 36 };
const mostSnippets = 3;
const fewNames = 8; // before the other groups, until all are asked for

interface Groups {
  names: readonly SearchHit[];
  total: number;
  fuzzy?: number | undefined;
  texts?: readonly TextHit[] | undefined;
  /** How many texts there are; `textsMore`: at least. */
  textsTotal?: number | undefined;
  textsMore?: boolean | undefined;
  similar?: readonly TextHit[] | undefined;
  /** Show all names, however far the other groups are then. */
  all?: boolean;
}

/** The rows of an answer. Without texts there is one group, and it needs no heading. */
export function resultRows({ names, total, fuzzy = 0, texts = [], textsTotal = texts.length, textsMore = false, similar = [], all = false }: Groups): ResultRow[] {
  const rows: ResultRow[] = [];
  const head = (group: Group, title: string, words: string) => rows.push({ key: `#${group}`, height: heights.heading, heading: true, group, title, words });
  if (names.length > 0) {
    const others = texts.length + similar.length > 0;
    const held = others && !all && total > fewNames + 2;
    if (others) head("names", "Names", `${count(total)}${fuzzy > 0 ? `, ${count(fuzzy)} but for a slip` : ""}`);
    for (const entry of held ? names.slice(0, fewNames) : names) rows.push({ key: `names ${keyOf(entry)}`, height: heights.entry, group: "names", entry });
    if (held) rows.push({ key: "more", height: heights.more, group: "more", words: `All ${count(total)} names` });
  }
  const written = (group: "texts" | "similar", hits: readonly TextHit[]) => {
    for (const entry of hits) {
      const snippets = entry.snippets.slice(0, mostSnippets);
      rows.push({ key: `${group} ${keyOf(entry)}`, height: heights.entry + snippets.length * heights.snippet, group, entry, snippets });
    }
  };
  if (texts.length > 0) {
    head("texts", "In texts", `${textsMore ? "more than " : ""}${countOf(textsTotal, "file")}${texts.length < textsTotal ? `, the best ${count(texts.length)}` : ""}`);
    written("texts", texts);
  }
  if (similar.length > 0) {
    head("similar", "Similar in meaning", `${countOf(similar.length, "file")} without these words, about the same`);
    written("similar", similar);
  }
  return rows;
}

/** The entry of a row, where it is of one. */
export function entryOf(row: ResultRow | undefined): SearchHit | TextHit | undefined {
  return row !== undefined && "entry" in row ? row.entry : undefined;
}

/** A text on one line, with what to light up in UTF-16 units; the daemon counts characters. */
export function marked(text: string, marks: readonly (readonly number[])[] = []): { text: string; ranges: Range[] } {
  const starts: number[] = [];
  let at = 0;
  for (const character of text) {
    starts.push(at);
    at += character.length;
  }
  const unit = (character: number) => starts[character] ?? at;
  const ranges = marks.map(([from = 0, to = 0]) => ({ from: unit(from), to: unit(to) })).sort((a, b) => a.from - b.from);
  return { text: text.replace(/\s/g, " "), ranges };
}
