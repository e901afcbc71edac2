import { Cloud, HardDrive, type LucideIcon, Server, Usb } from "lucide-react";
import { useGo } from "@/app/go";
import type { Volume } from "@/gen/client";
import { cx } from "@/ui/cx";
import { bytes } from "@/ui/format";
import { Name } from "@/ui/Name";
import { Progress } from "@/ui/Progress";

function VolumeIcon({ volume, className }: { volume: Volume; className: string }) {
  const Icon: LucideIcon = volume.class === "cloud" ? Cloud : volume.network === true ? Server : volume.removable === true ? Usb : HardDrive;
  return <Icon aria-hidden className={className} strokeWidth={1.6} />;
}

export const isOnline = (volume: Pick<Volume, "state">): boolean => volume.state === "online" || volume.state === "mounted";

/** A storage: how full it is, and whether it is there. */
export function VolumeItem({ volume, onGo }: { volume: Volume; onGo?: () => void }) {
  const go = useGo();
  const online = isOnline(volume);
  const used = volume.capacity > 0 ? (volume.capacity - volume.free) / volume.capacity : undefined;
  const path = volume.mount;
  return (
    <button
      type="button"
      disabled={!online || path === undefined || path === ""}
      onClick={() => {
        if (path !== undefined) go({ path });
        onGo?.();
      }}
      title={[volume.mount, volume.fs, volume.read_only === true ? "read-only" : ""].filter(Boolean).join(" · ")}
      className="ring-inside flex w-full flex-col gap-1 rounded-md px-2.5 py-1.5 text-left enabled:hover:bg-hover"
    >
      <span className="flex w-full items-center gap-2.5">
        <VolumeIcon volume={volume} className={cx("size-4 shrink-0", online ? "text-soft" : "text-faint")} />
        <span className={cx("min-w-0 flex-1 truncate", !online && "text-soft")}>
          <Name name={volume.name === "" ? (path ?? volume.identity) : volume.name} />
        </span>
        <span className="shrink-0 text-2xs text-faint tabular">{online ? `${bytes(volume.free)} free` : "Offline"}</span>
      </span>
      {online && used !== undefined && (
        <span className="block w-full pl-6.5">
          <Progress value={used} label={`${volume.name}: used space`} tone={used > 0.95 ? "bad" : used > 0.85 ? "warn" : "soft"} />
        </span>
      )}
    </button>
  );
}
