import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "node",
    // What passes is quiet; what fails says where its data is.
    reporters: ["default"],
    projects: [
      {
        extends: true,
        test: {
          name: "rooms",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
          // Ten times what the longest takes on an idle machine: a time limit is there to end what hangs.
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/build-once.ts"],
          testTimeout: 420_000,
          hookTimeout: 420_000,
          // Each file runs daemons, VMs and commands as processes of their own: two files at once fill two cores.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
