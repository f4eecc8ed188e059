import type { Random } from '../../control-plane/src/runtime/random.ts'
import { CorruptLog, StorageFailed } from '../../control-plane/src/wal/errors.ts'
import { openWal } from '../../control-plane/src/wal/open-wal.ts'
import type { Wal } from '../../control-plane/src/wal/wal.ts'
import { SeededRandom } from './seeded-random.ts'
import { SimulatedDisk, type CrashKind, type Faults, type Tear } from './simulated-file-system.ts'
import { work } from './wal-history.ts'
import { Witness } from './wal-witness.ts'

export const FOLDER = 'data/wal'
export const SEGMENT_BYTES = 2048

/** What a planted bug puts in place of the real thing. */
export interface Planted {
  lies?: Faults['lies']
  random?: Random
}

export async function open(disk: SimulatedDisk, planted: Planted = {}): Promise<Wal> {
  const random = planted.random ?? new SeededRandom(disk.operations + 1)
  const options = { folder: FOLDER, segmentBytes: SEGMENT_BYTES, sparesMax: 1, identity: { cluster: 'c', member: 'm' } }
  return openWal({ fileSystem: disk.mount(), ...options, random })
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
  const faults = await reopen(disk, witness, planted, (wal) => witness.adopt(wal))
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
  const goOn = async (wal: Wal): Promise<void> => {
    await witness.adopt(wal)
    await work(wal, witness, appends, seed + 1)
  }
  faults.push(...(await reopen(disk, witness, {}, goOn)))
  faults.push(...(await reopen(disk, witness, {}, async () => undefined)))
  return faults
}

/** Damages a copy of a log, opens it and says how that ended; `older`: every entry is there, but not the last hard state. */
export async function damage(
  disk: SimulatedDisk,
  witness: Witness,
  harm: (copy: SimulatedDisk) => void,
): Promise<{ verdict: 'refused' | 'older' | 'shorter' | 'whole' | 'wrong'; faults: string[] }> {
  const copy = disk.copy(1)
  harm(copy)
  try {
    const wal = await open(copy)
    const faults = await witness.judge(wal)
    if (faults.length === 0) return { verdict: 'whole', faults }
    if (faults.every((fault) => fault.startsWith('lost: the hard state'))) return { verdict: 'older', faults }
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
