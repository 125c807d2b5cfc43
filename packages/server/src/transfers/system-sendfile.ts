import type Koffi from "koffi";

/**
 * Sends up to `length` bytes of the file `fileFd` from `offset` on to the non-blocking socket
 * `socketFd`. Returns how many it accepted; -1 if none, for whatever reason. Runs in a thread, as
 * the file may have to be read from disk.
 */
export type SendFile = (
  socketFd: number,
  fileFd: number,
  offset: number,
  length: number,
) => Promise<number>;

/** System calls that Node does not offer. */
export interface SystemCalls {
  readonly sendFile: SendFile;
  /**
   * Returns another descriptor of the same file or socket, which stays valid when the first is
   * closed; undefined if the process has no descriptor left.
   */
  readonly duplicate: (fd: number) => number | undefined;
}

/** `F_DUPFD_CLOEXEC` on Linux. */
const F_DUPFD_CLOEXEC = 1030;

/** Here `size_t` has 64 bits, and arguments of variadic functions are passed as any others. */
const PROCESSORS: ReadonlySet<string> = new Set(["x64", "arm64"]);

let calls: Promise<SystemCalls | undefined> | undefined;

/**
 * Linux's `sendfile`, which sends pages of a file to a socket without copying them. Undefined on
 * other systems, and if koffi, the optional dependency that calls it, is missing or cannot be
 * loaded.
 */
export function systemCalls(): Promise<SystemCalls | undefined> {
  calls ??= loadCalls();
  return calls;
}

async function loadCalls(): Promise<SystemCalls | undefined> {
  if (process.platform !== "linux" || !PROCESSORS.has(process.arch)) return undefined;
  try {
    return declareCalls(await import("koffi"));
  } catch {
    return undefined;
  }
}

function declareCalls({ load }: Pick<typeof Koffi, "load">): SystemCalls {
  const system = load(null);
  const sendfile = system.func("int64_t sendfile(int, int, _Inout_ int64_t *, uint64_t)");
  const fcntl = system.func("int fcntl(int, int, int)");
  return {
    sendFile: (socketFd, fileFd, offset, length) =>
      new Promise((resolve, reject) => {
        sendfile.async(socketFd, fileFd, [offset], length, (error: unknown, count: unknown) => {
          if (error instanceof Error) reject(error);
          else resolve(Number(count));
        });
      }),
    duplicate(fd) {
      const copy = Number(fcntl(fd, F_DUPFD_CLOEXEC, 3));
      return copy < 0 ? undefined : copy;
    },
  };
}
