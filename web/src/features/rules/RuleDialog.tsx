import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useId, useState } from "react";
import { collectionsQuery, tagsQuery } from "@/api/queries";
import type { TagRule } from "@/api/types";
import { told } from "@/features/marks/marking";
import { tagPath } from "@/features/tags/picker";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, fieldLook } from "@/ui/Field";
import { ErrorLine } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { changesOf, formOf, giftOf, type RuleForm, trialOf } from "./rule-form";
import { Trial } from "./Trial";
import { words } from "./words";

interface RuleDialogProps {
  rule: TagRule | undefined;
  /** What a new one looks for, as somebody has it already. */
  query?: string | undefined;
  onClose: () => void;
}

/** Makes a rule, or changes one; what it would do is shown before it is saved. */
export function RuleDialog({ rule, query, onClose }: RuleDialogProps) {
  const [form, setForm] = useState(formOf(rule, query === undefined ? {} : { query }));
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const put = (part: Partial<RuleForm>) => setForm((before) => ({ ...before, ...part }));
  const gift = giftOf(form);
  const ready = form.name.trim() !== "" && form.query.trim() !== "" && (rule !== undefined || gift !== undefined);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const name = form.name.trim();
      const description = form.description.trim();
      const create = () => ops.ruleCreate({ name, query: form.query.trim(), ...gift, create: form.gives === "tag", ...(form.confidence < 1 && { confidence: form.confidence }), ...(description !== "" && { description }) });
      const after = await (rule === undefined ? create() : ops.ruleEdit({ rule: rule.id, ...changesOf(rule, form) }));
      told(after, rule === undefined ? words.made(plainName(name)) : words.saved(plainName(name)));
      onClose();
    } catch (thrown) {
      setProblem(thrown);
      setBusy(false);
    }
  };
  return (
    <Dialog title={rule === undefined ? words.add : plainName(rule.name)} size="medium" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="flex max-h-[80dvh] flex-col gap-4 overflow-y-auto p-4">
        <Field label={words.name}>
          <input data-first-focus required maxLength={200} value={form.name} spellCheck={false} autoComplete="off" onChange={(event) => put({ name: event.target.value })} className={fieldLook} />
        </Field>
        <Field label={words.query} help={words.queryHelp}>
          <input required maxLength={2000} value={form.query} spellCheck={false} autoComplete="off" autoCapitalize="off" onChange={(event) => put({ query: event.target.value })} className={`${fieldLook} font-mono text-xs`} />
        </Field>
        {rule === undefined ? <GiftFields form={form} put={put} /> : <p className="text-xs text-soft">{words.giftStays}</p>}
        <Trial of={trialOf(rule, form)} />
        <div className="grid gap-3 sm:grid-cols-[10rem_1fr]">
          <Field label={words.certainty}>
            <select value={String(form.confidence)} onChange={(event) => put({ confidence: Number(event.target.value) })} className={fieldLook}>
              {[...new Set([1, 0.9, 0.75, 0.5, 0.25, form.confidence])].sort((a, b) => b - a).map((part) => <option key={part} value={String(part)}>{part === 1 ? words.certain : words.sure(part)}</option>)}
            </select>
          </Field>
          <Field label={words.description}>
            <input maxLength={1000} value={form.description} onChange={(event) => put({ description: event.target.value })} className={fieldLook} />
          </Field>
        </div>
        {problem !== undefined && <ErrorLine error={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" type="submit" disabled={busy || !ready}>{rule?.paused === true ? words.save : words.saveApply}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What a new rule gives: a tag, which is made where there is none, or a place in a collection. */
function GiftFields({ form, put }: { form: RuleForm; put: (part: Partial<RuleForm>) => void }) {
  const { data: tags = [] } = useQuery(tagsQuery);
  const { data: collections = [] } = useQuery(collectionsQuery);
  const list = useId();
  const manual = collections.filter(({ query = "" }) => query === "");
  return (
    <div className="grid items-start gap-3 sm:grid-cols-2">
      <Field label={words.gift}>
        <select value={form.gives} onChange={(event) => put({ gives: event.target.value as RuleForm["gives"] })} className={fieldLook}>
          <option value="tag">{words.giveTag}</option>
          <option value="collection">{words.putInto}</option>
        </select>
      </Field>
      {form.gives === "tag" ? (
        <Field label={words.tag} help={words.tagHelp}>
          <input required list={list} maxLength={200} value={form.tag} spellCheck={false} autoComplete="off" onChange={(event) => put({ tag: event.target.value })} className={fieldLook} />
          <datalist id={list}>
            {tags.filter(({ type }) => type === "standard" || type === "private").slice(0, 500).map((tag) => <option key={tag.id} value={tagPath(tag)} />)}
          </datalist>
        </Field>
      ) : (
        <Field label={words.collection} {...(manual.length === 0 && { help: words.noCollection })}>
          <select required value={form.collection} onChange={(event) => put({ collection: event.target.value })} className={fieldLook}>
            <option value="" disabled />
            {manual.map(({ id, name }) => <option key={id} value={id}>{plainName(name)}</option>)}
          </select>
        </Field>
      )}
    </div>
  );
}
