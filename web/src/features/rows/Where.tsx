import { plainName } from "@/ui/names";

/** Where a copy stands: its location, and the volume that is on. */
export function Where({ location, volume }: { location: string | undefined; volume: string | undefined }) {
  return (
    <>
      <div className="max-w-32 truncate">{plainName(location ?? "")}</div>
      <div className="max-w-32 truncate max-sm:hidden">{plainName(volume ?? "")}</div>
    </>
  );
}
