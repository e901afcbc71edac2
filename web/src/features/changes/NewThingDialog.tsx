import { type SyntheticEvent, useState } from "react";
import type { Plan } from "@/api/types";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { propose } from "./flow";
import { nameFault, newPath } from "./names";

interface NewThing {
  kind: "folder" | "file";
  /** SdPath of the folder it comes into. */
  into: string;
  /** Told once it is there. */
  then: (plan: Plan) => void;
  onClose: () => void;
}

/** Asks for the name of a new folder or file. */
export function NewThingDialog({ kind, into, then, onClose }: NewThing) {
  const [name, setName] = useState("");
  const fault = nameFault(name);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (fault !== "") return;
    const path = newPath(into, name);
    onClose();
    void propose(() => (kind === "folder" ? ops.filesMkdir({ path }) : ops.filesCreate({ path })), { quiet: true, then });
  };
  return (
    <Dialog title={kind === "folder" ? "New folder" : "New file"} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 p-4">
        <label className="flex flex-col gap-1">
          Name
          <input
            data-first-focus
            value={name}
            spellCheck={false}
            autoComplete="off"
            aria-invalid={name !== "" && fault !== ""}
            aria-describedby="name-fault"
            onChange={(event) => setName(event.target.value)}
            className="h-9 rounded-md border border-line-strong bg-surface px-2.5"
          />
        </label>
        <p id="name-fault" role="status" className="text-bad">{name === "" ? "" : fault}</p>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={fault !== ""}>Make it</Button>
        </div>
      </form>
    </Dialog>
  );
}
