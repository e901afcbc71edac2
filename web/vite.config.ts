import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the UI and passes /v1 on to a running daemon (or to the
// fake one). The daemon checks Host and Origin, so both are rewritten to its own.
const daemon = process.env["STARDRIVE_URL"] ?? "http://127.0.0.1:4770";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    proxy: { "/v1": { target: daemon, changeOrigin: true, headers: { origin: daemon } } },
  },
  build: {
    target: "es2023",
    cssTarget: "chrome123", // keeps light-dark(): every browser since 2024 has it
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // a data: URL would need a wider CSP
    chunkSizeWarningLimit: 700,
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
