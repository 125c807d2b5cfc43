// An entry of its own, for programs that print text of others and read no image.
export { printableText } from "./text.js";
