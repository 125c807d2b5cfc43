/** Built-in modules of Node that this package uses where they are there, without importing them. */
interface BuiltinModules {
  "node:crypto": typeof import("node:crypto");
  "node:http": typeof import("node:http");
  "node:https": typeof import("node:https");
}

/** The built-in module of this name; undefined on platforms that have none. */
export function platformModule<Name extends keyof BuiltinModules>(
  name: Name,
): BuiltinModules[Name] | undefined {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  return process?.getBuiltinModule?.(name) as BuiltinModules[Name] | undefined;
}
