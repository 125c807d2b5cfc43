import type { RunnableCommand } from "../command-definition.js";
import { SIF_COMMANDS } from "./sif/sif-command-table.js";

/** A command's line in the help, and how to load it. */
export interface CommandEntry {
  /** One word, or two as `sif list`. */
  readonly name: string;
  /** Another name that is understood. */
  readonly alias?: string;
  readonly summary: string;
  readonly load: () => Promise<RunnableCommand>;
}

/** Every command, in the order of the help. Each is loaded only when it runs. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "push",
    summary: "send an image file to a library and tag it",
    load: async () => (await import("./push.js")).pushCommand,
  },
  {
    name: "pull",
    summary: "fetch an image from a library, verified",
    load: async () => (await import("./pull.js")).pullCommand,
  },
  {
    name: "search",
    summary: "find images and what contains them",
    load: async () => (await import("./search.js")).searchCommand,
  },
  {
    name: "show",
    summary: "show what the library knows about a ref",
    load: async () => (await import("./show.js")).showCommand,
  },
  {
    name: "inspect",
    summary: "show what is in an image, in a file or in a library",
    load: async () => (await import("./inspect.js")).inspectCommand,
  },
  {
    name: "verify",
    summary: "verify the signatures of an image",
    load: async () => (await import("./verify.js")).verifyCommand,
  },
  {
    name: "sign",
    summary: "sign an image file",
    load: async () => (await import("./sign.js")).signCommand,
  },
  {
    name: "delete",
    summary: "delete an image from a library",
    load: async () => (await import("./delete.js")).deleteCommand,
  },
  {
    name: "login",
    summary: "check a token and keep it for a library",
    load: async () => (await import("./login.js")).loginCommand,
  },
  {
    name: "logout",
    summary: "forget the token of a library",
    load: async () => (await import("./logout.js")).logoutCommand,
  },
  {
    name: "version",
    summary: "print the versions of sifshelf and of the library",
    load: async () => (await import("./version.js")).versionCommand,
  },
  ...SIF_COMMANDS,
];
