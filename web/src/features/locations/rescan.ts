import { jobsQuery, locationsQuery, queryClient } from "@/api/queries";
import type { Location } from "@/api/types";
import { ops } from "@/gen/client";
import { say, sayError } from "@/ui/Toasts";

/** Has a location scanned again. */
export async function rescan(location: Location): Promise<void> {
  try {
    await ops.locationRescan({ location: location.id });
    say("The location is being read again.");
    await refreshLocations();
  } catch (thrown) {
    sayError(thrown);
  }
}

/** Has a location scanned again with the person's word that so many entries are gone. Throws what went wrong. */
export async function acceptMissing(location: Location, missing: number): Promise<void> {
  await ops.locationRescan({ location: location.id, accept_missing: missing });
  await refreshLocations();
}

function refreshLocations(): Promise<unknown> {
  return Promise.all([locationsQuery.queryKey, jobsQuery.queryKey].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
}
