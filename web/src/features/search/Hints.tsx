import { Hourglass, Lightbulb } from "lucide-react";
import type { SearchOut } from "@/api/types";
import { sentence } from "@/api/errors";
import { Name } from "@/ui/Name";

type Hint = NonNullable<SearchOut["hints"]>[number];

/** What of a query may not have been understood as it was meant, and whether more may be found later. */
export function Hints({ hints, query, partial }: { hints: readonly Hint[]; query: string; partial: boolean }) {
  const characters = Array.from(query);
  return (
    <div role="status">
      {(partial || hints.length > 0) && (
        <ul className="flex flex-col gap-1 bg-warn-soft px-4 py-2 text-xs text-warn">
          {partial && (
            <li className="flex items-start gap-2">
              <Hourglass aria-hidden className="mt-0.5 size-3.5 shrink-0" />
              Not everything could be looked at yet: the index is being made, and more may fit.
            </li>
          )}
          {hints.map((hint) => (
            <li key={`${hint.at} ${hint.text}`} className="flex items-start gap-2">
              <Lightbulb aria-hidden className="mt-0.5 size-3.5 shrink-0" />
              <span className="min-w-0 break-words">
                {hint.length > 0 && (
                  <>
                    <Name name={characters.slice(hint.at, hint.at + hint.length).join("")} className="font-mono font-semibold" />:{" "}
                  </>
                )}
                {sentence(hint.text)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
