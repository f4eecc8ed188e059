/** How many voters may fail, in words. */
export function toleration(count: number): string {
  if (count < 0) return 'Too few voters are there'
  return count === 0 ? 'No voter may fail' : `${count} ${count === 1 ? 'voter' : 'voters'} may fail`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Bytes in the unit that reads best: `820 B`, `1.5 MiB`, `64 MiB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`
}

/** How full the bar of a lag is, from 0 to 1: it grows with the number of digits, and is full at a million entries. */
export function lagShare(lag: number): number {
  return lag <= 0 ? 0 : Math.min(1, (Math.log10(lag) + 1) / 7)
}
