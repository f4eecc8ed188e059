/** Whatever was thrown, as text; of a fetch that failed, why. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  const [first] = cause instanceof AggregateError ? (cause.errors as unknown[]) : []
  return (first instanceof Error ? first.message : cause.message) || error.message
}
