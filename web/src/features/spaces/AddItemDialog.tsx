import { useQuery } from "@tanstack/react-query";
import { Bookmark, Folder, FolderTree, HardDrive, Library, type LucideIcon, Tag } from "lucide-react";
import { useState } from "react";
import { collectionsQuery, locationsQuery, savedQuery, tagsQuery, volumesQuery } from "@/api/queries";
import { shownPath } from "@/features/browse/address";
import { fitting } from "@/features/palette/match";
import { recentPlaces } from "@/features/palette/recent-places";
import { tagPath } from "@/features/tags/picker";
import { Chooser } from "@/ui/Chooser";
import { Dialog } from "@/ui/Dialog";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { pin, type Pinned, type PinKind } from "./pinning";
import { words } from "./words";

const icons: Readonly<Record<PinKind, LucideIcon>> = { location: FolderTree, volume: HardDrive, folder: Folder, tag: Tag, collection: Library, saved: Bookmark };

interface Row extends Pinned {
  key: string;
  title: string;
  more?: string;
}

const row = (kind: PinKind, ref: string, name: string, more?: string): Row => ({ key: `${kind} ${ref}`, kind, ref, name, title: plainName(name), ...(more !== undefined && { more: plainName(more) }) });

function useEverything(): Row[] {
  const { data: locations = [] } = useQuery(locationsQuery);
  const { data: volumes = [] } = useQuery(volumesQuery);
  const { data: tags = [] } = useQuery(tagsQuery);
  const { data: collections = [] } = useQuery(collectionsQuery);
  const { data: saved = [] } = useQuery(savedQuery);
  return [
    ...recentPlaces().slice(0, 5).map(({ title, path }) => row("folder", path, title, path)),
    ...saved.map((one) => row("saved", one.id, one.name, one.query)),
    ...collections.map((one) => row("collection", one.id, one.name)),
    ...tags.map((tag) => row("tag", tag.id, tagPath(tag))),
    ...locations.map((one) => row("location", one.id, one.name, shownPath(one))),
    ...volumes.filter(({ id }) => id !== "").map((one) => row("volume", one.id, one.name, one.mount)),
  ];
}

/** Puts something into the sidebar, by a few letters of its name or by a path. */
export function AddItemDialog({ group, onClose }: { group: string | undefined; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const everything = useEverything();
  const text = typed.trim();
  const rows = fitting(everything, text, 60);
  if (/^([/~]|sd:\/\/|[A-Za-z]:[\\/])/.test(text)) rows.unshift({ ...row("folder", text, text.replace(/[\\/]+$/, "").split(/[\\/]/).pop() ?? text), key: "path", title: words.folder(plainName(text)) });
  const choose = ({ kind, ref, name }: Row) => {
    onClose();
    void pin({ kind, ref, name }, group === undefined ? undefined : { group });
  };
  return (
    <Dialog title={words.addTitle} onClose={onClose}>
      <Chooser label={words.addField} listLabel={words.addList} typed={typed} setTyped={setTyped} rows={rows} choose={choose} none={words.addNone}>
        {({ kind, title, more }) => {
          const Icon = icons[kind];
          return (
            <>
              <Icon aria-hidden className="size-4 shrink-0 text-soft" strokeWidth={1.6} />
              <Name name={title} className="shrink-0 max-w-[60%] truncate" />
              {more !== undefined && <Name name={more} className="min-w-0 flex-1 truncate text-xs text-soft" />}
              <span className="ml-auto shrink-0 text-xs text-soft">{words.kinds[kind]}</span>
            </>
          );
        }}
      </Chooser>
    </Dialog>
  );
}
