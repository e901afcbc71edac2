import { type ReactNode, useState } from "react";
import type { EntryInfo } from "@/api/types";
import { useThumb } from "@/features/thumbs/use-thumb";
import { plainName } from "@/ui/names";
import { scenesIn } from "./scenes";
import { Still } from "./Still";

interface FilmPeekProps {
  entry: EntryInfo;
  /** What is shown where there are no pictures of it; told why. */
  otherwise: (why: string) => ReactNode;
  /** To be said below. */
  note?: string;
}

/** A film without playing it: a scene, and the others by moving over it or by the slider. */
export function FilmPeek({ entry, otherwise, note }: FilmPeekProps) {
  const [asked, setAsked] = useState(false);
  const strip = useThumb(entry, "strip", asked);
  const [size, setSize] = useState<{ width: number; height: number }>();
  const [scene, setScene] = useState<number>();
  const poster = useThumb(entry, "thumb1024");
  if (poster?.state !== "ready") return <Still entry={entry} small otherwise={otherwise} />;
  const url = strip?.state === "ready" ? strip.url : undefined;
  const scenes = size === undefined ? 0 : scenesIn(size, entry.facts);
  const move = (share: number) => setScene(Math.max(0, Math.min(scenes - 1, Math.floor(share * scenes))));
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- it only hears that somebody comes
    <div className="flex w-full flex-col items-center gap-2" onPointerEnter={() => setAsked(true)} onFocus={() => setAsked(true)}>
      <div
        className="relative overflow-hidden rounded bg-black"
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          move((event.clientX - box.left) / box.width);
        }}
        onPointerLeave={() => setScene(undefined)}
      >
        <Still entry={entry} small otherwise={otherwise} />
        {url !== undefined && (
          <img
            src={url}
            alt=""
            draggable={false}
            onLoad={(event) => setSize({ width: event.currentTarget.naturalWidth, height: event.currentTarget.naturalHeight })}
            className={scene === undefined || scenes === 0 ? "invisible absolute" : "absolute top-0 left-0 h-full max-w-none"}
            style={scenes === 0 ? {} : { width: `${scenes * 100}%`, transform: `translateX(-${((scene ?? 0) * 100) / scenes}%)` }}
            data-scene={scene}
          />
        )}
      </div>
      <label className="flex w-full max-w-80 items-center gap-2 text-xs text-soft">
        Scenes
        <input
          type="range"
          min={0}
          max={Math.max(scenes - 1, 1)}
          value={scene ?? 0}
          disabled={strip?.state === "none"}
          onChange={(event) => setScene(Number(event.target.value))}
          aria-label={`Scenes of ${plainName(entry.name, entry.raw)}`}
          aria-valuetext={`Scene ${(scene ?? 0) + 1} of ${Math.max(scenes, 1)}`}
          className="min-w-0 flex-1 accent-accent"
        />
      </label>
      {strip?.state === "none" && <p className="text-xs text-soft">{strip.why}</p>}
      {note !== undefined && <p className="text-center text-soft">{note}</p>}
    </div>
  );
}
