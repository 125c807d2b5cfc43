import type { CommandEntry } from "./options/command-definition.js";

/** Every command, in the order of the help. Each is loaded only when it runs. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "push",
    summary: "send an image file to a library and tag it",
    load: async () => (await import("./commands/push.js")).pushCommand,
  },
  {
    name: "pull",
    summary: "fetch an image from a library, verified",
    load: async () => (await import("./commands/pull.js")).pullCommand,
  },
  {
    name: "search",
    summary: "find images, containers, collections and entities",
    load: async () => (await import("./commands/search.js")).searchCommand,
  },
  {
    name: "show",
    summary: "show the library's record for a ref",
    load: async () => (await import("./commands/show.js")).showCommand,
  },
  {
    name: "inspect",
    summary: "show the contents of an image in a file or a library",
    load: async () => (await import("./commands/inspect.js")).inspectCommand,
  },
  {
    name: "verify",
    summary: "verify the signatures of an image",
    load: async () => (await import("./commands/verify.js")).verifyCommand,
  },
  {
    name: "sign",
    summary: "sign an image file",
    load: async () => (await import("./commands/sign.js")).signCommand,
  },
  {
    name: "delete",
    summary: "delete an image from a library",
    load: async () => (await import("./commands/delete.js")).deleteCommand,
  },
  {
    name: "login",
    summary: "check a token and store it for a library",
    load: async () => (await import("./commands/login.js")).loginCommand,
  },
  {
    name: "logout",
    summary: "delete the stored token of a library",
    load: async () => (await import("./commands/logout.js")).logoutCommand,
  },
  {
    name: "version",
    summary: "print the versions of sifshelf and of the library",
    load: async () => (await import("./commands/version.js")).versionCommand,
  },
  {
    name: "sif new",
    summary: "create an empty image file",
    load: async () => (await import("./commands/sif/new.js")).sifNewCommand,
  },
  {
    name: "sif add",
    summary: "add an object to an image file",
    load: async () => (await import("./commands/sif/add.js")).sifAddCommand,
  },
  {
    name: "sif delete",
    alias: "sif del",
    summary: "delete an object from an image file",
    load: async () => (await import("./commands/sif/delete.js")).sifDeleteCommand,
  },
  {
    name: "sif dump",
    summary: "write the data of an object to a file or standard output",
    load: async () => (await import("./commands/sif/dump.js")).sifDumpCommand,
  },
  {
    name: "sif header",
    summary: "show the header of an image",
    load: async () => (await import("./commands/sif/header.js")).sifHeaderCommand,
  },
  {
    name: "sif list",
    summary: "list the objects of an image",
    load: async () => (await import("./commands/sif/list.js")).sifListCommand,
  },
  {
    name: "sif info",
    summary: "show the descriptor of an object",
    load: async () => (await import("./commands/sif/info.js")).sifInfoCommand,
  },
  {
    name: "sif setprim",
    summary: "make a system partition the primary one",
    load: async () => (await import("./commands/sif/setprim.js")).sifSetprimCommand,
  },
];
