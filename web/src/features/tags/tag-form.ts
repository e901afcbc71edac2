// What a form about a tag asks the daemon to change.
import type { Tag, TagType } from "@/api/types";

export interface TagForm {
  name: string;
  namespace: string;
  type: TagType;
  colour: string;
  icon: string;
  description: string;
  /** With commas between them. */
  aliases: string;
}

export interface TagEdit {
  name?: string;
  namespace?: string;
  type?: TagType;
  colour?: string;
  icon?: string;
  description?: string;
  /** What was emptied. */
  clear?: string[];
  aliases: { add_aliases?: string[]; remove_aliases?: string[] };
}

const list = (text: string) => [...new Set(text.split(",").map((part) => part.trim()).filter((part) => part !== ""))];

/** Only what is otherwise than it was: what nobody touched is nobody's change. */
export function edited(tag: Tag | undefined, form: TagForm): TagEdit {
  const out: TagEdit = { aliases: {} };
  const clear: string[] = [];
  const name = form.name.trim();
  if (name !== tag?.name) out.name = name;
  if (form.type !== (tag?.type ?? "standard")) out.type = form.type;
  for (const field of ["namespace", "colour", "icon", "description"] as const) {
    const [was, is] = [tag?.[field] ?? "", form[field].trim()];
    if (is === was) continue;
    if (is === "") clear.push(field);
    else out[field] = is;
  }
  if (clear.length > 0) out.clear = clear;
  const [before, after] = [tag?.aliases ?? [], list(form.aliases)];
  const added = after.filter((alias) => !before.includes(alias));
  const gone = before.filter((alias) => !after.includes(alias));
  if (added.length > 0) out.aliases.add_aliases = added;
  if (gone.length > 0) out.aliases.remove_aliases = gone;
  return out;
}
