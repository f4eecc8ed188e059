import { Problem } from '../problems.ts'
import { crc32cOfAscii } from './crc32c.ts'
import { isPlace, PLACE_LENGTH } from './keys.ts'
import type { RunsQuery } from './ledger.ts'

const CHECKSUM_LENGTH = 8

/** A cursor that goes on after a place in the list of `query`, and in no other. It holds no secret: a place only. */
export function encodeCursor(place: string, query: RunsQuery): string {
  return Buffer.from(place + checksum(place, query), 'latin1').toString('base64url')
}

/** The place in a cursor. Throws `invalid-cursor` when it is not one that this list returned. */
export function decodeCursor(cursor: string, query: RunsQuery): string {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const place = text.slice(0, PLACE_LENGTH)
  if (!isPlace(place) || cursor !== encodeCursor(place, query)) {
    throw new Problem('invalid-cursor', undefined, [
      { pointer: '?cursor', detail: 'it belongs to no list with these filters and this order' },
    ])
  }
  return place
}

function checksum(place: string, query: RunsQuery): string {
  const { namespace, job, origin, states, causes, from, to, newestFirst } = query
  const filters: unknown[] = [
    namespace,
    job,
    [...(states ?? [])].sort(),
    [...(causes ?? [])].sort(),
    from,
    to,
    newestFirst,
  ]
  if (origin !== undefined) filters.push(origin.of, origin.id)
  return crc32cOfAscii(place + JSON.stringify(filters))
    .toString(16)
    .padStart(CHECKSUM_LENGTH, '0')
}
