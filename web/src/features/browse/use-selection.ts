import { useCallback, useMemo, useState } from "react";
import type { Entry } from "@/api/types";
import { type Address, keyOf } from "./address";
import { nothing, type Selection } from "./selection";

function remember(places: ReadonlyMap<string, Selection>, place: string, selection: Selection): ReadonlyMap<string, Selection> {
  const after = new Map(places);
  after.delete(place);
  after.set(place, selection);
  const oldest = after.keys().next().value;
  if (after.size > 50 && oldest !== undefined) after.delete(oldest);
  return after;
}

/** The selection of each folder that was visited; going back finds it as it was. */
export function useSelection(address: Address, items: readonly Entry[]) {
  const place = JSON.stringify([address.id, address.path]);
  const [places, setPlaces] = useState<ReadonlyMap<string, Selection>>(new Map());
  const selection = places.get(place) ?? nothing;

  const select = useCallback((next: Selection) => setPlaces((before) => remember(before, place, next)), [place]);

  const indexes = useMemo(() => new Map(items.map((entry, i) => [keyOf(entry), i])), [items]);
  const selected = useMemo(() => {
    const rows = [...selection.keys].map((key) => indexes.get(key)).filter((i) => i !== undefined);
    return rows.sort((a, b) => a - b).flatMap((i) => items[i] ?? []);
  }, [selection, indexes, items]);

  return { selection, select, selected, indexes };
}
