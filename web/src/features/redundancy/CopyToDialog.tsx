import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { locationsQuery, volumesQuery } from "@/api/queries";
import { shownPath } from "@/features/browse/address";
import { propose } from "@/features/changes/flow";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, fieldLook } from "@/ui/Field";
import { plainName } from "@/ui/names";
import { words } from "./words";

/** Asks where copies of some files are to be made, and plans it. */
export function CopyToDialog({ ids, title, onClose }: { ids: readonly string[]; title: string; onClose: () => void }) {
  const { data: locations = [] } = useQuery(locationsQuery);
  const { data: volumes = [] } = useQuery(volumesQuery);
  const [folder, setFolder] = useState("");
  const places = [
    ...volumes.filter(({ state, mount, read_only }) => state === "online" && mount !== "" && !read_only).map(({ mount, name }) => ({ path: mount, name: plainName(name || mount) })),
    ...locations.filter(({ state }) => state !== "offline").map((location) => ({ path: shownPath(location), name: words.location(plainName(location.name), plainName(location.volume)) })),
  ];
  const plan = () => {
    onClose();
    void propose(() => ops.filesCopy({ ids: [...ids], destination: folder.trim(), verify: true }));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (folder.trim() !== "") plan();
        }}
      >
        <div className="flex flex-col gap-4 p-4">
          <Field label={words.place}>
            <select data-first-focus value={places.some(({ path }) => path === folder) ? folder : ""} onChange={(event) => setFolder(event.target.value)} className={fieldLook}>
              <option value="" disabled>{words.choose}</option>
              {places.map(({ path, name }) => <option key={path + name} value={path}>{name}</option>)}
            </select>
          </Field>
          <Field label={words.folder} help={words.folderHelp}>
            <input value={folder} onChange={(event) => setFolder(event.target.value)} spellCheck={false} autoComplete="off" className={fieldLook} />
          </Field>
          <p className="text-xs text-soft">{words.copyHelp}</p>
        </div>
        <footer className="flex justify-end gap-2 border-t border-line px-4 py-3">
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button type="submit" look="primary" disabled={folder.trim() === ""}>{words.go}</Button>
        </footer>
      </form>
    </Dialog>
  );
}
