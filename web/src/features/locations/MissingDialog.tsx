import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { jobsQuery, locationsQuery, warningsQuery } from "@/api/queries";
import type { Location } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { count, countOf } from "@/ui/format";
import { Name } from "@/ui/Name";
import { ErrorLine, Waiting } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { say } from "@/ui/Toasts";
import { isHeld, jobOf } from "./location-words";
import { acceptMissing } from "./rescan";

/** What a location is missing, and the word of the person that it is gone. */
export function MissingDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { data: locations = [] } = useQuery(locationsQuery);
  const { data: jobs = [] } = useQuery(jobsQuery);
  const location = locations.find((known) => known.id === id);
  const held = location !== undefined && isHeld(location, jobOf(location, jobs));
  return (
    <Dialog title={location === undefined ? "Missing entries" : `Missing in ${plainName(location.name)}`} size="medium" onClose={onClose}>
      {held ? (
        // Another number is another question.
        <Missing key={location.missing} location={location} scanning={jobOf(location, jobs) !== undefined} onClose={onClose} />
      ) : (
        <p className="p-4">Nothing is missing any more.</p>
      )}
    </Dialog>
  );
}

function Missing({ location, scanning, onClose }: { location: Location; scanning: boolean; onClose: () => void }) {
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const entries = countOf(location.missing, "entry", "entries");
  const accept = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await acceptMissing(location, location.missing);
      onClose();
      say(`${entries} of ${plainName(location.name)} will be marked as gone.`);
    } catch (thrown) {
      setProblem(thrown);
      setBusy(false);
    }
  };
  return (
    <div className="flex min-h-0 flex-col gap-4 overflow-y-auto p-4">
      <p>
        The last scan did not find {entries} that were there before. That may be right, or a sign that a drive failed, a share is not connected, or a
        program ran wild. Stardrive has marked nothing as gone.
      </p>
      <MissingList location={location} />
      <label className="flex items-start gap-2.5">
        <input type="checkbox" checked={sure} disabled={scanning} onChange={(event) => setSure(event.target.checked)} className="mt-1 accent-accent" />
        <span>
          I know that {location.missing === 1 ? "this entry is" : `these ${count(location.missing)} entries are`} gone.{" "}
          <span className="text-soft">What the library knows of them is kept, and counts again if they come back.</span>
        </span>
      </label>
      {problem !== undefined && <ErrorLine error={problem} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Not now</Button>
        <Button look="danger" disabled={!sure || busy || scanning} onClick={() => void accept()}>
          {scanning ? "Scanning…" : `Mark ${entries} as gone`}
        </Button>
      </div>
    </div>
  );
}

/** A path without the way to the location, which all of them share. */
function below(location: Location, path: string): string {
  return path.startsWith(`${location.path}/`) ? path.slice(location.path.length + 1) : path;
}

/** The warnings of the scan, which name what is missing: whole folders where they are. */
function MissingList({ location }: { location: Location }) {
  const job = location.job;
  const { data, error } = useQuery({ ...warningsQuery(job?.id ?? ""), enabled: job !== undefined });
  if (job === undefined) return null;
  if (error) return <ErrorLine error={error} />;
  if (data === undefined) return <Waiting className="py-2">Listing them…</Waiting>;
  const more = job.warnings - data.length;
  return (
    // A list that scrolls must be reachable by keys.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <ul tabIndex={0} aria-label="What is missing" className="max-h-56 shrink-0 overflow-y-auto rounded-md bg-sunken p-2.5 text-xs">
      {data.map((warning) => (
        <li key={warning.number} className="break-all">
          <Name name={below(location, warning.path)} className="font-mono" />
          {warning.message !== "this file is missing" && <span className="text-soft"> {warning.message}</span>}
        </li>
      ))}
      {more > 0 && <li className="pt-1 text-soft">and {count(more)} more, told by “stardrive job warnings {job.id}”</li>}
    </ul>
  );
}
