import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import { jobsQuery, locationsQuery } from "@/api/queries";
import type { EntryInfo } from "@/api/types";
import { Button } from "@/ui/Button";
import { count } from "@/ui/format";
import { Name } from "@/ui/Name";
import { heldAbove, jobOf } from "./location-words";
import { rescan } from "./rescan";

/** Above a folder of a location of which much is missing: nothing is marked as gone until the person says so. */
export function HeldBanner({ folder }: { folder: EntryInfo | undefined }) {
  const { data: locations = [] } = useQuery(locationsQuery);
  const { data: jobs = [] } = useQuery(jobsQuery);
  const folders = folder === undefined ? [] : [folder.id, ...(folder.parents ?? []).map((parent) => parent.id)];
  const location = heldAbove(folders, locations, jobs);
  if (location === undefined) return null;
  const scanning = jobOf(location, jobs) !== undefined;
  const one = location.missing === 1;
  return (
    <section aria-label="Missing entries" className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-warn-soft px-4 py-2.5">
      <p className="flex min-w-60 flex-1 gap-2.5">
        <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
        <span>
          <strong className="font-semibold">
            {count(location.missing)} {one ? "entry" : "entries"} of <Name name={location.name} /> {one ? "is" : "are"} missing.
          </strong>{" "}
          Nothing was marked as gone. If a drive or a folder is only away, bring it back and scan again.
        </span>
      </p>
      <div className="flex flex-wrap gap-2">
        <Button disabled={scanning} onClick={() => void rescan(location)}>
          {scanning ? "Scanning…" : "Scan again"}
        </Button>
        <Button onClick={() => openDialog({ kind: "missing", id: location.id })}>See what is missing…</Button>
      </div>
    </section>
  );
}
