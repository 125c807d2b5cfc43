import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { stateOf, thisProcess } from "./process-owner.js";

/** The letter for the state of a Linux process. Z has ended, and its parent has not reaped it. */
function processLetter(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
}

const startTimeOf = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
};

describe("stateOf", () => {
  it("takes this process for alive", async () => {
    expect(await stateOf(await thisProcess(), true)).toBe("alive");
  });

  it("takes another process for the first one's namesake when it began at another time", async () => {
    expect(await stateOf({ ...(await thisProcess()), startTime: "1" }, true)).toBe("gone");
  });

  it("cannot judge another machine or container", async () => {
    const self = await thisProcess();
    expect(await stateOf({ ...self, host: "elsewhere" }, true)).toBe("unknown");
    expect(await stateOf({ ...self, host: "elsewhere", bootId: "other" }, true)).toBe("unknown");
    expect(await stateOf({ ...self, pidSpace: "pid:[1]" }, true)).toBe("unknown");
  });

  it.skipIf(process.platform !== "linux")(
    "takes what ran before a restart for gone, on a disk that no other machine can use (Linux)",
    async () => {
      const before = { ...(await thisProcess()), bootId: "00000000-0000-4000-8000-000000000000" };
      expect(await stateOf(before, true)).toBe("gone");
      expect(await stateOf(before, false)).toBe("unknown");
      expect(await stateOf({ ...before, bootId: "" }, true)).toBe("unknown");
    },
  );

  it.skipIf(process.platform !== "linux")(
    "takes a process for gone that has ended and that nobody has waited for (Linux)",
    async () => {
      // The shell becomes a program that never waits for its children.
      const parent = spawn("sh", ["-c", "sleep 100 & echo $!; exec sleep 100"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      try {
        const [line] = await once(createInterface({ input: parent.stdout }), "line");
        const pid = Number(line);
        const owner = { ...(await thisProcess()), pid, startTime: startTimeOf(pid) };
        expect(await stateOf(owner, true)).toBe("alive");
        process.kill(pid, "SIGKILL");
        while (processLetter(pid) !== "Z") await setImmediate();
        // It still has its id.
        expect(process.kill(pid, 0)).toBe(true);
        expect(await stateOf(owner, true)).toBe("gone");
      } finally {
        parent.kill("SIGKILL");
      }
    },
  );
});
