/** A mistake made in a copy of the source: what is to be replaced stands in the file exactly once. */
export interface SourceMutant {
  mistake: string
  /** From `control-plane/src`. */
  edits: readonly { file: string; find: string; replace: string }[]
  /** The promise that has to break, and what of it where it is several. */
  breaks: string
  says?: string
  /** It is played over seeds that all have sinks and channels. */
  outlets?: boolean
  /** It is played over seeds that all have executors that poll. */
  polling?: boolean
  /** It is played over seeds of one node, which have more to do. */
  oneNode?: boolean
  /** Seeds within which one has to notice. */
  budget: number
}

/** Mistakes with runs: they break what is promised of one node, unless one names a promise itself. */
export function runMutants(
  mutants: readonly (Omit<SourceMutant, 'breaks'> & Partial<Pick<SourceMutant, 'breaks'>>)[],
): readonly SourceMutant[] {
  return mutants.map((mutant) => ({ breaks: 'runs, slots and the ledger are as promised', ...mutant }))
}
