import { type SyntheticEvent, useState } from "react";
import type { Collection } from "@/api/types";
import { change, told } from "@/features/marks/marking";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, fieldLook } from "@/ui/Field";
import { ErrorLine } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { words } from "./words";

/** Makes a collection, or changes one. */
export function CollectionDialog({ collection, query: given = "", onClose }: { collection: Collection | undefined; query?: string | undefined; onClose: () => void }) {
  const [name, setName] = useState(collection?.name ?? "");
  const [query, setQuery] = useState(collection?.query ?? given);
  const [description, setDescription] = useState(collection?.description ?? "");
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const smart = collection === undefined || (collection.query ?? "") !== "";
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    const fields = { name: name.trim(), ...(query.trim() === "" ? {} : { query: query.trim() }), ...(description.trim() === "" ? {} : { description: description.trim() }) };
    try {
      const after = await (collection === undefined ? ops.collectionCreate(fields) : ops.collectionEdit({ collection: collection.id, ...fields }));
      told(after, collection === undefined ? words.made(plainName(fields.name)) : words.saved(plainName(fields.name)));
      onClose();
    } catch (thrown) {
      setProblem(thrown);
      setBusy(false);
    }
  };
  return (
    <Dialog title={collection === undefined ? words.add : plainName(collection.name)} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4 p-4">
        <Field label={words.name}>
          <input data-first-focus required maxLength={200} value={name} spellCheck={false} autoComplete="off" onChange={(event) => setName(event.target.value)} className={fieldLook} />
        </Field>
        {smart && (
          <Field label={words.query} help={words.queryHelp}>
            <input value={query} spellCheck={false} autoComplete="off" placeholder="kind:image rating:>=4" onChange={(event) => setQuery(event.target.value)} className={`${fieldLook} font-mono text-xs`} />
          </Field>
        )}
        <Field label={words.description}>
          <input maxLength={1000} value={description} onChange={(event) => setDescription(event.target.value)} className={fieldLook} />
        </Field>
        {problem !== undefined && <ErrorLine error={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" type="submit" disabled={busy || name.trim() === ""}>{words.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}

export function RemoveCollectionDialog({ collection, onClose }: { collection: Collection; onClose: () => void }) {
  const name = plainName(collection.name);
  return (
    <Dialog title={words.removeTitle(name)} onClose={onClose}>
      <div className="flex flex-col gap-4 p-4">
        <p>{words.removeHelp}</p>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button
            data-first-focus
            look="danger"
            onClick={() => {
              onClose();
              void change(() => ops.collectionDelete({ collection: collection.id }), words.removed(name));
            }}
          >
            {words.removeDo}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
