// In which language a source text is written, by its name; "" where none is known.
import { extensionOf } from "@/features/kinds/kinds";

// Names of grammars: the extensions that mean them.
const table: Readonly<Record<string, string>> = {
  bash: "sh bash zsh fish", c: "c h", cpp: "cpp cc cxx hpp hh", csharp: "cs", css: "css", diff: "diff patch", go: "go", graphql: "graphql", ini: "ini cfg conf env properties toml",
  java: "java", javascript: "js mjs cjs jsx", json: "json jsonl ndjson ipynb geojson", kotlin: "kt kts", less: "less", lua: "lua", makefile: "mk", objectivec: "mm", perl: "pl pm",
  php: "php", python: "py pyw", r: "r", ruby: "rb", rust: "rs", scss: "scss sass", sql: "sql", swift: "swift", typescript: "ts tsx mts cts", vbnet: "vb", xml: "html htm xhtml xml xsl vue svelte plist",
  yaml: "yml yaml",
};
const byExtension = new Map(Object.entries(table).flatMap(([language, extensions]) => extensions.split(" ").map((extension) => [extension, language] as const)));
const byName: Readonly<Record<string, string | undefined>> = { makefile: "makefile", gnumakefile: "makefile", ".bashrc": "bash", ".profile": "bash", ".zshrc": "bash", ".gitconfig": "ini", ".editorconfig": "ini" };

export function languageOf(name: string): string {
  return byName[name.toLowerCase()] ?? byExtension.get(extensionOf(name)) ?? "";
}
