import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { type BrowseSearch, rightOf, SideContext, stepped } from "@/app/go";
import { useDetails, WithDetails } from "@/features/inspect/WithDetails";
import { rememberPlace } from "@/features/palette/recent-places";
import { QuickView } from "@/features/preview/QuickView";
import type { Near } from "@/features/preview/walk";
import { TopBar } from "@/features/shell/TopBar";
import { goBack, goForward, useTabTitle } from "@/features/tabs/tabs";
import { usePreferences } from "@/ui/preferences";
import { createStore, useStore } from "@/ui/store";
import { plainName } from "@/ui/names";
import type { Entry } from "@/api/types";
import { keyOf, shownPath } from "./address";
import type { ViewMode } from "./folder-view";
import { wantListFocus } from "./list-focus";
import { moved, only } from "./selection";
import { Pane } from "./Pane";
import { PathBar } from "./PathBar";
import { activeSide, type Side } from "./sides";
import { StatusBar } from "./StatusBar";
import { type OpenFolder, useFolder } from "./use-folder";
import { ViewSwitch } from "./ViewOptions";

const editing = createStore(false);

/** One folder, or two side by side: the path, the entries, and the facts of what is selected. */
export function BrowsePage() {
  const search: BrowseSearch = useSearch({ strict: false });
  const right = rightOf(search);
  const chosen = useStore(activeSide);
  const side: Side = right === undefined ? "left" : chosen;
  const folders: Record<Side, OpenFolder> = { left: useFolder(search, search.view), right: useFolder(right ?? search, undefined) };
  const here = folders[side];
  const { folder } = here;
  const { showHidden } = usePreferences();
  const navigate = useNavigate();
  const wish = useLocation().state.__TSR_key ?? ""; // another for every step, even to the same place
  const details = useDetails();
  const [viewed, setViewed] = useState<Entry>();
  const pathEdited = useStore(editing);

  useTabTitle(folder === undefined ? "" : plainName(folder.name, folder.raw));
  const place = folder === undefined ? undefined : shownPath(folder);
  useEffect(() => {
    if (place !== undefined) rememberPlace({ title: place.split(/[/\\]/).pop() ?? place, path: place });
  }, [place]);

  const go = (to: BrowseSearch) => {
    wantListFocus();
    void navigate({ to: "/browse", search: to });
  };
  const up = here.parent && (() => here.parent && go(stepped(search, side, here.parent, folder?.path)));
  const setMode = (mode: ViewMode) => {
    here.change({ mode });
    if (side === "left" && search.view !== mode) void navigate({ to: "/browse", search: { ...search, select: undefined, view: mode === "list" ? undefined : mode }, replace: true });
  };
  const split = () => {
    if (right === undefined) {
      activeSide.set("right");
      go({ ...search, rid: search.id, rpath: search.path });
    } else {
      go(side === "left" ? { id: search.id, path: search.path } : right);
      activeSide.set("left");
    }
  };
  const pane = (which: Side) => (
    <SideContext value={which} key={which}>
      <Pane
        open={folders[which]}
        active={which === side}
        split={right !== undefined}
        reveal={which === "left" ? search.select : search.rselect}
        wish={wish}
        activate={() => activeSide.set(which)}
        details={details}
        look={setViewed}
        commands={{
          editPath: () => editing.set(true),
          up: up ?? undefined,
          split,
          otherSide: right === undefined ? undefined : () => {
            activeSide.set(side === "left" ? "right" : "left");
            setTimeout(() => document.querySelector<HTMLElement>("[data-active-pane] [data-entry-list]")?.focus());
          },
        }}
        setMode={setMode}
        hiddenShown={showHidden}
      />
    </SideContext>
  );

  const several = here.selected.length > 1 && viewed !== undefined && here.selection.keys.has(keyOf(viewed)); // then only among these
  const near: Near = (from, by) => {
    const at = here.indexes.get(keyOf(from)) ?? -1;
    if (at < 0) return undefined;
    for (let i = at + by; i >= 0 && i < here.state.items.length; i += by) {
      const entry = here.state.items[i];
      if (entry && entry.kind !== "folder" && !(several && !here.selection.keys.has(keyOf(entry)))) return entry;
    }
    return undefined;
  };
  const show = (entry: Entry) => {
    setViewed(entry);
    here.select(several ? moved(here.selection, keyOf(entry)) : only(keyOf(entry)));
  };

  const inspected = here.selected.length > 0 ? here.selected : folder ? [folder] : [];
  return (
    <>
      <TopBar back={goBack} forward={goForward} up={up} details={details.shown} onDetails={details.toggle}>
        <PathBar crumbs={here.way} path={folder ? shownPath(folder) : (here.wanted.path ?? "")} editing={pathEdited} setEditing={editing.set} />
      </TopBar>
      <WithDetails details={details} entries={inspected} open={setViewed}>
        <div className="flex min-h-0 flex-1 divide-x divide-line">
          {pane("left")}
          {right !== undefined && pane("right")}
        </div>
        <StatusBar state={here.state} reordering={here.reordering} selected={here.selected} reload={here.reload}>
          <ViewSwitch view={here.view} change={here.change} setMode={setMode} everywhere={here.everywhere} />
        </StatusBar>
      </WithDetails>
      {viewed && <QuickView entry={viewed} near={near} show={show} onClose={() => setViewed(undefined)} />}
    </>
  );
}
