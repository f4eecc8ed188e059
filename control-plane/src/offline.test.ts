import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeCommand, encodeEntry } from './cluster/entry-codec.ts'
import { raftId } from './cluster/member-id.ts'
import { decodeMembership } from './cluster/membership-codec.ts'
import { forceNewCluster, type OfflineDeps, restoreState } from './offline.ts'
import { systemClock } from './runtime/clock.ts'
import { systemRandom } from './runtime/random.ts'
import { StorageError } from './runtime/storage-error.ts'
import { apply, pass } from './state/apply.ts'
import { FENCING_RAISE } from './state/cluster-reset.ts'
import type { Command } from './state/commands.ts'
import { Image, loadState } from './state/image.ts'
import { emptyState, type State } from './state/state.ts'
import { openLevelStore } from './store/level.ts'
import type { LevelStore } from './store/level-store.ts'
import { exportState } from './store/state-export.ts'
import { liveStateFolder } from './store/state-folders.ts'
import { nodeFileSystem } from './wal/node-file-system.ts'
import { openWal } from './wal/open-wal.ts'
import type { Wal } from './wal/wal.ts'

const MEMBER = 'aaaaaaaaaaaaaaaa'
const OTHER = 'bbbbbbbbbbbbbbbb'
const AT = 1_700_000_000_000
const SEGMENT_BYTES = 65_536
/** Entries that the store has; the log goes on to the last one, of which some were never known to be committed. */
const APPLIED = 6

const HISTORY: (Command | 'empty' | 'change')[] = [
  'empty',
  { kind: 'cluster-init', at: AT, cluster: 'c1c1c1c1c1c1c1c1', namespaceSlots: 10 },
  { kind: 'node-up', at: AT, node: MEMBER, incarnation: 4 },
  { kind: 'node-up', at: AT, node: OTHER, incarnation: 2 },
  { kind: 'member-put', at: AT, member: { id: OTHER, name: 'n2', address: 'h:2', addedAt: AT } },
  { kind: 'namespace-put', at: AT, name: 'applied', change: { description: '', slots: 1, queuedRunsMax: 1 } },
  'change',
  { kind: 'namespace-put', at: AT, name: 'committed', change: { description: '', slots: 1, queuedRunsMax: 1 } },
  { kind: 'namespace-put', at: AT, name: 'tail', change: { description: '', slots: 1, queuedRunsMax: 1 } },
]

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'offline-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function depsFor(folder: string): OfflineDeps {
  const random = systemRandom
  return {
    clock: systemClock(),
    random,
    folder,
    nodeName: 'saved',
    peerAddress: '127.0.0.1:7421',
    walSegmentBytes: SEGMENT_BYTES,
  }
}

function openStore(folder: string): Promise<LevelStore> {
  return openLevelStore({ folder, clock: systemClock(), onFatal: () => undefined })
}

function openLog(folder: string): Promise<Wal> {
  const wal = join(folder, 'wal')
  return openWal({ fileSystem: nodeFileSystem, folder: wal, segmentBytes: SEGMENT_BYTES })
}

const CHANGE = {
  transition: 'auto' as const,
  steps: [{ do: 'add-learner' as const, member: 77 }],
  context: encodeCommand({ kind: 'member-put', at: AT, member: { id: '77', name: 'n7', address: '', addedAt: AT } }),
}

/** The data folder of a member that stopped: its log is ahead of its store. */
async function stopped(): Promise<string> {
  const folder = mkdtempSync(join(root, 'data-'))
  writeFileSync(join(folder, 'member.json'), `{"member":"${MEMBER}"}\n`)
  const wal = await openLog(folder)
  const store = await openStore(join(folder, 'state'))
  const state = emptyState()
  const image = new Image(state, store)
  for (const [at, entry] of HISTORY.entries()) {
    const index = at + 1
    const empty = new Uint8Array(0)
    const payload =
      entry === 'empty'
        ? empty
        : entry === 'change'
          ? encodeEntry({ index, term: 5, kind: 'change', data: empty, change: CHANGE })
          : encodeCommand(entry)
    await wal.append([{ index, term: 5, payload }], { term: 5, vote: '', commit: Math.min(index, APPLIED + 1) })
    if (index > APPLIED) continue
    if (entry === 'empty' || entry === 'change') pass(state, { index, term: 5 })
    else image.note(apply(state, { index, term: 5, command: entry }).changes)
  }
  await store.flush()
  await store.close()
  await wal.close()
  return folder
}

/** What a start finds: log, state and membership as one. */
async function found(folder: string): Promise<{ state: State; wal: Wal; voters: number[] | undefined; name: string }> {
  const wal = await openLog(folder)
  const path = await liveStateFolder(folder, wal.snapshot?.stateFolder ?? '')
  const store = await openStore(path)
  const state = await loadState(store)
  expect(store.membership).toEqual(wal.snapshot && decodeMembership(wal.snapshot.membership))
  await store.close()
  await wal.close()
  return { state, wal, voters: store.membership?.voters, name: path }
}

async function savedTo(file: string): Promise<void> {
  const store = await openStore(join(await stopped(), 'state'))
  const parts: Uint8Array[] = []
  for await (const chunk of (await exportState(store, { tzdata: '2026b' })).chunks) parts.push(chunk)
  writeFileSync(file, Buffer.concat(parts))
  await store.close()
}

async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  yield readFileSync(file)
}

test('what is left of a lost quorum becomes a cluster of one, with everything in its log', async () => {
  const folder = await stopped()
  const made = await forceNewCluster(depsFor(folder))
  expect(made).toMatchObject({ member: MEMBER, before: 'c1c1c1c1c1c1c1c1', index: HISTORY.length + 1, term: 6 })
  expect(made.cluster).toMatch(/^[0-9a-f]{16}$/)
  const { state, wal, voters } = await found(folder)
  expect(voters).toEqual([raftId(MEMBER)])
  expect([...state.namespaceNames.keys()]).toEqual(['default', 'applied', 'committed', 'tail'])
  expect(state).toMatchObject({
    cluster: made.cluster,
    fencingToken: FENCING_RAISE,
    index: HISTORY.length + 1,
    term: 6,
  })
  expect([...state.members.values()]).toMatchObject([{ id: MEMBER, name: 'saved', address: '127.0.0.1:7421' }])
  expect([...state.nodes]).toEqual([[MEMBER, { incarnation: 4 }]])
  expect(wal.identity).toMatchObject({ cluster: made.cluster })
  expect(wal.hardState).toEqual({ term: 6, vote: '', commit: HISTORY.length + 1 })
  expect(wal.lastIndex).toBe(HISTORY.length + 1)
  expect(readdirSync(folder).filter((name) => name.startsWith('state'))).toEqual([`state-${HISTORY.length + 1}-6`])
})

test('recovered twice, it is a third cluster, and its tokens rise again', async () => {
  const folder = await stopped()
  const first = await forceNewCluster(depsFor(folder))
  const second = await forceNewCluster(depsFor(folder))
  expect(second).toMatchObject({ before: first.cluster, index: first.index + 1, term: first.term + 1 })
  expect((await found(folder)).state.fencingToken).toBe(2 * FENCING_RAISE)
})

test('a recovery that did not get to its record leaves the old state as it was, uncommitted entries out of it', async () => {
  const folder = await stopped()
  const before = await found(folder)
  const made = await forceNewCluster(depsFor(cloned(folder)))
  // As after a crash before the record: the new folder is there, complete, and the log does not name it.
  const crashed = cloned(folder)
  cpSync(join(folder, 'state'), join(crashed, `state-${made.index}-${made.term}`), { recursive: true })
  const after = await found(crashed)
  expect(after.state).toEqual(before.state)
  expect(after.state.index).toBe(APPLIED)
  expect((await forceNewCluster(depsFor(crashed))).index).toBe(made.index)
})

function cloned(folder: string): string {
  const copy = mkdtempSync(join(root, 'copy-'))
  cpSync(folder, copy, { recursive: true })
  return copy
}

test('a folder without a state of a cluster is refused, and nothing is made in it', async () => {
  const folder = mkdtempSync(join(root, 'empty-'))
  await expect(forceNewCluster(depsFor(folder))).rejects.toThrow(/holds no state of a cluster/)
  expect(readdirSync(folder)).toEqual(['lock'])
})

test('a saved state becomes a cluster of its own, with a member of its own', async () => {
  const file = join(root, 'one.state')
  await savedTo(file)
  const folder = join(root, 'restored')
  const made = await restoreState(depsFor(folder), chunksOf(file))
  expect(made).toMatchObject({ before: 'c1c1c1c1c1c1c1c1', index: APPLIED + 1, term: 6 })
  expect(made.member).not.toBe(MEMBER)
  const { state, wal, voters } = await found(folder)
  expect(voters).toEqual([raftId(made.member)])
  expect(state).toMatchObject({ cluster: made.cluster, fencingToken: FENCING_RAISE, index: APPLIED + 1 })
  expect([...state.members.keys()]).toEqual([made.member])
  expect([...state.nodes.keys()]).toEqual([])
  expect([...state.namespaceNames.keys()]).toEqual(['default', 'applied'])
  expect(wal.snapshot).toMatchObject({ index: APPLIED + 1, term: 6, stateFolder: `state-${APPLIED + 1}-6` })
  const again = await restoreState(depsFor(join(root, 'restored-again')), chunksOf(file))
  expect(again.cluster).not.toBe(made.cluster)
})

test('a restore goes into an empty folder only, in which the cluster key may lie', async () => {
  const file = join(root, 'two.state')
  await savedTo(file)
  const used = mkdtempSync(join(root, 'used-'))
  writeFileSync(join(used, 'something'), '')
  await expect(restoreState(depsFor(used), chunksOf(file))).rejects.toThrow(/is not empty: something is there/)
  expect(readdirSync(used)).toEqual(['something'])
  const withKey = mkdtempSync(join(root, 'key-'))
  writeFileSync(join(withKey, 'cluster.key'), 'k')
  await restoreState(depsFor(withKey), chunksOf(file))
  expect(readFileSync(join(withKey, 'cluster.key'), 'utf8')).toBe('k')
})

test('a restore that breaks off leaves a folder that no start takes for a new cluster', async () => {
  const file = join(root, 'three.state')
  await savedTo(file)
  const folder = join(root, 'cut')
  const made = await restoreState(depsFor(folder), chunksOf(file))
  rmSync(join(folder, 'wal'), { recursive: true })
  expect(existsSync(join(folder, `state-${made.index}-${made.term}`))).toBe(true)
  await expect(liveStateFolder(folder, '')).rejects.toThrow(StorageError)
  const half = readFileSync(file).subarray(0, 200)
  writeFileSync(file, half)
  const other = join(root, 'half')
  await expect(restoreState(depsFor(other), chunksOf(file))).rejects.toThrow(/cut off/)
  expect(readdirSync(other).filter((name) => name.startsWith('state'))).toEqual([])
})
