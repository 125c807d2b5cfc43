import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

import { endProcess } from "./bench-library.js";

/** A link between two new network namespaces. */
export interface ShapedLink {
  /** The server's address. */
  readonly host: string;
  /** Command prefixes that start a program at either end. */
  readonly serverPrefix: readonly string[];
  readonly clientPrefix: readonly string[];
  /** The method that shapes the link, for the report. */
  readonly means: string;
}

/** How a link behaves, the same in both directions. */
export interface LinkShape {
  /** Round-trip time in milliseconds; each end adds half of it. */
  readonly roundTripMs: number;
  readonly lossPercent: number;
  readonly megabitsPerSecond: number;
}

/** Packets that `tc netem` may hold. Every measured shape needs fewer. */
const NETEM_LIMIT = 100_000;

/** From the range that is reserved for benchmarks. */
const HOSTS = ["198.18.0.1", "198.18.0.2"] as const;

/** Ends of a link: namespace and device. */
interface End {
  readonly namespace: string;
  readonly device: string;
  readonly host: string;
}

/** Returns the reason why no shaped link is possible here, or undefined if one is. */
export async function linkProblem(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  try {
    await ip("netns", "list");
    return undefined;
  } catch {
    return "there is no working `ip netns`";
  }
}

/**
 * Runs work with a link and removes the link afterwards. The link is `tc netem` on a pair of
 * virtual Ethernet devices or, if the kernel has no netem, `program` between two TUN devices.
 */
export async function withShapedLink<T>(
  shape: LinkShape,
  program: string,
  use: (link: ShapedLink) => Promise<T>,
): Promise<T> {
  const ends = HOSTS.map((host, index) => endOf(host, index === 0 ? "s" : "c"));
  const [server, client] = ends;
  if (server === undefined || client === undefined) throw new Error("a link has two ends");
  try {
    for (const { namespace } of ends) await ip("netns", "add", namespace);
    const hasNetem = await joinByNetem(server, client, shape);
    const joined = hasNetem ? undefined : await joinByTun([server, client], shape, program);
    try {
      return await use({
        host: server.host,
        serverPrefix: inNamespace(server),
        clientPrefix: inNamespace(client),
        means: hasNetem ? "tc netem" : "user space, TUN devices",
      });
    } finally {
      if (joined !== undefined) await endProcess(joined);
    }
  } finally {
    for (const { namespace } of ends) await ip("netns", "del", namespace).catch(() => {});
  }
}

function endOf(host: string, side: "s" | "c"): End {
  const name = `sifbench${process.pid}${side}`;
  // Device names must be short.
  return { host, namespace: name, device: `sb${process.pid}${side}` };
}

function inNamespace({ namespace }: End): string[] {
  return ["ip", "netns", "exec", namespace];
}

async function joinByNetem(
  server: End,
  client: End,
  { roundTripMs, lossPercent, megabitsPerSecond }: LinkShape,
): Promise<boolean> {
  const peer = ["peer", "name", client.device, "netns", client.namespace];
  await ip("-n", server.namespace, "link", "add", server.device, "type", "veth", ...peer);
  const delay = ["delay", `${roundTripMs * 500}us`, "loss", `${lossPercent}%`];
  const netem = ["limit", String(NETEM_LIMIT), ...delay, "rate", `${megabitsPerSecond}mbit`];
  try {
    for (const { namespace, device } of [server, client]) {
      const root = ["-n", namespace, "qdisc", "add", "dev", device, "root", "netem"];
      await promisify(execFile)("tc", [...root, ...netem]);
    }
  } catch {
    await ip("-n", server.namespace, "link", "del", server.device);
    return false;
  }
  for (const end of [server, client]) await bringUp(end);
  return true;
}

async function joinByTun(ends: readonly [End, End], shape: LinkShape, program: string) {
  const [first, second] = ends;
  const devices = ["-first", first.device, "-second", second.device];
  const delay = [
    "-delay",
    `${shape.roundTripMs * 500}us`,
    "-loss",
    String(shape.lossPercent / 100),
  ];
  const rate = ["-rate", String(shape.megabitsPerSecond * 1_000_000)];
  const child = spawn(program, [...devices, ...delay, ...rate], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    // Prints "ready", or ends without output on failure.
    const [said] = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
    if (!String(said).startsWith("ready")) throw new Error("could not create the link");
    for (const end of ends) {
      await ip("link", "set", end.device, "netns", end.namespace);
      await bringUp(end);
    }
    return child;
  } catch (error) {
    await endProcess(child);
    throw error;
  }
}

async function bringUp({ namespace, device, host }: End): Promise<void> {
  await ip("-n", namespace, "addr", "add", `${host}/30`, "dev", device);
  await ip("-n", namespace, "link", "set", device, "up");
  await ip("-n", namespace, "link", "set", "lo", "up");
}

async function ip(...args: readonly string[]): Promise<void> {
  await promisify(execFile)("ip", args);
}
