// Viewers of what browsers do not show by themselves. They get the bytes as data
// and draw them as text; this module is fetched when the first of them is wanted.
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, ChevronsLeft, ChevronsRight } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { stretchQuery } from "@/api/queries";
import type { Entry } from "@/api/types";
import { ArchiveView } from "@/features/archive/ArchiveView";
import { IconButton } from "@/ui/Button";
import { bytes, count } from "@/ui/format";
import { ErrorNote, Waiting } from "@/ui/Note";
import type { Stretch } from "./bytes";
import { languageOf } from "./code-language";
import { looksLikeText } from "./code-lines";
import { hexLines } from "./hex";
import { MarkdownText } from "./MarkdownText";
import { parseTable } from "./table";
import { windowOf } from "./text-window";

export type ViewerKind = "markdown" | "table" | "font" | "hex" | "window" | "code" | "archive";

const whole = 2_000_000; // more of a text or a table is not read at once
const page = 4096; // bytes in numbers
const stretch = 256 * 1024; // of a long text
const code = 96 * 1024; // of a source text: what a browser draws at once without a halt

/** Shows a file by its bytes. */
export default function Viewer({ entry, kind }: { entry: Entry; kind: ViewerKind }) {
  if (kind === "archive") return <ArchiveView entry={entry} />;
  return <BytesViewer entry={entry} kind={kind} />;
}

function BytesViewer({ entry, kind }: { entry: Entry; kind: Exclude<ViewerKind, "archive"> }) {
  const [from, setFrom] = useState(0);
  const length = { markdown: whole, table: whole, font: 40_000_000, hex: page, window: stretch, code }[kind];
  const step = length;
  const got = useQuery(stretchQuery(entry, from, length));
  if (got.error) return <ErrorNote error={got.error} retry={() => void got.refetch()} />;
  if (got.data === undefined) return <Waiting>Reading the file…</Waiting>;
  const { data } = got;
  const cut = kind !== "font" && from + data.bytes.length < data.total && (kind === "markdown" || kind === "table");
  return (
    <div className="flex h-full w-full min-w-0 flex-col overflow-hidden rounded border border-line bg-surface text-sm">
      {kind === "markdown" && <Markdown text={windowOf(data.bytes, 0, data.total).text} />}
      {kind === "table" && <Table text={windowOf(data.bytes, 0, data.total).text} />}
      {kind === "font" && <Font data={data.bytes} />}
      {kind === "hex" && <Hex data={data.bytes} from={data.from} total={data.total} />}
      {kind === "code" && <Code entry={entry} data={data} />}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys */}
      {kind === "window" && <pre tabIndex={0} className="min-h-0 flex-1 overflow-auto p-3 font-mono text-xs whitespace-pre-wrap select-text">{windowOf(data.bytes, data.from, data.total).text}</pre>}
      {cut && <p className="border-t border-line bg-warn-soft px-3 py-1.5 text-xs text-warn">Only the first {bytes(data.bytes.length)} of {bytes(data.total)} are shown.</p>}
      {(kind === "hex" || kind === "window" || kind === "code") && data.total > step && <Pager from={data.from} total={data.total} step={step} go={setFrom} />}
    </div>
  );
}

const CodeText = lazy(() => import("./CodeText"));

function Code({ entry, data }: { entry: Entry; data: Stretch }) {
  if (data.from === 0 && !looksLikeText(data.bytes)) return <p className="flex-1 p-6 text-center text-soft">Its name is that of a text, but what is in it is not.</p>;
  return (
    <Suspense fallback={<Waiting>Reading the file…</Waiting>}>
      <CodeText text={windowOf(data.bytes, data.from, data.total).text} language={languageOf(entry.name)} counted={data.from === 0} />
    </Suspense>
  );
}

function Pager({ from, total, step, go }: { from: number; total: number; step: number; go: (from: number) => void }) {
  const last = Math.floor((total - 1) / step) * step;
  return (
    <div role="group" aria-label="Where in the file" className="flex items-center gap-1 border-t border-line px-2 py-1 text-xs text-soft tabular">
      <IconButton icon={ChevronsLeft} small label="The beginning" disabled={from === 0} onClick={() => go(0)} />
      <IconButton icon={ChevronLeft} small label="Before" disabled={from === 0} onClick={() => go(Math.max(from - step, 0))} />
      <input type="range" aria-label="Place in the file" min={0} max={last} step={step} value={Math.min(from, last)} onChange={(event) => go(Number(event.target.value))} className="min-w-0 flex-1 accent-accent" />
      <IconButton icon={ChevronRight} small label="After" disabled={from >= last} onClick={() => go(Math.min(from + step, last))} />
      <IconButton icon={ChevronsRight} small label="The end" disabled={from >= last} onClick={() => go(last)} />
      <span className="w-28 text-right">{Math.round((from / Math.max(total, 1)) * 100)} % of {bytes(total)}</span>
    </div>
  );
}

function Hex({ data, from, total }: { data: Uint8Array; from: number; total: number }) {
  return (
    <table aria-label="Bytes" className="min-h-0 flex-1 overflow-auto p-3 font-mono text-xs [display:block] select-text">
      <tbody>
        {hexLines(data, from, total).map(({ at, hex, text }) => (
          <tr key={at}>
            <th scope="row" className="pr-4 font-normal text-faint">{at}</th>
            <td className="pr-4 whitespace-pre">{hex}</td>
            <td className="whitespace-pre text-soft">{text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const rowsShown = 1000;

function Table({ text }: { text: string }) {
  const [head = [], ...rows] = parseTable(text, rowsShown + 2);
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <table className="w-max min-w-full border-collapse text-left text-xs select-text">
        <thead className="sticky top-0 bg-sunken">
          <tr>{head.map((cell, i) => <th key={i} scope="col" className="border border-line px-2 py-1 font-semibold whitespace-pre-wrap">{cell}</th>)}</tr>
        </thead>
        <tbody className="tabular">
          {rows.slice(0, rowsShown).map((row, i) => (
            <tr key={i}>{row.map((cell, j) => <td key={j} className="max-w-96 border border-line px-2 py-1 align-top whitespace-pre-wrap">{cell}</td>)}</tr>
          ))}
        </tbody>
      </table>
      {rows.length > rowsShown && <p className="px-3 py-2 text-xs text-soft">The first {count(rowsShown)} rows are shown.</p>}
    </div>
  );
}

function Markdown({ text }: { text: string }) {
  return (
    <article className="min-h-0 flex-1 overflow-auto select-text">
      <div className="mx-auto flex max-w-3xl flex-col gap-3 px-5 py-4 leading-6 break-words"><MarkdownText text={text} /></div>
    </article>
  );
}

const sample = "Sphinx of black quartz, judge my vow. 0123456789 äöüß éèêç ñ ł œ Ж Ω";

function Font({ data }: { data: Uint8Array }) {
  const [state, setState] = useState<"coming" | "shown" | "failed">("coming");
  useEffect(() => {
    const face = new FontFace("stardrive-preview", data.slice().buffer);
    let gone = false;
    face.load().then(
      () => {
        if (gone) return;
        document.fonts.add(face);
        setState("shown");
      },
      () => setState("failed"),
    );
    return () => {
      gone = true;
      document.fonts.delete(face);
    };
  }, [data]);
  if (state === "failed") return <p className="p-6 text-center text-soft">The browser cannot show this font.</p>;
  if (state === "coming") return <Waiting>Setting a sample…</Waiting>;
  return (
    <div className="min-h-0 flex-1 overflow-auto p-6" data-font-sample>
      {[14, 18, 24, 36, 56].map((size) => (
        <p key={size} className="mb-3 break-words" style={{ fontFamily: "stardrive-preview", fontSize: size, lineHeight: 1.3 }}>{sample}</p>
      ))}
    </div>
  );
}
