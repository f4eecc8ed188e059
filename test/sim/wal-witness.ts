import type { HardState, SnapshotInstall, Wal, WalRecord, WalSnapshot } from '../../control-plane/src/wal/wal.ts'

/** What a log may hold, entry by entry. */
interface Model {
  /** The entries after `base`; what was compacted stays in here. */
  entries: readonly WalRecord[]
  base: number
  baseTerm: number
  hardState: HardState
  snapshot: WalSnapshot | undefined
}

const EMPTY: Model = {
  entries: [],
  base: 0,
  baseTerm: 0,
  hardState: { term: 0, vote: '', commit: 0 },
  snapshot: undefined,
}

/**
 * The log that a test keeps beside the one on disk. What was acknowledged has to be there, exactly; of a change that a
 * crash interrupted there may be nothing, or a beginning of it that the log may leave; anything else is a fault.
 */
export class Witness {
  #model: Model = EMPTY
  /** What a crash may leave of the change under way. */
  #pending: Model[] = []
  /** Entries below it may be gone. */
  keptFrom = 1

  get acknowledged(): number {
    return lastOf(this.#model)
  }

  async append(wal: Wal, records: readonly WalRecord[], hardState?: HardState): Promise<void> {
    await this.#change(afterAppend(this.#model, records, hardState), () => wal.append(records, hardState))
  }

  async install(wal: Wal, install: SnapshotInstall): Promise<void> {
    const { index, term, membership, stateFolder } = install
    const hardState = { ...install.hardState, commit: index }
    const snapshot = { index, term, membership, stateFolder }
    const after = { entries: [], base: index, baseTerm: term, hardState, snapshot }
    await this.#change([after], () => wal.installSnapshot(install))
    this.keptFrom = Math.max(this.keptFrom, index + 1)
  }

  async compact(wal: Wal, index: number): Promise<void> {
    this.keptFrom = Math.max(this.keptFrom, index)
    await wal.compact(index)
  }

  /** What was found may be acted upon: from here on it has to stay. */
  async adopt(wal: Wal): Promise<void> {
    for (const model of [this.#model, ...this.#pending]) {
      if ((await this.#faults(wal, model)).length > 0) continue
      this.#model = model
      this.#pending = []
      this.keptFrom = Math.max(this.keptFrom, model.base + 1)
      return
    }
  }

  /** Faults in what `wal` holds, as sentences; those of the model that is nearest to it. */
  async judge(wal: Wal): Promise<string[]> {
    let fewest = await this.#faults(wal, this.#model)
    for (const model of this.#pending) {
      const faults = await this.#faults(wal, model)
      if (faults.length < fewest.length) fewest = faults
    }
    return fewest
  }

  async #change(models: Model[], change: () => Promise<void>): Promise<void> {
    this.#pending = models
    await change()
    this.#model = models.at(-1)!
    this.#pending = []
  }

  async #faults(wal: Wal, model: Model): Promise<string[]> {
    const last = lastOf(model)
    const faults = stateFaults(wal, model)
    const keptFrom = Math.max(this.keptFrom, model.base + 1)
    if (wal.lastIndex < last) faults.push(`lost: ${last} was acknowledged, the log ends at ${wal.lastIndex}`)
    if (wal.lastIndex > last) faults.push(`invented: the log ends at ${wal.lastIndex}, not ${last}`)
    if (wal.firstIndex > keptFrom) faults.push(`lost: the log begins at ${wal.firstIndex}, not ${keptFrom}`)
    if (wal.firstIndex <= model.base) faults.push(`invented: the log begins at ${wal.firstIndex}, after ${model.base}`)
    if (faults.some((fault) => fault.startsWith('invented'))) return faults
    const read: WalRecord[] = []
    for await (const record of wal.read(wal.firstIndex)) read.push(record)
    if (read.length !== wal.lastIndex - wal.firstIndex + 1) faults.push(`invented: ${read.length} entries are read`)
    for (const [at, record] of read.entries()) faults.push(...entryFaults(wal.firstIndex + at, record, model))
    for (let index = Math.max(wal.firstIndex - 1, model.base); index <= Math.min(wal.lastIndex, last); index++) {
      const term = termOf(model, index)
      if (wal.termAt(index) !== term) faults.push(`changed: the term of ${index} is ${term}, not ${wal.termAt(index)}`)
    }
    faults.push(...(await rangeFaults(wal, read)))
    return faults
  }
}

/** What may be there after an append that a crash interrupts, the whole of it last. */
function afterAppend(model: Model, records: readonly WalRecord[], hardState: HardState | undefined): Model[] {
  const first = records[0]?.index ?? lastOf(model) + 1
  const kept = model.entries.slice(0, first - model.base - 1)
  const models: Model[] = []
  for (let count = 0; count <= records.length; count++) {
    const commit = Math.min(hardState?.commit ?? 0, first + count - 1)
    // What is overwritten may be gone before its successor is there; a state comes with the entries it was written with.
    const state =
      hardState === undefined || count < Math.min(1, records.length) ? model.hardState : { ...hardState, commit }
    models.push({ ...model, entries: [...kept, ...records.slice(0, count)], hardState: state })
  }
  return models
}

function stateFaults(wal: Wal, { hardState, snapshot }: Model): string[] {
  const faults: string[] = []
  const { term, vote, commit } = wal.hardState
  const behind = term < hardState.term || commit < hardState.commit || (term === hardState.term && vote === '')
  const said = `term ${term}, vote ${vote}, commit ${commit}`
  if (term !== hardState.term || vote !== hardState.vote || commit !== hardState.commit) {
    faults.push(`${behind ? 'lost' : 'invented'}: the hard state is ${said}, not ${JSON.stringify(hardState)}`)
  }
  if (textOf(wal.snapshot) !== textOf(snapshot)) faults.push(`changed: the snapshot is ${textOf(wal.snapshot)}`)
  if (wal.identity.member !== 'm' || wal.identity.cluster !== 'c') faults.push('changed: the identity')
  return faults
}

function entryFaults(index: number, record: WalRecord, { entries, base }: Model): string[] {
  const written = entries[index - base - 1]
  const same =
    written?.index === record.index &&
    record.index === index &&
    written.term === record.term &&
    Buffer.compare(written.payload, record.payload) === 0
  return same ? [] : [`changed: index ${index} is not what was written`]
}

/** Ranges have to hold what reading from the start does. */
async function rangeFaults(wal: Wal, read: readonly WalRecord[]): Promise<string[]> {
  const faults: string[] = []
  for (let at = 0; at < read.length; at += 1 + Math.floor(read.length / 5)) {
    const from = read[at]!.index
    const range = await wal.readRange(from, wal.lastIndex + 1, 200)
    const same = range.every(
      ({ index, term, payload }, i) =>
        index === from + i && term === read[at + i]?.term && Buffer.compare(payload, read[at + i]!.payload) === 0,
    )
    if (!same || range.length === 0) faults.push(`changed: what is read from ${from}`)
  }
  return faults
}

function textOf(snapshot: WalSnapshot | undefined): string {
  if (snapshot === undefined) return 'none'
  const { index, term, stateFolder, membership } = snapshot
  return JSON.stringify([index, term, stateFolder, Buffer.from(membership).toString('hex')])
}

function lastOf({ base, entries }: Model): number {
  return base + entries.length
}

function termOf({ base, baseTerm, entries }: Model, index: number): number {
  return index === base ? baseTerm : entries[index - base - 1]!.term
}
