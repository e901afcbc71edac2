// Giving values of custom fields to files, and taking them away.
import type { FieldDef } from "@/api/types";
import { mark, type Marking } from "@/features/marks/marking";
import { ops } from "@/gen/client";
import { fieldName, shownValue } from "./values";
import { words } from "./words";

export const setField = (field: FieldDef, value: string, files: Marking, what: string): Promise<boolean> =>
  mark(() => ops.fieldSet({ field: field.id, value, ...files }), () => words.wasSet(what, fieldName(field), shownValue(field, value.trim())));

export const clearField = (field: FieldDef, files: Marking, what: string): Promise<boolean> =>
  mark(() => ops.fieldClear({ field: field.id, ...files }), () => words.wasTaken(what, fieldName(field)));
