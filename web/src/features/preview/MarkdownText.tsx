import { cx } from "@/ui/cx";
import { type Block, blocksOf, type Span } from "./markdown";

/** Markdown as elements: its markup never becomes markup of the page, and its links lead nowhere. */
export function MarkdownText({ text }: { text: string }) {
  return blocksOf(text).map((block, i) => <Piece key={i} block={block} />);
}

function Spans({ spans }: { spans: Span[] }) {
  return spans.map(({ kind, text }, i) => {
    switch (kind) {
      case "strong": return <strong key={i}>{text}</strong>;
      case "em": return <em key={i}>{text}</em>;
      case "code": return <code key={i} className="rounded bg-sunken px-1 font-mono text-[0.9em]">{text}</code>;
      case "link": return <span key={i} className="text-accent underline underline-offset-2">{text}</span>;
      default: return <span key={i}>{text}</span>;
    }
  });
}

const headings = ["text-2xl font-semibold", "text-xl font-semibold", "text-lg font-semibold", "text-base font-semibold", "font-semibold", "font-semibold text-soft"];

function Piece({ block }: { block: Block }) {
  switch (block.kind) {
    case "heading": return <p role="heading" aria-level={block.level} className={cx("mt-2", headings[block.level - 1])}><Spans spans={block.spans} /></p>;
    case "paragraph": return <p><Spans spans={block.spans} /></p>;
    case "quote": return <blockquote className="border-l-4 border-line-strong pl-3 text-soft"><Spans spans={block.spans} /></blockquote>;
    case "item":
      return (
        <p className="-mt-1.5 flex gap-2" style={{ paddingLeft: `${block.depth}rem` }}>
          <span aria-hidden className="text-soft">{block.mark}</span>
          <span><Spans spans={block.spans} /></span>
        </p>
      );
    case "code": return <pre className="overflow-x-auto rounded-md bg-sunken p-3 font-mono text-xs">{block.text}</pre>;
    case "rule": return <hr className="border-line" />;
    case "table":
      return (
        <div className="overflow-x-auto">
          <table className="border-collapse text-left">
            <tbody>{block.rows.map((row, i) => <tr key={i}>{row.map((cell, j) => <td key={j} className={cx("border border-line px-2 py-1", i === 0 && "font-semibold")}><Spans spans={cell} /></td>)}</tr>)}</tbody>
          </table>
        </div>
      );
  }
}
