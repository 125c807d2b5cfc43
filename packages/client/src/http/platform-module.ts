import type * as crypto from "node:crypto";
import type * as http from "node:http";
import type * as https from "node:https";
import type * as net from "node:net";
import type * as tls from "node:tls";
import type * as zlib from "node:zlib";

/** Built-in modules of Node that this package uses where they are there, without importing them. */
interface BuiltinModules {
  "node:crypto": typeof crypto;
  "node:http": typeof http;
  "node:https": typeof https;
  "node:net": typeof net;
  "node:tls": typeof tls;
  "node:zlib": typeof zlib;
}

/** The built-in module of this name; undefined on platforms that have none. */
export function platformModule<Name extends keyof BuiltinModules>(
  name: Name,
): BuiltinModules[Name] | undefined {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  return process?.getBuiltinModule?.(name);
}
