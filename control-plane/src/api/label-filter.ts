/** Whether labels match every `key=value`, or `key` alone for any value. */
export function labelFilter(texts: readonly string[] = []): (labels: Record<string, string>) => boolean {
  const wanted = texts.map((text) => {
    const at = text.indexOf('=')
    return at < 0 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) }
  })
  return (labels) =>
    wanted.every(({ key, value }) => {
      const present = Object.hasOwn(labels, key) ? labels[key] : undefined
      return present !== undefined && (value === undefined || present === value)
    })
}
