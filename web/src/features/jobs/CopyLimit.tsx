import { useQuery } from "@tanstack/react-query";
import { limitQuery, queryClient } from "@/api/queries";
import { ops } from "@/gen/client";
import { sayError } from "@/ui/Toasts";
import { words } from "./words";

const steps = [0, 1_000_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000];

/** How fast copying may be, for whoever wants to work meanwhile. */
export function CopyLimit() {
  const { data } = useQuery(limitQuery);
  if (data === undefined) return null;
  const set = (limit: number) => {
    ops.filesLimit({ limit }).then((now) => queryClient.setQueryData(limitQuery.queryKey, now.limit), sayError);
  };
  return (
    <label className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-1.5 text-xs text-soft">
      {words.limit}
      <select value={data} onChange={(event) => set(Number(event.target.value))} className="h-7 rounded-md bg-transparent font-medium text-ink pointer-coarse:h-10">
        {(steps.includes(data) ? steps : [...steps, data]).map((limit) => <option key={limit} value={limit}>{limit === 0 ? words.noLimit : words.perSecond(limit)}</option>)}
      </select>
    </label>
  );
}
