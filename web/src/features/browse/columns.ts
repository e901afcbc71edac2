// What stands beside the names in a list.
import type { ComponentType } from "react";
import type { Entry, EntrySort } from "@/api/types";
import { extensionOf, sortOf } from "@/features/kinds/kinds";
import { StarsCell, TagsCell } from "@/features/marks/EntryMarks";
import { bytes, fullTime, permissions, shortTime } from "@/ui/format";
import { weight } from "./address";
import type { Column, FolderView } from "./folder-view";

interface ColumnSpec {
  label: string;
  /** Pixels, until somebody draws it wider. */
  width: number;
  right?: true;
  sort?: EntrySort;
  text: (entry: Entry) => string;
  /** What is drawn in place of the text, where that is more than one. */
  cell?: ComponentType<{ id: string }>;
  /** On hover. */
  more?: (entry: Entry) => string;
}

export const sizeText = (entry: Entry): string => {
  const size = weight(entry);
  return size === undefined ? "–" : bytes(size);
};

export const columnSpecs: Readonly<Record<Column, ColumnSpec>> = {
  size: { label: "Size", width: 88, right: true, sort: "size", text: sizeText },
  modified: { label: "Modified", width: 136, sort: "modified", text: (entry) => shortTime(entry.modified), more: (entry) => fullTime(entry.modified) },
  kind: { label: "Kind", width: 144, sort: "kind", text: (entry) => sortOf(entry).label },
  tags: { label: "Tags", width: 176, text: () => "", cell: TagsCell },
  rating: { label: "Stars", width: 88, text: () => "", cell: StarsCell },
  created: { label: "Created", width: 136, text: (entry) => shortTime(entry.created), more: (entry) => fullTime(entry.created) },
  extension: { label: "Extension", width: 88, text: (entry) => (entry.kind === "file" ? extensionOf(entry.name) : "") },
  mode: { label: "Permissions", width: 104, text: (entry) => permissions(entry.mode) },
};

export const allColumns = Object.keys(columnSpecs) as Column[];
export const columnWidths = { least: 56, most: 480 };

export const widthOf = (view: FolderView, column: Column): number => view.widths[column] ?? columnSpecs[column].width;

/** How much a row shows: all columns, the first two, or two lines. */
export type RowLayout = "wide" | "medium" | "compact";

export function columnsIn(view: FolderView, layout: RowLayout): readonly Column[] {
  return layout === "wide" ? view.columns : layout === "medium" ? view.columns.slice(0, 2) : [];
}

/** The columns as a grid template. */
export function template(view: FolderView, columns: readonly Column[]): string {
  return ["minmax(8rem,1fr)", ...columns.map((column) => `${widthOf(view, column)}px`)].join(" ");
}
