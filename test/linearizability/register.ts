import type { Operation } from './history.ts'

/** What a key holds: the value last written, or nothing. Values are unique within a history, so this is the whole state. */
export type Held = string | undefined

/** The index of each value that the history shows, wherever it shows it. */
export type Indexes = ReadonlyMap<string, number>

/** What the key holds after the operation, or `impossible` when it could not have answered so. An unknown outcome is taken as having had its effect. */
export function after({ input, output }: Operation, held: Held, indexes: Indexes): Held | typeof impossible {
  switch (input.kind) {
    case 'get': {
      const seen = output?.kind === 'value' ? output.value : undefined
      return seen === held ? held : impossible
    }
    case 'put':
      return input.value
    case 'cas': {
      const matches = indexOf(held, indexes) === input.expect
      if (output?.kind === 'mismatch') return matches ? impossible : held
      return matches ? input.value : impossible
    }
    case 'delete': {
      const existed = output?.kind === 'deleted' ? output.existed : undefined
      return existed !== undefined && existed !== (held !== undefined) ? impossible : undefined
    }
  }
}

export const impossible: unique symbol = Symbol('impossible')

/** Answers only: it leaves the key as it is. */
export function isReadOnly({ input, output }: Operation): boolean {
  return input.kind === 'get' || output?.kind === 'mismatch'
}

/** The value that an operation writes, if it writes one. */
export function valueOf({ input, output }: Operation): string | undefined {
  if (output?.kind === 'mismatch') return undefined
  return input.kind === 'put' || input.kind === 'cas' ? input.value : undefined
}

/** 0 for nothing, as in `expect`; undefined when nobody ever saw it. */
export function indexOf(held: Held, indexes: Indexes): number | undefined {
  return held === undefined ? 0 : indexes.get(held)
}
