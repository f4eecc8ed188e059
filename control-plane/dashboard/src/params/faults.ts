/** The faults below a pointer, by what is left of theirs. */
export function faultsBelow(faults: Iterable<{ pointer: string; detail: string }>, base: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const { pointer, detail } of faults) {
    if (pointer !== base && !pointer.startsWith(`${base}/`)) continue
    const within = pointer.slice(base.length)
    if (!found.has(within)) found.set(within, detail)
  }
  return found
}

/** The same as one sentence, where there is one place for all of them. */
export function faultText(faults: ReadonlyMap<string, string>): string | undefined {
  const lines = [...faults].map(([pointer, detail]) => (pointer === '' ? detail : `${pointer} ${detail}`))
  return lines.length === 0 ? undefined : lines.join('; ')
}
