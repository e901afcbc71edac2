// Markdown as blocks and spans, to be drawn as elements: no markup of a file ever
// becomes markup of the page. Links and pictures are shown as their words: a file
// can lead nowhere.

export type Span = { kind: "text" | "strong" | "em" | "code" | "link"; text: string };

export type Block =
  | { kind: "heading"; level: number; spans: Span[] }
  | { kind: "paragraph" | "quote"; spans: Span[] }
  | { kind: "item"; depth: number; mark: string; spans: Span[] }
  | { kind: "code"; text: string }
  | { kind: "rule" }
  | { kind: "table"; rows: Span[][][] };

const inline = /(`+)(.+?)\1|\*\*(.+?)\*\*|__(.+?)__|\*(?=\S)(.*?\S)\*|\b_(?=\S)(.*?\S)_\b|!?\[([^\]]*)\]\(([^()\s]*)(?:\s+"[^"]*")?\)|<(https?:[^>\s]+)>/g;

/** The spans of a line. */
export function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let at = 0;
  const text = (until: number) => {
    if (until > at) spans.push({ kind: "text", text: line.slice(at, until).replace(/\\([\\`*_{}[\]()#+\-.!>|])/g, "$1") });
  };
  for (const match of line.matchAll(inline)) {
    if (line[match.index - 1] === "\\") continue;
    text(match.index);
    const [, , code, strong, strong2, em, em2, words, target, address] = match;
    if (code !== undefined) spans.push({ kind: "code", text: code.trim() });
    else if ((strong ?? strong2) !== undefined) spans.push({ kind: "strong", text: strong ?? strong2 ?? "" });
    else if ((em ?? em2) !== undefined) spans.push({ kind: "em", text: em ?? em2 ?? "" });
    else spans.push({ kind: "link", text: address ?? (words === undefined || words === "" ? (target ?? "") : words) });
    at = match.index + match[0].length;
  }
  text(line.length);
  return spans;
}

const cells = (line: string) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => spansOf(cell.trim()));

/** The blocks of a text. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n").split("\n");
  let words: string[] = [];
  const flush = () => {
    if (words.length > 0) blocks.push({ kind: "paragraph", spans: spansOf(words.join(" ")) });
    words = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const fence = /^\s*(```+|~~~+)/.exec(line)?.[1];
    const heading = /^(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line);
    const item = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/.exec(line);
    const next = lines[i + 1] ?? "";
    if (fence !== undefined) {
      flush();
      const code: string[] = [];
      for (i += 1; i < lines.length && !(lines[i] ?? "").trim().startsWith(fence); i++) code.push(lines[i] ?? "");
      blocks.push({ kind: "code", text: code.join("\n") });
    } else if (heading) {
      flush();
      blocks.push({ kind: "heading", level: heading[1]?.length ?? 1, spans: spansOf(heading[2] ?? "") });
    } else if (words.length > 0 && /^\s*(=+|-{2,})\s*$/.test(line)) {
      const title = words.join(" ");
      words = [];
      blocks.push({ kind: "heading", level: line.includes("=") ? 1 : 2, spans: spansOf(title) });
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      flush();
      blocks.push({ kind: "rule" });
    } else if (line.includes("|") && /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(next)) {
      flush();
      const rows = [cells(line)];
      for (i += 2; i < lines.length && (lines[i] ?? "").includes("|"); i++) rows.push(cells(lines[i] ?? ""));
      i -= 1;
      blocks.push({ kind: "table", rows });
    } else if (item) {
      flush();
      blocks.push({ kind: "item", depth: Math.min(Math.floor((item[1] ?? "").replaceAll("\t", "    ").length / 2), 6), mark: /\d/.test(item[2] ?? "") ? (item[2] ?? "") : "•", spans: spansOf(item[3] ?? "") });
    } else if (line.startsWith(">")) {
      flush();
      blocks.push({ kind: "quote", spans: spansOf(line.replace(/^>\s?/, "")) });
    } else if (/^( {4}|\t)/.test(line) && words.length === 0) {
      const code = [line.replace(/^( {4}|\t)/, "")];
      while (/^( {4}|\t)/.test(lines[i + 1] ?? "")) code.push((lines[(i += 1)] ?? "").replace(/^( {4}|\t)/, ""));
      blocks.push({ kind: "code", text: code.join("\n") });
    } else if (line.trim() === "") flush();
    else words.push(line.trim());
  }
  flush();
  return blocks;
}
