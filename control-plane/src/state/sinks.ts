import { cutText } from '../runtime/characters.ts'
import type { Sequence, Sink, SinkConnection } from '../logs/sink.ts'
import { SINKS_MAX } from '../logs/sink.ts'
import type { Millis } from '../runtime/clock.ts'
import type { CommandOf, SinkProgress } from './commands.ts'
import type { State } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'
import { versionFault } from './versions.ts'

/** Characters of an error that are kept. */
const ERROR_LENGTH_MAX = 500

export function findSink({ sinks }: Pick<State, 'sinks'>, name: string): Sink | undefined {
  for (const sink of sinks.values()) if (sink.name === name) return sink
  return undefined
}

/** Makes a sink, or changes it. One that is given another place begins anew: whatever is there already stays as it is. */
export function putSink(turn: Turn, command: CommandOf<'sink-put'>): Answer {
  const { state, index, at } = turn
  const { name, change, by } = command
  const old = findSink(state, name)
  const fault = versionFault(old, command.ifVersion, `sink ${name}`)
  if (fault) return fault
  if (!old && state.sinks.size >= SINKS_MAX) return refuse('sinks-full', `there are ${SINKS_MAX} sinks already`)
  const taken = [...state.sinks.values()].find((one) => one !== old && isSamePlace(one.connection, change.connection))
  if (taken) return refuse('invalid-sink', takenText(taken))
  const password = change.password === undefined ? old?.password : (change.password ?? undefined)
  const goesOn = old && isSamePlace(old.connection, change.connection)
  const sink: Sink = {
    uid: old?.uid ?? index,
    name,
    connection: change.connection,
    ...(password === undefined ? {} : { password }),
    version: (old?.version ?? 0) + 1,
    createdAt: old?.createdAt ?? at,
    updatedAt: at,
    createdBy: old?.createdBy ?? by,
    ...(change.fromFile ? { fromFile: true } : {}),
    paused: old?.paused ?? false,
    ...(goesOn
      ? progressOf(old)
      : { cursor: [0, 0], position: 0, since: index, backlog: backlogOf(state), rows: 0, gaps: [] }),
  }
  state.sinks.set(sink.uid, sink)
  sinkChanged(turn, sink.uid)
  return { uid: sink.uid, version: sink.version }
}

export function pauseSink(turn: Turn, command: CommandOf<'sink-pause'>): Answer {
  const sink = turn.state.sinks.get(command.sink)
  if (!sink) return refuse('sink-not-found', 'the sink has gone')
  const fault = versionFault(sink, command.ifVersion, `sink ${sink.name}`)
  if (fault) return fault
  if (sink.paused === command.paused) return { uid: sink.uid, version: sink.version }
  sink.paused = command.paused
  sink.version += 1
  sink.updatedAt = turn.at
  // Nobody tries to deliver while it is paused: what was wrong before says nothing any more.
  endTrouble(sink, turn.at)
  sinkChanged(turn, sink.uid)
  return { uid: sink.uid, version: sink.version }
}

export function deleteSink(turn: Turn, command: CommandOf<'sink-delete'>): Answer {
  const sink = turn.state.sinks.get(command.sink)
  if (!sink) return refuse('sink-not-found', 'the sink has gone')
  const fault = versionFault(sink, command.ifVersion, `sink ${sink.name}`)
  if (fault) return fault
  turn.state.sinks.delete(sink.uid)
  sinkChanged(turn, sink.uid)
  return { uid: sink.uid }
}

/** Sets a sink back, so that it is given rows again. One that is given some already is given all from the first to the last. */
export function resendRows(turn: Turn, { sink: uid, from, to, ifVersion }: CommandOf<'sink-resend'>): Answer {
  const sink = turn.state.sinks.get(uid)
  if (!sink) return refuse('sink-not-found', 'the sink has gone')
  const fault = versionFault(sink, ifVersion, `sink ${sink.name}`)
  if (fault) return fault
  const { cursor, position, resend } = sink
  const back = resend?.back ?? { cursor, position }
  const first = isBefore(from.cursor, cursor) ? from : { cursor, position }
  const asked = isBefore(to.cursor, back.cursor) ? to : back
  const known = resend && { cursor: resend.to, position: resend.toPosition }
  const last = known && isBefore(asked.cursor, known.cursor) ? known : asked
  if (!isBefore(from.cursor, last.cursor)) return { uid, version: sink.version }
  // From here on what it lacks is told by numbers of rows, as after a back-fill.
  const backlog = { rows: 0, upTo: 0 }
  const reached = sink.reached && isBefore(back.cursor, sink.reached) ? sink.reached : back.cursor
  Object.assign(sink, first, { since: turn.index, backlog, reached, version: sink.version + 1, updatedAt: turn.at })
  if (isBefore(last.cursor, back.cursor)) sink.resend = { to: last.cursor, toPosition: last.position, back }
  else delete sink.resend
  sinkChanged(turn, uid)
  return { uid, version: sink.version }
}

/** Whether a sink has not been given a row, or is to be given it again. */
export function lacks({ cursor, resend }: Pick<Sink, 'cursor' | 'resend'>, row: Sequence): boolean {
  if (!isBefore(cursor, row)) return false
  return !resend || !isBefore(resend.to, row) || isBefore(resend.back.cursor, row)
}

/** Notes how far sinks have come. What is late, or about a sink that began anew, changes nothing. */
export function noteProgress(turn: Turn, command: CommandOf<'sinks-progress'>): Answer {
  for (const progress of command.sinks) {
    const sink = turn.state.sinks.get(progress.sink)
    if (!sink || sink.since !== progress.since) continue
    move(sink, progress)
    if (progress.error === undefined || sink.paused) endTrouble(sink, turn.at)
    else {
      const error = cutText(progress.error, ERROR_LENGTH_MAX)
      sink.trouble = { since: sink.trouble?.since ?? turn.at, error }
    }
    turn.changes.push({ kind: 'sink', id: sink.uid })
  }
  return {}
}

/** Notes how far sinks are, and nothing about how they are. */
export function noteDelivered(turn: Turn, delivered: readonly SinkProgress[]): void {
  for (const progress of delivered) {
    const sink = turn.state.sinks.get(progress.sink)
    if (!sink || sink.since !== progress.since) continue
    move(sink, progress)
    turn.changes.push({ kind: 'sink', id: sink.uid })
  }
}

/** Whether a place in the order of rows comes before another. */
export function isBefore([index, ordinal]: Sequence, [otherIndex, otherOrdinal]: Sequence): boolean {
  return index < otherIndex || (index === otherIndex && ordinal < otherOrdinal)
}

function endTrouble(sink: Sink, at: Millis): void {
  if (sink.trouble) sink.lastTrouble = { ...sink.trouble, until: at }
  delete sink.trouble
}

function move(sink: Sink, { cursor, position, rows }: SinkProgress): void {
  if (!cursor || !isBefore(sink.cursor, cursor)) return
  sink.cursor = cursor
  sink.position = Math.max(sink.position, position ?? 0)
  sink.rows = Math.max(sink.rows, rows)
  if (sink.resend && !isBefore(cursor, sink.resend.to)) delete sink.resend
}

type Progress =
  | 'cursor'
  | 'position'
  | 'since'
  | 'backlog'
  | 'rows'
  | 'gaps'
  | 'resend'
  | 'reached'
  | 'trouble'
  | 'lastTrouble'

function progressOf({
  cursor,
  position,
  since,
  backlog,
  rows,
  gaps,
  resend,
  reached,
  trouble,
  lastTrouble,
}: Sink): Pick<Sink, Progress> {
  return {
    cursor,
    position,
    since,
    backlog,
    rows,
    gaps,
    ...(resend ? { resend } : {}),
    ...(reached ? { reached } : {}),
    ...(trouble ? { trouble } : {}),
    ...(lastTrouble ? { lastTrouble } : {}),
  }
}

/** Two that write into the same tables would each remove the gaps of the other. */
export function takenText({ name }: Pick<Sink, 'name'>): string {
  return `the tables of this prefix there are those of sink ${name}`
}

/** How it is reached may change: the rows that it has are still there. */
export function isSamePlace(a: SinkConnection, b: SinkConnection): boolean {
  return (
    a.kind === b.kind &&
    hostOf(a) === hostOf(b) &&
    a.port === b.port &&
    a.database === b.database &&
    a.tablePrefix === b.tablePrefix
  )
}

/** Names are the same in any case, with and without the dot that ends them. */
function hostOf({ host }: SinkConnection): string {
  return host.toLowerCase().replace(/\.$/, '')
}

function backlogOf({ ledgerRows, ledgerGone }: State): Sink['backlog'] {
  return { rows: Math.max(0, ledgerRows - ledgerGone), upTo: ledgerRows }
}

function sinkChanged(turn: Turn, sink: number): void {
  turn.changes.push({ kind: 'sink', id: sink })
  turn.events.push({ type: 'sink-changed', sink })
}
