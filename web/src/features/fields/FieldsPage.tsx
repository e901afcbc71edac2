import { useQuery } from "@tanstack/react-query";
import { ListPlus, PencilLine, Search, Trash2 } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import { useGoSearch } from "@/app/go";
import { fieldsQuery } from "@/api/queries";
import type { FieldDef } from "@/api/types";
import { Card, CardsPage } from "@/features/rows/CardsPage";
import { searchFor } from "@/features/search/address";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { fieldName, fieldQuery } from "./values";
import { words } from "./words";

/** The fields of the user's own. */
export function FieldsPage() {
  const fields = useQuery(fieldsQuery);
  const all = fields.data ?? [];
  return (
    <CardsPage
      title={words.page}
      help={words.pageHelp}
      add={{ label: words.add, run: () => openDialog({ kind: "field", field: undefined }) }}
      error={fields.error}
      retry={() => void fields.refetch()}
      waiting={fields.data === undefined ? words.looking : undefined}
      empty={all.length === 0 ? { icon: ListPlus, title: words.empty, words: words.emptyHelp } : undefined}
      status={fields.data === undefined ? "" : words.count(all.length)}
    >
      {all.map((field) => <FieldCard key={field.id} field={field} />)}
    </CardsPage>
  );
}

function FieldCard({ field }: { field: FieldDef }) {
  const goSearch = useGoSearch();
  const { key, type, choices = [], description, label, files } = field;
  const edit = () => openDialog({ kind: "field", field });
  const search = () => goSearch(searchFor(fieldQuery(key, "*")));
  return (
    <Card
      icon={<ListPlus aria-hidden className="size-4 text-soft" strokeWidth={1.6} />}
      name={<Name name={label ?? key} />}
      more={words.more(fieldName(field))}
      open={edit}
      menu={[
        { label: words.show, icon: Search, disabled: files === 0, run: search },
        { label: words.edit, icon: PencilLine, keys: "F2", run: edit },
        { label: words.remove, icon: Trash2, keys: "Del", danger: true, apart: true, run: () => openDialog({ kind: "remove-field", field }) },
      ]}
      side={
        files === 0 ? (
          <span className="text-xs text-soft">{words.used(0)}</span>
        ) : (
          <button type="button" onClick={search} className="rounded text-xs text-accent underline-offset-2 tabular hover:underline">{words.used(files)}</button>
        )
      }
    >
      <p className="flex flex-wrap gap-x-2 text-xs text-soft">
        <Name name={`field.${key}`} className="font-mono" />
        <span>{words.types[type]}</span>
      </p>
      {choices.length > 0 && (
        <p className="mt-1 flex flex-wrap gap-1">
          {choices.slice(0, 24).map((choice) => <Name key={choice} name={choice} className="rounded-full bg-sunken px-2 text-xs" />)}
          {choices.length > 24 && <span className="text-xs text-soft">…</span>}
        </p>
      )}
      {description !== undefined && <p className="mt-0.5 text-soft">{plainName(description)}</p>}
    </Card>
  );
}
