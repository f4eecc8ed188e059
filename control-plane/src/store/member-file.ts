import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type InitialCluster } from '../cluster/initial-cluster.ts'
import { isRecord } from '../cluster/hello.ts'
import type { Random } from '../runtime/random.ts'
import { writePrivate } from './data-folder.ts'
import { CorruptStore, StorageFailed } from './storage-errors.ts'

/** Who a data folder is, as it stands in member.json: drawn once, never used by another. */
export interface MemberFile {
  /** Id of the member, 16 hexadecimal digits. */
  member: string
  /** The cluster that it belongs to; absent while it belongs to none. */
  cluster?: string
  /** With whom it has promised to begin that cluster. */
  promised?: InitialCluster
  /** Its log has been begun. A folder that says so and has no log has lost it. */
  begun?: boolean
  /** Why its state must not be served any more, whoever starts it again. */
  diverged?: string
}

const ID = /^[0-9a-f]{16}$/
/** Ids that begin so stand for nobody in the consensus. */
const NOBODY = '0'.repeat(13)

/** Reads who the folder is; a new folder becomes somebody. */
export async function readMember(folder: string, random: Random): Promise<MemberFile> {
  const text = await textOf(folder)
  if (text !== undefined) return parsed(folder, text)
  const file = { member: newMemberId(random) }
  await writeMember(folder, file)
  return file
}

/** Writes who the folder is, durably and whole. */
export function writeMember(folder: string, file: MemberFile): Promise<void> {
  return writePrivate(folder, pathIn(folder), `${JSON.stringify(file)}\n`)
}

/** An id that no member has had: 16 hexadecimal digits. */
export function newMemberId(random: Random): string {
  for (;;) {
    const id = Buffer.from(random.bytes(8)).toString('hex')
    if (!id.startsWith(NOBODY)) return id
  }
}

function parsed(folder: string, text: string): MemberFile {
  const file = jsonOf(text)
  const corrupt = (what: string) => new CorruptStore(folder, 'member.json', undefined, what)
  if (typeof file !== 'object' || file === null) throw corrupt('it is not JSON')
  const { member, cluster, promised, begun, diverged } = file as Record<string, unknown>
  if (typeof member !== 'string' || !ID.test(member)) throw corrupt('it does not hold a member id')
  if (cluster !== undefined && (typeof cluster !== 'string' || !ID.test(cluster)))
    throw corrupt('what it holds as the cluster is no id')
  if (promised !== undefined && !isRecord(promised)) throw corrupt('what it has promised to begin cannot be read')
  return {
    member,
    ...(cluster === undefined ? {} : { cluster }),
    ...(promised === undefined ? {} : { promised }),
    ...(begun === true ? { begun } : {}),
    ...(typeof diverged === 'string' ? { diverged } : {}),
  }
}

async function textOf(folder: string): Promise<string | undefined> {
  try {
    return await readFile(pathIn(folder), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StorageFailed(folder, `reading ${pathIn(folder)}`, error)
  }
}

function pathIn(folder: string): string {
  return join(folder, 'member.json')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
