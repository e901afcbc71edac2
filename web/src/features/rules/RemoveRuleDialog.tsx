import type { TagRule } from "@/api/types";
import { change } from "@/features/marks/marking";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { plainName } from "@/ui/names";
import { words } from "./words";

/** Takes a rule away, with what it gave or without. */
export function RemoveRuleDialog({ rule, onClose }: { rule: TagRule; onClose: () => void }) {
  const name = plainName(rule.name);
  const remove = (keep: boolean) => () => {
    onClose();
    void change(() => ops.ruleDelete({ rule: rule.id, keep }), words.removed(name));
  };
  return (
    <Dialog title={words.removeTitle(name)} onClose={onClose}>
      <div className="flex flex-col gap-4 p-4">
        <p>{words.removeHelp(rule.given)}</p>
        {rule.given > 0 && (
          <>
            <Button data-first-focus onClick={remove(true)}>{words.removeKeep}</Button>
            <Button look="danger" onClick={remove(false)}>{words.removeBack}</Button>
          </>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.cancel}</Button>
          {rule.given === 0 && <Button data-first-focus look="danger" onClick={remove(false)}>{words.removeDo}</Button>}
        </div>
      </div>
    </Dialog>
  );
}
