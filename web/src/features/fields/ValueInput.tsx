import type { FieldDef } from "@/api/types";
import { fieldLook } from "@/ui/Field";
import { plainName } from "@/ui/names";
import { words } from "./words";

interface ValueInputProps {
  field: FieldDef;
  value: string;
  change: (value: string) => void;
}

/** The fitting way to write a value of a field. It stands in a label. */
export function ValueInput({ field: { type, choices = [] }, value, change }: ValueInputProps) {
  if (type === "choice" || type === "bool") {
    const all = type === "bool" ? [["true", words.yes], ["false", words.no]] : choices.map((choice) => [choice, plainName(choice)]);
    const odd = value !== "" && !all.some(([one]) => one === value) ? [[value, plainName(value)]] : [];
    return (
      <select data-first-focus required value={value} onChange={(event) => change(event.target.value)} className={fieldLook}>
        <option value="" disabled />
        {[...all, ...odd].map(([one, label]) => <option key={one} value={one}>{label}</option>)}
      </select>
    );
  }
  const day = type === "date" && (value === "" || /^\d{4}-\d{2}-\d{2}$/.test(value));
  return (
    <input
      data-first-focus
      required
      type={day ? "date" : type === "url" ? "url" : "text"}
      inputMode={type === "number" ? "decimal" : undefined}
      {...(type === "number" && { pattern: "\\s*[-+]?[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?\\s*", title: "12 or -3.5" })}
      maxLength={10_000}
      value={value}
      spellCheck={type === "text"}
      autoComplete="off"
      onChange={(event) => change(event.target.value)}
      className={fieldLook}
    />
  );
}
