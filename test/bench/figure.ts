/** One measured number. `better` says which way it should go; `target` is the number to reach. */
export interface Figure {
  name: string
  value: number
  unit: string
  target?: number
  better?: 'more' | 'less'
  /** What the same machine did in the same run without us. */
  yardstick?: { name: string; value: number }
}

/** The middle one of an odd number of values, the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** The value that the share `p` of all values does not exceed. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0
}

/** Says what is going on, on stderr, so that the table on stdout stays clean. */
export function progress(line: string): void {
  process.stderr.write(`  ${line}\n`)
}
