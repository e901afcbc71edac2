// Values of custom fields: how they are shown, and how a query asks for them.
import type { FieldDef } from "@/api/types";
import { plainName } from "@/ui/names";
import { words } from "./words";

/** What a field is called for people. */
export const fieldName = (field: Pick<FieldDef, "label" | "key">): string => plainName(field.label ?? field.key);

const locale = typeof navigator === "undefined" ? "en" : navigator.language;

/** A value as people read it. What is kept is neutral: 12.5, 2024-03-01, true. */
export function shownValue({ type }: Pick<FieldDef, "type">, value: string, language = locale): string {
  if (type === "bool") return value === "true" ? words.yes : words.no;
  if (type === "number" && Number.isFinite(Number(value))) return Number(value).toLocaleString(language, { maximumFractionDigits: 15 });
  if (type === "date" && /^\d{4}-\d{2}-\d{2}$/.test(value)) {
    return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(value));
  }
  return plainName(value);
}

/** An address that a click may follow; values come from anywhere. */
export const safeAddress = (value: string): string | undefined => (/^(https?|mailto):/i.test(value) ? value : undefined);

/** A field as a query names it, with what its value is to be; "" where no query can say that. */
export function fieldQuery(key: string, value: string, not = false): string {
  if (value.includes('"') || value.trim() === "") return "";
  const said = /^[\p{L}\p{N}._*<>=/:+-]+$/u.test(value) ? value : `"${value}"`;
  return `${not ? "-" : ""}field.${key}:${said}`;
}

/** A condition on a custom field, as it stands in a query. */
export interface FieldFilter {
  key: string;
  value: string;
  not: boolean;
  /** Where it stands, in UTF-16 units. */
  from: number;
  to: number;
}

// What stands in quotes by itself is a phrase, whatever is in it.
const token = /"[^"]*"|(?<=^|[\s(])(-?)field\.([^\s:"()]+):("[^"]*"|[^\s()]+)/giu;

/** The conditions on custom fields in a query. */
export function fieldFilters(query: string): FieldFilter[] {
  return [...query.matchAll(token)].flatMap((match) => {
    const [all, minus, key, value] = match;
    if (key === undefined || value === undefined) return [];
    return [{ key, value: value.replace(/^"|"$/g, ""), not: minus === "-", from: match.index, to: match.index + all.length }];
  });
}

/** The query without one of its conditions. */
export const withoutFilter = (query: string, { from, to }: FieldFilter): string => `${query.slice(0, from).trimEnd()} ${query.slice(to).trimStart()}`.trim();

/** The query with one condition more, or with another one in its place where it has one on that field already. */
export function withFilter(query: string, key: string, condition: string): string {
  const before = fieldFilters(query).filter((filter) => filter.key.toLowerCase() === key.toLowerCase());
  const rest = before.reduceRight((text, filter) => withoutFilter(text, filter), query);
  return `${rest} ${condition}`.trim();
}

/** Choices as they are written, one a line: each once, without empty ones. */
export const choicesOf = (text: string): string[] => [...new Set(text.split("\n").map((line) => line.trim()).filter((line) => line !== ""))];

/** What is to be asked so that a field has other choices. */
export function choiceChanges(before: readonly string[], after: readonly string[]): { add_choices?: string[]; remove_choices?: string[] } {
  const added = after.filter((choice) => !before.includes(choice));
  const gone = before.filter((choice) => !after.includes(choice));
  return { ...(added.length > 0 && { add_choices: added }), ...(gone.length > 0 && { remove_choices: gone }) };
}
