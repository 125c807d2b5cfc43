import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type StartServerOptions, startServer } from "@sifshelf/server";

import { runServerCommand } from "./server-process.js";

/** A real server inside the test's process, on a temporary folder. */
export interface TestLibrary {
  readonly url: string;
  readonly folder: string;
  readonly adminToken: string;
  addUser(name: string): Promise<TestUser>;
  close(): Promise<void>;
}

/** A user of a {@link TestLibrary}. */
export interface TestUser {
  /** Creates a token; returns its secret. */
  createToken(
    scope: "read" | "write" | "admin",
    state?: { readonly isRevoked?: boolean; readonly isExpired?: boolean },
  ): Promise<string>;
}

/**
 * Starts a server on a free loopback port and a temporary folder. Closing it removes the folder.
 */
export async function startTestLibrary(
  options: Partial<StartServerOptions> = {},
): Promise<TestLibrary> {
  const folder = await mkdtemp(join(tmpdir(), "sifshelf-test-"));
  const listen = { host: "127.0.0.1", port: 0 };
  const server = await startServer({ data: folder, listen, ...options });
  return {
    url: server.url,
    folder,
    adminToken: server.adminToken ?? "",
    addUser: (name) => addUser(folder, name),
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Adds a user with the admin command, in a separate process, while the server runs. */
async function addUser(folder: string, name: string): Promise<TestUser> {
  await runServerCommand("user", "add", "--data", folder, name);
  return {
    async createToken(scope, { isRevoked = false, isExpired = false } = {}) {
      const args = [
        "--data",
        folder,
        "--scope",
        scope,
        ...(isExpired ? ["--expires", "1s"] : []),
        "--json",
      ];
      const made = JSON.parse(await runServerCommand("token", "create", ...args, name));
      if (isRevoked) await runServerCommand("token", "revoke", "--data", folder, made.id);
      if (isExpired)
        await new Promise((resolve) =>
          setTimeout(resolve, Date.parse(made.expiresAt) - Date.now() + 10),
        );
      return made.token;
    },
  };
}
