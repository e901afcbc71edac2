import { useQuery } from "@tanstack/react-query";
import { Fingerprint, RotateCw, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { queryClient } from "@/api/queries";
import type { About, EntryInfo, Sidecar } from "@/api/types";
import { ops } from "@/gen/client";
import { shownPath } from "@/features/browse/address";
import { forgetThumbs } from "@/features/thumbs/use-thumb";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { countOf, fullTime, relativeTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { sayError } from "@/ui/Toasts";
import { Copied, Fact, Facts } from "./Facts";
import { factGroups, sidecarWords } from "./fact-words";

/** What is in a file, as far as anybody has looked. */
export function ContentFacts({ entry }: { entry: EntryInfo }) {
  if (entry.kind !== "file" || entry.id === "") return null;
  return (
    <>
      {entry.facts &&
        factGroups(entry.facts).map(({ title, facts }) => (
          <Facts key={title} title={title}>
            {facts.map(({ label, value, copy }) => (
              <Fact key={label} label={label}>
                {copy === true ? (
                  <Copied text={value} what={label}>
                    <Name name={value} />
                  </Copied>
                ) : (
                  <Name name={value} />
                )}
              </Fact>
            ))}
          </Facts>
        ))}
      {entry.content === undefined ? <Unread entry={entry} /> : <Bytes id={entry.id} about={entry.content} />}
      {entry.sidecars !== undefined && entry.sidecars.length > 0 && <Derived id={entry.id} sidecars={entry.sidecars} />}
    </>
  );
}

const refreshed = (id: string) => queryClient.invalidateQueries({ queryKey: ["entry", id] });

/** The file was never read whole: what is in it is not known. */
function Unread({ entry }: { entry: EntryInfo }) {
  const [busy, setBusy] = useState(false);
  const identify = async () => {
    setBusy(true);
    try {
      await ops.contentIdentify({ id: entry.id });
      await refreshed(entry.id);
    } catch (thrown) {
      sayError(thrown);
    }
    setBusy(false);
  };
  return (
    <Facts
      title="Content"
      before={<p className="text-soft">Not read yet: whether there are copies of it is not known.</p>}
      after={
        <Button icon={Fingerprint} disabled={busy || entry.state !== "present"} onClick={() => void identify()}>
          {busy ? "Reading…" : "Read it now"}
        </Button>
      }
    />
  );
}

/** Where else the bytes of a file are. */
function Elsewhere({ id, hash }: { id: string; hash: string }) {
  const all = useQuery({ queryKey: ["entry", id, "copies", hash], queryFn: ({ signal }) => ops.contentCopies({ id }, { signal }) });
  const others = all.data?.copies.filter((copy) => copy.id !== id) ?? [];
  if (others.length === 0) return null;
  return (
    <Fact label="Also at">
      <ul className="flex max-h-60 flex-col gap-1.5 overflow-y-auto">
        {others.map((copy) => (
          <li key={copy.id} className="min-w-0">
            <Name name={shownPath(copy)} className="block text-xs break-all" />
            <span className={cx("block text-xs", copy.state === "offline" ? "text-warn" : "text-soft")} title={fullTime(copy.read)}>
              {[copy.volume !== undefined && plainName(copy.volume), copy.state === "offline" && "offline", `read ${relativeTime(copy.read)}`].filter(Boolean).join(" · ")}
            </span>
          </li>
        ))}
        {all.data?.more !== undefined && all.data.more > 0 && <li className="text-xs text-soft">and {countOf(all.data.more, "more", "more")}</li>}
      </ul>
    </Fact>
  );
}

function Bytes({ id, about }: { id: string; about: About }) {
  return (
    <Facts
      title="Content"
      before={
        about.damaged === true && (
          <p role="alert" className="flex items-start gap-2 rounded-md bg-bad-soft px-3 py-2 text-bad">
            <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
            Damaged: its bytes are not what they were, though nobody wrote to it.
          </p>
        )
      }
    >
      <Fact label="Kind">{about.kind}</Fact>
      {about.mime !== "" && <Fact label="Media type">{about.mime}</Fact>}
      <Fact label="Copies">{about.copies > 1 ? `${countOf(about.copies, "file")} with these bytes` : "The only one known"}</Fact>
      {about.copies > 1 && <Elsewhere id={id} hash={about.hash} />}
      <Fact label="Read">
        <span title={fullTime(about.read)}>{relativeTime(about.read)}</span>
        {!about.proven && <span className="block text-warn">Changed since; it is read again.</span>}
      </Fact>
      <Fact label="BLAKE3">
        <Copied text={about.hash} what="Hash">
          <span className="font-mono text-xs break-all text-soft select-all">{about.hash}</span>
        </Copied>
      </Fact>
    </Facts>
  );
}

function Derived({ id, sidecars }: { id: string; sidecars: readonly Sidecar[] }) {
  const [busy, setBusy] = useState(false);
  const rebuild = async () => {
    setBusy(true);
    try {
      await ops.sidecarRebuild({ id });
      forgetThumbs(id);
    } catch (thrown) {
      sayError(thrown);
    }
    await refreshed(id);
    setBusy(false);
  };
  return (
    <Facts
      title="Made of it"
      after={
        <Button icon={RotateCw} disabled={busy} onClick={() => void rebuild()}>
          {busy ? "Making it again…" : "Make it again"}
        </Button>
      }
    >
      {sidecars.map((sidecar) => {
        const { what, how } = sidecarWords(sidecar);
        return (
          <Fact key={sidecar.kind} label={what}>
            <span className={cx(sidecar.status === "failed" && "text-bad")}>{how}</span>
            {sidecar.reason !== undefined && <Name name={sidecar.reason} className="block text-soft" />}
          </Fact>
        );
      })}
    </Facts>
  );
}
