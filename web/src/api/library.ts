// Which library this tab shows. The first time that is the daemon's default; it
// is held on to, since the default moves when a library is made or used elsewhere.

const key = "stardrive.library";

/** The id of the chosen library, or "". */
export function chosenLibrary(): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

export function setLibrary(id: string): void {
  try {
    sessionStorage.setItem(key, id);
  } catch {
    // no storage: the daemon's default holds
  }
}

/** Shows another library in this tab: everything held belongs to the one before, so the page starts anew. */
export function chooseLibrary(id: string): void {
  setLibrary(id);
  location.assign("/");
}

/** Forgets the choice of a library that is not there any more. */
export function keepLibraryAmong(ids: readonly string[]): void {
  const id = chosenLibrary();
  if (id !== "" && !ids.includes(id)) sessionStorage.removeItem(key);
}

/** The same choice for addresses, where headers cannot be set. */
export function withLibrary(url: string): string {
  const id = chosenLibrary();
  if (id === "") return url;
  return `${url}${url.includes("?") ? "&" : "?"}library=${encodeURIComponent(id)}`;
}

/** Names the bytes of a file: of one by itself, or of a member of an archive. */
export interface BytesOf {
  id: string;
  path: string;
  /** Which file of the archive, where it stands in one. */
  member?: string | undefined;
}

/** Where a file's bytes can be fetched on this origin, indexed or not. */
export function contentUrl({ id, path, member }: BytesOf): string {
  const file = id === "" ? `/v1/content?path=${encodeURIComponent(path)}` : `/v1/content/${encodeURIComponent(id)}`;
  const inside = member === undefined ? "" : `${id === "" ? "&" : "?"}member=${encodeURIComponent(member)}`;
  return withLibrary(file + inside);
}
