import { Archive, Bookmark, Briefcase, Camera, Flag, Heart, House, type LucideIcon, Music, Palette, Plane, Star, Users, X } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "@/ui/cx";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { safeColour } from "./colours";
import { words } from "./words";

interface Faced {
  name: string;
  colour?: string;
  icon?: string;
}

/** Icons that a tag may name; any other word of a tag's icon is shown as it stands, where it is an emoji. */
export const tagIcons: Readonly<Record<string, LucideIcon>> = {
  star: Star, heart: Heart, flag: Flag, bookmark: Bookmark, briefcase: Briefcase, house: House, users: Users, camera: Camera, music: Music, plane: Plane, palette: Palette, archive: Archive,
};

/** What a tag looks like in small: its icon, or a dot, in its colour. Its name stands beside it. */
export function TagDot({ tag, className }: { tag: Faced; className?: string }) {
  const colour = safeColour(tag.colour);
  const style = colour === undefined ? undefined : { color: colour };
  const icon = tag.icon ?? "";
  const Icon = Object.hasOwn(tagIcons, icon) ? tagIcons[icon] : undefined;
  if (Icon) return <Icon aria-hidden style={style} className={cx("size-3.5 shrink-0 text-soft", className)} strokeWidth={2} />;
  if (/^\p{Extended_Pictographic}/u.test(icon)) return <span aria-hidden className={cx("w-3.5 shrink-0 text-center text-2xs", className)}>{Array.from(icon).slice(0, 3).join("")}</span>;
  return <span aria-hidden style={style} className={cx("mx-0.5 size-2.5 shrink-0 rounded-full bg-current text-faint", className)} />;
}

interface TagChipProps {
  tag: Faced;
  title?: string;
  /** What a click on its name does. */
  press?: { label: string; run: () => void };
  remove?: () => void;
  children?: ReactNode;
}

/** A tag on something; with a button that takes it off. */
export function TagChip({ tag, title, press, remove, children }: TagChipProps) {
  return (
    <span title={title} className={cx("inline-flex h-6 max-w-full min-w-0 items-center gap-1 rounded-full bg-sunken pl-1.5 text-xs text-ink pointer-coarse:h-9", remove === undefined ? "pr-2.5" : "pr-0.5")}>
      <TagDot tag={tag} />
      {press === undefined ? (
        <Name name={tag.name} className="truncate" />
      ) : (
        <button type="button" aria-label={press.label} onClick={press.run} className="min-w-0 truncate rounded hover:underline pointer-coarse:min-h-9">
          <Name name={tag.name} />
        </button>
      )}
      {children}
      {remove && (
        <button type="button" aria-label={words.takeOff(plainName(tag.name))} title={words.takeOff(plainName(tag.name))} onClick={remove} className="inline-flex size-6 shrink-0 items-center justify-center rounded-full text-soft hover:bg-hover hover:text-ink pointer-coarse:size-8">
          <X aria-hidden className="size-3" />
        </button>
      )}
    </span>
  );
}
