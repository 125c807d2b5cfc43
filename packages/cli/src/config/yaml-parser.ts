/**
 * The parser of YAML, which is large; import this dynamically. Not `yaml` itself: that is CommonJS,
 * and has no names where a bundle imports it dynamically.
 */
export { parse } from "yaml";
