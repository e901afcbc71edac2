import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { openDialog } from "@/app/dialogs";
import { tagsQuery } from "@/api/queries";
import type { Tag } from "@/api/types";
import { change } from "@/features/marks/marking";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { Chooser } from "@/ui/Chooser";
import { Dialog } from "@/ui/Dialog";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { tagPath } from "./picker";
import { allBelow, childrenOf, matchingLines } from "./tag-tree";
import { TagDot } from "./TagFace";
import { moveTag } from "./tag-menu";
import { words } from "./words";

const useBelow = (tag: Tag): { tags: readonly Tag[]; direct: number; all: ReadonlySet<string> } => {
  const { data: tags = [] } = useQuery(tagsQuery);
  const below = childrenOf(tags);
  return { tags, direct: below.get(tag.id)?.length ?? 0, all: allBelow(tag.id, below) };
};

const merge = (tag: Tag, into: Tag) => change(() => ops.tagMerge({ into: into.id, tags: [tag.id] }), words.merged(plainName(tag.name), plainName(into.name)));

/** A tag was dropped onto another: below it, or one of both. What either would do is said first. */
export function DropTagDialog({ tag, onto, onClose }: { tag: Tag; onto: Tag; onClose: () => void }) {
  const { direct, all } = useBelow(tag);
  const [dropped, stays] = [plainName(tag.name), plainName(onto.name)];
  const circle = all.has(onto.id);
  const run = (doIt: () => Promise<boolean>) => () => {
    onClose();
    void doIt();
  };
  return (
    <Dialog title={words.dropTitle(dropped, stays)} onClose={onClose}>
      <div className="flex flex-col gap-4 p-4">
        <div>
          <Button data-first-focus disabled={circle} onClick={run(() => moveTag(tag, onto, true))} className="w-full">{words.dropBelow(dropped, stays)}</Button>
          <p className="mt-1 text-xs text-soft">{circle ? words.idleHelp(stays) : words.dropBelowHelp}</p>
        </div>
        <div>
          <Button onClick={run(() => merge(tag, onto))} className="w-full">{words.dropMerge(stays)}</Button>
          <p className="mt-1 text-xs text-soft">{words.mergeHelp(dropped, tag.files, direct)}</p>
        </div>
        <div className="flex justify-end">
          <Button onClick={onClose}>{words.cancel}</Button>
        </div>
      </div>
    </Dialog>
  );
}

/** Asks for another tag: the one that stays when both become one, or the one to stand below. */
export function ChooseTagDialog({ tag, into, onClose }: { tag: Tag; into: "merge" | "parent"; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const { tags, all } = useBelow(tag);
  const name = plainName(tag.name);
  const fits = matchingLines(tags, typed).filter(({ tag: other }) => other.id !== tag.id && (into === "merge" || !all.has(other.id))).slice(0, 50);
  return (
    <Dialog title={into === "merge" ? words.chooseTitle(name) : words.parentTitle(name)} onClose={onClose}>
      <Chooser
        label={words.filter}
        listLabel={words.page}
        typed={typed}
        setTyped={setTyped}
        rows={fits}
        choose={({ tag: other }) => {
          if (into === "merge") openDialog({ kind: "drop-tag", tag, onto: other });
          else {
            onClose();
            void moveTag(tag, other, true);
          }
        }}
        none={words.noneFound}
      >
        {({ tag: other }) => (
          <>
            <TagDot tag={other} />
            <Name name={tagPath(other)} className="truncate" />
            <span className="ml-auto text-xs text-soft tabular">{words.files(other.files)}</span>
          </>
        )}
      </Chooser>
    </Dialog>
  );
}

export function RemoveTagDialog({ tag, onClose }: { tag: Tag; onClose: () => void }) {
  const { direct } = useBelow(tag);
  const name = plainName(tag.name);
  const remove = () => {
    onClose();
    void change(() => ops.tagDelete({ tag: tag.id }), words.removed(name));
  };
  return (
    <Dialog title={words.removeTitle(name)} onClose={onClose}>
      <div className="flex flex-col gap-4 p-4">
        <p>{words.removeHelp(tag.files, direct)}</p>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button data-first-focus look="danger" onClick={remove}>{words.removeDo}</Button>
        </div>
      </div>
    </Dialog>
  );
}
