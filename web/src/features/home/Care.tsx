import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Copy, FileWarning, HeartCrack, type LucideIcon, ShieldAlert, Trash2 } from "lucide-react";
import { careQuery } from "@/api/queries";
import type { CarePage } from "@/features/shell/pages";
import { cx } from "@/ui/cx";
import { ErrorLine } from "@/ui/Note";
import { words } from "./words";

interface Card {
  to: CarePage;
  icon: LucideIcon;
  title: string;
  text: string | undefined;
  more?: string;
  tone: "good" | "warn" | "bad" | "plain";
}

const tones: Record<Card["tone"], string> = { good: "text-good", warn: "text-warn", bad: "text-bad", plain: "text-soft" };

/** How the files fare, in a line for each: what there is too much of, what one loss would take, what is broken. */
export function Care() {
  const { data, error } = useQuery(careQuery);
  const cards: Card[] = [
    { to: "/duplicates", icon: Copy, title: words.duplicates, text: data && (data.duplicates.groups === 0 ? words.noDuplicates : words.wasted(data.duplicates.wasted, data.duplicates.groups)), tone: "plain" },
    {
      to: "/copies", icon: ShieldAlert, title: words.atRisk, tone: data !== undefined && data.risk.one_disk.contents > 0 ? "warn" : "good",
      text: data && (data.risk.one_disk.contents === 0 ? words.noRisk : words.risked(data.risk.one_disk.contents, data.risk.one_disk.bytes)),
      ...(data !== undefined && data.risk.unknown > 0 ? { more: words.unread(data.risk.unknown) } : {}),
    },
    { to: "/damage", icon: HeartCrack, title: words.damage, text: data && (data.damaged.n === 0 ? words.noDamage : words.damaged(data.damaged.n, data.damaged.more)), tone: (data?.damaged.n ?? 0) > 0 ? "bad" : "good" },
    { to: "/quarantine", icon: FileWarning, title: words.unreadable, text: data && (data.unreadable.n === 0 ? words.readable : words.damaged(data.unreadable.n, data.unreadable.more)), tone: (data?.unreadable.n ?? 0) > 0 ? "warn" : "good" },
    { to: "/trash", icon: Trash2, title: words.trash, text: data && words.trashed(data.trash), tone: "plain" },
  ];
  return (
    <section aria-labelledby="care">
      <h2 id="care" className="mb-2 font-semibold">{words.care}</h2>
      {error && <ErrorLine error={error} className="mb-2" />}
      <ul className="grid grid-cols-[repeat(auto-fit,minmax(9.5rem,1fr))] gap-2">
        {cards.map(({ to, icon: Icon, title, text, more, tone }) => (
          <li key={to}>
            <Link to={to} className="ring-inside flex h-full flex-col gap-0.5 rounded-lg border border-line px-3.5 py-2.5 hover:bg-hover">
              <span className="flex items-center gap-2 text-xs text-soft">
                <Icon aria-hidden className={cx("size-4", tones[tone])} strokeWidth={1.6} />
                {title}
              </span>
              <span className={cx("font-medium tabular", text === undefined && "text-faint")}>{text ?? "…"}</span>
              {more !== undefined && <span className="text-xs text-soft tabular">{more}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
