import { CloudOff, Link2, type LucideIcon, Minus, Recycle, ShieldCheck } from "lucide-react";
import { Where } from "@/features/rows/Where";
import { cx } from "@/ui/cx";
import type { Verdict as Kind } from "./choices";
import { words } from "./words";

const looks: Record<Kind, { icon: LucideIcon; tone: string }> = {
  stays: { icon: ShieldCheck, tone: "text-good" },
  gives: { icon: Recycle, tone: "text-warn" },
  same: { icon: Link2, tone: "" },
  away: { icon: CloudOff, tone: "" },
  unasked: { icon: Minus, tone: "" },
};

/** What becomes of a copy, in a word. */
export function VerdictWord({ of }: { of: Kind }) {
  const { icon: Icon, tone } = looks[of];
  return (
    <span data-verdict={of} className={cx("inline-flex items-center gap-1", tone)}>
      <Icon aria-hidden className="size-3.5" strokeWidth={1.75} />
      {words[of]}
    </span>
  );
}

/** What becomes of a copy, and where it stands. */
export function Verdict({ of, location, volume }: { of: Kind; location: string | undefined; volume: string | undefined }) {
  return (
    <div className="flex items-start gap-4">
      <div className="max-sm:hidden">
        <Where location={location} volume={volume} />
      </div>
      <div className="w-24 text-left">
        <VerdictWord of={of} />
      </div>
    </div>
  );
}
