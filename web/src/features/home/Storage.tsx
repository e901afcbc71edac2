import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useGoSearch } from "@/app/go";
import { sumsQuery, volumesQuery } from "@/api/queries";
import { searchFor } from "@/features/search/address";
import { cx } from "@/ui/cx";
import { ErrorLine } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { Progress } from "@/ui/Progress";
import { kindWord, words } from "./words";
import { largest, type Part, years } from "./shares";

const colours: Readonly<Record<string, string>> = {
  image: "bg-kind-image", video: "bg-kind-video", audio: "bg-kind-audio", document: "bg-kind-document", text: "bg-kind-document", book: "bg-kind-code", code: "bg-kind-code",
  archive: "bg-kind-archive", package: "bg-kind-archive", diskimage: "bg-kind-archive", database: "bg-kind-sheet",
};

/** What takes the space: by volume, kind and year. Each leads to its files. */
export function Storage() {
  const sums = useQuery(sumsQuery);
  if (sums.error) return <ErrorLine error={sums.error} />;
  const of = (by: string): readonly Part[] => sums.data?.sums.find((sum) => sum.by === by)?.values ?? [];
  return (
    <section aria-labelledby="storage">
      <h2 id="storage" className="mb-2 font-semibold">{words.storage}</h2>
      {sums.data === undefined ? (
        <p role="status" className="animate-late text-soft">{words.summing}</p>
      ) : (
        <div className="grid gap-6 lg:grid-cols-3">
          <Volumes parts={of("volume")} />
          <Kinds parts={of("kind")} />
          <Years parts={of("year")} />
        </div>
      )}
    </section>
  );
}

function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <h3 className="mb-1.5 text-xs font-medium text-soft">{title}</h3>
      {children}
    </div>
  );
}

/** A line that leads to the files it tells of. */
function Line({ query, name, amount, children }: { query: string; name: string; amount: string; children?: ReactNode }) {
  const goSearch = useGoSearch();
  const face = (
    <>
      <span className="flex w-full items-baseline justify-between gap-3">
        <span className="min-w-0 truncate">{name}</span>
        <span className="shrink-0 text-xs text-soft tabular">{amount}</span>
      </span>
      {children}
    </>
  );
  const look = "flex w-full flex-col gap-1 rounded-md px-2 py-1.5 text-left pointer-coarse:py-2.5";
  return (
    <li>
      {query === "" ? <div className={look}>{face}</div> : <button type="button" onClick={() => goSearch(searchFor(query))} className={cx("ring-inside hover:bg-hover", look)}>{face}</button>}
    </li>
  );
}

function Volumes({ parts }: { parts: readonly Part[] }) {
  const { data: volumes = [] } = useQuery(volumesQuery);
  const shown = volumes.filter(({ tracked }) => tracked);
  return (
    <Block title={words.byVolume}>
      <ul className="-mx-2">
        {shown.map((volume) => {
          const part = parts.find(({ value }) => value === volume.name);
          const used = volume.capacity > 0 ? (volume.capacity - volume.free) / volume.capacity : undefined;
          return (
            <Line key={volume.id} query={part?.query ?? ""} name={plainName(volume.name)} amount={volume.state === "online" ? words.free(volume.free) : words.offline}>
              {used !== undefined && <Progress value={used} label={plainName(volume.name)} tone={used > 0.95 ? "bad" : used > 0.85 ? "warn" : "soft"} />}
              {part && <span className="text-xs text-soft tabular">{words.ofLibrary(part.files, part.bytes)}</span>}
            </Line>
          );
        })}
      </ul>
    </Block>
  );
}

function Kinds({ parts }: { parts: readonly Part[] }) {
  const shown = largest(parts, 7);
  return (
    <Block title={words.byKind}>
      <div aria-hidden className="mb-1 flex h-2.5 gap-px overflow-hidden rounded-full bg-line">
        {shown.map(({ value, share }) => <span key={value} className={colours[value] ?? "bg-kind-other"} style={{ width: `${share * 100}%` }} />)}
      </div>
      <ul className="-mx-2">
        {shown.map(({ value, query, files, bytes }) => <Line key={value} query={query} name={kindWord(value === "" ? "other" : value)} amount={words.amount(files, bytes)} />)}
      </ul>
    </Block>
  );
}

function Years({ parts }: { parts: readonly Part[] }) {
  return (
    <Block title={words.byAge}>
      <ul className="-mx-2">
        {years(parts, 6).map(({ value, query, files, bytes, share, before }) => {
          const name = before ? words.earlier(value) : value;
          return (
            <Line key={value} query={`kind:file ${query}`} name={name} amount={words.amount(files, bytes)}>
              <Progress value={share} label={name} />
            </Line>
          );
        })}
      </ul>
    </Block>
  );
}
