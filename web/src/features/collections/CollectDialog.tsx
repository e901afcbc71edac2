import { useQuery } from "@tanstack/react-query";
import { Library, Plus, SearchCheck } from "lucide-react";
import { useState } from "react";
import { collectionsQuery } from "@/api/queries";
import type { Collection, Entry } from "@/api/types";
import { mark, markingOf, whatOf } from "@/features/marks/marking";
import { ops } from "@/gen/client";
import { Chooser } from "@/ui/Chooser";
import { Dialog } from "@/ui/Dialog";
import { Name } from "@/ui/Name";
import { ErrorLine } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { words } from "./words";

type Row = { key: string; collection: Collection } | { key: "+"; name: string };

/** Puts files into a collection, which is made where there is none of that name. */
export function CollectDialog({ entries, onClose }: { entries: readonly Entry[]; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const { data: all, error } = useQuery(collectionsQuery);
  const what = whatOf(entries);
  const wanted = typed.trim().toLocaleLowerCase();
  const fits = (all ?? []).filter(({ name, query }) => (query ?? "") === "" && name.toLocaleLowerCase().includes(wanted));
  const rows: Row[] = fits.map((collection) => ({ key: collection.id, collection }));
  if (wanted !== "" && !(all ?? []).some(({ name }) => name.toLocaleLowerCase() === wanted)) rows.push({ key: "+", name: typed.trim() });
  const choose = (row: Row) => {
    onClose();
    const name = "name" in row ? row.name : row.collection.name;
    void mark(async () => {
      const into = "name" in row ? (await ops.collectionCreate({ name: row.name })).id : row.collection.id;
      return ops.collectionAdd({ collection: into, ...markingOf(entries) });
    }, () => words.collected(what, plainName(name)));
  };
  return (
    <Dialog title={words.collectTitle(what)} onClose={onClose}>
      <Chooser label={words.collectField} listLabel={words.section} typed={typed} setTyped={setTyped} rows={rows} choose={choose} none={error ? <ErrorLine error={error} /> : typed === "" ? words.none : words.noneFits}>
        {(row) =>
          "name" in row ? (
            <>
              <Plus aria-hidden className="size-4 shrink-0 text-soft" />
              <span className="truncate">{words.create(plainName(row.name))}</span>
            </>
          ) : (
            <>
              <CollectionIcon smart={false} />
              <Name name={row.collection.name} className="min-w-0 flex-1 truncate" />
              <span className="text-xs text-soft tabular">{row.collection.files}</span>
            </>
          )
        }
      </Chooser>
    </Dialog>
  );
}

export function CollectionIcon({ smart, className = "text-soft" }: { smart: boolean; className?: string }) {
  const Icon = smart ? SearchCheck : Library;
  return <Icon aria-hidden className={`size-4 shrink-0 ${className}`} strokeWidth={1.6} />;
}
