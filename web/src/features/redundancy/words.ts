import { catalogue } from "@/ui/messages";
import { countOf } from "@/ui/format";

export const words = catalogue("redundancy", {
  copyTitle: (n: number) => `Copy ${countOf(n, "file")} to another place`,
  copySelected: "Copy to another volume…",
  copyShown: (n: number) => `Copy these ${countOf(n, "file")}…`,
  copyHelp: "Every copy is read back from its medium and compared. What is there already is asked about first.",
  place: "Place",
  choose: "Choose…",
  location: (name: string, volume: string) => (volume === "" ? name : `${name} on ${volume}`),
  folder: "Folder",
  folderHelp: "A folder that exists, as a path.",
  sameVolume: "All of them are on that volume already: a copy there helps against nothing but mistakes.",
  cancel: "Cancel",
  go: "Copy…",
  restore: "Copy a good one beside it…",
  restored: (name: string) => `Copy the good ${name}`,
});
