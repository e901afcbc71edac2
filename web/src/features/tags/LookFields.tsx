import { cx } from "@/ui/cx";
import { fieldLook } from "@/ui/Field";
import { palette } from "./colours";
import { TagDot, tagIcons } from "./TagFace";
import { words } from "./words";

const dot = "inline-flex size-7 items-center justify-center rounded-full aria-checked:ring-2 aria-checked:ring-accent aria-checked:ring-offset-2 aria-checked:ring-offset-raised pointer-coarse:size-10";

/** A choice of colours. */
export function Colours({ colour, choose }: { colour: string; choose: (colour: string) => void }) {
  const others = colour !== "" && !palette.some((one) => one.colour === colour) ? [{ colour, name: colour }] : [];
  return (
    <div role="radiogroup" aria-label={words.colour} className="flex flex-wrap gap-1.5">
      {[{ colour: "", name: words.noColour }, ...palette, ...others].map((one) => (
        <button key={one.colour} type="button" role="radio" aria-checked={one.colour === colour} aria-label={one.name} title={one.name} onClick={() => choose(one.colour)} className={dot}>
          <TagDot tag={{ name: one.name, colour: one.colour }} className="size-4" />
        </button>
      ))}
    </div>
  );
}

/** A choice of icons, or an emoji. */
export function Icons({ icon: chosen, colour, choose }: { icon: string; colour: string; choose: (icon: string) => void }) {
  const own = chosen !== "" && !Object.hasOwn(tagIcons, chosen) ? chosen : "";
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <div role="radiogroup" aria-label={words.icon} className="flex flex-wrap gap-0.5">
        {["", ...Object.keys(tagIcons)].map((icon) => (
          <button key={icon} type="button" role="radio" aria-checked={icon === chosen} aria-label={icon === "" ? words.noIcon : icon} title={icon === "" ? words.noIcon : icon} onClick={() => choose(icon)} className={dot}>
            <TagDot tag={{ name: icon, icon, colour }} />
          </button>
        ))}
      </div>
      <input aria-label={words.emoji} placeholder={words.emoji} value={own} maxLength={16} autoComplete="off" onChange={(event) => choose(event.target.value)} className={cx(fieldLook, "w-28")} />
    </div>
  );
}
