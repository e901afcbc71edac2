import { useState } from "react";
import { queryClient } from "@/api/queries";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { ErrorLine } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { say } from "@/ui/Toasts";
import { words } from "./words";

/** Asks before a library gets a new database, and says what stays. */
export function RebuildDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const rebuild = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await ops.libraryRebuild({ name });
      await queryClient.invalidateQueries();
      say(words.rebuilt(plainName(name)));
      onClose();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <Dialog title={words.rebuildTitle(plainName(name))} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) void rebuild();
        }}
      >
        <div className="flex flex-col gap-3 p-4">
          <p>{words.rebuildHelp}</p>
          {error !== undefined && <ErrorLine error={error} />}
        </div>
        <footer className="flex justify-end gap-2 border-t border-line px-4 py-3">
          <Button data-first-focus onClick={onClose}>{words.cancel}</Button>
          <Button type="submit" look="primary" disabled={busy}>{busy ? words.rebuilding : words.rebuildAsk}</Button>
        </footer>
      </form>
    </Dialog>
  );
}
