/**
 * The YAML parser, which is large: import this module dynamically. Do not import `yaml` itself
 * dynamically: it is CommonJS, and has no named exports in a bundle.
 */
export { parse } from "yaml";
