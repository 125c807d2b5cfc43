// Adds up vitest's JSON reports, given as arguments, and prints one line: `tests: N passed, N
// failed, N skipped`. Exits with a non-zero code if a test failed, if a report contains no tests,
// or if no test ran.
import { readFileSync } from "node:fs";

const total = { passed: 0, failed: 0, skipped: 0 };
let isBroken = process.argv.length < 3;
for (const file of process.argv.slice(2)) {
  const report = JSON.parse(readFileSync(file, "utf8"));
  total.passed += report.numPassedTests;
  total.failed += report.numFailedTests;
  total.skipped += report.numPendingTests + report.numTodoTests;
  isBroken ||= report.numTotalTests === 0 || !report.success;
}
console.log(`tests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = isBroken || total.failed > 0 || total.passed === 0 ? 1 : 0;
