import { ExternalLink, ListPlus, Pencil } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import type { Entry, Valued } from "@/api/types";
import { plainName } from "@/ui/names";
import { fieldName, safeAddress, shownValue } from "./values";
import { words } from "./words";

/** The values of custom fields of an entry, each with a way to change it. */
export function FieldFacts({ entry, fields }: { entry: Entry; fields: readonly Valued[] }) {
  if (fields.length === 0) return null;
  return (
    <dl aria-label={words.section} className="flex flex-col gap-1">
      {fields.map(({ field, value, here }) => {
        const name = fieldName(field);
        const shown = shownValue(field, value);
        const address = field.type === "url" ? safeAddress(value) : undefined;
        return (
          <div key={field.id + String(here)} className="grid grid-cols-[5.5rem_minmax(0,1fr)] items-start gap-2">
            <dt title={plainName(field.description ?? "")} className="truncate py-0.5 text-soft">{name}</dt>
            <dd className="flex min-w-0 items-start gap-1">
              <button
                type="button"
                aria-label={words.change(name, shown)}
                title={here === true ? `${shown}\n${words.here}` : shown}
                onClick={() => openDialog({ kind: "set-field", entries: [entry], field })}
                className="group/value -mx-1 flex min-h-6 min-w-0 flex-1 items-start gap-1 rounded px-1 py-0.5 text-left hover:bg-hover pointer-coarse:min-h-9"
              >
                <bdi className="line-clamp-4 min-w-0 flex-1 break-words whitespace-pre-wrap">{shown}</bdi>
                <Pencil aria-hidden className="mt-1 size-3 shrink-0 text-faint opacity-0 group-hover/value:opacity-100 group-focus-visible/value:opacity-100 pointer-coarse:opacity-100" />
              </button>
              {address !== undefined && (
                <a href={address} target="_blank" rel="noreferrer noopener" aria-label={`${words.open}: ${shown}`} title={words.open} className="inline-flex size-6 shrink-0 items-center justify-center rounded text-soft hover:bg-hover hover:text-ink pointer-coarse:size-9">
                  <ExternalLink aria-hidden className="size-3.5" />
                </a>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** Opens the choice of a field for what is selected. */
export function SetFieldButton({ entries, className }: { entries: readonly Entry[]; className: string }) {
  return (
    <button type="button" onClick={() => openDialog({ kind: "set-field", entries, field: undefined })} title={`${words.setOne} (=)`} className={className}>
      <ListPlus aria-hidden className="size-3" />
      {words.setOne}
    </button>
  );
}
