// What a person gave to be uploaded: files, and folders with all that is in them.

/** A file with its path below the folder it is to come into, or an empty folder. */
export interface Gift {
  path: string;
  file?: File;
}

/** Of a file chooser. Of a folder that was chosen, the files know their paths. */
export function giftsOfFiles(files: Iterable<File>): Gift[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath, file }));
}

/** Whether files from outside the browser are dragged. */
export const carriesFiles = (data: DataTransfer): boolean => data.types.includes("Files");

const fileOf = (entry: FileSystemFileEntry) => new Promise<File>((found, failed) => entry.file(found, failed));

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((found, failed) => reader.readEntries(found, failed)); // some hundred at once
    if (some.length === 0) return all;
    all.push(...some);
  }
}

async function collect(entry: FileSystemEntry, path: string, into: Gift[]): Promise<void> {
  if (entry.isFile) {
    into.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
    return;
  }
  const children = await childrenOf(entry as FileSystemDirectoryEntry);
  if (children.length === 0) into.push({ path });
  for (const child of children) await collect(child, `${path}/${child.name}`, into);
}

/** What was dropped. The entries must be taken at once: after the event they are gone. */
export function giftsOfDrop(data: DataTransfer): Promise<Gift[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const plain = entries.length === 0 ? giftsOfFiles(data.files) : [];
  return (async () => {
    const all: Gift[] = [...plain];
    for (const entry of entries) await collect(entry, entry.name, all);
    return all;
  })();
}

/** Asks for files, or for a folder. Nothing happens when the person thinks better of it. */
export function askForFiles(folder: boolean, then: (gifts: Gift[]) => void): void {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.webkitdirectory = folder;
  input.addEventListener("change", () => {
    if (input.files !== null && input.files.length > 0) then(giftsOfFiles(input.files));
    input.remove();
  });
  input.hidden = true;
  input.dataset["upload"] = folder ? "folder" : "files";
  document.body.append(input); // Safari tells only inputs that stand in the page
  input.click();
}
