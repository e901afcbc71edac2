import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Check, Minus, Plus } from "lucide-react";
import { useState } from "react";
import { suggestedTagsQuery, tagsQuery } from "@/api/queries";
import type { Entry, Tag } from "@/api/types";
import { applyNewTag, applyTag, dropTag, markingOf, whatOf } from "@/features/marks/marking";
import { ops } from "@/gen/client";
import { Chooser } from "@/ui/Chooser";
import { cx } from "@/ui/cx";
import { Dialog } from "@/ui/Dialog";
import { Name } from "@/ui/Name";
import { ErrorLine, Waiting } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { type Offer, offers, tagPath, tally } from "./picker";
import { TagChip, TagDot } from "./TagFace";
import { words } from "./words";

/** What fits the letters that were typed: all tags without any. */
function useFitting(typed: string): { tags: readonly Tag[] | undefined; error: unknown } {
  const all = useQuery({ ...tagsQuery, enabled: typed === "" });
  const some = useQuery({
    queryKey: ["added", "complete", typed],
    queryFn: async ({ signal }) => (await ops.tagComplete({ prefix: typed, limit: 50 }, { signal })).items,
    enabled: typed !== "",
    placeholderData: keepPreviousData,
  });
  return typed === "" ? { tags: all.data, error: all.error } : { tags: some.data, error: some.error };
}

/** Puts tags on files and takes them off, by keys alone where one likes. */
export function TagPicker({ entries, onClose }: { entries: readonly Entry[]; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const files = markingOf(entries);
  const what = whatOf(entries);
  const { tags, error } = useFitting(typed.trim());
  const ids = (files.ids ?? []).slice(0, 2000);
  const marks = useQuery({ queryKey: ["added", "picker", ids], queryFn: async ({ signal }) => (await ops.organizeMarks({ ids }, { signal })).items, placeholderData: keepPreviousData });
  const waiting = tags === undefined || marks.data === undefined;
  const rows = waiting ? [] : offers(typed.trim(), tags, tally(marks.data), ids.length);
  const choose = async (row: Offer) => {
    if (busy) return;
    setBusy(true);
    const done = row.kind === "create" ? await applyNewTag(row.name, files, what) : row.share === "all" ? await dropTag(row.tag, files, what) : await applyTag(row.tag, files, what);
    setBusy(false);
    if (done) setTyped("");
  };
  const failed = error ?? marks.error;
  return (
    <Dialog title={words.pickerTitle(what)} onClose={onClose}>
      <Chooser
        label={words.pickerField}
        listLabel={words.pickerList}
        typed={typed}
        setTyped={setTyped}
        rows={rows}
        choose={(row) => void choose(row)}
        isOn={(row) => row.kind === "tag" && row.share === "all"}
        between={entries.length === 1 && typed === "" && <Suggested id={entries[0]?.id ?? ""} apply={(tag) => void choose({ kind: "tag", key: tag.id, tag, share: "none", alias: undefined })} />}
        none={failed ? <ErrorLine error={failed} /> : waiting ? <Waiting className="p-0">{words.looking}</Waiting> : typed === "" ? words.noTag : words.noMatch}
      >
        {(row) =>
          row.kind === "tag" ? (
            <TagRow row={row} />
          ) : (
            <>
              <Plus aria-hidden className="size-4 shrink-0 text-soft" />
              <span className="truncate">{words.create(plainName(row.name))}</span>
            </>
          )
        }
      </Chooser>
      <p aria-hidden className="border-t border-line px-4 py-2 text-xs text-soft pointer-coarse:hidden">{words.pickerHint}</p>
    </Dialog>
  );
}

function TagRow({ row }: { row: Extract<Offer, { kind: "tag" }> }) {
  const state = { all: words.on, some: words.partly, none: words.off }[row.share];
  return (
    <>
      <span role="img" aria-label={state} title={state} className={cx("flex size-4 shrink-0 items-center justify-center rounded border", row.share === "none" ? "border-line-strong" : "border-accent bg-accent text-on-accent")}>
        {row.share === "all" && <Check aria-hidden className="size-3" strokeWidth={3} />}
        {row.share === "some" && <Minus aria-hidden className="size-3" strokeWidth={3} />}
      </span>
      <TagDot tag={row.tag} />
      <Name name={tagPath(row.tag)} className="truncate" />
      {row.alias !== undefined && <span className="truncate text-xs text-soft">{words.found(plainName(row.alias))}</span>}
      <span className="ml-auto shrink-0 pl-2 text-xs text-soft tabular">{words.files(row.tag.files)}</span>
    </>
  );
}

/** Tags that may fit: by the folder's name, and by what lies beside. */
function Suggested({ id, apply }: { id: string; apply: (tag: Tag) => void }) {
  const { data = [] } = useQuery(suggestedTagsQuery(id));
  if (data.length === 0) return null;
  return (
    <div role="group" aria-label="Suggested" className="flex flex-wrap gap-1.5 border-b border-line px-3 py-2">
      {data.slice(0, 6).map(({ tag, reason }) => (
        <button key={tag.id} type="button" title={plainName(reason)} onClick={() => apply(tag)} className="rounded-full hover:ring-1 hover:ring-accent">
          <TagChip tag={tag} />
        </button>
      ))}
    </div>
  );
}
