import { contentUrl, withLibrary } from "@/api/library";
import type { Entry } from "@/api/types";
import { refsOf } from "@/features/changes/clipboard";
import { ops } from "@/gen/client";
import { bytes, countOf } from "@/ui/format";
import { say, sayError } from "@/ui/Toasts";

function fetchTo(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** Starts a download without leaving the page: of one file as it is, of all else as an archive that is packed on the way. */
export async function download(entries: readonly Entry[]): Promise<void> {
  const [first] = entries;
  if (first === undefined) return;
  if (entries.length === 1 && first.kind === "file") {
    fetchTo(contentUrl(first), first.name);
    return;
  }
  try {
    const { url, name, files, bytes: size } = await ops.filesDownload(refsOf(entries));
    say(`Packing ${countOf(files, "file")}, ${bytes(size)}, on the way.`);
    fetchTo(withLibrary(url), name);
  } catch (thrown) {
    sayError(thrown);
  }
}
