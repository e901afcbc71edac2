import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import { savedMoved } from "@/api/queries";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Name } from "@/ui/Name";
import { ErrorLine } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { say } from "@/ui/Toasts";
import { type SearchAddress, toSaved } from "./address";

/** Keeps a search under a name, or gives a kept one another name. */
export function SaveDialog({ search, rename, onClose }: { search?: SearchAddress; rename?: string; onClose: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  useEffect(() => input.current?.select(), []);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    const name = input.current?.value.trim() ?? "";
    setBusy(true);
    setProblem(undefined);
    try {
      if (rename !== undefined) await ops.savedRename({ name: rename, to: name });
      else if (search) await ops.savedCreate(toSaved(name, search));
      await savedMoved();
      onClose();
      say(rename === undefined ? `Saved as ${plainName(name)}.` : `Now called ${plainName(name)}.`);
    } catch (thrown) {
      setProblem(thrown);
      setBusy(false);
    }
  };
  return (
    <Dialog title={rename === undefined ? "Save this search" : "Rename the saved search"} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4 p-4">
        {search && (
          <p className="rounded-md bg-sunken px-3 py-2 font-mono text-xs break-words">
            <Name name={search.q.trim()} />
          </p>
        )}
        <label className="flex flex-col gap-1.5">
          <span className="font-medium">Name</span>
          <input
            ref={input}
            required
            maxLength={200}
            defaultValue={rename ?? search?.q.trim()}
            spellCheck={false}
            autoComplete="off"
            className="h-9 rounded-md border border-line-strong bg-surface px-2.5 focus:border-accent focus:outline-none pointer-coarse:h-11"
          />
        </label>
        {problem !== undefined && <ErrorLine error={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={busy}>
            {rename === undefined ? "Save" : "Rename"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
