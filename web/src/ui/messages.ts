// The words of the page. A part of it keeps its English in a catalogue of its own; a
// language is a file of src/lang that says the same names in other words, and is
// fetched before anything is drawn. What it lacks is English.

/** A text, or what makes one of its parts: numbers and plurals are the language's own. */
type Entry = string | ((...parts: never[]) => string);
type Catalogue = Readonly<Record<string, Entry>>;

/** What a language says: the words by part of the page and name. */
export type Translation = Readonly<Record<string, Readonly<Record<string, Entry>>>>;

export interface Language {
  code: string;
  name: string;
  direction: "ltr" | "rtl";
  load: (() => Promise<Translation | "pseudo">) | undefined;
}

/** The languages that there are. The second is English made odd: what of a page stays plain stands in no catalogue. */
export const languages: readonly Language[] = [
  { code: "en", name: "English", direction: "ltr", load: undefined },
  { code: "en-XA", name: "Ŧēśť (for translators)", direction: "ltr", load: () => Promise.resolve("pseudo") },
];

let spoken: Translation | "pseudo" = {};

/** Fetches the words of a language, and tells the page which one it is. Unknown ones are English. */
export async function speak(code: string): Promise<void> {
  const language = languages.find((one) => one.code === code) ?? languages[0];
  spoken = (await language?.load?.().catch(() => ({}))) ?? {};
  if (typeof document === "undefined" || language === undefined) return;
  document.documentElement.lang = language.code;
  document.documentElement.dir = language.direction;
}

const odd: Readonly<Record<string, string>> = { a: "ā", e: "ē", i: "ī", o: "ō", u: "ū", c: "ċ", d: "đ", g: "ğ", h: "ħ", n: "ń", s: "ś", t: "ť", A: "Ā", E: "Ē", I: "Ī", O: "Ō", U: "Ū", C: "Ċ", D: "Đ", N: "Ń", S: "Ś", T: "Ť" };

/** A text in letters that nobody uses, a third longer, as other languages are. */
export const pseudo = (text: string): string => `${text.replace(/[a-z]/gi, (letter) => odd[letter] ?? letter)}${"·".repeat(Math.ceil(text.length / 3))}`;

function say(name: string, key: string, english: Entry): Entry {
  if (spoken !== "pseudo") return spoken[name]?.[key] ?? english;
  return typeof english === "string" ? pseudo(english) : (...parts: never[]) => pseudo(english(...parts));
}

/** The words of one part of the page: English as it stands here, unless the language that is spoken has others. */
export function catalogue<W extends Catalogue>(name: string, english: W): W {
  const words = {};
  for (const [key, entry] of Object.entries(english)) Object.defineProperty(words, key, { enumerable: true, get: () => say(name, key, entry) });
  return words as W;
}
