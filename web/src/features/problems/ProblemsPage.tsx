import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CircleAlert, ShieldCheck, TriangleAlert } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import { careQuery, jobsQuery, librariesQuery, locationsQuery, queryClient, statusQuery, volumesQuery } from "@/api/queries";
import { JobsDock } from "@/features/jobs/JobsDock";
import { rescan } from "@/features/locations/rescan";
import { useCommands } from "@/features/shell/commands";
import { TopBar } from "@/features/shell/TopBar";
import { goBack, goForward, useTabTitle } from "@/features/tabs/tabs";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import { type Remedy, type Trouble, troubles } from "./problems";
import { words } from "./words";

const groups: readonly Trouble["group"][] = ["libraries", "daemon", "volumes", "locations", "files", "jobs"];
const asked = [statusQuery, librariesQuery, volumesQuery, locationsQuery, jobsQuery, careQuery];

/** All that is wrong, with what can be done about it. */
function useTroubles(): { found: readonly Trouble[] | undefined; error: unknown } {
  const { data: status } = useQuery(statusQuery);
  const { data: libraries } = useQuery(librariesQuery);
  const { data: volumes } = useQuery(volumesQuery);
  const { data: locations } = useQuery(locationsQuery);
  const { data: jobs } = useQuery(jobsQuery);
  const { data: care, error } = useQuery(careQuery);
  if (status === undefined || locations === undefined || jobs === undefined || care === undefined) return { found: undefined, error };
  const found = troubles({ problems: status.problems, libraries: libraries ?? [], volumes: volumes ?? [], locations, jobs, damaged: care.damaged, unreadable: care.unreadable });
  return { found, error: undefined };
}

/** What needs attention, of all sorts, and its remedies. */
export function ProblemsPage() {
  const { found, error } = useTroubles();
  const reload = () => asked.forEach(({ queryKey }) => void queryClient.invalidateQueries({ queryKey }));
  useTabTitle(words.title);
  useCommands({ reload });
  return (
    <>
      <TopBar back={goBack} forward={goForward}>
        <h1 className="px-2 py-1 text-sm font-semibold">{words.title}</h1>
      </TopBar>
      {/* The list scrolls, and may hold nothing that takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that keys can scroll it */}
      <main tabIndex={0} className="ring-inside min-h-0 flex-1 overflow-y-auto bg-surface">
        {found === undefined && error !== null && error !== undefined ? (
          <ErrorNote error={error} retry={reload} />
        ) : found === undefined ? (
          <Waiting>{words.looking}</Waiting>
        ) : found.length === 0 ? (
          <EmptyNote icon={ShieldCheck} title={words.none} className="h-full">{words.noneHelp}</EmptyNote>
        ) : (
          <div className="mx-auto flex max-w-4xl flex-col gap-6 px-5 py-6">
            {groups.map((group) => <Group key={group} group={group} found={found.filter((trouble) => trouble.group === group)} />)}
          </div>
        )}
      </main>
      <footer className="flex h-9 shrink-0 items-center justify-end border-t border-line bg-surface px-2 text-xs text-soft">
        <JobsDock />
      </footer>
    </>
  );
}

function Group({ group, found }: { group: Trouble["group"]; found: readonly Trouble[] }) {
  if (found.length === 0) return null;
  return (
    <section aria-labelledby={`problems-${group}`}>
      <h2 id={`problems-${group}`} className="mb-2 font-semibold">{words[group]}</h2>
      <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line">
        {found.map(({ key, bad, text, help, remedies }) => {
          const Icon = bad ? CircleAlert : TriangleAlert;
          return (
            <li key={key} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
              <Icon aria-hidden className={cx("size-4 shrink-0", bad ? "text-bad" : "text-warn")} />
              <div className="min-w-0 flex-1 basis-56">
                <p className="break-words">{text}</p>
                {help !== "" && <p className="text-xs break-words text-soft">{help}</p>}
              </div>
              <div className="flex flex-wrap gap-2">
                {remedies.map((remedy) => <RemedyButton key={remedy.do} remedy={remedy} />)}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function RemedyButton({ remedy }: { remedy: Remedy }) {
  const navigate = useNavigate();
  switch (remedy.do) {
    case "missing": return <Button look="primary" onClick={() => openDialog({ kind: "missing", id: remedy.location.id })}>{words.settle}</Button>;
    case "location": return <Button onClick={() => openDialog({ kind: "location", id: remedy.location.id })}>{words.details}</Button>;
    case "rescan": return <Button onClick={() => void rescan(remedy.location)}>{words.rescan}</Button>;
    case "page": return <Button onClick={() => void navigate({ to: remedy.to })}>{words.show}</Button>;
    case "rebuild": return <Button look="primary" onClick={() => openDialog({ kind: "rebuild-library", name: remedy.library.name })}>{words.rebuild}</Button>;
  }
}
