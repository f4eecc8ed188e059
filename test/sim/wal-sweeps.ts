import type { Random } from '../../control-plane/src/runtime/random.ts'
import { CorruptLog, StorageFailed } from '../../control-plane/src/wal/errors.ts'
import { openWal } from '../../control-plane/src/wal/open-wal.ts'
import type { HardState, Wal, WalRecord } from '../../control-plane/src/wal/wal.ts'
import { SeededRandom } from './seeded-random.ts'
import { SimulatedDisk, type CrashKind, type Faults, type Tear } from './simulated-file-system.ts'

export const FOLDER = 'data/wal'
export const SEGMENT_BYTES = 2048

/** What a planted bug puts in place of the real thing. */
export interface Planted {
  lies?: Faults['lies']
  random?: Random
}

/** What a test knows about a log: everything it asked for, and how far that was acknowledged. */
export class Witness {
  readonly attempted = new Map<number, { term: number; payload: Uint8Array }>()
  readonly hardStates: HardState[] = [{ term: 0, vote: '', commit: 0 }]
  acknowledged = 0
  acknowledgedState = 0
  /** Entries below it may be gone. */
  keptFrom = 1

  /** Faults in what `wal` holds, as sentences. */
  async judge(wal: Wal): Promise<string[]> {
    const faults: string[] = []
    if (wal.lastIndex < this.acknowledged)
      faults.push(`lost: ${this.acknowledged} was acknowledged, the log ends at ${wal.lastIndex}`)
    if (wal.firstIndex > this.keptFrom) faults.push(`lost: the log begins at ${wal.firstIndex}, not ${this.keptFrom}`)
    let expected = wal.firstIndex
    for await (const { index, term, payload } of wal.read(wal.firstIndex)) {
      const written = this.attempted.get(index)
      if (index !== expected++) faults.push(`hole: index ${index} stands where ${expected - 1} belongs`)
      if (written === undefined || written.term !== term || Buffer.compare(written.payload, payload) !== 0) {
        faults.push(`changed: index ${index} is not what was written`)
      }
    }
    if (expected !== wal.lastIndex + 1) faults.push(`lost: reading ended before index ${expected} of ${wal.lastIndex}`)
    const state = this.hardStates.findLastIndex(
      (one) => one.term === wal.hardState.term && one.vote === wal.hardState.vote,
    )
    if (state < this.acknowledgedState) faults.push('lost: an acknowledged hard state')
    return faults
  }
}

export async function open(disk: SimulatedDisk, planted: Planted = {}): Promise<Wal> {
  const random = planted.random ?? new SeededRandom(disk.operations + 1)
  return openWal({ fileSystem: disk.mount(), folder: FOLDER, segmentBytes: SEGMENT_BYTES, sparesMax: 1, random })
}

/** Appends of several sizes with votes, commits and compaction: segments end in the middle of some, and are recycled. */
export async function work(wal: Wal, witness: Witness, appends: number, seed: number): Promise<void> {
  const random = new SeededRandom(seed)
  for (let i = 0; i < appends; i++) {
    const records: WalRecord[] = Array.from({ length: random.integer(0, 4) }, (_, at) => ({
      index: wal.lastIndex + 1 + at,
      term: seed + 1,
      payload: random.bytes(random.integer(0, 119)),
    }))
    for (const record of records) witness.attempted.set(record.index, record)
    const votes = i % 3 === 0
    const hardState = votes ? { term: seed + 1, vote: `n${seed}-${i}`, commit: wal.lastIndex } : undefined
    if (hardState !== undefined) witness.hardStates.push(hardState)
    await wal.append(records, hardState)
    witness.acknowledged = wal.lastIndex
    if (hardState !== undefined) witness.acknowledgedState = witness.hardStates.length - 1
    if (i % 8 !== 7) continue
    witness.keptFrom = Math.max(witness.keptFrom, wal.lastIndex - 12)
    await wal.compact(witness.keptFrom)
  }
}

export interface CrashCase {
  at: number
  kind: CrashKind
  tear: Tear
}

/** Every operation of a run, times every way to tear it. */
export async function crashCases(appends: number, seed: number): Promise<CrashCase[]> {
  const disk = new SimulatedDisk({ seed })
  await work(await open(disk), new Witness(), appends, seed)
  const tears: Tear[] = ['none', 'all', 'random', { prefixBytes: 40 }, { prefixBytes: 512 }]
  return Array.from({ length: disk.operations }, (_, i) => i + 1).flatMap((at) =>
    (['process', 'power'] as const).flatMap((kind) => tears.map((tear) => ({ at, kind, tear }))),
  )
}

/** Crashes once as told, starts again, loses the power, starts again and works on; returns what was wrong. */
export async function crashOnce(
  crash: CrashCase,
  appends: number,
  seed: number,
  planted: Planted = {},
): Promise<string[]> {
  const disk = new SimulatedDisk({ seed: seed * 7919 + crash.at })
  const witness = new Witness()
  disk.faults = { crash, lies: planted.lies ?? [] }
  await workUntilFault(disk, witness, appends, seed, planted)
  disk.faults = { lies: planted.lies ?? [] }
  const faults = await reopen(disk, witness, planted, async (wal) => {
    // What a start has found, it may act upon: from here on it must stay.
    witness.acknowledged = wal.lastIndex
  })
  disk.crash('power')
  faults.push(...(await reopen(disk, witness, planted, (wal) => work(wal, witness, appends, seed + 1))))
  disk.crash('power')
  faults.push(...(await reopen(disk, witness, planted, async () => undefined)))
  return faults
}

/** Fails operation `at`, then starts again on a disk that works; returns what was wrong. */
export async function failOnce(at: number, code: string, appends: number, seed: number): Promise<string[]> {
  const disk = new SimulatedDisk({ seed: seed * 104_729 + at })
  const witness = new Witness()
  disk.faults = { fail: { at, code } }
  const { error, wal } = await workUntilFault(disk, witness, appends, seed, {})
  const faults: string[] = []
  if (error !== undefined && !(error instanceof StorageFailed && error.code === code && error.folder === FOLDER)) {
    faults.push(`wrong error: ${error instanceof Error ? error.message : typeof error}`)
  }
  if (error !== undefined && wal !== undefined) {
    const again = await wal.append([]).catch((refusal: unknown) => refusal)
    if (again !== error) faults.push('it went on after a failed write')
  }
  disk.faults = {}
  disk.crash('process')
  faults.push(...(await reopen(disk, witness, {}, (wal) => work(wal, witness, appends, seed + 1))))
  return faults
}

/** Damages a copy of a log, opens it and says how that ended. */
export async function damage(
  disk: SimulatedDisk,
  witness: Witness,
  harm: (copy: SimulatedDisk) => void,
): Promise<{ verdict: 'refused' | 'shorter' | 'whole' | 'wrong'; faults: string[] }> {
  const copy = disk.copy(1)
  harm(copy)
  try {
    const wal = await open(copy)
    const faults = await witness.judge(wal)
    if (faults.length === 0) return { verdict: 'whole', faults }
    return { verdict: faults.every((fault) => fault.startsWith('lost')) ? 'shorter' : 'wrong', faults }
  } catch (error) {
    if (error instanceof CorruptLog) return { verdict: 'refused', faults: [] }
    return { verdict: 'wrong', faults: [String(error)] }
  }
}

async function workUntilFault(
  disk: SimulatedDisk,
  witness: Witness,
  appends: number,
  seed: number,
  planted: Planted,
): Promise<{ error?: unknown; wal?: Wal }> {
  let wal: Wal | undefined
  try {
    wal = await open(disk, planted)
    await work(wal, witness, appends, seed)
    return { wal }
  } catch (error) {
    return wal === undefined ? { error } : { error, wal }
  }
}

async function reopen(
  disk: SimulatedDisk,
  witness: Witness,
  planted: Planted,
  then: (wal: Wal) => Promise<void>,
): Promise<string[]> {
  try {
    const wal = await open(disk, planted)
    const faults = await witness.judge(wal)
    await then(wal)
    return faults
  } catch (error) {
    return [`refused: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`]
  }
}
