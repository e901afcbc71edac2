/** Folds case and accents, and remembers where every folded unit came from. */
function fold(text: string): { folded: string; origin: number[] } {
  let folded = "";
  const origin: number[] = [];
  let at = 0;
  for (const character of text) {
    const plain = character.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    for (let i = 0; i < plain.length; i++) origin.push(at);
    folded += plain;
    at += character.length;
  }
  origin.push(at);
  return { folded, origin };
}

/** The words of a query that a name may contain: filters (kind:image) and excluded words (-draft) are left out. */
export function queryWords(query: string): string[] {
  const words: string[] = [];
  for (const [, minus, quoted, plain] of query.matchAll(/(-?)(?:"([^"]*)"?|(\S+))/g)) {
    const word = quoted ?? plain ?? "";
    if (minus === "-" || word === "" || (quoted === undefined && /^\w+:/.test(word))) continue;
    words.push(...(quoted === undefined ? word.split("*") : [word]));
  }
  return words.filter((word) => word !== "");
}

/** Where the words of the query stand in a name: sorted ranges in UTF-16 units that do not overlap. */
export function highlight(name: string, query: string): { from: number; to: number }[] {
  const { folded, origin } = fold(name);
  const hit = new Array<boolean>(name.length).fill(false);
  for (const word of queryWords(query)) {
    const wanted = fold(word).folded;
    for (let at = folded.indexOf(wanted); at >= 0 && wanted !== ""; at = folded.indexOf(wanted, at + wanted.length)) {
      hit.fill(true, origin[at], origin[at + wanted.length]);
    }
  }
  const ranges: { from: number; to: number }[] = [];
  for (let i = 0; i < hit.length; i++) {
    if (hit[i] !== true) continue;
    const from = i;
    while (i < hit.length && hit[i] === true) i++;
    ranges.push({ from, to: i });
  }
  return ranges;
}
