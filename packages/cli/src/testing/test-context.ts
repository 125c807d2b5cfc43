import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";

import { cliVersion } from "../cli-version.js";
import type { CliContext } from "../context/context.js";
import { Interruption } from "../context/interruption.js";
import { run } from "../run.js";

/** A stream that collects what is written to it. */
export class CollectedOutput extends Writable {
  readonly chunks: Buffer[] = [];
  isTTY = false;
  columns = 80;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(Buffer.from(chunk));
    done();
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString("utf8");
  }
}

/** A context in an empty folder, which collects output. */
export interface TestContext extends CliContext {
  readonly env: Record<string, string | undefined>;
  readonly stdout: CollectedOutput;
  readonly stderr: CollectedOutput;
  /** Prompts that were shown. */
  readonly questions: string[];
  /** Runs `sifshelf` in this context; the outcome has the output of this run only. */
  sifshelf(...argv: string[]): Promise<CliOutcome>;
  interrupt(name: "SIGINT" | "SIGTERM"): void;
  remove(): Promise<void>;
}

/** The outcome of one run. */
export interface CliOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stdoutBytes: Buffer;
  readonly stderr: string;
  /** Standard output as JSON. */
  readonly json: unknown;
}

/** What a test can configure. */
export interface TestContextOptions {
  readonly stdin?: string;
  /** Whether input and error output are a terminal. */
  readonly isTerminal?: boolean;
  /** Replies to prompts. */
  readonly answers?: { readonly confirm?: boolean; readonly secret?: string };
}

/** Creates a context for one test; its home and working folder are in a temporary folder. */
export async function createTestContext(options: TestContextOptions = {}): Promise<TestContext> {
  const folder = await mkdtemp(join(tmpdir(), "sifshelf-cli-"));
  const controller = new AbortController();
  const questions: string[] = [];
  const stdin = Object.assign(Readable.from(options.stdin === undefined ? [] : [options.stdin]), {
    isTTY: options.isTerminal === true,
  });
  const context: TestContext = {
    version: cliVersion(),
    stdin,
    stdout: new CollectedOutput(),
    stderr: new CollectedOutput(),
    env: {},
    cwd: folder,
    homeDir: join(folder, "home"),
    tempDir: folder,
    arch: "amd64",
    fetch: globalThis.fetch,
    nowMs: () => performance.now(),
    signal: controller.signal,
    questions,
    prompts: {
      confirm: async (message) => {
        questions.push(message);
        return options.answers?.confirm ?? false;
      },
      secret: async (message) => {
        questions.push(message);
        if (options.answers?.secret === undefined) throw new Interruption("SIGINT");
        return options.answers.secret;
      },
    },
    sifshelf: (...argv) => runOnce(context, argv),
    interrupt: (name) => controller.abort(new Interruption(name)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  context.stderr.isTTY = options.isTerminal === true;
  return context;
}

async function runOnce(context: TestContext, argv: readonly string[]): Promise<CliOutcome> {
  const starts = [context.stdout.chunks.length, context.stderr.chunks.length];
  const exitCode = await run(argv, context);
  const stdoutBytes = Buffer.concat(context.stdout.chunks.slice(starts[0]));
  const stdout = stdoutBytes.toString("utf8");
  return {
    exitCode,
    stdout,
    stdoutBytes,
    stderr: Buffer.concat(context.stderr.chunks.slice(starts[1])).toString("utf8"),
    get json(): unknown {
      return JSON.parse(stdout);
    },
  };
}
