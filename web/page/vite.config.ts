import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// File names carry no hashes: the bundle is checked in, so a rebuild must give the same names, and the gateway
// serves every file with an entity tag.
export default defineConfig({
  root: here("."),
  base: "./",
  plugins: [react()],
  build: {
    outDir: process.env.VIVA_WEB_OUT ?? here("../dist"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        app: here("index.html"),
        "viva-client": here("../client/src/index.ts"),
        "viva-capture": here("../client/src/capture-worklet.ts"),
      },
      preserveEntrySignatures: "exports-only",
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "chunks/viva-core.js",
        assetFileNames: "[name][extname]",
      },
    },
  },
});
