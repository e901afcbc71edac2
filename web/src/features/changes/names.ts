// Names that people give to things.

/** Why a name cannot be given, or "". What a volume cannot hold the plan tells. */
export function nameFault(name: string): string {
  if (name.trim() === "") return "It needs a name.";
  if (name === "." || name === "..") return "This name means the folder itself, or the one above.";
  if (/[/\0]/.test(name)) return "A name holds no slash.";
  return new TextEncoder().encode(name).length > 255 ? "This name is too long." : "";
}

/**
 * The SdPath of something new in a folder: the only paths that are put together
 * on this side, since nobody has them yet. The daemon reads them, decoded once.
 */
export function newPath(folder: string, name: string): string {
  return `${folder.replace(/\/$/, "")}/${encodeURIComponent(name)}`;
}

/** The end of what is selected when a name is to be changed: an extension mostly stays. */
export function stemEnd(name: string, isFolder: boolean): number {
  const dot = name.lastIndexOf(".");
  return isFolder || dot <= 0 ? name.length : dot;
}
