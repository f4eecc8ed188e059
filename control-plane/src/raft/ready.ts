import { assert } from '../runtime/assert.ts'
import { hardStateOf, type RaftState, softStateOf } from './raft-state.ts'
import {
  APPEND_THREAD,
  APPLY_THREAD,
  type Entry,
  type HardState,
  type Message,
  type MessageOf,
  type Ready,
  type SoftState,
} from './types.ts'

/** What the host was told last, and what its storage owes when it works without asynchronous writes. */
export interface Handover {
  soft: SoftState
  hard: HardState
  /** Taken in by `advance`: by then all that was handed out is durable and applied. */
  onAdvance: Message[]
}

export function startHandover(state: RaftState): Handover {
  return { soft: softStateOf(state), hard: hardStateOf(state), onAdvance: [] }
}

export function hasReady(state: RaftState, told: Handover): boolean {
  const { log } = state
  return (
    state.messages.length > 0 ||
    state.afterAppend.length > 0 ||
    log.unstable.hasEntriesToStore() ||
    log.hasCommittedToApply(!state.settings.asyncStorageWrites) ||
    hardChanged(state, told.hard) ||
    softChanged(state, told.soft) ||
    log.unstable.snapshotToStore !== undefined ||
    state.readStates.length > 0
  )
}

/** Everything that the host has to do now, each thing once. */
export function takeReady(state: RaftState, told: Handover): Ready {
  const asynchronous = state.settings.asyncStorageWrites
  const ready = gather(state, told)
  if (asynchronous) addStorageMessages(state, ready)
  else addDependentMessages(state, ready, told)
  state.messages = []
  state.afterAppend = []
  state.readStates = []
  state.log.unstable.handedOut()
  state.log.handedOut(ready.committed, !asynchronous)
  if (ready.softState !== undefined) told.soft = ready.softState
  if (ready.hardState !== undefined) told.hard = ready.hardState
  return ready
}

function gather(state: RaftState, told: Handover): Ready {
  const { log } = state
  const entries = log.unstable.entriesToStore()
  const ready: Ready = {
    readStates: state.readStates,
    entries,
    committed: log.committedToApply(!state.settings.asyncStorageWrites),
    messages: state.messages,
    // A commit index alone may be lost: a majority knows it.
    mustSync: entries.length > 0 || state.term !== told.hard.term || state.vote !== told.hard.vote,
  }
  if (softChanged(state, told.soft)) ready.softState = softStateOf(state)
  if (hardChanged(state, told.hard)) ready.hardState = hardStateOf(state)
  const snapshot = log.unstable.snapshotToStore
  if (snapshot !== undefined) ready.snapshot = snapshot
  return ready
}

/** The host makes everything durable before it sends: so answers go out with the rest, and those to oneself at `advance`. */
function addDependentMessages(state: RaftState, ready: Ready, told: Handover): void {
  assert(told.onAdvance.length === 0, 'one Ready is worked off before the next')
  for (const message of state.afterAppend) {
    if (message.to === state.id) told.onAdvance.push(message)
    else ready.messages.push(message)
  }
  const stored = storedAnswer(state, ready)
  if (stored !== undefined) told.onAdvance.push(stored)
  if (ready.committed.length > 0) told.onAdvance.push(appliedAnswer(state, ready.committed))
}

/** What depends on the storage travels through it: each message to the storage names what to deliver when it is done. */
function addStorageMessages(state: RaftState, ready: Ready): void {
  const { entries, hardState, snapshot, committed } = ready
  const nothing = entries.length === 0 && hardState === undefined && snapshot === undefined
  if (!nothing || state.afterAppend.length > 0) ready.messages.push(storageAppend(state, ready))
  if (committed.length === 0) return
  ready.messages.push({
    type: 'storage-apply',
    from: state.id,
    to: APPLY_THREAD,
    term: 0,
    entries: committed,
    responses: [appliedAnswer(state, committed)],
  })
}

function storageAppend(state: RaftState, ready: Ready): Message {
  const responses = state.afterAppend
  const stored = storedAnswer(state, ready)
  if (stored !== undefined) responses.push(stored)
  const message: MessageOf<'storage-append'> = {
    type: 'storage-append',
    from: state.id,
    to: APPEND_THREAD,
    term: ready.hardState?.term ?? 0,
    entries: ready.entries,
    responses,
  }
  if (ready.hardState !== undefined) message.hardState = ready.hardState
  if (ready.snapshot !== undefined) message.snapshot = ready.snapshot
  return message
}

/**
 * The storage's word that the log is durable up to its present end. It names the end and not what this write holds,
 * and it counts only in its own term: writes are done in order, so when the last one of a term is done no older
 * one is left that could bring back an entry which was replaced meanwhile.
 */
function storedAnswer(state: RaftState, ready: Ready): Message | undefined {
  const { log, id, term } = state
  const { snapshot } = ready
  const waits = log.unstable.length > 0
  if (!waits && snapshot === undefined) return undefined
  const index = waits ? log.lastIndex() : 0
  const logTerm = waits ? log.lastTerm() : 0
  const answer = { type: 'storage-append-response', from: APPEND_THREAD, to: id, term, index, logTerm } as const
  return snapshot === undefined ? answer : { ...answer, snapshot }
}

function appliedAnswer(state: RaftState, entries: Entry[]): Message {
  return { type: 'storage-apply-response', from: APPLY_THREAD, to: state.id, term: 0, entries }
}

function hardChanged(state: RaftState, told: HardState): boolean {
  return state.term !== told.term || state.vote !== told.vote || state.log.committed !== told.commit
}

function softChanged(state: RaftState, told: SoftState): boolean {
  return state.leader !== told.leader || state.role !== told.role
}
