import { type ReactNode, useState } from "react";
import { useGo } from "@/app/go";
import { addressOf, keyOf } from "@/features/browse/address";
import { placeOf } from "@/features/browse/place";
import { QuickView } from "@/features/preview/QuickView";
import type { Near } from "@/features/preview/walk";
import type { Entry } from "@/api/types";
import { sayError } from "@/ui/Toasts";

interface Opening {
  /** A folder is gone to, a file is looked at. */
  open: (entry: Entry) => void;
  /** Goes to the folder it stands in. */
  visit: (entry: Entry) => void;
  /** The file that is looked at; to be rendered. */
  view: ReactNode;
}

/** Opening entries of a list that is no folder. `follow` is told where the arrows lead in the view. */
export function useOpening(entries: readonly Entry[], follow: (entry: Entry) => void): Opening {
  const go = useGo();
  const [viewed, setViewed] = useState<Entry>();
  const files = entries.filter((entry) => entry.kind !== "folder");
  const near: Near = (from, by) => {
    const at = files.findIndex((entry) => keyOf(entry) === keyOf(from));
    return at < 0 ? undefined : files[at + by];
  };
  const show = (entry: Entry) => {
    setViewed(entry);
    follow(entry);
  };
  return {
    open: (entry) => (entry.kind === "folder" ? go(addressOf(entry)) : setViewed(entry)),
    visit: (entry) => {
      placeOf(entry).then(({ address, select }) => go(address, select), sayError);
    },
    view: viewed && <QuickView entry={viewed} near={near} show={show} onClose={() => setViewed(undefined)} />,
  };
}
