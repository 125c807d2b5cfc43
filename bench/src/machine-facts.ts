import { cpus, release, totalmem, type } from "node:os";

/** Returns the facts about this machine that readers of the results need. */
export function machineFacts(): Record<string, string> {
  const processors = cpus();
  return {
    processor: `${processors[0]?.model.trim() ?? "unknown"}, ${processors.length} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    // Without the suffix of the kernel's builder.
    system: `${type()} ${release().split("-")[0] ?? ""}`,
    Node: process.version,
    OpenSSL: process.versions.openssl,
  };
}
