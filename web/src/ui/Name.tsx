import type { ReactNode } from "react";
import { cx } from "./cx";
import { type NamePart, nameParts, rawNameParts } from "./names";

export interface Range {
  from: number;
  to: number;
}

/**
 * A file's name as text nodes: isolated from the direction of the text around
 * it, odd characters as marks, and optionally with the found stretches lit up.
 */
export function Name({ name, raw, highlight, className }: { name: string; raw?: string | undefined; highlight?: Range[]; className?: string }) {
  const fromRaw = raw === undefined || raw === "" ? undefined : rawNameParts(raw);
  const parts = fromRaw ?? nameParts(name);
  return (
    <bdi className={className}>
      {parts.map((part) => (
        <Part key={part.at} part={part} highlight={fromRaw === undefined ? highlight : undefined} />
      ))}
    </bdi>
  );
}

function Part({ part, highlight }: { part: NamePart; highlight: Range[] | undefined }) {
  if (part.mark) {
    return (
      <span className={cx("mx-px rounded-[3px] bg-warn-soft px-[3px] font-mono text-[0.85em] text-warn")} title="A character that cannot be shown">
        {part.text}
      </span>
    );
  }
  return lit(part, highlight ?? []);
}

function lit(part: NamePart, ranges: Range[]): ReactNode {
  const nodes: ReactNode[] = [];
  let done = 0;
  for (const range of ranges) {
    const from = Math.max(range.from - part.at, done);
    const to = Math.min(range.to - part.at, part.text.length);
    if (to <= from) continue;
    if (from > done) nodes.push(part.text.slice(done, from));
    nodes.push(
      <mark key={from} className="rounded-[2px] bg-accent/20 text-ink">
        {part.text.slice(from, to)}
      </mark>,
    );
    done = to;
  }
  nodes.push(part.text.slice(done));
  return nodes;
}
