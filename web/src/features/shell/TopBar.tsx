import { ArrowLeft, ArrowRight, ArrowUp, Eye, EyeOff, Menu, PanelRight } from "lucide-react";
import type { ReactNode } from "react";
import { SearchBox } from "@/features/search/SearchBox";
import { IconButton } from "@/ui/Button";
import { setPreferences, usePreferences } from "@/ui/preferences";
import { drawer } from "./drawer";

interface TopBarProps {
  back?: () => void;
  forward?: () => void;
  up?: (() => void) | undefined;
  /** Whether the details are shown; undefined where there are none. */
  details?: boolean;
  onDetails?: () => void;
  /** The path, or the title of the page. */
  children: ReactNode;
}

/** The bar above everything: where you are, and the search. On narrow screens it takes two lines. */
export function TopBar({ back, forward, up, details, onDetails, children }: TopBarProps) {
  const { showHidden } = usePreferences();
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-x-1 gap-y-1.5 border-b border-line bg-surface px-2 py-1.5">
      <IconButton icon={Menu} label="Show the sidebar" className="md:hidden" onClick={() => drawer.set(true)} />
      {back && <IconButton icon={ArrowLeft} label="Back" keys="Alt ←" onClick={back} className="max-sm:hidden" />}
      {forward && <IconButton icon={ArrowRight} label="Forward" keys="Alt →" onClick={forward} className="max-sm:hidden" />}
      {back && <IconButton icon={ArrowUp} label="Folder above" keys="Alt ↑" disabled={!up} onClick={up} />}
      <div className="order-last flex min-w-full sm:order-none sm:min-w-0 sm:flex-1">{children}</div>
      <SearchBox />
      {details !== undefined && (
        <>
          <IconButton
            icon={showHidden ? Eye : EyeOff}
            label={showHidden ? "Hidden files are shown" : "Hidden files are not shown"}
            keys="Ctrl Shift ."
            aria-pressed={showHidden}
            onClick={() => setPreferences({ showHidden: !showHidden })}
          />
          <IconButton icon={PanelRight} label="Details" keys="Ctrl I" aria-pressed={details} onClick={onDetails} />
        </>
      )}
    </header>
  );
}
