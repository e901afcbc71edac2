// Source texts with their words told apart. The grammars come with this module, which
// is fetched when the first of such texts is looked at.
import { common, createLowlight } from "lowlight";
import { Fragment, useMemo } from "react";
import { linesOf, type Piece } from "./code-lines";

const lowlight = createLowlight(common);

// Few colours, all of them with contrast in both themes.
const looks: Readonly<Record<string, string | undefined>> = {
  comment: "text-faint italic", quote: "text-faint italic", doctag: "text-faint italic",
  keyword: "text-kind-video", "selector-tag": "text-kind-video", literal: "text-kind-video", section: "text-kind-video font-semibold",
  string: "text-good", regexp: "text-good", addition: "text-good", char: "text-good",
  number: "text-kind-code", symbol: "text-kind-code", bullet: "text-kind-code", link: "text-kind-code",
  title: "text-accent", name: "text-accent", tag: "text-accent", "selector-id": "text-accent", "selector-class": "text-accent",
  type: "text-kind-image", built_in: "text-kind-image", attr: "text-kind-image", attribute: "text-kind-image", property: "text-kind-image", variable: "text-kind-image", "template-variable": "text-kind-image",
  meta: "text-kind-audio", deletion: "text-bad",
};

const perBlock = 50; // lines that are laid out together, once they are seen

interface CodeTextProps {
  text: string;
  language: string;
  /** The text begins here, so that its lines can be counted. */
  counted: boolean;
}

/** A source text, as lines. */
export default function CodeText({ text, language, counted }: CodeTextProps) {
  const blocks = useMemo(() => {
    const lines = linesOf(lowlight.highlight(language, text));
    return Array.from({ length: Math.ceil(lines.length / perBlock) }, (_, i) => lines.slice(i * perBlock, (i + 1) * perBlock));
  }, [text, language]);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys
    <pre tabIndex={0} data-code={language} className="min-h-0 flex-1 overflow-auto py-3 font-mono text-xs leading-[1.125rem] select-text ring-inside">
      {blocks.map((lines, i) => (
        <div key={i} className="[content-visibility:auto]" style={{ containIntrinsicSize: `auto ${lines.length * 18}px` }}>
          {lines.map((line, j) => <Line key={j} pieces={line} number={counted ? i * perBlock + j + 1 : undefined} />)}
        </div>
      ))}
    </pre>
  );
}

function Line({ pieces, number }: { pieces: Piece[]; number: number | undefined }) {
  return (
    <div className="flex">
      {number !== undefined && <span aria-hidden className="w-12 shrink-0 pr-3 text-right text-faint tabular select-none">{number}</span>}
      <code className="min-w-0 flex-1 px-3 break-words whitespace-pre-wrap">
        {pieces.map(({ text, kind }, i) => {
          const look = looks[kind];
          return look === undefined ? <Fragment key={i}>{text}</Fragment> : <span key={i} className={look}>{text}</span>;
        })}
        {"\n"}
      </code>
    </div>
  );
}
