import { Reader } from './varint.ts'
import { type Damage, readLog } from './verify-log.ts'

export interface LiveTable {
  number: number
  size: number
}

/** What LevelDB's manifest says is live. */
export interface Manifest {
  /** Logs of this number and above hold writes that no table has; 0 in a database whose first opening is under way. */
  logNumber: number
  tables: Map<number, LiveTable>
}

/** The tags of a version edit. */
const COMPARATOR = 1
const LOG_NUMBER = 2
const NEXT_FILE = 3
const LAST_SEQUENCE = 4
const COMPACT_POINTER = 5
const DELETED_FILE = 6
const NEW_FILE = 7
const PREVIOUS_LOG = 9

const NOT_NAMED = -1

/** Reads a manifest: a log of edits, each of which adds and removes tables. */
export function readManifest(bytes: Uint8Array): Manifest | { damage: Damage } {
  const log = readLog(bytes, { tornEnd: 'cut' })
  if ('damage' in log) return log
  const manifest: Manifest = { logNumber: NOT_NAMED, tables: new Map() }
  for (const { payload, offset } of log.records) {
    if (!applyEdit(manifest, new Reader(payload))) return { damage: { offset, what: 'an edit cannot be read' } }
  }
  if (manifest.logNumber === NOT_NAMED) return { damage: { offset: 0, what: 'it names no log' } }
  return manifest
}

function applyEdit(manifest: Manifest, edit: Reader): boolean {
  while (!edit.done) {
    switch (edit.varint()) {
      case COMPARATOR:
        edit.slice()
        break
      case LOG_NUMBER:
        manifest.logNumber = edit.varint()
        break
      case NEXT_FILE:
      case LAST_SEQUENCE:
      case PREVIOUS_LOG:
        edit.varint()
        break
      case COMPACT_POINTER:
        edit.varint()
        edit.slice()
        break
      case DELETED_FILE:
        edit.varint()
        manifest.tables.delete(edit.varint())
        break
      case NEW_FILE:
        addTable(manifest, edit)
        break
      default:
        return false
    }
  }
  return !edit.failed
}

function addTable(manifest: Manifest, edit: Reader): void {
  edit.varint()
  const number = edit.varint()
  const size = edit.varint()
  edit.slice()
  edit.slice()
  manifest.tables.set(number, { number, size })
}
