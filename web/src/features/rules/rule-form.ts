// What a form about a rule asks the daemon.
import type { TagRule } from "@/api/types";

export interface RuleForm {
  name: string;
  query: string;
  gives: "tag" | "collection";
  /** Name or id of the tag. */
  tag: string;
  /** Id of the collection. */
  collection: string;
  /** From 0 to 1; 1 for entirely. */
  confidence: number;
  description: string;
}

export const formOf = (rule: TagRule | undefined, given: Partial<RuleForm> = {}): RuleForm => ({
  name: rule?.name ?? "", query: rule?.query ?? "", gives: rule?.collection === undefined ? "tag" : "collection",
  tag: rule?.tag?.id ?? "", collection: rule?.collection?.id ?? "", confidence: rule?.confidence ?? 1, description: rule?.description ?? "", ...given,
});

type Gift = { tag: string } | { collection: string };

/** What the rule gives; undefined while that is not said. */
export function giftOf({ gives, tag, collection }: RuleForm): Gift | undefined {
  if (gives === "tag") return tag.trim() === "" ? undefined : { tag: tag.trim() };
  return collection === "" ? undefined : { collection };
}

/** What is asked to know what it would do; undefined while there is nothing to ask. A rule as it stands is asked for by its id: that tells what it would take back, too. */
export function trialOf(rule: TagRule | undefined, form: RuleForm): { rule: string } | ({ query: string } & Partial<{ tag: string; collection: string }>) | undefined {
  const query = form.query.trim();
  if (query === "") return undefined;
  return rule !== undefined && query === rule.query ? { rule: rule.id } : { query, ...giftOf(form) };
}

/** Only what is otherwise than it was. */
export function changesOf(rule: TagRule, form: RuleForm): { name?: string; query?: string; confidence?: number; description?: string } {
  const [name, query, description] = [form.name.trim(), form.query.trim(), form.description.trim()];
  return {
    ...(name !== rule.name && { name }),
    ...(query !== rule.query && { query }),
    ...(form.confidence !== (rule.confidence ?? 1) && { confidence: form.confidence }),
    ...(description !== (rule.description ?? "") && { description }),
  };
}
