// Tables written as text: values between commas, semicolons or tabs (RFC 4180, read generously).

/** What stands between the values: what the first line has most of, outside of quotes. */
export function separatorOf(text: string): string {
  const [line = ""] = text.replace(/"[^"]*"/g, "").split("\n", 1);
  const count = (sign: string) => line.split(sign).length;
  return ["\t", ";", ","].reduce((best, sign) => (count(sign) > count(best) ? sign : best), ",");
}

/** The rows of a table, up to `most`; a value in quotes may hold anything, two quotes in it are one. */
export function parseTable(text: string, most: number, separator = separatorOf(text)): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let value = "";
  let quoted = false;
  const endRow = () => {
    row.push(value);
    value = "";
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  };
  for (let at = text.startsWith("\ufeff") ? 1 : 0; at < text.length && rows.length < most; at++) {
    const sign = text[at] ?? "";
    if (quoted) {
      if (sign !== '"') value += sign;
      else if (text[at + 1] === '"') {
        value += sign;
        at += 1;
      } else quoted = false;
    } else if (sign === '"' && value === "") quoted = true;
    else if (sign === separator) {
      row.push(value);
      value = "";
    } else if (sign === "\n") endRow();
    else if (sign !== "\r") value += sign;
  }
  if (rows.length < most && (value !== "" || row.length > 0)) endRow();
  return rows;
}
