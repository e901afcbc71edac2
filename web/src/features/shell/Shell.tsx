import { Outlet, useRouter } from "@tanstack/react-router";
import { useEffect, useLayoutEffect, useState } from "react";
import { closeDialog, dialogs } from "@/app/dialogs";
import { BatchRenameDialog } from "@/features/changes/BatchRenameDialog";
import { NewThingDialog } from "@/features/changes/NewThingDialog";
import { PlanSheet } from "@/features/changes/PlanSheet";
import { CollectDialog } from "@/features/collections/CollectDialog";
import { CollectionDialog, RemoveCollectionDialog } from "@/features/collections/CollectionDialogs";
import { FieldDialog, RemoveFieldDialog } from "@/features/fields/FieldDialog";
import { FilterFieldDialog } from "@/features/fields/FilterFields";
import { SetFieldDialog } from "@/features/fields/SetFieldDialog";
import { AddLocationDialog } from "@/features/locations/AddLocationDialog";
import { LocationDialog } from "@/features/locations/LocationDialog";
import { MissingDialog } from "@/features/locations/MissingDialog";
import { RemoveLocationDialog } from "@/features/locations/RemoveLocationDialog";
import { RemoveRuleDialog } from "@/features/rules/RemoveRuleDialog";
import { RuleDialog } from "@/features/rules/RuleDialog";
import { WhyDialog } from "@/features/rules/WhyDialog";
import { CopyToDialog } from "@/features/redundancy/CopyToDialog";
import { RebuildDialog } from "@/features/problems/RebuildDialog";
import { SaveDialog } from "@/features/search/SaveDialog";
import { AddItemDialog } from "@/features/spaces/AddItemDialog";
import { spaceCommands } from "@/features/spaces/commands";
import { GroupDialog, ItemDialog, RemoveSpaceDialog, SpaceDialog } from "@/features/spaces/SpaceDialogs";
import { undoLast } from "@/features/marks/marking";
import { MenuGround } from "@/ui/Menu";
import { useNarrow } from "@/ui/media";
import { useStore } from "@/ui/store";
import { Toasts } from "@/ui/Toasts";
import { TabBar } from "@/features/tabs/TabBar";
import { TagDialog } from "@/features/tags/TagDialog";
import { ChooseTagDialog, DropTagDialog, RemoveTagDialog } from "@/features/tags/TagDialogs";
import { TagPicker } from "@/features/tags/TagPicker";
import { closeTab, followHistory, goBack, goForward, newTab, stepTab } from "@/features/tabs/tabs";
import { useShortcuts, useStandingCommands } from "./commands";
import { ConnectionBanner } from "./ConnectionBanner";
import { drawer } from "./drawer";
import { Palette } from "@/features/palette/Palette";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { Sidebar } from "./Sidebar";

/** The frame around every page. */
export function Shell() {
  useShortcuts();
  const router = useRouter();
  useEffect(() => followHistory(router.history), [router]);
  useStandingCommands({ back: goBack, forward: goForward, newTab, closeTab: () => closeTab(), nextTab: () => stepTab(1), previousTab: () => stepTab(-1), undo: () => void undoLast(), ...spaceCommands });
  const narrow = useNarrow();
  const drawn = useStore(drawer);
  return (
    <div className="flex h-dvh flex-col overflow-hidden">
      <ConnectionBanner />
      <div className="flex min-h-0 flex-1">
        {!narrow && (
          <div className="w-56 shrink-0 border-r border-line bg-canvas lg:w-60">
            <Sidebar />
          </div>
        )}
        <div className="flex min-w-0 flex-1 flex-col">
          <TabBar />
          <Outlet />
        </div>
      </div>
      {narrow && drawn && <Drawer onClose={() => drawer.set(false)} />}
      <Dialogs />
      <PlanSheet />
      <Toasts />
    </div>
  );
}

/** The sidebar as a drawer: a modal dialog that slides in from the side. */
function Drawer({ onClose }: { onClose: () => void }) {
  const [dialog, setDialog] = useState<HTMLDialogElement | null>(null);
  useLayoutEffect(() => {
    dialog?.showModal();
    return () => dialog?.close();
  }, [dialog]);
  return (
    // A click beside the drawer lands on the dialog itself; Escape comes as the cancel event.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events
    <dialog
      ref={setDialog}
      aria-label="Sidebar"
      onCancel={onClose}
      onClick={(event) => event.target === dialog && onClose()}
      className="m-0 h-dvh max-h-none w-72 max-w-[85vw] border-r border-line bg-canvas p-0 shadow-pop animate-drawer backdrop:bg-black/45"
    >
      <MenuGround value={dialog}>
        <Sidebar onGo={onClose} />
      </MenuGround>
    </dialog>
  );
}

function Dialogs() {
  const open = useStore(dialogs);
  switch (open?.kind) {
    case "add-location": return <AddLocationDialog path={open.path} onClose={closeDialog} />;
    case "remove-location": return <RemoveLocationDialog location={open.location} onClose={closeDialog} />;
    case "location": return <LocationDialog key={open.id} id={open.id} onClose={closeDialog} />;
    case "missing": return <MissingDialog key={open.id} id={open.id} onClose={closeDialog} />;
    case "save-search": return <SaveDialog search={open.search} onClose={closeDialog} />;
    case "rename-search": return <SaveDialog rename={open.name} onClose={closeDialog} />;
    case "new-thing": return <NewThingDialog kind={open.make} into={open.into} then={open.then} onClose={closeDialog} />;
    case "batch-rename": return <BatchRenameDialog entries={open.entries} onClose={closeDialog} />;
    case "tags": return <TagPicker entries={open.entries} onClose={closeDialog} />;
    case "tag": return <TagDialog key={open.tag?.id} tag={open.tag} parent={open.parent} onClose={closeDialog} />;
    case "drop-tag": return <DropTagDialog tag={open.tag} onto={open.onto} onClose={closeDialog} />;
    case "choose-tag": return <ChooseTagDialog tag={open.tag} into={open.into} onClose={closeDialog} />;
    case "remove-tag": return <RemoveTagDialog tag={open.tag} onClose={closeDialog} />;
    case "collect": return <CollectDialog entries={open.entries} onClose={closeDialog} />;
    case "collection": return <CollectionDialog key={open.collection?.id} collection={open.collection} query={open.query} onClose={closeDialog} />;
    case "remove-collection": return <RemoveCollectionDialog collection={open.collection} onClose={closeDialog} />;
    case "rule": return <RuleDialog key={open.rule?.id} rule={open.rule} query={open.query} onClose={closeDialog} />;
    case "remove-rule": return <RemoveRuleDialog rule={open.rule} onClose={closeDialog} />;
    case "why": return <WhyDialog entry={open.entry} tag={open.tag} onClose={closeDialog} />;
    case "field": return <FieldDialog key={open.field?.id} field={open.field} name={open.name} entries={open.entries} onClose={closeDialog} />;
    case "remove-field": return <RemoveFieldDialog field={open.field} onClose={closeDialog} />;
    case "set-field": return <SetFieldDialog entries={open.entries} field={open.field} onClose={closeDialog} />;
    case "filter-field": return <FilterFieldDialog ask={open.ask} field={open.field} onClose={closeDialog} />;
    case "space": return <SpaceDialog key={open.space?.id} space={open.space} onClose={closeDialog} />;
    case "remove-space": return <RemoveSpaceDialog space={open.space} onClose={closeDialog} />;
    case "space-group": return <GroupDialog key={open.group?.id} space={open.space} group={open.group} onClose={closeDialog} />;
    case "space-item": return <ItemDialog key={open.item.id} item={open.item} onClose={closeDialog} />;
    case "space-add": return <AddItemDialog group={open.group} onClose={closeDialog} />;
    case "rebuild-library": return <RebuildDialog key={open.name} name={open.name} onClose={closeDialog} />;
    case "copy-to": return <CopyToDialog ids={open.ids} title={open.title} onClose={closeDialog} />;
    case "palette": return <Palette onClose={closeDialog} />;
    case "shortcuts": return <ShortcutsDialog onClose={closeDialog} />;
    case undefined: return null;
  }
}
