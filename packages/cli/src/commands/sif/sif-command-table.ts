import type { CommandEntry } from "../command-table.js";

/** The commands on image files in the manner of `siftool`, each loaded only when it runs. */
export const SIF_COMMANDS: readonly CommandEntry[] = [
  {
    name: "sif new",
    summary: "make an empty image file",
    load: async () => (await import("./new.js")).sifNewCommand,
  },
  {
    name: "sif add",
    summary: "add an object to an image file",
    load: async () => (await import("./add.js")).sifAddCommand,
  },
  {
    name: "sif delete",
    alias: "sif del",
    summary: "delete an object from an image file",
    load: async () => (await import("./delete.js")).sifDeleteCommand,
  },
  {
    name: "sif dump",
    summary: "write the data of an object to a file or standard output",
    load: async () => (await import("./dump.js")).sifDumpCommand,
  },
  {
    name: "sif header",
    summary: "show the header of an image",
    load: async () => (await import("./header.js")).sifHeaderCommand,
  },
  {
    name: "sif list",
    summary: "list the objects of an image",
    load: async () => (await import("./list.js")).sifListCommand,
  },
  {
    name: "sif info",
    summary: "show what the descriptor of an object says",
    load: async () => (await import("./info.js")).sifInfoCommand,
  },
  {
    name: "sif setprim",
    summary: "make a system partition the primary one",
    load: async () => (await import("./setprim.js")).sifSetprimCommand,
  },
];
