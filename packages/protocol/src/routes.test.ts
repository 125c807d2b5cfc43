import { describe, expect, it } from "vitest";

import { ROUTES, routePath } from "./routes.js";

describe("routePath", () => {
  it("keeps a colon literal, as Go's URL paths do", () => {
    expect(routePath("getImage", { ref: "e/c/n:tag" })).toBe("v1/images/e/c/n:tag");
    expect(routePath("getImage", { ref: `n:sha256.${"a".repeat(64)}` })).toBe(
      `v1/images/n:sha256.${"a".repeat(64)}`,
    );
  });

  it("encodes what would end the path", () => {
    expect(routePath("getEntity", { entity: "a/b?c#d e%2F" })).toBe(
      "v1/entities/a%2Fb%3Fc%23d%20e%252F",
    );
  });

  it("encodes unicode as UTF-8", () => {
    expect(routePath("getImage", { ref: "e/c/ñ" })).toBe("v1/images/e/c/%C3%B1");
  });

  it("fills every placeholder", () => {
    expect(routePath("sendUploadPart", { uploadId: "u", partNumber: "7" })).toBe(
      "transfers/uploads/u/parts/7",
    );
    expect(routePath("getVersion", {})).toBe("version");
  });

  it.each(["", ".", ".."])("rejects %j as a segment", (entity) => {
    expect(() => routePath("getEntity", { entity })).toThrow(RangeError);
    expect(() => routePath("getImage", { ref: `a/${entity}/b` })).toThrow(RangeError);
  });

  it("rejects a lone surrogate", () => {
    expect(() => routePath("getEntity", { entity: "\ud800" })).toThrow(URIError);
  });
});

describe("ROUTES", () => {
  it("has no two requests of the same method and shape", () => {
    const shapes = Object.values(ROUTES).map(
      ({ method, path }) => `${method} ${path.replaceAll(/\{[^}]+\}/g, "{}")}`,
    );
    expect(new Set(shapes).size).toBe(shapes.length);
  });
});
