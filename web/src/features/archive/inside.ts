// What stands in an archive, as the viewers of files take it.
import type { ArchiveItem, Entry } from "@/api/types";

/** A file in an archive: its bytes are those of a member. */
export type Inside = Entry & { member: string };

/** The member as a file; it is not in the index, whatever the archive is. */
export function insideOf(archive: Entry, item: ArchiveItem): Inside {
  return {
    id: "", name: item.name, path: archive.path, kind: "file", size: Math.max(item.size, 0), state: "present", mode: "", hidden: false, member: item.member ?? "",
    ...(item.modified === undefined ? {} : { modified: item.modified }), ...(item.type === undefined ? {} : { type: item.type }), ...(item.mime === undefined ? {} : { mime: item.mime }),
  };
}

/** Names a row among others; two members may have one name. */
export const keyOfItem = (item: ArchiveItem, index: number) => `${index} ${item.member ?? item.path}`;

/** The folders that lead to one, the top first. */
export function crumbsOf(folder: string): { name: string; folder: string }[] {
  const parts = folder === "" ? [] : folder.split("/");
  return parts.map((name, i) => ({ name, folder: parts.slice(0, i + 1).join("/") }));
}

export const above = (folder: string) => folder.slice(0, Math.max(folder.lastIndexOf("/"), 0));

/** What can be unpacked of what is selected, by its paths in the archive. */
export const unpackable = (items: readonly ArchiveItem[]) => [...new Set(items.filter(({ path, refused }) => path !== "" && refused === undefined).map(({ path }) => path))];

/** Whether the daemon unpacks archives of this name: of some it only tells what is in them. */
export const isUnpacked = (name: string) => !/\.(7z|cb7)$/i.test(name);
