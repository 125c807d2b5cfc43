import type Koffi from "koffi";

/**
 * Sends up to `length` bytes of the file `fileFd`, from `offset` on, to the socket `socketFd`, which does not block, and answers
 * how many it took; -1 when it took none, for whatever reason. In a thread, as the file may have to be read from disk.
 */
export type SendFile = (
  socketFd: number,
  fileFd: number,
  offset: number,
  length: number,
) => Promise<number>;

/** What Node has no functions for. */
export interface SystemCalls {
  readonly sendFile: SendFile;
  /** Another descriptor of the same thing, which stays valid when the first is closed; undefined if there are no more to be had. */
  readonly duplicate: (fd: number) => number | undefined;
}

/** `F_DUPFD_CLOEXEC` of Linux. */
const DUPLICATE_FOR_THIS_PROCESS = 1030;

/** On these a `size_t` has 64 bits, and what is given to a variadic function is given as to any other. */
const PROCESSORS: ReadonlySet<string> = new Set(["x64", "arm64"]);

let calls: Promise<SystemCalls | undefined> | undefined;

/**
 * `sendfile` of Linux, which hands pages of a file to a socket without copying them. Undefined on other systems, and where koffi,
 * an optional dependency that calls it, was not installed or cannot be loaded.
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
      const copy = Number(fcntl(fd, DUPLICATE_FOR_THIS_PROCESS, 3));
      return copy < 0 ? undefined : copy;
    },
  };
}
