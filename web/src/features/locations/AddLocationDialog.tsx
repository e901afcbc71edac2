import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import { useGo } from "@/app/go";
import { jobsQuery, locationsQuery, queryClient } from "@/api/queries";
import type { LocationMode } from "@/api/types";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { ErrorLine } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { say } from "@/ui/Toasts";

const modes: { mode: LocationMode; label: string; what: string }[] = [
  { mode: "shallow", label: "Names only", what: "Fastest. Browse and search by name, size and time." },
  { mode: "content", label: "Names and content identity", what: "Also reads every file once, to know duplicates and moved files." },
  { mode: "deep", label: "Everything", what: "Also looks inside: text, photos, metadata." },
];

export function AddLocationDialog({ path, onClose }: { path: string; onClose: () => void }) {
  const go = useGo();
  const input = useRef<HTMLInputElement>(null);
  const [mode, setMode] = useState<LocationMode>("deep");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  useEffect(() => input.current?.focus(), []);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const location = await ops.locationAdd({ path: input.current?.value.trim() ?? "", mode });
      await Promise.all([locationsQuery.queryKey, jobsQuery.queryKey].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
      onClose();
      say(`${plainName(location.name)} is being indexed.`);
      if (location.entry !== "") go({ id: location.entry });
    } catch (thrown) {
      setProblem(thrown);
      setBusy(false);
    }
  };

  return (
    <Dialog title="Add a location" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4 overflow-y-auto p-4">
        <p className="text-soft">A location is a folder that Stardrive indexes and follows. Files stay where they are; nothing is written into the folder.</p>
        <label className="flex flex-col gap-1.5">
          <span className="font-medium">Folder</span>
          <input
            ref={input}
            required
            defaultValue={path}
            placeholder="/home/you/Pictures"
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            className="h-9 rounded-md border border-line-strong bg-surface px-2.5 font-mono text-xs focus:border-accent focus:outline-none pointer-coarse:h-11"
          />
        </label>
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1.5 font-medium">What to index</legend>
          {modes.map((choice) => (
            <label key={choice.mode} htmlFor={`mode-${choice.mode}`} className="flex items-start gap-2.5 rounded-md px-2 py-1.5 hover:bg-hover has-checked:bg-accent-faint">
              <input id={`mode-${choice.mode}`} type="radio" name="mode" value={choice.mode} checked={mode === choice.mode} onChange={() => setMode(choice.mode)} className="mt-1 accent-accent" />
              <span>
                <span className="font-medium">{choice.label}</span>
                <span className="block text-soft">{choice.what}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {problem !== undefined && <ErrorLine error={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={busy}>
            {busy ? "Adding…" : "Add location"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
