import { type ReactNode, type SyntheticEvent, useState } from "react";
import type { Space, SpaceFill, SpaceGroup, SpaceItem } from "@/api/types";
import { change, told } from "@/features/marks/marking";
import { Colours, Icons } from "@/features/tags/LookFields";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, fieldLook } from "@/ui/Field";
import { ErrorLine } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { putSpace, showSpace, useSpaces } from "./shown-space";
import { words } from "./words";

/** A dialog that asks for a few words, and says what is wrong with them. */
function Form({ title, ready, save, onClose, children }: { title: string; ready: boolean; save: () => Promise<void>; onClose: () => void; children: ReactNode }) {
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    save().then(onClose, (thrown: unknown) => {
      setProblem(thrown);
      setBusy(false);
    });
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit} className="flex max-h-[75dvh] flex-col gap-4 overflow-y-auto p-4">
        {children}
        {problem !== undefined && <ErrorLine error={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" type="submit" disabled={busy || !ready}>{words.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function NameInput({ value, change: set, required = true }: { value: string; change: (text: string) => void; required?: boolean }) {
  return <input data-first-focus required={required} maxLength={200} value={value} spellCheck={false} autoComplete="off" onChange={(event) => set(event.target.value)} className={fieldLook} />;
}

/** Makes a sidebar, or changes what one is called and looks like. */
export function SpaceDialog({ space, onClose }: { space: Space | undefined; onClose: () => void }) {
  const { space: shown } = useSpaces();
  const [form, setForm] = useState({ name: space?.name ?? "", colour: space?.colour ?? "", icon: space?.icon ?? "", copy: true });
  const put = (part: Partial<typeof form>) => setForm((before) => ({ ...before, ...part }));
  const save = async () => {
    const name = form.name.trim();
    const look = { ...(form.colour !== "" && { colour: form.colour }), ...(form.icon !== "" && { icon: form.icon }) };
    const after = space === undefined ? await ops.spaceCreate({ name, ...look, ...(form.copy && { copy: shown.id }) }) : await ops.spaceEdit({ space: space.id, ...(name !== space.name && { name }), ...look });
    putSpace(after);
    told(after, space === undefined ? words.spaceMade(plainName(name)) : words.spaceSaved(plainName(name)));
    showSpace(after);
  };
  return (
    <Form title={space === undefined ? words.spaceTitle : plainName(space.name)} ready={form.name.trim() !== ""} save={save} onClose={onClose}>
      <Field label={words.name}>
        <NameInput value={form.name} change={(name) => put({ name })} />
      </Field>
      {space === undefined && (
        <Field label={words.beginsWith}>
          <select value={form.copy ? "copy" : ""} onChange={(event) => put({ copy: event.target.value !== "" })} className={fieldLook}>
            <option value="copy">{words.beginsCopy(plainName(shown.name))}</option>
            <option value="">{words.beginsEmpty}</option>
          </select>
        </Field>
      )}
      <Colours colour={form.colour} choose={(colour) => put({ colour })} />
      <Icons icon={form.icon} colour={form.colour} choose={(icon) => put({ icon })} />
    </Form>
  );
}

/** Makes a group in a sidebar, or gives one another title. */
export function GroupDialog({ space, group, onClose }: { space: Space; group: SpaceGroup | undefined; onClose: () => void }) {
  const [name, setName] = useState(group?.name ?? "");
  const [fill, setFill] = useState<SpaceFill | "">("");
  const title = name.trim() === "" && group === undefined && fill !== "" ? words.standard[fill] : name.trim();
  const save = async () => {
    const after = await (group === undefined ? ops.spaceGroupAdd({ space: space.id, name: title, at: 0, ...(fill !== "" && { fill }) }) : ops.spaceGroupEdit({ group: group.id, name: title }));
    putSpace(after);
    told(after, group === undefined ? words.groupMade(plainName(title)) : "");
  };
  return (
    <Form title={group === undefined ? words.groupTitle : words.renameGroup(plainName(group.name))} ready={title !== ""} save={save} onClose={onClose}>
      <Field label={words.name}>
        <NameInput value={name} change={setName} required={fill === ""} />
      </Field>
      {group === undefined && (
        <Field label={words.fill}>
          <select value={fill} onChange={(event) => setFill(event.target.value as SpaceFill | "")} className={fieldLook}>
            <option value="">{words.fillOwn}</option>
            {Object.entries(words.fills).map(([one, label]) => <option key={one} value={one}>{label}</option>)}
          </select>
        </Field>
      )}
    </Form>
  );
}

/** Gives an item another name in its sidebar alone. */
export function ItemDialog({ item, onClose }: { item: SpaceItem; onClose: () => void }) {
  const [label, setLabel] = useState(item.label ?? item.name);
  const save = async () => {
    const after = await ops.spaceItemEdit({ item: item.id ?? "", ...(label.trim() !== "" && { label: label.trim() }) });
    putSpace(after);
    told(after, "");
  };
  return (
    <Form title={plainName(item.name)} ready save={save} onClose={onClose}>
      <Field label={words.name} help={words.labelHelp}>
        <NameInput value={label} change={setLabel} required={false} />
      </Field>
    </Form>
  );
}

/** Deletes a sidebar, or puts the one that is always there back as it was made. */
export function RemoveSpaceDialog({ space, onClose }: { space: Space; onClose: () => void }) {
  const name = plainName(space.name);
  const home = space.default === true;
  const remove = () => {
    onClose();
    if (!home) showSpace({ id: "", default: true });
    void change(() => ops.spaceDelete({ space: space.id }), home ? words.spaceReset(name) : words.spaceGone(name));
  };
  return (
    <Dialog title={home ? words.resetTitle(name) : words.removeTitle(name)} onClose={onClose}>
      <div className="flex flex-col gap-4 p-4">
        <p>{home ? words.resetHelp : words.removeHelp}</p>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button data-first-focus look="danger" onClick={remove}>{home ? words.resetDo : words.removeDo}</Button>
        </div>
      </div>
    </Dialog>
  );
}
