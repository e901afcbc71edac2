import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { shownPath } from "@/features/browse/address";
import { ops } from "@/gen/client";
import { Name } from "@/ui/Name";
import { ErrorLine, Waiting } from "@/ui/Note";
import type { trialOf } from "./rule-form";
import { words } from "./words";

const rest = 400; // ms that typing rests before it is tried

type Trying = NonNullable<ReturnType<typeof trialOf>>;

/** What is to be tried, once it has not changed for a while. */
function useRested(of: Trying | undefined): Trying | undefined {
  const text = of === undefined ? "" : JSON.stringify(of);
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), rest);
    return () => clearTimeout(timer);
  }, [text]);
  return rested === "" ? undefined : (JSON.parse(rested) as Trying);
}

/** What a rule would do, as it is written now; nothing is changed by it. */
export function Trial({ of }: { of: Trying | undefined }) {
  const asked = useRested(of);
  const trial = useQuery({
    queryKey: ["added", "trial", asked],
    queryFn: ({ signal }) => ops.ruleTest({ ...asked, limit: 20 }, { signal }),
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 10_000,
  });
  const { data, error } = trial;
  return (
    <section aria-label={words.trial} aria-busy={trial.isFetching} className="flex flex-col gap-1.5 rounded-md bg-sunken p-3">
      <h3 className="text-xs font-medium text-soft">{words.trial}</h3>
      {asked === undefined ? (
        <p className="text-soft">{words.tryEmpty}</p>
      ) : error ? (
        <ErrorLine error={error} />
      ) : data === undefined ? (
        <Waiting className="p-0 text-left">{words.trying}</Waiting>
      ) : (
        <>
          <p role="status" className="tabular">
            {words.fits(data.total)} {data.total > 0 && ("rule" in asked || "tag" in asked || "collection" in asked) && `${words.trialLine(data)}.`}
          </p>
          {data.items.length > 0 && (
            <ul aria-label={words.some} className="max-h-40 overflow-y-auto text-xs">
              {data.items.map((entry) => (
                <li key={entry.id} className="flex min-w-0 items-baseline gap-2 py-0.5">
                  <Name name={entry.name} raw={entry.raw} className="min-w-0 shrink-0 max-w-[60%] truncate" />
                  <Name name={shownPath(entry)} className="min-w-0 flex-1 truncate text-soft" />
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  );
}
