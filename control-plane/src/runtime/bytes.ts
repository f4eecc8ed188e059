const UNIT_BYTES = { B: 1, KiB: 1024, MiB: 1_048_576, GiB: 1_073_741_824 } as const

/** Bytes of a size such as `"10MiB"`, or `undefined` when it is not one. Units B KiB MiB GiB; a bare number is bytes. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,15})\s*(B|KiB|MiB|GiB)?$/.exec(text)
  if (!match) return undefined
  const bytes = Number(match[1]) * UNIT_BYTES[(match[2] ?? 'B') as keyof typeof UNIT_BYTES]
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** The shortest single-unit size that means `bytes`: 1048576 is `"1MiB"`. */
export function formatBytes(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
    if (bytes !== 0 && bytes % UNIT_BYTES[unit] === 0) return `${bytes / UNIT_BYTES[unit]}${unit}`
  }
  return `${bytes}B`
}
