// Finds what somebody means by a few letters.

/** How well letters fit a text: higher is better, 0 is not at all. Words may be in any order; letters of a word may be left out. */
export function fit(text: string, typed: string): number {
  const words = typed.toLocaleLowerCase().split(/\s+/).filter((word) => word !== "");
  const inside = text.toLocaleLowerCase();
  let total = 1;
  for (const word of words) {
    const one = fitWord(inside, word);
    if (one === 0) return 0;
    total += one;
  }
  return total / (1 + inside.length / 200); // of two that fit alike the shorter is meant
}

function fitWord(text: string, word: string): number {
  const at = text.indexOf(word);
  if (at === 0) return 100;
  if (at > 0) return /[\p{L}\d]/u.test(text[at - 1] ?? "") ? 40 : 80;
  return initials(text).startsWith(word) ? 60 : scattered(text, word);
}

const initials = (text: string) => (text.match(/[\p{L}\d]+/gu) ?? []).map((word) => word[0]).join("");

/** All letters in their order, the first at the beginning of a word; fewer gaps are better. */
function scattered(text: string, word: string): number {
  if (word.length < 3) return 0;
  let at = -1;
  let gaps = 0;
  for (const letter of word) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return 0;
    if (at < 0 && next > 0 && /[\p{L}\d]/u.test(text[next - 1] ?? "")) return 0;
    if (at >= 0 && next > at + 1) gaps += 1;
    at = next;
  }
  return gaps > word.length / 2 ? 0 : 20 / (1 + gaps);
}

/** What fits, the best first; what fits alike stays in its order. */
export function fitting<T extends { title: string; more?: string }>(all: readonly T[], typed: string, limit: number): T[] {
  if (typed.trim() === "") return all.slice(0, limit);
  return all
    .map((one) => ({ one, how: Math.max(fit(one.title, typed), fit(`${one.title} ${one.more ?? ""}`, typed) / 2) }))
    .filter(({ how }) => how > 0)
    .sort((a, b) => b.how - a.how)
    .slice(0, limit)
    .map(({ one }) => one);
}
