import { FolderOpen, HardDrive, type LucideIcon, Server, Usb } from "lucide-react";
import type { Volume } from "@/api/types";
import { useGo } from "@/app/go";
import { dragPin } from "@/features/spaces/pin-drag";
import { pinItem } from "@/features/spaces/pinning";
import { cx } from "@/ui/cx";
import { bytes } from "@/ui/format";
import { ContextMenu, type MenuItem } from "@/ui/Menu";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { Progress } from "@/ui/Progress";

function VolumeIcon({ volume, className }: { volume: Volume; className: string }) {
  const Icon: LucideIcon = volume.network ? Server : volume.removable ? Usb : HardDrive;
  return <Icon aria-hidden className={className} strokeWidth={1.6} />;
}

const stateWords: Record<Volume["state"], string> = {
  online: "",
  offline: "Offline",
  hung: "Not answering",
  broken: "Unreadable",
  clone: "A copy",
};

/** What tells volumes apart in lists; those without files of the library have no id. */
export const volumeKey = (volume: Volume): string => volume.id || volume.identity + volume.mount;

/** What a storage is called, how full it is, and whether it is there. */
export function VolumeFace({ volume, label }: { volume: Volume; label?: string }) {
  const online = volume.state === "online";
  const used = volume.capacity > 0 ? (volume.capacity - volume.free) / volume.capacity : undefined;
  return (
    <>
      <span className="flex w-full items-center gap-2.5">
        <VolumeIcon volume={volume} className={cx("size-4 shrink-0", online ? "text-soft" : "text-faint")} />
        <span className={cx("min-w-0 flex-1 truncate", !online && "text-soft")}>
          <Name name={label ?? (volume.name === "" ? volume.mount || volume.identity : volume.name)} />
        </span>
        <span className={cx("shrink-0 text-2xs tabular", volume.problem === undefined ? "text-faint" : "text-warn")}>
          {online ? `${bytes(volume.free)} free` : stateWords[volume.state]}
        </span>
      </span>
      {online && used !== undefined && (
        <span className="block w-full pl-6.5">
          <Progress value={used} label={`${plainName(volume.name)}: used space`} tone={used > 0.95 ? "bad" : used > 0.85 ? "warn" : "soft"} />
        </span>
      )}
    </>
  );
}

/** A storage in the sidebar. */
export function VolumeItem({ volume, onGo }: { volume: Volume; onGo?: () => void }) {
  const go = useGo();
  const facts = [volume.mount, volume.fs, volume.read_only ? "read-only" : ""].filter(Boolean).join(" · ");
  const gone = volume.state !== "online" || volume.mount === "";
  const open = () => {
    go({ path: volume.mount });
    onGo?.();
  };
  const items: MenuItem[] = [
    { label: "Open", icon: FolderOpen, keys: "Enter", disabled: gone, run: open },
    ...(volume.id === "" ? [] : [pinItem({ kind: "volume", ref: volume.id, name: volume.name })]),
  ];
  return (
    <ContextMenu items={items}>
      <button
        type="button"
        data-line
        aria-disabled={gone}
        {...(volume.id === "" ? {} : dragPin({ kind: "volume", ref: volume.id, name: volume.name }))}
        onClick={gone ? undefined : open}
        title={[facts, volume.problem, volume.remedy].filter(Boolean).join("\n")}
        className={cx("ring-inside flex w-full flex-col gap-1 rounded-md px-2.5 py-1.5 text-left", !gone && "hover:bg-hover")}
      >
        <VolumeFace volume={volume} />
      </button>
    </ContextMenu>
  );
}
