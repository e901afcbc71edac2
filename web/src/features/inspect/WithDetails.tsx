import { type ReactNode, useState } from "react";
import type { Entry } from "@/api/types";
import { useNarrow } from "@/ui/media";
import { setPreferences, usePreferences } from "@/ui/preferences";
import { Inspector } from "./Inspector";

export interface Details {
  shown: boolean;
  show: (shown: boolean) => void;
  toggle: () => void;
}

/** Whether the details are open. On narrow screens they cover the list, so they stay closed unless asked for. */
export function useDetails(): Details {
  const narrow = useNarrow();
  const { inspector } = usePreferences();
  const [sheet, setSheet] = useState(false);
  const shown = narrow ? sheet : inspector;
  const show = (next: boolean) => (narrow ? setSheet(next) : setPreferences({ inspector: next }));
  return { shown, show, toggle: () => show(!shown) };
}

interface WithDetailsProps {
  details: Details;
  /** What the details are of. */
  entries: readonly Entry[];
  open: (entry: Entry) => void;
  /** The list that stands beside them. */
  children: ReactNode;
}

/** A list, and the facts of what is selected in it: at its side, or on narrow screens as a sheet over it. */
export function WithDetails({ details, entries, open, children }: WithDetailsProps) {
  const narrow = useNarrow();
  const panel = <Inspector entries={entries} onClose={() => details.show(false)} open={open} />;
  return (
    <>
      <div className="flex min-h-0 flex-1">
        <main className="flex min-w-0 flex-1 flex-col bg-surface">{children}</main>
        {details.shown && !narrow && (
          <aside aria-label="Details" className="w-72 shrink-0 border-l border-line bg-surface xl:w-80">
            {panel}
          </aside>
        )}
      </div>
      {details.shown && narrow && (
        <aside aria-label="Details" className="fixed inset-x-0 bottom-0 z-30 h-[70dvh] overflow-hidden rounded-t-xl border-t border-line bg-raised shadow-pop animate-sheet">
          {panel}
        </aside>
      )}
    </>
  );
}
