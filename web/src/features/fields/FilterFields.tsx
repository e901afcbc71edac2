import { useQuery } from "@tanstack/react-query";
import { ListFilter, X } from "lucide-react";
import { type SyntheticEvent, useState } from "react";
import { openDialog } from "@/app/dialogs";
import { useGoSearch } from "@/app/go";
import { fieldsQuery } from "@/api/queries";
import type { FieldDef } from "@/api/types";
import { fromParams, type SearchAddress, toParams } from "@/features/search/address";
import { ops } from "@/gen/client";
import { Button, IconButton } from "@/ui/Button";
import { Chooser } from "@/ui/Chooser";
import { Dialog } from "@/ui/Dialog";
import { Field, fieldLook } from "@/ui/Field";
import { count } from "@/ui/format";
import { ErrorLine, Waiting } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { fieldFilters, fieldName, fieldQuery, shownValue, withFilter, withoutFilter } from "./values";
import { words } from "./words";

/** What of a search asks for custom fields, each to be taken out; and a way to ask for more. */
export function FieldChips({ ask }: { ask: SearchAddress }) {
  const goSearch = useGoSearch();
  const { data: fields = [] } = useQuery(fieldsQuery);
  const filters = fieldFilters(ask.q);
  if (fields.length === 0 && filters.length === 0) return null;
  return (
    <>
      {filters.map((filter) => {
        const field = fields.find(({ key }) => key.toLowerCase() === filter.key.toLowerCase());
        const value = filter.value === "*" ? words.any : field ? shownValue(field, filter.value) : plainName(filter.value);
        const label = words.chip(field ? fieldName(field) : plainName(filter.key), value, filter.not);
        return (
          <span key={filter.from} className="flex h-7 max-w-full min-w-0 items-center rounded-full bg-accent-soft pr-0.5 pl-3 pointer-coarse:h-9">
            <span className="truncate">{label}</span>
            <IconButton small icon={X} label={`Without: ${label}`} onClick={() => goSearch({ ...ask, q: withoutFilter(ask.q, filter) }, true)} />
          </span>
        );
      })}
      {fields.length > 0 && <Button icon={ListFilter} onClick={() => openDialog({ kind: "filter-field", ask: toParams(ask), field: undefined })}>{words.filter}</Button>}
    </>
  );
}

type Asked = ReturnType<typeof toParams>;

/** Chooses a field, and what its value is to be, for the search that is open. */
export function FilterFieldDialog({ ask, field, onClose }: { ask: Asked; field: FieldDef | undefined; onClose: () => void }) {
  if (field === undefined) return <ChooseField ask={ask} onClose={onClose} />;
  return field.type === "choice" || field.type === "bool" ? <ChooseValue ask={ask} field={field} onClose={onClose} /> : <WriteCondition ask={ask} field={field} onClose={onClose} />;
}

function ChooseField({ ask, onClose }: { ask: Asked; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const { data: all = [], error } = useQuery(fieldsQuery);
  const rows = all.filter((field) => `${field.key} ${field.label ?? ""}`.toLocaleLowerCase().includes(typed.trim().toLocaleLowerCase())).map((field) => ({ key: field.id, field }));
  return (
    <Dialog title={words.filterTitle} onClose={onClose}>
      <Chooser label={words.chooseField} listLabel={words.page} typed={typed} setTyped={setTyped} rows={rows} choose={({ field }) => openDialog({ kind: "filter-field", ask, field })} none={error ? <ErrorLine error={error} /> : words.noneFits}>
        {({ field }) => (
          <>
            <span className="min-w-0 flex-1 truncate">{fieldName(field)}</span>
            <span className="text-xs text-soft">{words.types[field.type]}</span>
          </>
        )}
      </Chooser>
    </Dialog>
  );
}

const mostCounted = 24;

/** How many things each choice would leave of the search, asked for one after another. */
function useCounts(ask: SearchAddress, field: FieldDef, conditions: readonly string[]) {
  return useQuery({
    queryKey: ["search", "field", field.id, ask.q, ask.in ?? "", ask.exact],
    queryFn: async ({ signal }) => {
      const totals = new Map<string, number>();
      for (const condition of conditions.slice(0, mostCounted)) {
        const { total } = await ops.searchQuery({ query: withFilter(ask.q, field.key, condition), groups: ["names"], limit: 1, exact: ask.exact, ...(ask.in !== undefined && { in: ask.in }) }, { signal });
        totals.set(condition, total);
      }
      return totals;
    },
  });
}

function ChooseValue({ ask: params, field, onClose }: { ask: Asked; field: FieldDef; onClose: () => void }) {
  const goSearch = useGoSearch();
  const [typed, setTyped] = useState("");
  const ask = fromParams(params);
  const values = field.type === "bool" ? ["true", "false"] : (field.choices ?? []);
  const all = [
    ...values.map((value) => ({ label: shownValue(field, value), key: fieldQuery(field.key, value) })),
    { label: words.any, key: fieldQuery(field.key, "*") },
    { label: words.without, key: fieldQuery(field.key, "*", true) },
  ].filter(({ key }) => key !== "");
  const { data: totals } = useCounts(ask, field, all.map(({ key }) => key));
  const rows = all.filter(({ label }) => label.toLocaleLowerCase().includes(typed.trim().toLocaleLowerCase()));
  const choose = (condition: string) => {
    onClose();
    goSearch({ ...ask, q: withFilter(ask.q, field.key, condition) });
  };
  return (
    <Dialog title={fieldName(field)} onClose={onClose}>
      <Chooser label={words.value} listLabel={fieldName(field)} typed={typed} setTyped={setTyped} rows={rows} choose={({ key }) => choose(key)} none={<Waiting className="p-0">{words.noneFits}</Waiting>}>
        {({ label, key }) => (
          <>
            <bdi className="min-w-0 flex-1 truncate">{label}</bdi>
            <span className="text-xs text-soft tabular">{totals?.has(key) === true ? count(totals.get(key) ?? 0) : ""}</span>
          </>
        )}
      </Chooser>
    </Dialog>
  );
}

function WriteCondition({ ask: params, field, onClose }: { ask: Asked; field: FieldDef; onClose: () => void }) {
  const goSearch = useGoSearch();
  const ask = fromParams(params);
  const [text, setText] = useState("");
  const go = (condition: string) => {
    onClose();
    goSearch({ ...ask, q: withFilter(ask.q, field.key, condition) });
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const condition = fieldQuery(field.key, text.trim());
    if (condition !== "") go(condition);
  };
  return (
    <Dialog title={fieldName(field)} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 p-4">
        <Field label={words.condition} help={words.conditionHelp[field.type]}>
          <input data-first-focus value={text} maxLength={500} pattern={'[^"]*'} spellCheck={false} autoComplete="off" onChange={(event) => setText(event.target.value)} className={fieldLook} />
        </Field>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={() => go(fieldQuery(field.key, "*"))}>{words.any}</Button>
          <Button onClick={() => go(fieldQuery(field.key, "*", true))} className="mr-auto">{words.without}</Button>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" type="submit" disabled={text.trim() === ""}>{words.apply}</Button>
        </div>
      </form>
    </Dialog>
  );
}
