import type { FastifyInstance } from "fastify";

/** How long what goes on without its connection may take to notice. A second signal does not wait for it. */
const GRACE_MS = 10_000;

/**
 * Makes the end of an app wait for its handlers too. One whose connection was cut still works for a while, on a catalog that must
 * not be closed under it. To be called before routes are registered.
 */
export function awaitHandlersOnClose(app: FastifyInstance, graceMs = GRACE_MS): void {
  const running = new Set<Promise<unknown>>();
  app.addHook("onRoute", (route) => {
    const { handler } = route;
    route.handler = function track(request, reply) {
      const work = Promise.resolve(handler.call(this, request, reply));
      const ended = work.then(forget, forget);
      function forget() {
        running.delete(ended);
      }
      running.add(ended);
      return work;
    };
  });
  app.addHook("onClose", async () => {
    if (running.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        app.log.warn({ count: running.size }, "requests did not notice that they were cut off");
        resolve();
      }, graceMs);
    });
    await Promise.race([Promise.all(running), tooLong]);
    clearTimeout(timer);
  });
}
