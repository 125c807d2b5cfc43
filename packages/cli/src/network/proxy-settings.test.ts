import { describe, expect, it } from "vitest";

import { CliError } from "../errors/cli-error.js";
import { proxySettings } from "./proxy-settings.js";

const PROXY = "http://proxy.example:3128";
const hrefFor = (env: Record<string, string>, url: string) =>
  proxySettings(env)?.(new URL(url))?.href;

describe("proxySettings", () => {
  describe("when there is a proxy", () => {
    it.each([
      ["HTTPS_PROXY", "https://library.example"],
      ["https_proxy", "https://library.example"],
      ["HTTP_PROXY", "http://library.example"],
      ["http_proxy", "http://library.example"],
      ["ALL_PROXY", "https://library.example"],
      ["all_proxy", "http://library.example"],
    ])("returns it: %s for %s", (name, url) => {
      expect(hrefFor({ [name]: PROXY }, url)).toBe(`${PROXY}/`);
    });

    it("returns none for the other scheme", () => {
      expect(hrefFor({ HTTPS_PROXY: PROXY }, "http://library.example")).toBeUndefined();
      expect(hrefFor({ HTTP_PROXY: PROXY }, "https://library.example")).toBeUndefined();
    });

    it("takes lower case first, and a host without scheme", () => {
      const env = { https_proxy: "inner.example:8080", HTTPS_PROXY: PROXY };
      expect(hrefFor(env, "https://library.example")).toBe("http://inner.example:8080/");
    });

    it("does not believe HTTP_PROXY where a request may have set it", () => {
      const env = { HTTP_PROXY: PROXY, REQUEST_METHOD: "GET" };
      expect(hrefFor(env, "http://library.example")).toBeUndefined();
    });
  });

  describe("when there is none", () => {
    it.each([{}, { HTTPS_PROXY: "" }, { NO_PROXY: "*" }])("returns undefined", (env) => {
      expect(proxySettings(env)).toBeUndefined();
    });
  });

  describe("when hosts are exempt", () => {
    it.each([
      ["*", "https://library.example"],
      ["library.example", "https://library.example"],
      ["library.example", "https://a.library.example"],
      [".example", "https://library.example"],
      ["*.example", "https://library.example"],
      ["LIBRARY.example.", "https://library.example"],
      ["other, library.example", "https://library.example"],
      ["library.example:443", "https://library.example"],
      ["library.example:8443", "https://library.example:8443"],
      ["127.0.0.1", "https://127.0.0.1:9000"],
      ["10.0.0.0/8", "https://10.255.0.1"],
      ["10.0.0.0/8:8080", "https://10.1.1.1:8080"],
      ["::1", "https://[::1]"],
      ["[::1]:8080", "https://[::1]:8080"],
      ["fd00::/8", "https://[fd12::1]"],
      ["0.0.0.0/0", "https://8.8.8.8"],
    ])("goes past the proxy: %s for %s", (list, url) => {
      expect(hrefFor({ HTTPS_PROXY: PROXY, NO_PROXY: list }, url)).toBeUndefined();
    });

    it.each([
      ["library.example", "https://notlibrary.example"],
      ["library.example", "https://library.example.org"],
      ["library.example:8443", "https://library.example"],
      ["10.0.0.0/8", "https://11.0.0.1"],
      ["10.0.0.0/33", "https://10.0.0.1"],
      ["10.0.0.0/8", "https://10.example"],
      ["fd00::/8", "https://[fe80::1]"],
      [".", "https://library.example"],
    ])("and not: %s for %s", (list, url) => {
      expect(hrefFor({ HTTPS_PROXY: PROXY, NO_PROXY: list }, url)).toBe(`${PROXY}/`);
    });
  });

  describe("when it is no HTTP URL", () => {
    it.each(["socks5://secret@proxy.example", "http://", "http://a b"])(
      "throws usage and does not show it: %s",
      (value) => {
        const settings = () => proxySettings({ HTTPS_PROXY: value });
        expect(settings).toThrow(CliError);
        expect(settings).toThrow(expect.objectContaining({ code: "usage" }));
        expect(settings).not.toThrow(/secret/);
      },
    );
  });
});
