import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { libraryQuery, locationsQuery, queryClient } from "@/api/queries";
import type { Location } from "@/api/types";
import { ops } from "@/gen/client";
import { shownPath } from "@/features/browse/address";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { countOf } from "@/ui/format";
import { Name } from "@/ui/Name";
import { ErrorLine } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { say } from "@/ui/Toasts";

export function RemoveLocationDialog({ location, onClose }: { location: Location; onClose: () => void }) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const remove = async () => {
    setBusy(true);
    try {
      await router.navigate({ to: "/" }); // away from folders that are about to be forgotten
      await ops.locationRemove({ location: location.id });
      await Promise.all([locationsQuery.queryKey, libraryQuery.queryKey].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
      onClose();
      say(`${plainName(location.name)} was removed from the library. Its files are untouched.`);
    } catch (thrown) {
      setProblem(thrown);
      setBusy(false);
    }
  };
  return (
    <Dialog title="Remove from the library" onClose={onClose}>
      <div className="flex flex-col gap-4 p-4">
        <p>
          Stardrive forgets <Name name={location.name} className="font-semibold" /> and the {countOf(location.files, "file")} it knows there.{" "}
          <strong className="font-semibold">No file is deleted:</strong> everything stays in
        </p>
        <p className="rounded-md bg-sunken px-3 py-2 font-mono text-xs break-all">
          <Name name={shownPath(location)} />
        </p>
        {problem !== undefined && <ErrorLine error={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" disabled={busy} onClick={() => void remove()}>
            {busy ? "Removing…" : "Remove location"}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
