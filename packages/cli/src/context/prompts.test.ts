import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";

import { Interruption } from "./interruption.js";
import { createTerminalPrompts } from "./prompts.js";
import { CollectedOutput } from "../testing/test-context.js";

const CTRL_C = "\u0003";

function terminal(signal = new AbortController().signal) {
  const input = new PassThrough();
  const output = new CollectedOutput();
  const prompts = createTerminalPrompts(input, output, signal);
  /** Types once the question is there. */
  const type = (keys: string) => {
    const write = output._write.bind(output);
    output._write = (chunk, encoding, done) => {
      write(chunk, encoding, done);
      if (chunk.includes("Question")) {
        output._write = write;
        setImmediate(() => input.write(keys));
      }
    };
  };
  return { prompts, output, type };
}

describe("createTerminalPrompts", () => {
  it("returns a secret that was typed, and does not show it", async () => {
    const { prompts, output, type } = terminal();
    type("tok-123\r");
    expect(await prompts.secret("Question")).toBe("tok-123");
    expect(output.text).not.toContain("tok");
  });

  it.each([
    ["y", true],
    ["n", false],
    ["\r", false],
  ])("returns for the answer %j %s", async (keys, answer) => {
    const { prompts, type } = terminal();
    type(keys);
    expect(await prompts.confirm("Question")).toBe(answer);
  });

  it("rejects a question that is dismissed", async () => {
    const asked = terminal();
    asked.type(CTRL_C);
    await expect(asked.prompts.secret("Question")).rejects.toBeInstanceOf(Interruption);
    const again = terminal();
    again.type(CTRL_C);
    await expect(again.prompts.confirm("Question")).rejects.toMatchObject({ signalName: "SIGINT" });
  });

  it("rejects with the reason of the signal", async () => {
    const controller = new AbortController();
    const { prompts } = terminal(controller.signal);
    const answer = prompts.confirm("Question");
    controller.abort(new Interruption("SIGTERM"));
    await expect(answer).rejects.toMatchObject({ signalName: "SIGTERM" });
  });
});
