import { cliVersion } from "./cli-version.js";

const argv = process.argv.slice(2);
const version = cliVersion();

// Scripts ask for the version often: it is printed before anything else is loaded.
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  process.stdout.write(`${version}\n`);
} else {
  // Without a top-level await, which the scripts of the bundle cannot have.
  void import("./start.js").then(({ start }) => start(argv, version));
}
