import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { useMemo } from "react";
import { entryQuery } from "@/api/queries";
import { Explained, RowsPage } from "@/features/rows/RowsPage";
import { Hints } from "@/features/search/Hints";
import { ResultLine } from "@/features/search/ResultLine";
import { resultRows } from "@/features/search/result-rows";
import { ops } from "@/gen/client";
import { countOf } from "@/ui/format";
import { Name } from "@/ui/Name";

/** More like one file: what is about the same. */
export function SimilarPage() {
  const { id = "" }: { id?: string } = useSearch({ strict: false });
  const { data: entry } = useQuery({ ...entryQuery({ id }), enabled: id !== "" });
  const found = useQuery({ queryKey: ["search", "similar", id], queryFn: ({ signal }) => ops.searchSimilar({ id, limit: 100 }, { signal }), enabled: id !== "", retry: false });
  const rows = useMemo(() => resultRows({ names: [], total: 0, similar: found.data?.items ?? [] }).filter((row) => row.heading !== true), [found.data]);
  return (
    <RowsPage
      title="More like this"
      rows={rows}
      waiting={found.data === undefined}
      error={found.error ?? undefined}
      retry={() => void found.refetch()}
      seen={ignore}
      status={found.data === undefined ? "" : `${countOf(found.data.items.length, "file")} about the same`}
      empty={{ icon: SearchX, title: "Nothing like it is known", words: "Files are compared by the words in them, in locations that are looked into." }}
      tools={
        <>
          <Explained>
            What is about the same as <Name name={entry?.name ?? "this file"} raw={entry?.raw} className="font-semibold text-ink" />, the nearest first. The words need not be the same.
          </Explained>
          <Hints hints={found.data?.hints ?? []} query="" partial={found.data?.partial === true} />
        </>
      }
    >
      {(row, active, naming) => <ResultLine row={row} query="" active={active} naming={naming} />}
    </RowsPage>
  );
}

const ignore = () => undefined;
