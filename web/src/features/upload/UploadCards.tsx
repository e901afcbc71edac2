import { useQuery } from "@tanstack/react-query";
import { FilePlus, FolderPlus, Pause, Play, Trash2 } from "lucide-react";
import { Button, IconButton } from "@/ui/Button";
import { bytes, count, countOf } from "@/ui/format";
import { Name } from "@/ui/Name";
import { Progress } from "@/ui/Progress";
import { useStore } from "@/ui/store";
import { askForFiles } from "./gather";
import { discard, finish, goOn, type Sending, sendings, stop, upload, uploadsQuery } from "./uploads";
import { titleOf, whole } from "./upload-words";

/** The uploads in the panel of jobs: those of this page, and those that stopped half way. */
export function UploadCards() {
  const busy = useStore(sendings);
  const { data = [] } = useQuery(uploadsQuery);
  const stopped = data.filter((one) => !busy.some(({ upload: id }) => id === one.upload));
  return (
    <>
      {busy.map((one) => <SendingCard key={one.upload} one={one} />)}
      {stopped.map((one) => {
        const title = titleOf(one.into);
        return (
          <li key={one.upload} className="flex flex-col gap-1.5 px-4 py-2.5" data-upload="stopped">
            <div className="flex items-center gap-1">
              <p className="min-w-0 flex-1 truncate font-medium">{title}</p>
              <IconButton icon={Trash2} small label={`Give it up: ${title}`} onClick={() => void discard(one.upload)} />
            </div>
            <Progress value={whole(one.got, one.bytes)} label={title} tone="soft" />
            {one.done < one.files ? (
              <>
                <p className="text-xs text-soft tabular">{count(one.done)} of {countOf(one.files, "file")} are there, {bytes(one.got)}. Choose them again to go on.</p>
                {one.into !== "" && (
                  <div className="flex flex-wrap gap-2">
                    <Button icon={FilePlus} onClick={() => askForFiles(false, (gifts) => void upload(one.into, gifts))}>Files…</Button>
                    <Button icon={FolderPlus} onClick={() => askForFiles(true, (gifts) => void upload(one.into, gifts))}>Folder…</Button>
                    {one.done > 0 && <Button onClick={() => void finish(one.upload, true)}>Take what is there</Button>}
                  </div>
                )}
              </>
            ) : (
              <div className="flex items-center gap-2">
                <p className="min-w-0 flex-1 text-xs text-soft tabular">{countOf(one.files, "file")} are there and wait for their names.</p>
                <Button onClick={() => void finish(one.upload, false)}>Go on</Button>
              </div>
            )}
          </li>
        );
      })}
    </>
  );
}

function SendingCard({ one }: { one: Sending }) {
  const { course, state, why, upload: id } = one;
  const title = titleOf(one.into);
  const line = state === "ending" ? "All of it is there." : course.waiting ? "Waiting for Stardrive to answer…" : `${count(course.doneFiles)} of ${countOf(course.files, "file")}, ${bytes(course.sent)} of ${bytes(course.bytes)}`;
  return (
    <li className="flex flex-col gap-1.5 px-4 py-2.5" data-upload={state}>
      <div className="flex items-center gap-1">
        <p className="min-w-0 flex-1 truncate font-medium">{title}</p>
        {state === "sending" && <IconButton icon={Pause} small label={`Stop for now: ${title}`} onClick={() => stop(id)} />}
        {state === "stuck" && <IconButton icon={Play} small label={`Try again: ${title}`} onClick={() => void goOn(id)} />}
        <IconButton icon={Trash2} small label={`Give it up: ${title}`} onClick={() => void discard(id)} />
      </div>
      <Progress value={whole(course.sent, course.bytes)} label={title} tone={state === "stuck" ? "bad" : course.waiting ? "soft" : "accent"} />
      <p className="text-xs text-soft tabular">{line}</p>
      {state === "sending" && course.current !== "" && <p className="truncate text-left text-xs text-faint" dir="rtl"><Name name={course.current} /></p>}
      {why !== "" && <p className="text-xs text-bad">{why}</p>}
      {state === "stuck" && course.doneFiles > 0 && <Button className="self-start" onClick={() => void finish(id, true)}>Take what is there</Button>}
      <Left title="Not taken" list={course.refused} />
      <Left title="Not sent" list={course.failed} />
    </li>
  );
}

function Left({ title, list }: { title: string; list: readonly { path: string; why: string }[] }) {
  if (list.length === 0) return null;
  return (
    <details className="text-xs">
      <summary className="cursor-pointer text-warn">{title}: {countOf(list.length, "file")}</summary>
      <ul className="max-h-40 overflow-y-auto rounded-md bg-sunken p-2">
        {list.slice(0, 100).map(({ path, why }) => <li key={path} className="break-all"><Name name={path} className="font-mono" /> <span className="text-soft">{why}</span></li>)}
      </ul>
    </details>
  );
}
