import { useQuery } from "@tanstack/react-query";
import { ListPlus, Plus, Trash2 } from "lucide-react";
import { type SyntheticEvent, useState } from "react";
import { openDialog } from "@/app/dialogs";
import { addedQuery, fieldsQuery } from "@/api/queries";
import type { Entry, FieldDef } from "@/api/types";
import { markingOf, whatOf } from "@/features/marks/marking";
import { Button } from "@/ui/Button";
import { Chooser } from "@/ui/Chooser";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { ErrorLine, Waiting } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { clearField, setField } from "./setting";
import { fieldName } from "./values";
import { ValueInput } from "./ValueInput";
import { words } from "./words";

interface SetFieldDialogProps {
  entries: readonly Entry[];
  /** The field to set; undefined: it is chosen first. */
  field: FieldDef | undefined;
  onClose: () => void;
}

/** Gives a value of a custom field to files: the field is chosen first where none is named. */
export function SetFieldDialog({ entries, field, onClose }: SetFieldDialogProps) {
  return field === undefined ? <ChooseField entries={entries} onClose={onClose} /> : <SetValue key={field.id} entries={entries} field={field} onClose={onClose} />;
}

type Row = { key: string; field: FieldDef } | { key: "+"; name: string };

function ChooseField({ entries, onClose }: { entries: readonly Entry[]; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const { data: all, error } = useQuery(fieldsQuery);
  const wanted = typed.trim().toLocaleLowerCase();
  const fits = (all ?? []).filter((field) => `${field.key} ${field.label ?? ""}`.toLocaleLowerCase().includes(wanted));
  const rows: Row[] = fits.map((field) => ({ key: field.id, field }));
  if (all !== undefined && fits.length === 0) rows.push({ key: "+", name: typed.trim() });
  const choose = (row: Row) => openDialog("name" in row ? { kind: "field", field: undefined, name: row.name, entries } : { kind: "set-field", entries, field: row.field });
  return (
    <Dialog title={words.chooseTitle(whatOf(entries))} onClose={onClose}>
      <Chooser label={words.chooseField} listLabel={words.page} typed={typed} setTyped={setTyped} rows={rows} choose={choose} none={error ? <ErrorLine error={error} /> : <Waiting className="p-0">{words.looking}</Waiting>}>
        {(row) =>
          "name" in row ? (
            <>
              <Plus aria-hidden className="size-4 shrink-0 text-soft" />
              <span className="truncate">{row.name === "" ? words.add : `${words.add}: ${plainName(row.name)}`}</span>
            </>
          ) : (
            <>
              <ListPlus aria-hidden className="size-4 shrink-0 text-soft" />
              <span className="min-w-0 flex-1 truncate">{fieldName(row.field)}</span>
              <span className="text-xs text-soft">{words.types[row.field.type]}</span>
            </>
          )
        }
      </Chooser>
    </Dialog>
  );
}

function SetValue({ entries, field, onClose }: { entries: readonly Entry[]; field: FieldDef; onClose: () => void }) {
  const [first] = entries;
  const added = useQuery({ ...addedQuery(first?.id ?? ""), enabled: entries.length === 1 && first !== undefined });
  const before = entries.length === 1 ? added.data?.fields?.find((one) => one.field.id === field.id)?.value : undefined;
  const [typed, setTyped] = useState<string>();
  const [busy, setBusy] = useState(false);
  const value = typed ?? before ?? "";
  const files = markingOf(entries);
  const what = whatOf(entries);
  const run = async (doIt: () => Promise<boolean>) => {
    setBusy(true);
    if (await doIt()) onClose();
    else setBusy(false);
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void run(() => setField(field, value, files, what));
  };
  return (
    <Dialog title={words.setTitle(fieldName(field), what)} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 p-4">
        <Field label={fieldName(field)} {...(field.description !== undefined && { help: plainName(field.description) })}>
          <ValueInput field={field} value={value} change={setTyped} />
        </Field>
        <div className="flex flex-wrap justify-end gap-2">
          {(before !== undefined || entries.length > 1) && <Button icon={Trash2} disabled={busy} onClick={() => void run(() => clearField(field, files, what))} className="mr-auto">{words.take}</Button>}
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" type="submit" disabled={busy || value.trim() === ""}>{words.set}</Button>
        </div>
      </form>
    </Dialog>
  );
}
