import { Star } from "lucide-react";
import { cx } from "@/ui/cx";
import { words } from "./words";

/** How many stars something has. */
export function Stars({ stars }: { stars: number }) {
  return (
    <span role="img" aria-label={words.starsMark(stars)} title={words.starsMark(stars)} className="flex items-center text-warn">
      {Array.from({ length: Math.min(stars, 5) }, (_, i) => <Star key={i} aria-hidden className="size-3 fill-current" strokeWidth={1.5} />)}
    </span>
  );
}

/** Five stars to choose from; the chosen number again takes them away. */
export function StarPicker({ stars, choose }: { stars: number; choose: (stars: number) => void }) {
  return (
    <div role="radiogroup" aria-label={words.ratingTitle} className="-ml-1 flex">
      {[1, 2, 3, 4, 5].map((n) => (
        <button
          key={n}
          type="button"
          role="radio"
          aria-checked={n === stars}
          aria-label={words.setStars(n)}
          title={n === stars ? words.noStars : words.setStars(n)}
          onClick={() => choose(n === stars ? 0 : n)}
          className="inline-flex size-6 items-center justify-center rounded hover:bg-hover pointer-coarse:size-10"
        >
          <Star aria-hidden className={cx("size-4", n <= stars ? "fill-current text-warn" : "text-faint")} strokeWidth={1.5} />
        </button>
      ))}
    </div>
  );
}
