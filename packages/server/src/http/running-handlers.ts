import type { FastifyInstance, RouteOptions } from "fastify";

import { Fault } from "../faults/fault.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /**
     * The route's requests do not count towards the limit on requests in flight: transfers, whose
     * number the connections limit, and health checks.
     */
    readonly isUnbounded?: boolean;
  }
}

/** How long handlers whose connection is gone may take to notice, in milliseconds. */
const GRACE_MS = 10_000;

/** Most requests in flight. More would wait for each other longer than clients are willing to. */
const MAX_RUNNING = 1024;

/** Limits of {@link trackHandlers}. */
export interface HandlerLimits {
  /** Most requests in flight, without those of unbounded routes. Default: 1024. */
  readonly maxRunning?: number | undefined;
  /** How long closing waits for handlers, in milliseconds. Default: 10 s. */
  readonly graceMs?: number | undefined;
}

/**
 * Tracks the handlers of an app. To be called before routes are registered.
 *
 * - A request beyond the limit gets the fault `unavailable`, from its own protocol's error handler.
 * - The app is closed only when its handlers have ended: one whose connection was closed still
 *   works for a while, on a catalog that must not be closed under it.
 */
export function trackHandlers(
  app: FastifyInstance,
  { maxRunning = MAX_RUNNING, graceMs = GRACE_MS }: HandlerLimits = {},
): void {
  let running = 0;
  let counted = 0;
  let onIdle: (() => void) | undefined;
  app.addHook("onRoute", (route: RouteOptions) => {
    const { handler } = route;
    const weight = route.config?.isUnbounded === true ? 0 : 1;
    const leave = () => {
      running -= 1;
      counted -= weight;
      if (running === 0) onIdle?.();
    };
    route.handler = function track(request, reply) {
      if (weight > 0 && counted >= maxRunning) throw tooManyRequests();
      running += 1;
      counted += weight;
      const work = Promise.resolve(handler.call(this, request, reply));
      work.then(leave, leave);
      return work;
    };
  });
  app.addHook("onClose", async () => {
    if (running === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      onIdle = resolve;
      timer = setTimeout(() => {
        app.log.warn({ count: running }, "requests did not notice that they were cut off");
        resolve();
      }, graceMs);
    });
    clearTimeout(timer);
  });
}

function tooManyRequests(): Fault {
  return new Fault(
    "unavailable",
    "the server has too many requests in flight; try again after the time in Retry-After",
  );
}
