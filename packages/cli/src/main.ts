import { cliVersion } from "./cli-version.js";

// The version is asked for by scripts, often: it is answered before anything else is loaded.
const version = cliVersion();
const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  process.stdout.write(`${version}\n`);
} else {
  const { start } = await import("./start.js");
  await start(argv, version);
}
