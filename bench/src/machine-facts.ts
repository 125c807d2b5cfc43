import { cpus, release, totalmem, type } from "node:os";

/** Returns what a reader of results must know of the machine they were made on. */
export function machineFacts(): Record<string, string> {
  const processors = cpus();
  return {
    processor: `${processors[0]?.model.trim() ?? "unknown"}, ${processors.length} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    // Without what a builder of the kernel added.
    system: `${type()} ${release().split("-")[0] ?? ""}`,
    Node: process.version,
    OpenSSL: process.versions.openssl,
  };
}
