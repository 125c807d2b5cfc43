import type { Random } from "./random.js";

const WORDS =
  "alpine debian ubuntu fedora python conda numpy scipy torch cuda openmpi mpich gromacs lammps blast bwa samtools bowtie star salmon fastqc nextflow jupyter rstudio julia octave gdal netcdf hdf5 boost eigen cmake ninja llvm clang rust golang node redis nginx base tools pipeline training inference viewer server worker batch legacy stable nightly".split(
    " ",
  );

/** The searchable texts of an image. */
export interface ImageTexts {
  readonly description: string;
  /** Absent for images that have not been inspected. */
  readonly labels: Readonly<Record<string, string>> | undefined;
}

/** A name of one to three words, different for each `number`. */
export function nameOf(random: Random, number: number): string {
  return `${random.pick(WORDS)}-${random.pick(WORDS)}-${number.toString(36)}`;
}

/**
 * Returns the texts of image `at` of `count`. A known share of the images contains each mark:
 * `zq7xjwk` in 20, `permille-mark` in 0.1 %, `twopercent-mark` in 2 %, `halfmark` in 50 %,
 * `legacy-batch` in the older half, `gcc` in 4 %, `1.2.4` in 0.06 %, and `org.label-schema` in the
 * 60 % that have labels. No image has `singularity.version=1.0`, though most images with labels
 * have each of its trigrams.
 */
export function imageTexts(random: Random, at: number, count: number): ImageTexts {
  const marks = [
    ...(at % Math.max(1, Math.floor(count / 20)) === 7 ? ["zq7xjwk"] : []),
    ...(random.chance(0.001) ? ["permille-mark"] : []),
    ...(random.chance(0.02) ? ["twopercent-mark"] : []),
    ...(random.chance(0.5) ? ["halfmark"] : []),
    ...(at < count / 2 ? ["legacy-batch"] : []),
  ];
  const words = Array.from({ length: 6 }, () => random.pick(WORDS));
  return {
    description: [...words, ...marks].join(" "),
    labels: random.chance(0.6) ? labelsOf(random) : undefined,
  };
}

function labelsOf(random: Random): Record<string, string> {
  const version = `${random.below(30)}.${random.below(20)}.${random.below(20)}`;
  return {
    "org.label-schema.schema-version": "1.0",
    "org.label-schema.usage.singularity.version": `3.${random.below(12)}.1`,
    "org.label-schema.build-date": `2026-0${1 + random.below(9)}-1${random.below(9)}`,
    "org.label-schema.version": random.chance(0.001) ? "1.2.4" : version,
    ...(random.chance(0.066) && { compiler: `gcc ${random.below(14)}` }),
  };
}
