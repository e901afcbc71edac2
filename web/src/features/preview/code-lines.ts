// A text that was taken apart by its grammar, as lines of pieces: the form in which it is drawn.

/** A node of a highlighted text: a piece of it, or what holds some and tells what they are. */
export interface Node {
  type: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: Node[];
}

export interface Piece {
  text: string;
  /** What it is, as grammars call it: keyword, string …; "" where that is nothing. */
  kind: string;
}

/** What a node is, of its class names ("hljs-title function_"). */
function kindOf(node: Node, otherwise: string): string {
  const names = node.properties?.["className"];
  const own = Array.isArray(names) ? names.find((name): name is string => typeof name === "string" && name.startsWith("hljs-")) : undefined;
  return own === undefined ? otherwise : own.slice(5);
}

/** The pieces of each line, one after the other the text as it was. */
export function linesOf(root: Node): Piece[][] {
  const lines: Piece[][] = [[]];
  const walk = (node: Node, kind: string) => {
    if (node.value !== undefined) {
      node.value.split("\n").forEach((text, i) => {
        if (i > 0) lines.push([]);
        if (text !== "") lines.at(-1)?.push({ text, kind });
      });
    }
    for (const child of node.children ?? []) walk(child, kindOf(child, kind));
  };
  walk(root, "");
  if (lines.length > 1 && lines.at(-1)?.length === 0) lines.pop(); // a line end at the end begins no line
  return lines;
}

/** Whether bytes are those of a text: binary files have zeros soon, but for texts of 16 bits a letter. */
export function looksLikeText(bytes: Uint8Array): boolean {
  const marked = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return marked || !bytes.subarray(0, 4096).includes(0);
}
