import { useState } from "react";
import { openDialog } from "@/app/dialogs";
import type { Entry, EntryInfo } from "@/api/types";
import { keyOf } from "@/features/browse/address";
import { download } from "@/features/preview/download";
import { askForFiles } from "@/features/upload/gather";
import { upload } from "@/features/upload/uploads";
import { ops } from "@/gen/client";
import { countOf } from "@/ui/format";
import { useStore } from "@/ui/store";
import { say } from "@/ui/Toasts";
import { pasted, refsOf, take, type Taken, taken } from "./clipboard";
import { undoLast } from "@/features/marks/marking";
import { marksOf } from "@/features/marks/commands";
import { pinOf } from "@/features/spaces/commands";
import { propose } from "./flow";

/** Puts things into a folder: what dropping and pasting come to. */
export function putInto(folder: string, { mode, refs }: Pick<Taken, "mode" | "refs">, then?: () => void): void {
  const input = { ...refs, destination: folder };
  void propose(() => (mode === "cut" ? ops.filesMove(input) : ops.filesCopy(input)), { quiet: mode === "cut", ...(then && { then }) });
}

/** What can be done with the selected entries of an open folder, and in it. */
export function useChanges(selected: readonly Entry[], folder: EntryInfo | undefined, reveal: (path: string) => void) {
  const [naming, setNaming] = useState("");
  const waiting = useStore(taken);
  const some = selected.length > 0;
  const [first] = selected;
  const refs = () => refsOf(selected);
  const put = (mode: Taken["mode"]) => () => {
    take(mode, selected);
    say(`${countOf(selected.length, "thing")} ${mode === "cut" ? "cut" : "copied"}: go where it belongs, and paste.`);
  };
  const make = (kind: "folder" | "file") => folder && (() => openDialog({ kind: "new-thing", make: kind, into: folder.path, then: (plan) => void showMade(plan.id, reveal) }));
  return {
    naming,
    /** Ends the changing of a name, with the new one where there is one. */
    named: (name: string | undefined) => {
      setNaming("");
      if (name !== undefined && first) void propose(() => ops.filesRename({ ...(first.id === "" ? { path: first.path } : { id: first.id, path: "" }), name }), { quiet: true });
    },
    cut: new Set(waiting?.mode === "cut" ? waiting.keys : []),
    commands: {
      newFolder: make("folder"),
      newFile: make("file"),
      uploadFiles: folder && (() => askForFiles(false, (gifts) => void upload(folder.path, gifts))),
      uploadFolder: folder && (() => askForFiles(true, (gifts) => void upload(folder.path, gifts))),
      download: some && selected.every(({ state }) => state === "present") ? () => void download(selected) : undefined,
      rename: !some ? undefined : selected.length > 1 ? () => openDialog({ kind: "batch-rename", entries: selected }) : () => first && setNaming(keyOf(first)),
      copy: some ? put("copy") : undefined,
      cut: some ? put("cut") : undefined,
      paste: waiting && folder ? () => putInto(folder.path, waiting, pasted) : undefined,
      duplicate: some ? () => void propose(() => ops.filesDuplicate(refs()), { quiet: true }) : undefined,
      trash: some ? () => void propose(() => ops.filesTrash(refs())) : undefined,
      destroy: some ? () => void propose(() => ops.filesDestroy(refs())) : undefined,
      undo: () => void undoLast(),
      ...marksOf(selected),
      pin: pinOf(selected, folder),
    },
  };
}

export type Changes = ReturnType<typeof useChanges>;

/** Selects what a plan has made. */
async function showMade(plan: string, reveal: (path: string) => void): Promise<void> {
  const { items } = await ops.planItems({ plan, limit: 1 }).catch(() => ({ items: [] }));
  const made = items[0]?.to;
  if (made !== undefined) reveal(made);
}
