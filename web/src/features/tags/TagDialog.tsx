import { type SyntheticEvent, useState } from "react";
import type { Tag, TagType } from "@/api/types";
import { told } from "@/features/marks/marking";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Dialog } from "@/ui/Dialog";
import { Field, fieldLook } from "@/ui/Field";
import { ErrorLine } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { Colours, Icons } from "./LookFields";
import { edited, type TagForm } from "./tag-form";
import { words } from "./words";

const formOf = (tag: Tag | undefined): TagForm => ({
  name: tag?.name ?? "", namespace: tag?.namespace ?? "", type: tag?.type ?? "standard", colour: tag?.colour ?? "", icon: tag?.icon ?? "",
  description: tag?.description ?? "", aliases: (tag?.aliases ?? []).join(", "),
});

/** Makes a tag, or changes what is known of one. */
export function TagDialog({ tag, parent, onClose }: { tag: Tag | undefined; parent?: Tag | undefined; onClose: () => void }) {
  const [form, setForm] = useState(formOf(tag));
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const put = (change: Partial<TagForm>) => setForm((before) => ({ ...before, ...change }));
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    const { aliases, ...rest } = edited(tag, form);
    try {
      const name = plainName(form.name.trim());
      if (tag === undefined) {
        const { add_aliases: all } = aliases;
        told(await ops.tagCreate({ ...rest, name: form.name.trim(), ...(all && { aliases: all }), ...(parent && { parents: [parent.id] }) }), words.made(name));
      } else told(await ops.tagEdit({ tag: tag.id, ...rest, ...aliases }), words.saved(name));
      onClose();
    } catch (thrown) {
      setProblem(thrown);
      setBusy(false);
    }
  };
  return (
    <Dialog title={tag === undefined ? (parent ? `${words.addTag}: ${plainName(parent.name)}` : words.addTag) : plainName(tag.name)} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="flex max-h-[75dvh] flex-col gap-4 overflow-y-auto p-4">
        <div className="grid grid-cols-2 gap-3">
          <Field label={words.name}>
            <input data-first-focus required maxLength={200} value={form.name} spellCheck={false} autoComplete="off" onChange={(event) => put({ name: event.target.value })} className={fieldLook} />
          </Field>
          <Field label={words.namespace}>
            <input maxLength={200} value={form.namespace} title={words.namespaceHelp} spellCheck={false} autoComplete="off" onChange={(event) => put({ namespace: event.target.value })} className={fieldLook} />
          </Field>
        </div>
        <Field label={words.type}>
          <select value={form.type} disabled={form.type === "system"} onChange={(event) => put({ type: event.target.value as TagType })} className={fieldLook}>
            {Object.entries(words.types).map(([type, label]) => (type !== "system" || form.type === "system") && <option key={type} value={type}>{label}</option>)}
          </select>
        </Field>
        <Colours colour={form.colour} choose={(colour) => put({ colour })} />
        <Icons icon={form.icon} colour={form.colour} choose={(icon) => put({ icon })} />
        <Field label={words.aliases} help={words.aliasesHelp}>
          <input value={form.aliases} spellCheck={false} autoComplete="off" onChange={(event) => put({ aliases: event.target.value })} className={fieldLook} />
        </Field>
        <Field label={words.description}>
          <textarea rows={2} maxLength={4000} value={form.description} onChange={(event) => put({ description: event.target.value })} className={cx(fieldLook, "h-auto py-1.5 pointer-coarse:h-auto")} />
        </Field>
        {problem !== undefined && <ErrorLine error={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" type="submit" disabled={busy || form.name.trim() === ""}>{words.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}
