import { Plus, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { closeTab, newTab, showTab, useTabs } from "./tabs";
import { hereOf } from "./tab-moves";

/** The tabs, once there is more than one. */
export function TabBar() {
  const { tabs, active } = useTabs();
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    strip.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [active]);
  if (tabs.length < 2) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    const at = tabs.findIndex(({ id }) => id === active);
    const to = event.key === "ArrowRight" ? tabs[at + 1] : event.key === "ArrowLeft" ? tabs[at - 1] : event.key === "Home" ? tabs[0] : event.key === "End" ? tabs.at(-1) : undefined;
    if (event.key === "Delete") closeTab();
    else if (to) showTab(to.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
    setTimeout(() => strip.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
  };
  return (
    <div className="flex h-9 shrink-0 items-end gap-1 border-b border-line bg-canvas px-2">
      {/* eslint-disable-next-line jsx-a11y/interactive-supports-focus -- the tabs in it have the focus */}
      <div ref={strip} role="tablist" aria-label="Tabs" onKeyDown={onKeyDown} className="flex min-w-0 gap-1 overflow-x-auto [scrollbar-width:none]">
        {tabs.map((tab) => {
          const here = tab.id === active;
          const title = tab.title === "" ? hereOf(tab) : tab.title;
          return (
            <div key={tab.id} className={cx("group flex h-8 w-44 min-w-24 shrink items-center rounded-t-md border border-b-0 pr-1", here ? "border-line bg-surface" : "border-transparent hover:bg-hover")}>
              <button
                type="button"
                role="tab"
                aria-selected={here}
                tabIndex={here ? 0 : -1}
                title={plainName(title)}
                onClick={() => showTab(tab.id)}
                onAuxClick={(event) => event.button === 1 && closeTab(tab.id)}
                className={cx("ring-inside h-full min-w-0 flex-1 truncate rounded-t-md pl-3 text-left", here ? "font-medium" : "text-soft")}
              >
                <Name name={title} />
              </button>
              <IconButton icon={X} small tabIndex={-1} label={`Close ${plainName(title)}`} onClick={() => closeTab(tab.id)} className={cx(!here && "opacity-0 group-hover:opacity-100 pointer-coarse:opacity-100")} />
            </div>
          );
        })}
      </div>
      <IconButton icon={Plus} small label="New tab" keys="Alt T" onClick={newTab} className="mb-1" />
    </div>
  );
}
