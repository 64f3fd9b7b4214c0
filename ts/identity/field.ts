// One answer with its evidence, or the reason why there is none; and how several witnesses of the same thing are heard.
// Knows evidence; must not know what is asked.

/** `certain`: a runtime's own name says it. `likely`: a convention that others could share. */
export type Confidence = "certain" | "likely";

/** Where an answer stands. */
export interface Source {
  /** `cgroup` or `mountinfo` of the process's own directory in /proc, or the path of a file that a runtime wrote. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The component or path on that line. */
  readonly text: string;
}

export interface Field<T> {
  readonly value: T | null;
  readonly source: Source | null;
  readonly confidence: Confidence | null;
  /** Why there is no value; null where there is one. */
  readonly reason: string | null;
}

/** Something one line says. */
export interface Testimony<T> {
  readonly value: T;
  readonly source: Source;
  readonly confidence: Confidence;
}

/** Lines that contradict one another: every value that was found, with the first line that says it. */
export interface Conflict {
  readonly field: string;
  readonly values: readonly { readonly value: string; readonly source: Source; readonly lines: number }[];
}

export function empty<T>(reason: string): Field<T> {
  return { value: null, source: null, confidence: null, reason };
}

export function told<T>({ value, source, confidence }: Testimony<T>): Field<T> {
  return { value, source, confidence, reason: null };
}

/** The first testimony as a field, or the reason. */
export function first<T>(testimonies: readonly Testimony<T>[], reason: string): Field<T> {
  return testimonies[0] === undefined ? empty(reason) : told(testimonies[0]);
}

/** How many testimonies there are for each value, the most first; of equals the earlier. */
export function ballot<T>(testimonies: readonly Testimony<T>[], key: (value: T) => string): { first: Testimony<T>; lines: number }[] {
  const votes = new Map<string, { first: Testimony<T>; lines: number }>();
  for (const testimony of testimonies) {
    const vote = votes.get(key(testimony.value));
    if (vote === undefined) votes.set(key(testimony.value), { first: testimony, lines: 1 });
    else vote.lines++;
  }
  return [...votes.values()].sort((a, b) => b.lines - a.lines);
}
