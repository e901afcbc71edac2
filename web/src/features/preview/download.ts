import { withLibrary } from "@/api/library";

/** Where a file's bytes can be fetched to be kept: on this origin, where the session's cookie holds. */
export function downloadUrl(id: string): string {
  return withLibrary(`/v1/content/${encodeURIComponent(id)}`);
}

/** Starts a download without leaving the page. */
export function download(entry: { id: string; name: string }): void {
  const link = document.createElement("a");
  link.href = downloadUrl(entry.id);
  link.download = entry.name;
  link.click();
}
