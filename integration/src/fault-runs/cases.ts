import { T1 } from "./cases/t1-killed-pulls.js";
import { T3 } from "./cases/t3-killed-pushes.js";
import { T6 } from "./cases/t6-line.js";
import { T7 } from "./cases/t7-lies.js";
import { T8 } from "./cases/t8-digests.js";
import { T12 } from "./cases/t12-shared-folder.js";
import { T13 } from "./cases/t13-clocks.js";
import { T14 } from "./cases/t14-resume.js";
import { T15 } from "./cases/t15-sizes.js";
import { T16 } from "./cases/t16-leaks.js";
import type { FaultCase } from "./fault-case.js";

/** The tests that `npm run faults` runs, in the order of the catalogue. */
export const FAULT_CASES: readonly FaultCase[] = [T1, T3, T6, T7, T8, T12, T13, T14, T15, T16];
