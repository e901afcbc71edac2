import { type SyntheticEvent, useState } from "react";
import { openDialog } from "@/app/dialogs";
import type { Entry, FieldDef, FieldType } from "@/api/types";
import { change, told } from "@/features/marks/marking";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Dialog } from "@/ui/Dialog";
import { Field, fieldLook } from "@/ui/Field";
import { ErrorLine } from "@/ui/Note";
import { choiceChanges, choicesOf, fieldName } from "./values";
import { words } from "./words";

interface FieldDialogProps {
  field: FieldDef | undefined;
  /** What a new one is called, as somebody typed it already. */
  name?: string | undefined;
  /** The files that get a value of the new field next. */
  entries?: readonly Entry[] | undefined;
  onClose: () => void;
}

/** Makes a custom field, or changes what is known of one. */
export function FieldDialog({ field, name: given = "", entries, onClose }: FieldDialogProps) {
  const [form, setForm] = useState({ name: field?.name ?? given, label: field?.label ?? "", type: field?.type ?? "text", choices: (field?.choices ?? []).join("\n"), description: field?.description ?? "" });
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const put = (part: Partial<typeof form>) => setForm((before) => ({ ...before, ...part }));
  const { type } = form;
  const choices = choicesOf(form.choices);
  const create = () => {
    const more = { ...(form.label.trim() !== "" && { label: form.label.trim() }), ...(form.description.trim() !== "" && { description: form.description.trim() }) };
    return ops.fieldCreate({ name: form.name.trim(), type, ...more, ...(type === "choice" && { choices }) });
  };
  const edit = (old: FieldDef) => {
    const clear: string[] = [];
    const changed: { name?: string; label?: string; description?: string } = {};
    if (form.name.trim() !== old.name) changed.name = form.name.trim();
    for (const part of ["label", "description"] as const) {
      const [was, is] = [old[part] ?? "", form[part].trim()];
      if (is === was) continue;
      if (is === "") clear.push(part);
      else changed[part] = is;
    }
    return ops.fieldEdit({ field: old.id, ...changed, ...(clear.length > 0 && { clear }), ...(type === "choice" && choiceChanges(old.choices ?? [], choices)) });
  };
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const after = await (field === undefined ? create() : edit(field));
      told(after, field === undefined ? words.made(fieldName(after)) : words.saved(fieldName(after)));
      if (entries === undefined) onClose();
      else openDialog({ kind: "set-field", entries, field: after });
    } catch (thrown) {
      setProblem(thrown);
      setBusy(false);
    }
  };
  return (
    <Dialog title={field === undefined ? words.add : fieldName(field)} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="flex max-h-[75dvh] flex-col gap-4 overflow-y-auto p-4">
        <div className="grid grid-cols-2 items-start gap-3">
          <Field label={words.name} help={words.nameHelp}>
            <input data-first-focus required maxLength={100} pattern="[\p{L}\p{N}_\-]+" title={words.nameHelp} value={form.name} spellCheck={false} autoComplete="off" onChange={(event) => put({ name: event.target.value })} className={fieldLook} />
          </Field>
          <Field label={words.label} help={words.labelHelp}>
            <input maxLength={200} value={form.label} autoComplete="off" onChange={(event) => put({ label: event.target.value })} className={fieldLook} />
          </Field>
        </div>
        <Field label={words.type} {...(field !== undefined && { help: words.typeStays })}>
          <select value={type} disabled={field !== undefined} onChange={(event) => put({ type: event.target.value as FieldType })} className={fieldLook}>
            {Object.entries(words.types).map(([one, label]) => <option key={one} value={one}>{label}</option>)}
          </select>
        </Field>
        {type === "choice" && (
          <Field label={words.choices} help={field === undefined ? words.choicesHelp : `${words.choicesHelp} ${words.choicesKept}`}>
            <textarea required rows={4} value={form.choices} spellCheck={false} onChange={(event) => put({ choices: event.target.value })} className={cx(fieldLook, "h-auto py-1.5 pointer-coarse:h-auto")} />
          </Field>
        )}
        <Field label={words.description}>
          <input maxLength={1000} value={form.description} onChange={(event) => put({ description: event.target.value })} className={fieldLook} />
        </Field>
        {problem !== undefined && <ErrorLine error={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" type="submit" disabled={busy || form.name.trim() === "" || (type === "choice" && choices.length === 0)}>{words.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}

export function RemoveFieldDialog({ field, onClose }: { field: FieldDef; onClose: () => void }) {
  const name = fieldName(field);
  return (
    <Dialog title={words.removeTitle(name)} onClose={onClose}>
      <div className="flex flex-col gap-4 p-4">
        <p>{words.removeHelp(field.files)}</p>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button
            data-first-focus
            look="danger"
            onClick={() => {
              onClose();
              void change(() => ops.fieldDelete({ field: field.id }), words.removed(name));
            }}
          >
            {words.removeDo}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
