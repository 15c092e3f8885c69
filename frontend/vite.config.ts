import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { precompress } from "./build/precompress.ts";

// The pages are server-rendered templates; they find the hashed file of an entry through dist/manifest.json.
export default defineConfig({
  base: "/static/",
  plugins: [svelte(), precompress()],
  build: {
    target: "es2023",
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      input: [
        "ui/site.css",
        "ui/theme.ts",
        "figures/main.ts",
        "map/main.ts",
        "features/main.ts",
        "features/openapi.ts",
        "search/main.ts",
        "workspace/main.ts",
      ],
    },
  },
  test: { include: ["**/*.test.ts"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);
